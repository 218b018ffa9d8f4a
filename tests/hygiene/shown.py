#!/usr/bin/env python3
"""Checks that what a README shows under a file's name is that file. Usage: shown.py ROOT.

A file is shown by a line `PATH`: and, after an empty line, its text between ```cpp and ```.
"""

import pathlib
import re
import sys

SHOWN = re.compile(r"^`([\w./]+)`:\n\n```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 30


def check(root, readme):
    for name, text in SHOWN.findall((root / readme).read_text(encoding="utf-8")):
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{readme}: what it shows as {name} is not that file"
        elif text.count("\n") >= MOST_LINES:
            yield f"{name}: has {MOST_LINES} lines or more, too long to be shown"


def main():
    root = pathlib.Path(sys.argv[1])
    readmes = sorted(path.relative_to(root).as_posix() for folder in ("include", "examples", "bench")
                     for path in (root / folder).rglob("README.md"))
    findings = [finding for readme in readmes for finding in check(root, readme)]
    shown = sum(len(SHOWN.findall((root / readme).read_text(encoding="utf-8")))
                for readme in readmes)
    if shown < 3:
        findings.append("no README shows the three files of examples/extending")
    print("\n".join(findings + [f"{len(findings)} findings in {shown} files that are shown"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
