#!/usr/bin/env python3
"""Counts the instructions of kernels.cpp and holds them against figures.txt, within 5 %.

Usage: compare.py PROGRAM [--compiler NAME] [--figures FILE] [--update]

Both ways: a count that fell stands in the way of noticing the next one that rises, so --update
writes the counts of now. Ends with status 77 where nothing can be compared.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SETS = ("baseline", "avx2")  # valgrind knows no wider one
TOLERANCE = 0.05
HEAD = """\
# Instructions of the kernels in kernels.cpp by callgrind, with the compiler below. Written by
# "compare.py PROGRAM --update"; a change that makes them other by more than 5 % writes them anew,
# and says why.
"""
SKIPPED = 77


class CannotCompare(Exception):
    pass


def read_dumps(folder):
    """{kernel: instructions} from the dumps that callgrind wrote to `folder`."""
    counts = {}
    for path in sorted(folder.glob("out.*")):
        dump = path.read_text(encoding="utf-8")
        name = re.search(r"^desc: Trigger: Client Request: (\w+)$", dump, re.MULTILINE)
        total = re.search(r"^totals: (\d+)$", dump, re.MULTILINE)
        if name and total:
            counts[name.group(1)] = int(total.group(1))
    return counts


def measure(program):
    """{(kernel, set): instructions} for every set that the CPU has."""
    counts = {}
    for wanted in SETS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    ["valgrind", "--tool=callgrind", "--vgdb=no", "--collect-atstart=no",
                     f"--callgrind-out-file={folder}/out", program],
                    env={**os.environ, "LFNC_MAX_ISA": wanted}, capture_output=True, text=True,
                    check=False)
            except FileNotFoundError as missing:
                raise CannotCompare("valgrind not found") from missing
            if done.returncode != 0:
                sys.exit(f"{program} under valgrind:\n{done.stdout}{done.stderr}")
            used = done.stdout.split()[0]
            if used != wanted:
                print(f"skipped: instructions of {wanted}: this CPU has only {used}")
                continue
            found = read_dumps(pathlib.Path(folder))
            if not found:
                sys.exit(f"callgrind counted nothing in {program}:\n{done.stderr}")
            counts.update({(name, used): count for name, count in found.items()})
    return counts


def read_figures(path):
    """The compiler that the figures are of, and {(kernel, set): instructions}."""
    compiler, figures = None, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words[:1] == ["compiler"]:
            compiler = " ".join(words[1:])
        elif words:
            name, used, count = words
            figures[name, used] = int(count)
    return compiler, figures


def write_figures(path, compiler, counts):
    lines = [f"{name:<24} {used:<8} {count:>9}\n" for (name, used), count in sorted(counts.items())]
    path.write_text(f"{HEAD}compiler {compiler}\n{''.join(lines)}", encoding="utf-8")


def differences(figures, counts):
    """Prints every count beside its figure; the names of those that are not within TOLERANCE. Where
    a set was not counted at all, its figures are passed over."""
    counted_sets = {used for _, used in counts}
    wrong = []
    for key in sorted(figures.keys() | counts.keys()):
        if key[1] not in counted_sets:
            continue
        figure, count = figures.get(key), counts.get(key)
        both = figure is not None and count is not None
        good = both and abs(count - figure) <= TOLERANCE * figure
        if not good:
            wrong.append(" ".join(key))
        print(f"{key[0]:<24} {key[1]:<8} {figure or '-':>9} {count or '-':>9} "
              f"{f'{count / figure - 1:+.1%}' if both else '':>8}{'' if good else '  <--'}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--compiler", default="GNU 12", help="what compiled the program")
    parser.add_argument("--figures", type=pathlib.Path, default=HERE / "figures.txt")
    parser.add_argument("--update", action="store_true", help="write the figures anew")
    options = parser.parse_args()
    try:
        if not options.update:
            compiler, figures = read_figures(options.figures)
            if compiler != options.compiler:
                raise CannotCompare(f"the figures are of {compiler}, not of {options.compiler}")
        counts = measure(options.program)
        if options.update:
            if {used for _, used in counts} != set(SETS):
                raise CannotCompare(f"figures are written where all of {', '.join(SETS)} run")
            write_figures(options.figures, options.compiler, counts)
            print(f"written: {options.figures}")
            return
    except CannotCompare as reason:
        print(f"skipped: instructions: {reason}")
        sys.exit(SKIPPED)
    print(f"{'kernel':<24} {'set':<8} {'figure':>9} {'now':>9} {'':>8}")
    wrong = differences(figures, counts)
    if wrong:
        sys.exit(f"\nmore than {TOLERANCE:.0%} off: {', '.join(wrong)}\n"
                 f"If that is meant: {sys.argv[0]} {options.program} --update")


if __name__ == "__main__":
    main()
