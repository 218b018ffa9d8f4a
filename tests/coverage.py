#!/usr/bin/env python3
"""Prints how many lines of include/ the tests of a build with LFNC_COVERAGE ran.

Usage: coverage.py BUILD MINIMUM. Reads BUILD/counts/*.profraw, which the tests wrote, by llvm-cov. A
line counts once, however many templates it is in. Ends with status 1 below MINIMUM percent.
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def export(build):
    """What llvm-cov knows of all test programs, in lcov's format."""
    counts = sorted(str(p) for p in (build / "counts").glob("*.profraw"))
    programs = sorted(str(p) for p in (build / "tests").rglob("test_*")
                      if p.is_file() and p.stat().st_mode & 0o100)
    if not counts or not programs:
        sys.exit(f"{build}: the tests were not built, or not run with LLVM_PROFILE_FILE")
    profile = str(build / "counts" / "all.profdata")
    subprocess.run(["llvm-profdata", "merge", *counts, "-o", profile], check=True)
    objects = [word for program in programs[1:] for word in ("-object", program)]
    # It warns of functions that a program includes and never uses, of which it knows no counts.
    return subprocess.run(["llvm-cov", "export", "-format=lcov", f"-instr-profile={profile}",
                           programs[0], *objects], check=True, capture_output=True,
                          text=True).stdout


def lines_of(text):
    """{file: {line: how often it ran}}."""
    files = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            lines = files.setdefault(pathlib.Path(value), {})
        elif key == "DA":
            number, count = (int(v) for v in value.split(",")[:2])
            lines[number] = max(lines.get(number, 0), count)
    return files


def ranges(numbers):
    """3, 4, 5, 9 as "3-5, 9"."""
    parts = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def report(text, minimum):
    """Prints a row per header; returns whether the share of all lines is high enough."""
    known, reached = 0, 0
    for path, lines in sorted(lines_of(text).items()):
        if not path.is_relative_to(ROOT / "include"):
            continue
        missing = [number for number, count in lines.items() if count == 0]
        known += len(lines)
        reached += len(lines) - len(missing)
        print(f"{path.relative_to(ROOT / 'include').as_posix():34}{len(lines):6} lines"
              f"{100 - 100 * len(missing) / len(lines):7.1f} %  {ranges(missing)}".rstrip())
    if not known:
        sys.exit("no line of include/ is known to the counters")
    share = 100 * reached / known
    print(f"lines: {share:.1f} % ({reached} of {known}; at least {minimum:g} % are wanted)")
    return share >= minimum


if __name__ == "__main__":
    sys.exit(0 if report(export(pathlib.Path(sys.argv[1]).resolve()), float(sys.argv[2])) else 1)
