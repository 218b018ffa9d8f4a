"""Proves that readme.py finds what does not compile. Usage: test_readme.py CXX."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import readme  # noqa: E402

CXX = sys.argv.pop()


class Readme(unittest.TestCase):
    def expect(self, good, part, text, name="README.md"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                self.assertEqual(readme.compile_blocks(pathlib.Path(folder), CXX), good)
            self.assertIn(part, out.getvalue())

    def test_statements_and_what_is_given(self):
        self.expect(True, "2 blocks compile",
                    "<!-- given:\n#include <string>\nstd::string s;\n-->\n\n```cpp\ns += 'x';\n```\n"
                    "and\n\n```cpp\n#include <cmath>\n\nauto y = std::sqrt(2.0);\n```\n")

    def test_definitions(self):
        self.expect(True, "1 blocks compile",
                    "```cpp\nstruct mine {\n  template <class T>\n  void f(T) {}\n};\n```\n")

    def test_name_that_is_not_there(self):
        self.expect(False, "FAILED", "```cpp\nauto y = weights;\n```\n")

    def test_what_another_block_declares(self):
        self.expect(False, "FAILED", "```cpp\nint x = 1;\n```\n\n```cpp\n++x;\n```\n")

    def test_folders_below(self):
        self.expect(False, "FAILED", "```cpp\nauto y = weights;\n```\n", "examples/a/README.md")

    def test_left_out(self):
        self.expect(True, "README.md:4: not compiled: needs nvcc",
                    "<!-- not compiled: needs nvcc -->\n\n```cpp\nkernel<<<1, 1>>>();\n```\n")

    def test_shown_file(self):
        self.expect(True, "0 blocks compile", "`examples/a.cpp`:\n\n```cpp\nauto y = weights;\n```\n")


if __name__ == "__main__":
    unittest.main()
