#!/usr/bin/env python3
"""Checks the text of the repository: floors, includes, names, and what must not stand in it.

Usage: tree.py ROOT. Prints one line per finding and ends with status 1 if there is one.
"""

import pathlib
import re
import sys

TOP_LEVEL = {
    "include", "examples", "tests", "bench", "cmake", "CMakeLists.txt", "README.md",
    "CMakePresets.json", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md",
}
# What .gitignore leaves out of the repository.
IGNORED = re.compile(r"^(build.*|install.*|\.git|\.cache|__pycache__|compile_commands\.json|"
                     r"CMakeUserPresets\.json)$")

FLOOR = re.compile(r"^// lfnc floor ([0-9]): \S.*$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
UNDEF = re.compile(r"^\s*#\s*undef\s+(\w+)", re.MULTILINE)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
MACHINE_PATH = re.compile(rb"(?<![\w.}>)$~-])/(?:home|root|work|Users|mnt|media)/[\w.]")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b(?!\([^)]{8,}\))")

# The system headers that a header of the core may read besides the standard library's.
SYSTEM = {"omp.h", "immintrin.h", "arm_neon.h", "pthread.h", "unistd.h"}


def is_leaf(name):
    """Headers that adapt another library; they need that library, and nobody includes them."""
    return name.startswith("interop/")


def needs_toolkit(name):
    """Headers that may read Thrust's and CUDA's headers."""
    return name in ("exec/thrust.hpp", "exec/cuda.hpp", "cuda.hpp")


def needs_nvcc(name):
    """Headers that nothing else compiles."""
    return name in ("exec/cuda.hpp", "cuda.hpp")


# What a user may include; quantize.hpp's comment lists the same.
PUBLIC = {"cuda", "quantize"} | {
    "activations", "batch_norm", "calibrate", "channels", "codebook", "compress", "config",
    "error", "exact_sum", "fit", "fit_options", "histogram", "moments", "pack", "packing",
    "scalar", "scale_layer", "view", "weights",
    "compress/adapter", "compress/chain", "compress/host", "compress/json", "compress/options",
    "compress/report", "compress/verbs",
    "exec/cpu", "exec/cuda", "exec/policy", "exec/skeletons", "exec/thrust", "exec/workspace",
    "interop/dlpack", "interop/eigen", "interop/libtorch", "interop/mdspan", "interop/opencv",
    "interop/thrust", "interop/xtensor",
}

# Rooms whose headers are not for users, and which declare nothing outside of namespace detail.
INTERNAL = ("detail/", "fit/", "compress/steps/", "exec/common/", "exec/cpu/", "exec/grid/")


# Instantiates what public headers declare, and declares nothing itself.
INSTANTIATES = "detail/compiled.hpp"


def is_internal(name):
    return name.startswith(INTERNAL)


# The headers of the device backends, which tests/backend tests together, once a backend.
DEVICE = {"cuda.hpp"} | {f"exec/{name}.hpp" for name in (
    "common/map_tasks", "common/rejection", "cuda", "grid/grid", "grid/kernels",
    "grid/lane_reader", "grid/tuning", "thrust", "workspace")}


def without_comments_and_strings(text):
    return COMMENT_OR_STRING.sub(lambda m: '""' if m.group().startswith('"') else " ", text)


CHARACTER = re.compile(r"(?<![0-9A-Za-z])'(?:\\.|[^'\\\n])+'")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
NAMESPACE = re.compile(r"(?:inline\s+)?namespace\s+([\w:]+)$")


def declared_outside_detail(text):
    """The beginnings of what a header declares in a namespace that is not detail, nor in one."""
    code = DIRECTIVE.sub("", CHARACTER.sub("0", without_comments_and_strings(text)))
    open_braces = []  # the name of a namespace, or None
    head = ""
    for piece in re.split(r"([{};])", code):
        if piece not in ("{", "}", ";"):
            head += piece
            continue
        head = " ".join(head.split())
        namespace = NAMESPACE.match(head) if piece == "{" else None
        outside = None not in open_braces and not any(
            "detail" in name.split("::") for name in open_braces)
        if head and namespace is None and piece != "}" and outside:
            yield head[:60]
        if piece == "{":
            open_braces.append(namespace.group(1) if namespace else None)
        elif piece == "}" and open_braces:
            open_braces.pop()
        head = ""


def public_in_comment(text):
    """The headers that the comment of quantize.hpp names, in the last of three columns."""
    rows = [re.split(r" {2,}", line[len("//   "):])
            for line in text.split("#pragma once", 1)[0].split("\n") if line.startswith("//   ")]
    return {name for row in rows if len(row) == 3 for name in row[2].split(", ")}


def check_public(text_of):
    for name in text_of:
        if not is_internal(name) and name[:-len(".hpp")] not in PUBLIC:
            yield (f"include/lfnc/{name}: stands where public headers do, and the list of tree.py "
                   "does not have it")
    for name, text in text_of.items():
        if is_internal(name) and name != INSTANTIATES:
            for head in declared_outside_detail(text):
                yield f"include/lfnc/{name}: an internal header declares outside detail: {head}"
    front = text_of.get("quantize.hpp")
    if front is not None:
        listed = public_in_comment(front)
        for name in sorted(listed - PUBLIC):
            yield f"include/lfnc/quantize.hpp: lists {name}, which is no public header"
        here = {name[:-len(".hpp")] for name in text_of} - {"quantize"}
        for name in sorted((PUBLIC & here) - listed):
            yield f"include/lfnc/quantize.hpp: does not list {name}, which is public"


# The adapter that engine authors copy from stays one that fits a page.
ADAPTER = "examples/own_engine/adapter.hpp"
ADAPTER_LINES = 60


def check_examples(root):
    """What shows how to use the library includes public headers alone, and one part stays small."""
    adapter = root / ADAPTER
    if adapter.is_file():
        lines = adapter.read_text(encoding="utf-8").count("\n")
        if lines > ADAPTER_LINES:
            yield f"{ADAPTER}: {lines} lines, where {ADAPTER_LINES} are promised"
    for path in files(root / "examples") if (root / "examples").is_dir() else ():
        if path.suffix in (".hpp", ".cpp", ".h", ".cu"):
            for _, target in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if target.startswith("lfnc/") and is_internal(target[len("lfnc/"):]):
                    where = path.relative_to(root).as_posix()
                    yield f"{where}: includes {target}, which is internal"


def included_header(name, text_of, quote, target):
    """The header of ours that an include in `name` means, or None."""
    if target.startswith("lfnc/"):
        return target[len("lfnc/"):]
    if quote == '"':
        parts = []
        for part in (pathlib.PurePosixPath(name).parent / target).parts:
            if part == ".." and parts:
                parts.pop()
            else:
                parts.append(part)
        return "/".join(parts)
    return None


def check_headers(root):
    base = root / "include" / "lfnc"
    text_of = {p.relative_to(base).as_posix(): p.read_text(encoding="utf-8")
               for p in sorted(base.rglob("*"))
               if p.is_file() and p != base / "README.md"}  # the map of the library
    yield from check_public(text_of)
    floor_of = {}
    for name, text in text_of.items():
        first = FLOOR.match(text.split("\n", 1)[0])
        if first:
            floor_of[name] = int(first.group(1))
        else:
            yield f"include/lfnc/{name}: the first line is not '// lfnc floor N: purpose'"

    for name, text in text_of.items():
        where = f"include/lfnc/{name}"
        if not name.endswith(".hpp"):
            yield f"{where}: not a .hpp file"
        if not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield f"{where}: no #pragma once"
        for quote, target in INCLUDE.findall(text):
            other = included_header(name, text_of, quote, target)
            if other is None:
                standard = re.fullmatch(r"[a-z_0-9]+", target) or target in SYSTEM
                if not standard and not is_leaf(name) and not needs_toolkit(name):
                    yield f"{where}: includes <{target}>, which is not the standard library"
            elif other not in text_of:
                yield f"{where}: includes {other}, which is not there"
            elif is_leaf(other):
                yield f"{where}: includes {other}, which is a leaf"
            elif is_leaf(name) and is_internal(other):
                yield f"{where}: includes {other}, which is internal"
            elif floor_of.get(other, 0) > floor_of.get(name, 9):
                yield (f"{where}: floor {floor_of[name]} includes {other} of floor "
                       f"{floor_of[other]}")

        code = without_comments_and_strings(text)
        if re.search(r"\bnamespace\s*\{", code):
            yield f"{where}: anonymous namespace"
        if re.search(r"\busing\s+namespace\b", code):
            yield f"{where}: using namespace"
        undefined = set(UNDEF.findall(text))
        for macro in DEFINE.findall(text):
            if not macro.startswith("LFNC_"):
                yield f"{where}: macro {macro} does not start with LFNC_"
            elif name != "config.hpp" and macro not in undefined:
                yield f"{where}: macro {macro} leaks; it belongs in config.hpp or needs an #undef"


def check_tests(root):
    """tests/lfnc mirrors include/lfnc: exec/cpu.hpp is tested by exec/cpu.cpp."""
    base = root / "include" / "lfnc"
    tests = root / "tests" / "lfnc"
    built = (root / "tests" / "CMakeLists.txt").read_text(encoding="utf-8")
    for path in sorted(base.rglob("*.hpp")):
        header = path.relative_to(base).as_posix()
        if header in DEVICE:
            continue
        name = header[:-len(".hpp")] + ".cpp"
        test = tests / name
        if not test.is_file():
            yield f"include/lfnc/{header}: no tests/lfnc/{name}"
        elif f"lfnc/{header}" not in test.read_text(encoding="utf-8"):
            yield f"tests/lfnc/{name}: does not include lfnc/{header}"
    for path in sorted(tests.rglob("*.cpp")):
        name = path.relative_to(root / "tests").as_posix()
        if not re.search(rf"(?<![\w/]){re.escape(name)}(?![\w.])", built):
            yield f"tests/CMakeLists.txt: does not build {name}"


def files(folder):
    for path in sorted(folder.iterdir()):
        if IGNORED.match(path.name) or path.suffix == ".pyc":
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files(path)
        else:
            yield path


def check_files(root):
    for path in sorted(root.iterdir()):
        if not path.name.startswith(".") and not IGNORED.match(path.name):
            if path.name not in TOP_LEVEL:
                yield f"{path.name}: does not belong at the top level"
    for path in files(root):
        where = path.relative_to(root).as_posix()
        if path.is_symlink():
            yield f"{where}: a symbolic link"
            continue
        data = path.read_bytes()
        for found in MACHINE_PATH.finditer(data):
            line = data.count(b"\n", 0, found.start()) + 1
            yield f"{where}:{line}: a path of one machine"
        if b"\0" in data:
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            yield f"{where}: text that is not UTF-8"
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if UNFINISHED.search(line):
                yield f"{where}:{number}: unfinished work without a reason in parentheses"


def check(root):
    yield from check_headers(root)
    yield from check_tests(root)
    yield from check_examples(root)
    yield from check_files(root)


def main():
    findings = list(check(pathlib.Path(sys.argv[1]).resolve()))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
