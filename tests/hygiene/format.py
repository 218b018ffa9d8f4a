#!/usr/bin/env python3
"""Checks that every C++ file is formatted. Usage: format.py ROOT CLANG_FORMAT."""

import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tree  # noqa: E402


def main():
    root, command = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    sources = [str(p) for p in tree.files(root) if p.suffix in (".hpp", ".cpp", ".cu")]
    return subprocess.run([command, "--dry-run", "-Werror", *sources], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
