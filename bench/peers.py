#!/usr/bin/env python3
"""NumPy and PyTorch on one thread of the CPU, at the work of the other benchmarks.

Prints what they reach of the limits that were measured in the same process, and writes what Google
Benchmark would (--out). Ends with status 77 where neither is installed. They are not timed together
with lfnc, so compare what each reaches of the limit beside it.
"""

import argparse
import datetime
import json
import pathlib
import random
import statistics
import sys
import time
import warnings

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None

ALPHA = 1 / 64
SIZES = {"64KiB": 64 << 10, "256KiB": 256 << 10, "64MiB": 64 << 20}
SHAPES = [(32, 64, 56, 56), (32, 256, 14, 14), (32, 512, 7, 7), (8, 64, 112, 112)]
BINS = 2048


def numpy_activations(count):
    """(verb, who, bytes read and written, call)."""
    x = numpy.random.default_rng(count).standard_normal(count, dtype=numpy.float32)
    scratch, floats, codes = (numpy.empty(count, dtype)
                              for dtype in (numpy.float32, numpy.float32, numpy.uint8))
    ones = numpy.ones(count, numpy.uint8)

    def encode(out):
        numpy.multiply(x, numpy.float32(1 / ALPHA), out=scratch)
        numpy.add(scratch, numpy.float32(0.5), out=scratch)
        numpy.floor(scratch, out=scratch)
        numpy.clip(scratch, 0, 255, out=out, casting="unsafe")

    def fake_quantize():
        encode(scratch)
        numpy.multiply(scratch, numpy.float32(ALPHA), out=floats)

    yield "quantize", "limit:NumPy copyto", 8, lambda: numpy.copyto(floats, x)
    yield "quantize", "NumPy", 5, lambda: encode(codes)
    yield "dequantize", "limit:NumPy copyto", 8, lambda: numpy.copyto(floats, x)
    yield ("dequantize", "NumPy", 5,
           lambda: numpy.multiply(ones, numpy.float32(ALPHA), out=floats, casting="unsafe"))
    yield "fake_quantize", "limit:NumPy copyto", 8, lambda: numpy.copyto(floats, x)
    yield "fake_quantize", "NumPy", 8, fake_quantize


def torch_activations(count):
    x = torch.randn(count)
    floats = torch.empty(count)
    quantized = torch.quantize_per_tensor(x, ALPHA, 0, torch.quint8)
    for verb in ("quantize", "dequantize", "fake_quantize"):
        yield verb, "limit:PyTorch copy_", 8, lambda: floats.copy_(x)
    yield ("quantize", "PyTorch quantize_per_tensor", 5,
           lambda: torch.quantize_per_tensor(x, ALPHA, 0, torch.quint8))
    yield "dequantize", "PyTorch dequantize", 5, quantized.dequantize
    yield ("fake_quantize", "PyTorch fake_quantize", 8,
           lambda: torch.fake_quantize_per_tensor_affine(x, ALPHA, 0, 0, 255))
    yield "accumulate_histogram", "limit:PyTorch sum", 4, lambda: torch.sum(x)
    yield "accumulate_histogram", "PyTorch histc", 4, lambda: torch.histc(x, BINS)


def numpy_moments(shape, axes):
    x = numpy.random.default_rng(1).standard_normal(shape, dtype=numpy.float32)
    yield "limit:NumPy sum", lambda: numpy.sum(x)
    yield "NumPy mean, var", lambda: (numpy.mean(x, axis=axes), numpy.var(x, axis=axes))


def torch_moments(shape, axes):
    x = torch.randn(shape)
    yield "limit:PyTorch sum", lambda: torch.sum(x)
    yield "PyTorch var_mean", lambda: torch.var_mean(x, dim=axes, correction=0)


def works():
    """(work, who, bytes read and written, call)."""
    for size, in_bytes in SIZES.items():
        count = in_bytes // 4
        for library, make in ((numpy, numpy_activations), (torch, torch_activations)):
            for verb, who, each, call in make(count) if library else ():
                yield f"{verb}/{size}", who, each * count, call
    for n, c, h, w in SHAPES:
        for layout, shape, axes in (("NCHW", (n, c, h, w), (0, 2, 3)),
                                    ("NHWC", (n, h, w, c), (0, 1, 2))):
            for library, make in ((numpy, numpy_moments), (torch, torch_moments)):
                for who, call in make(shape, axes) if library else ():
                    yield f"moments/{n}x{c}x{h}x{w}_{layout}", who, 4 * n * c * h * w, call


def run(call, min_time):
    """(calls, seconds of CPU time)."""
    calls, begin = 0, time.process_time()
    while True:
        call()
        calls += 1
        seconds = time.process_time() - begin
        if seconds >= min_time:
            return calls, seconds


def measure(options):
    """{(work, who): [bytes a second]}, in shuffled order, so that a slow phase falls on all."""
    todo = [entry for entry in works() if options.filter in entry[0]]
    for *_, call in todo:
        call()
    rates = {(work, who): [] for work, who, *_ in todo}
    rounds = [entry for entry in todo for _ in range(options.repetitions)]
    random.Random(1).shuffle(rounds)
    for work, who, amount, call in rounds:
        calls, seconds = run(call, options.min_time)
        rates[work, who].append(amount * calls / seconds)
    return rates


def entries(rates):
    for (work, who), each in rates.items():
        kind = "python-limit" if who.startswith("limit:") else "python"
        name = f"{work}/{kind}:{who.removeprefix('limit:')}"
        for rate in each:
            yield {"name": name, "run_name": name, "run_type": "iteration", "bytes": rate}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.03, help="seconds for each of them")
    parser.add_argument("--filter", default="", help="a string that the works' names contain")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    found = []
    for name, library in (("NumPy", numpy), ("PyTorch", torch)):
        if library:
            found.append(f"{name} {library.__version__}")
        else:
            print(f"skipped: comparison with {name}: {sys.executable} has none")
    if not found:
        sys.exit(77)
    # PyTorch's quantized tensors are on their way out.
    warnings.filterwarnings("ignore", category=UserWarning)
    if torch:
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
    rates = measure(options)
    for (work, who), each in rates.items():
        if who.startswith("limit:"):
            continue
        library = who.split()[0]
        limit = max(statistics.median(other) for (where, name), other in rates.items()
                    if where == work and name.startswith(f"limit:{library} "))
        rate = statistics.median(each)
        print(f"{work:<34} {who:<28} {rate / 1e9:>8.2f} GB/s {rate / limit:>7.2g} of {library}'s limit")
    if options.out:
        context = {"date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
                   "compiler": f"Python {sys.version.split()[0]}", "flags": "", "limits": "none",
                   "peers": ", ".join(found)}
        options.out.write_text(
            json.dumps({"context": context, "benchmarks": list(entries(rates))}, indent=1) + "\n",
            encoding="utf-8")


if __name__ == "__main__":
    main()
