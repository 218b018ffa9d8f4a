#!/usr/bin/env python3
"""Checks that the C++ that READMEs show compiles, and that README.md's first lines are those of
examples/quickstart. Usage: readme.py ROOT CXX.

Every block between ```cpp and ``` in a README.md is compiled (one run of the compiler for all, syntax
and types alone), as the body of a function, or outside of one where it defines classes, templates or
functions. Its #include lines are taken out to the front. What stands in a comment before it is taken
for granted:

    <!-- given:
    std::vector<float> mean(64);
    -->

    ```cpp

`<!-- not compiled: REASON -->` in that place leaves a block out, with a line that says so. A block
under the name of a file (`PATH`:) is compiled with that file, which shown.py compares it with.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

BLOCK = re.compile(r"(?P<before>(?:^<!-- (?:(?!-->).)*-->\n\n|^`[\w./]+`:\n\n)?)^```cpp\n(?P<text>.*?)^```$",
                   re.MULTILINE | re.DOTALL)
DEFINITION = re.compile(r"^(?:struct|class|template|namespace|inline|int main)\b", re.MULTILINE)
INCLUDE = re.compile(r"^#include .*$", re.MULTILINE)


def blocks(root):
    """(README, line of the first line of code, what stands before, the code) of every block."""
    for path in sorted(root.rglob("README.md")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] in ("build", "shared"):
            continue
        text = path.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start("text")) + 1
            yield name, line, found["before"].strip(), found["text"]


def unit(root):
    """A translation unit of all blocks, how many there are in it, and what was left out."""
    includes, parts, left_out = ["#include <vector>"], [], []
    for name, line, before, text in blocks(root):
        if before.startswith("`"):
            continue
        reason = re.fullmatch(r"<!-- not compiled: (.*?) -->", before, re.DOTALL)
        if reason:
            left_out.append(f"{name}:{line}: not compiled: {reason[1]}")
            continue
        given = re.fullmatch(r"<!-- given:\n(.*?)-->", before, re.DOTALL)
        includes += INCLUDE.findall(text) + (INCLUDE.findall(given[1]) if given else [])
        taken = INCLUDE.sub("", given[1]) if given else ""
        code = f'#line {line} "{root / name}"\n' + INCLUDE.sub("", text)
        if not DEFINITION.search(text):
            code = "inline void run() {\n" + code + "}\n"
        parts.append(f"namespace block_{len(parts)} {{\n{taken}\n{code}}}\n")
    return "\n".join(dict.fromkeys(includes)) + "\n" + "".join(parts), len(parts), left_out


def compile_blocks(root, cxx):
    """Whether all blocks compile; prints what the compiler says."""
    text, count, left_out = unit(root)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "blocks.cpp"
        source.write_text(text, encoding="utf-8")
        good = subprocess.run([cxx, "-std=c++20", "-fsyntax-only", f"-I{root / 'include'}",
                               str(source)], check=False).returncode == 0
    print("\n".join(left_out + [f"{count} blocks compile" if good else
                                "FAILED: what a block needs may stand in <!-- given: ... --> before it"]))
    return good


def is_quickstart(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    program = (root / "examples/quickstart/main.cpp").read_text(encoding="utf-8")
    shown = re.search(r"^```cpp\n#include <lfnc/quantize\.hpp>\n\n(.*?)^```$", readme, re.M | re.S)
    run = re.search(r"^ *// ----\n(.*?)^ *// ----$", program, re.M | re.S)
    same = shown and run and shown.group(1) == textwrap.dedent(run.group(1))
    if not same:
        print("README.md does not show what stands between the rules of examples/quickstart/main.cpp")
    return same


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    good = compile_blocks(root, sys.argv[2])
    return 0 if is_quickstart(root) and good else 1


if __name__ == "__main__":
    sys.exit(main())
