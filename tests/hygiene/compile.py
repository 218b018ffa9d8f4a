#!/usr/bin/env python3
"""Compiles every header alone, and programs of two translation units that both include all of them.

Usage: compile.py --compiler CXX --include FOLDER [--system FOLDER]... [--jobs N]

Without exceptions and RTTI only those that no other header includes are compiled: they include the
rest. Prints a line per header and per program. A header that adapts another library is skipped, with a
line that says so, where that library is not installed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tree  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
PLAIN = ("as usual", ())
BARE = ("without exceptions and RTTI", ("-fno-exceptions", "-fno-rtti"))
OPENMP = ("with OpenMP", ("-fopenmp",))
# g++: "fatal error: X: No such file or directory"; clang++: "fatal error: 'X' file not found".
MISSING = re.compile(r"fatal error: '?([^':\n]+)'?(?:: No such file| file not found)")
ERROR = re.compile(r"^([^:\n]+):\d+:\d+: (?:fatal )?error:", re.MULTILINE)


class Compiler:
    def __init__(self, command, include, system, scratch):
        # Thrust's own default is CUDA, which only nvcc compiles.
        self.base = [command, "-std=c++20", "-O2", *WARNINGS, "-I", str(include),
                     "-DTHRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP"]
        for folder in system:
            self.base += ["-isystem", folder]
        self.include = include
        self.scratch = scratch

    def run(self, *arguments):
        """The compiler's messages, or an empty string if it was content."""
        done = subprocess.run([*self.base, *arguments], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr or "failed silently"

    def unit(self, name, text):
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def can(self, flags):
        source = self.unit("can.cpp", "int main() { return 0; }\n")
        return not self.run(*flags, source, "-o", str(self.scratch / "can"))

    def header(self, header, mode):
        """Compiles one header, twice in the same unit: ("ok" | "skipped" | "FAILED", reason)."""
        title, flags = mode
        if tree.needs_nvcc(header):
            return "skipped", "it is for nvcc, which compiles it for tests/backend"
        line = f"#include <lfnc/{header}>\n"
        stem = re.sub(r"[/-]", "_", header[:-len(".hpp")]) + f"_{len(flags)}"
        source = self.unit(stem + ".cpp", line + line + "int main() { return 0; }\n")
        messages = self.run(*flags, "-fsyntax-only", source)
        if not messages:
            return "ok", ""
        if tree.is_leaf(header) or tree.needs_toolkit(header):
            missing = MISSING.search(messages)
            if missing and not missing.group(1).startswith("lfnc/"):
                return "skipped", f"{missing.group(1)} is not installed"
            ours = [f for f in ERROR.findall(messages) if f.startswith(str(self.include))]
            if flags and not ours:
                return "skipped", f"the library that it adapts does not compile {title}"
        return "FAILED", messages

    def program(self, headers, one, two):
        """Links two units that include everything, in opposite orders, and runs the program."""
        objects = []
        for number, (order, (_, flags)) in enumerate(((headers, one), (headers[::-1], two))):
            body = "".join(f"#include <lfnc/{h}>\n" for h in order)
            body += ("int other();\nint main() { return other(); }\n" if number == 0 else
                     "int other();\nint other() { return 0; }\n")
            source = self.unit(f"unit_{number}.cpp", body)
            objects.append(str(self.scratch / f"unit_{number}.o"))
            messages = self.run(*flags, "-c", source, "-o", objects[-1])
            if messages:
                return "FAILED", messages
        program = str(self.scratch / "program")
        messages = self.run(*objects, *one[1], *two[1], "-pthread", "-o", program)
        if messages:
            return "FAILED", messages
        status = subprocess.run([program], check=False).returncode
        return ("ok", "") if status == 0 else ("FAILED", f"the program ended with status {status}")


def report(what, result):
    state, reason = result
    print({"ok": f"ok: {what}", "skipped": f"skipped: {what}: {reason}",
           "FAILED": f"FAILED: {what}:\n{reason}"}[state], flush=True)
    return state != "FAILED"


def roots(include, headers):
    """The headers that no other includes."""
    included = set()
    for header in headers:
        text = (include / "lfnc" / header).read_text(encoding="utf-8")
        included |= {tree.included_header(header, text, quote, target)
                     for quote, target in tree.INCLUDE.findall(text)}
    return [header for header in headers if header not in included]


def check(compiler, headers, jobs):
    good = True
    usable = {PLAIN: [], BARE: []}
    tried = {PLAIN: headers, BARE: roots(compiler.include, headers)}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = {(h, m): pool.submit(compiler.header, h, m) for m in tried for h in tried[m]}
        for (header, mode), result in results.items():
            good &= report(f"lfnc/{header} {mode[0]}", result.result())
            if result.result()[0] == "ok":
                usable[mode].append(header)
    pairs = [(PLAIN, PLAIN), (BARE, BARE)]
    if compiler.can(OPENMP[1]):
        pairs.append((PLAIN, OPENMP))
    else:
        print("skipped: two units, one with OpenMP: this compiler has no OpenMP")
    for one, two in pairs:
        both = usable[BARE] if BARE in (one, two) else usable[PLAIN]
        good &= report(f"two units, one {one[0]}, one {two[0]}", compiler.program(both, one, two))
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True, type=pathlib.Path)
    parser.add_argument("--system", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    include = options.include.resolve()
    headers = sorted(p.relative_to(include / "lfnc").as_posix()
                     for p in (include / "lfnc").rglob("*.hpp"))
    with tempfile.TemporaryDirectory() as scratch:
        compiler = Compiler(options.compiler, include, options.system, pathlib.Path(scratch))
        return 0 if headers and check(compiler, headers, options.jobs) else 1


if __name__ == "__main__":
    sys.exit(main())
