#!/usr/bin/env python3
"""Prints a header as Doxygen wants it. Usage: filter.py HEADER (Doxygen's INPUT_FILTER).

The library's comments are plain ones. Here a comment that stands directly above a declaration
becomes one of Doxygen's, and so does one behind a member. A declaration that follows another one
without an empty line between them has the comment of that one. The inline namespace of the ABI,
which nobody writes, is left out. Lines keep their numbers.
"""

import re
import sys

COMMENT = re.compile(r"^(\s*)//(?!/)(.*)$")
TRAILING = re.compile(r"^(\s*[^\s/#].*?[;,{}]\s*|\s*\w+(?: = \w+)?\s*)//(?!/)\s?(.*)$")
ABI = re.compile(r"^(inline namespace LFNC_ABI \{|\}  // namespace LFNC_ABI)$")
# What needs no words: the end of something, access, the file itself.
NO_DECLARATION = re.compile(r"^\s*(?:\}|#|(?:public|private|protected):|namespace\b|"
                            r"inline namespace\b|$)")
CLOSED = re.compile(r"^\s*\}?.*[;}]\s*(?://.*)?$")


def markdown(line):
    """The text of a comment, in which < and @ mean themselves."""
    return re.sub(r"([<>@\\#%])", r"\\\1", line)


def blocks(lines):
    """Comment lines as blocks of (begin, end)."""
    begin = None
    for number, line in enumerate(lines + [""]):
        if COMMENT.match(line):
            begin = number if begin is None else begin
        elif begin is not None:
            yield begin, number
            begin = None


def outside_of_bodies(lines):
    """Whether each line is one of a namespace or of a class, and not of a function's body."""
    in_class = False
    for line in lines:
        if re.match(r"[^\s/].*\{$", line):
            in_class = re.match(r"(?:inline )?(?:struct|class|enum)\b", line) is not None
        yield not line.startswith(" ") or (in_class and re.match(r"  \S", line) is not None)


def documented(lines):
    result = list(lines)
    outside = list(outside_of_bodies(lines))
    for number, line in enumerate(lines):
        if ABI.match(line):
            result[number] = ""
        elif not COMMENT.match(line):
            found = TRAILING.match(line)
            if found and outside[number] and not NO_DECLARATION.match(line):
                result[number] = f"{found.group(1)}///< {markdown(found.group(2))}"
    for begin, end in blocks(lines):
        if begin == 0 and end < len(lines) and lines[end] == "#pragma once":
            result[0] = "/** \\file"
            result[1:end + 1] = [markdown(COMMENT.match(line).group(2)) for line in lines[:end]]
            result[end] += " */"
            continue
        if end == len(lines) or not outside[begin] or NO_DECLARATION.match(lines[end]):
            continue
        for number in range(begin, end):
            indent, text = COMMENT.match(lines[number]).groups()
            result[number] = f"{indent}///{markdown(text)}"
        repeat(lines, result, begin, end)
    return result


def repeat(lines, result, begin, end):
    """Puts the comment once more before each declaration that follows without an empty line."""
    text = " ".join(result[n].strip().removeprefix("///") for n in range(begin, end))
    indent = re.match(r"\s*", lines[end]).group()
    number = end
    while number + 1 < len(lines) and lines[number].strip():
        same_depth = re.match(r"\s*", lines[number + 1]).group() == indent
        if (CLOSED.match(lines[number]) and same_depth and
                not COMMENT.match(lines[number + 1]) and "//" not in lines[number + 1] and
                not NO_DECLARATION.match(lines[number + 1]) and
                re.match(rf"^{indent}\S", lines[number])):
            result[number + 1] = f"{indent}/** {text} */ {lines[number + 1].lstrip()}"
        number += 1


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().split("\n")
    print("\n".join(documented(lines)), end="")


if __name__ == "__main__":
    main()
