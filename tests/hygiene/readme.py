#!/usr/bin/env python3
"""Checks that the README's first lines of C++ are those of examples/quickstart. Usage: readme.py ROOT.
"""

import pathlib
import re
import sys
import textwrap


def main():
    root = pathlib.Path(sys.argv[1])
    readme = (root / "README.md").read_text(encoding="utf-8")
    program = (root / "examples/quickstart/main.cpp").read_text(encoding="utf-8")
    shown = re.search(r"^```cpp\n#include <lfnc/quantize\.hpp>\n\n(.*?)^```$", readme, re.M | re.S)
    run = re.search(r"^ *// ----\n(.*?)^ *// ----$", program, re.M | re.S)
    same = shown and run and shown.group(1) == textwrap.dedent(run.group(1))
    if not same:
        print("README.md does not show what stands between the rules of examples/quickstart/main.cpp")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
