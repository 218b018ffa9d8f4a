#!/usr/bin/env python3
"""PyTorch at the work of the CUDA benchmarks: prints what Google Benchmark would, as JSON.

On the GPU where PyTorch sees one, with time by CUDA events and memory that rotates (harness.hpp);
on the CPU otherwise, which only shows that this program works.
"""

import argparse
import datetime
import itertools
import json
import re
import sys
import time

import torch

ALPHA = 1 / 64
SIZES = {"64KiB": 64 << 10, "16MiB": 16 << 20, "256MiB": 256 << 20}
SHAPES = [(32, 64, 56, 56), (32, 256, 14, 14), (32, 512, 7, 7), (256, 64, 112, 112)]
LAUNCHES = 50  # between two events
# Where PyTorch does not tell the size of the L2 cache: more than any GPU had in 2024.
LARGEST_CACHE = 128 << 20


def works():
    """(name, shape of the input, bytes read and written, what is called with the input)."""
    for size, in_bytes in SIZES.items():
        count = in_bytes // 4
        yield (f"quantize/{size}/peer:PyTorch quantize_per_tensor", (count,), 5 * count,
               lambda x: torch.quantize_per_tensor(x, ALPHA, 0, torch.quint8))
        yield (f"fake_quantize/{size}/peer:PyTorch fake_quantize", (count,), 8 * count,
               lambda x: torch.fake_quantize_per_tensor_affine(x, ALPHA, 0, 0, 255))
    for shape in SHAPES:
        name = "x".join(map(str, shape))
        yield (f"moments/{name}_NCHW/peer:PyTorch var_mean", shape, 4 * torch.Size(shape).numel(),
               lambda x: torch.var_mean(x, dim=(0, 2, 3), correction=0))


def copies_of(amount, device):
    if device == "cpu":
        return 1
    properties = torch.cuda.get_device_properties(device)
    cache = getattr(properties, "L2_cache_size", LARGEST_CACHE)
    return max(1, -(-4 * cache // amount))


def seconds(device, launches, launch):
    """How long `launches` calls take together."""
    if device == "cpu":
        begin = time.perf_counter()
        for _ in range(launches):
            launch()
        return time.perf_counter() - begin
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(launches):
        launch()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / 1e3


def measure(shape, amount, call, device, options):
    """Yields (calls, seconds) for every repetition."""
    inputs = [torch.randn(shape, device=device) for _ in range(copies_of(amount, device))]
    turns = itertools.cycle(inputs)
    launches = 1 if device == "cpu" else LAUNCHES
    seconds(device, launches, lambda: call(next(turns)))  # not counted: kernels are loaded
    for _ in range(options.repetitions):
        calls, total = 0, 0.0
        while calls == 0 or total < options.min_time:
            total += seconds(device, launches, lambda: call(next(turns)))
            calls += launches
        yield calls, total


def entries(name, amount, measured, repetitions):
    for index, (calls, total) in enumerate(measured):
        each = 1e9 * total / calls
        yield {"name": name, "run_name": name, "run_type": "iteration", "repetitions": repetitions,
               "repetition_index": index, "threads": 1, "iterations": calls, "real_time": each,
               "cpu_time": each, "time_unit": "ns", "bytes": amount * calls / total}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds for each of them")
    parser.add_argument("--filter", default="", help="a regular expression that names contain")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    context = {"date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
               "compiler": f"Python {sys.version.split()[0]}", "flags": "", "limits": "none",
               "peers": f"PyTorch {torch.__version__}"}
    if device == "cuda":
        context["device"] = torch.cuda.get_device_name()
    benchmarks = []
    with torch.inference_mode():
        for name, shape, amount, call in works():
            if re.search(options.filter, name):
                measured = measure(shape, amount, call, device, options)
                benchmarks += entries(name, amount, measured, options.repetitions)
    json.dump({"context": context, "benchmarks": benchmarks}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
