#!/usr/bin/env python3
"""Trains the network of this folder on pictures drawn by lfnc-draw and writes it as ONNX.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py --draw ../../build/examples/network/lfnc-draw --out figures.onnx

What is reproducible: the pictures, bit for bit, everywhere; the initial weights and the order of
the pictures, from the seed, with the pinned PyTorch. Two runs with the same PyTorch, the same number
of threads and the same kind of processor write the same bytes. Another processor picks other
kernels, which add in another order: the network it trains is another one of about the same accuracy.

Batch norm is left as layers of its own: the file is what a user of lfnc-compress starts from.
"""

import argparse
import math
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from torch import nn

CLASSES = 16
SIDE = 32
MEAN = 0.5  # preprocessing: (x / 255 - MEAN) / STD, RGB
STD = 0.25


def build():
    """The network: a chain of depthwise and pointwise convolutions without a shortcut.

    The depthwise filters subtract neighbours that are nearly equal, and no shortcut carries the
    signal past them: an error of the weights moves the mean and the variance of every later layer.
    """
    layers = []

    def conv_norm_relu(inputs, outputs, kernel, stride=1, groups=1):
        layers.append(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        )
        layers.append(nn.BatchNorm2d(outputs))
        layers.append(nn.ReLU())

    width = 16
    conv_norm_relu(3, width, 3)
    for outputs, blocks in ((20, 5), (32, 6), (48, 6)):
        for block in range(blocks):
            conv_norm_relu(width, width, 3, stride=2 if block == 0 else 1, groups=width)
            conv_norm_relu(width, outputs, 1)
            width = outputs
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, CLASSES)]
    return nn.Sequential(*layers)


def draw(program, folder, stream, count, seed):
    """Draws pictures; returns them as uint8 (count, 3, SIDE, SIDE) with their classes."""
    command = [program, str(folder), "--stream", stream, "--count", str(count), "--seed", str(seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines = [line.split() for line in (folder / "labels.txt").read_text().splitlines()]
    pictures = np.stack([np.asarray(Image.open(folder / name)) for name, _ in lines])
    labels = np.array([int(label) for _, label in lines])
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)), labels


def normalize(pictures):
    return (pictures.astype(np.float32) / np.float32(255) - np.float32(MEAN)) / np.float32(STD)


def train(network, pictures, labels, options):
    """Stochastic gradient descent with momentum; the rate warms up, then falls along a cosine."""
    y = torch.from_numpy(labels)
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        network.parameters(), options.rate, momentum=0.9, weight_decay=options.decay, nesterov=True
    )
    batches = len(y) // options.batch
    steps = options.epochs * batches
    step = 0
    start = time.monotonic()
    for epoch in range(options.epochs):
        network.train()
        order = torch.randperm(len(y))
        total = 0.0
        for b in range(batches):
            warm = min(1.0, step / (0.05 * steps) + 0.01)
            for group in optimizer.param_groups:
                group["lr"] = options.rate * warm * 0.5 * (1 + math.cos(math.pi * step / steps))
            chosen = order[b * options.batch : (b + 1) * options.batch]
            x = torch.from_numpy(normalize(pictures[chosen.numpy()]))
            x = x.contiguous(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(network(x), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
        seconds = time.monotonic() - start
        print(f"epoch {epoch + 1}/{options.epochs}: loss {total / batches:.3f}, {seconds:.0f} s", flush=True)
    network.eval()


def to_onnx(network):
    """The network as an ONNX graph, one node a layer: nothing is folded, nothing is optimized."""
    nodes, initializers, counts = [], [], {}
    value = "input"

    def parameter(name, tensor):
        array = tensor.detach().contiguous().numpy().astype(np.float32)
        initializers.append(onnx.numpy_helper.from_array(array, name))
        return name

    def node(kind, prefix, tensors=(), **attributes):
        nonlocal value
        counts[prefix] = counts.get(prefix, 0) + 1
        name = f"{prefix}{counts[prefix]}"
        inputs = [value] + [parameter(f"{name}.{suffix}", tensor) for suffix, tensor in tensors]
        value = name
        nodes.append(onnx.helper.make_node(kind, inputs, [value], name=name, **attributes))

    for layer in network:
        if isinstance(layer, nn.Conv2d):
            (kernel, _), (pad, _) = layer.kernel_size, layer.padding
            node(
                "Conv",
                "conv",
                [("weight", layer.weight)],
                kernel_shape=[kernel, kernel],
                strides=list(layer.stride),
                pads=[pad] * 4,
                dilations=[1, 1],
                group=layer.groups,
            )
        elif isinstance(layer, nn.BatchNorm2d):
            tensors = [
                ("gamma", layer.weight),
                ("beta", layer.bias),
                ("mean", layer.running_mean),
                ("variance", layer.running_var),
            ]
            node("BatchNormalization", "norm", tensors, epsilon=layer.eps)
        elif isinstance(layer, nn.ReLU):
            node("Relu", "relu")
        elif isinstance(layer, nn.AdaptiveAvgPool2d):
            node("GlobalAveragePool", "average")
        elif isinstance(layer, nn.Flatten):
            node("Flatten", "flatten", axis=1)
        elif isinstance(layer, nn.Linear):
            node("Gemm", "classes", [("weight", layer.weight), ("bias", layer.bias)], transB=1)
        else:
            raise TypeError(f"no ONNX node for {type(layer).__name__}")

    image = onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["N", 3, SIDE, SIDE])
    scores = onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, ["N", CLASSES])
    graph = onnx.helper.make_graph(nodes, "figures", [image], [scores], initializers)
    model = onnx.helper.make_model(
        graph, producer_name="lfnc", opset_imports=[onnx.helper.make_opsetid("", 13)]
    )
    model.ir_version = 8  # read by every ONNX Runtime since 1.10
    onnx.checker.check_model(model, full_check=True)
    return model


def top1(file, pictures, labels):
    """Accuracy in per cent of an ONNX file in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    right = 0
    for begin in range(0, len(labels), 500):
        batch = normalize(pictures[begin : begin + 500])
        scores = session.run(None, {"input": batch})[0]
        right += int((scores.argmax(axis=1) == labels[begin : begin + 500]).sum())
    return 100.0 * right / len(labels)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draw", required=True, help="the program lfnc-draw")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="ONNX file to write")
    parser.add_argument("--evaluate", action="store_true", help="only measure the file, train nothing")
    parser.add_argument("--seed", type=int, default=1, help="of the pictures and of the training")
    parser.add_argument("--images", type=int, default=120000, help="pictures to train on")
    parser.add_argument("--test-images", type=int, default=2000, help="pictures to measure on")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.06, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=1e-3, help="weight decay")
    parser.add_argument("--threads", type=int, default=2, help="changes the sums' order, so the bits")
    options = parser.parse_args()
    for name in ("images", "test_images", "epochs", "batch", "threads"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    if options.images < options.batch:
        parser.error("--images must be at least --batch")
    return options


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if not options.evaluate:
            network = build()
            pictures = draw(options.draw, folder / "training", "training", options.images, options.seed)
            train(network, *pictures, options)
            part = options.out.with_suffix(".part")
            onnx.save(to_onnx(network), part)
            os.replace(part, options.out)
            size = options.out.stat().st_size
            count = sum(p.numel() for p in network.parameters())
            print(f"{options.out}: {count} parameters, {size} bytes")
        test = draw(options.draw, folder / "test", "test", options.test_images, options.seed)
        print(f"top-1 on {options.test_images} test pictures: {top1(str(options.out), *test):.2f} %")


if __name__ == "__main__":
    main()
