#!/usr/bin/env python3
"""Prints the user time that #include <lfnc/quantize.hpp> costs a compiler over an empty file.

Usage: compile_cost.py CXX INCLUDE. Of several runs the least counts. Nothing fails here but the
compiler: a time is no property of the source alone.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile

RUNS = 5
EMPTY = "int main() { return 0; }\n"


def user_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    compiler, include = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        least = []
        for text in (EMPTY, "#include <lfnc/quantize.hpp>\n" + EMPTY):
            source = pathlib.Path(folder) / "unit.cpp"
            source.write_text(text, encoding="utf-8")
            command = [compiler, "-std=c++20", "-O2", "-I", include, "-c", str(source), "-o",
                       str(source.with_suffix(".o"))]
            least.append(min(user_seconds(command) for _ in range(RUNS)))
    print(f"measured: #include <lfnc/quantize.hpp> takes {least[1] - least[0]:.2f} s of user time "
          f"over an empty file ({compiler} -O2, least of {RUNS} runs; below 1 s is wanted)")


if __name__ == "__main__":
    main()
