#!/usr/bin/env python3
"""Writes lfnc as one header.

Usage: amalgamate.py OUTPUT [HEADER...]

OUTPUT ("-" is the standard output) holds the HEADERs, named as below include/lfnc, and all that
they include, each once and after what it includes. Without any: the front door quantize.hpp, and
compress.hpp, which need nothing but the standard library. The same headers give the same bytes.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRONT_DOORS = ("quantize.hpp", "compress.hpp")

CONDITION = re.compile(r"^\s*#\s*(if|ifdef|ifndef|endif)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Amalgamation:
    """Headers in the order of their includes. `root` holds include/lfnc and LICENSE."""

    def __init__(self, root):
        self.root = root
        self.base = root / "include" / "lfnc"
        self.system = set()  # the standard headers, which go to the top
        self.seen = set()
        self.parts = []

    def ours(self, name, quote, target):
        """The header of ours that an include in `name` means, or None."""
        if target.startswith("lfnc/"):
            return target[len("lfnc/"):]
        if quote != '"':
            return None
        path = (self.base / name).parent / target
        return path.resolve().relative_to(self.base.resolve()).as_posix()

    def add(self, name):
        if name in self.seen:
            return
        self.seen.add(name)
        depth = 0
        kept = []
        path = self.base / name
        if not path.is_file():
            sys.exit(f"{path} is not there")
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            condition = CONDITION.match(line)
            if condition:
                depth += -1 if condition.group(1) == "endif" else 1
            include = INCLUDE.match(line)
            if include:
                other = self.ours(name, *include.groups())
                if other is None:
                    if depth == 0:
                        self.system.add(include.group(2))
                        continue
                elif depth == 0 or other in self.seen:
                    self.add(other)
                    continue
                else:
                    # Who includes it later, unconditionally, would go without.
                    sys.exit(f"{name}:{number}: includes {other} under a condition, which one "
                             "header cannot do for it and for others")
            if line.strip() != "#pragma once":
                kept.append(line)
        self.parts.append((name, "\n".join(kept).strip("\n")))

    def text(self):
        licence = (self.root / "LICENSE").read_text(encoding="utf-8")
        lines = ["// lfnc, all of it in one header, made of include/lfnc by "
                 "cmake/packaging/amalgamate.py.", "//"]
        lines += [f"// {line}".rstrip() for line in licence.splitlines()]
        lines += ["#pragma once", ""]
        lines += [f"#include <{header}>" for header in sorted(self.system)]
        for name, part in self.parts:
            lines += ["", f"// ======== lfnc/{name}", part]
        text = "\n".join(lines) + "\n"
        # Where an include stood between others, nothing is left but empty lines.
        return re.sub(r"\n{3,}", "\n\n", text)


def amalgamate(root, headers):
    result = Amalgamation(root)
    for header in headers:
        result.add(header)
    return result.text()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("output")
    parser.add_argument("header", nargs="*")
    options = parser.parse_args()
    present = [h for h in FRONT_DOORS if (ROOT / "include" / "lfnc" / h).is_file()]
    text = amalgamate(ROOT, options.header or present)
    if options.output == "-":
        sys.stdout.write(text)
    else:
        pathlib.Path(options.output).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
