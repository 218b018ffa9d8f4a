"""Proves that compile.py rejects headers made wrong on purpose. Usage: test_compile.py CXX."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import compile as hygiene  # noqa: E402

CXX = sys.argv.pop()


class Compile(unittest.TestCase):
    def run_on(self, **headers):
        with tempfile.TemporaryDirectory() as folder:
            include = pathlib.Path(folder).resolve()
            (include / "lfnc" / "interop").mkdir(parents=True)
            scratch = include / "scratch"
            scratch.mkdir()
            names = []
            for name, text in headers.items():
                names.append(name.replace("__", "/") + ".hpp")
                (include / "lfnc" / names[-1]).write_text("#pragma once\n" + text)
            compiler = hygiene.Compiler(CXX, include, [], scratch)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                good = hygiene.check(compiler, names, 2)
            return good, out.getvalue()

    def expect(self, wanted_good, part, **headers):
        good, text = self.run_on(**headers)
        self.assertEqual(good, wanted_good, text)
        self.assertIn(part, text)

    def test_good_header(self):
        self.expect(True, "ok: two units", view="inline int f(int x) { return x; }\n")

    def test_header_that_needs_another_first(self):
        self.expect(False, "FAILED: lfnc/view.hpp", view="inline std::size_t f() { return 0; }\n")

    def test_warning(self):
        self.expect(False, "FAILED: lfnc/view.hpp", view="inline char f(int x) { return x; }\n")

    def test_exceptions(self):
        self.expect(False, "FAILED: lfnc/view.hpp without", view="inline void f() { throw 1; }\n")

    def test_exceptions_in_a_header_that_another_includes(self):
        self.expect(False, "FAILED: lfnc/view.hpp without", view='#include "error.hpp"\n',
                    error="inline void f() { throw 1; }\n")

    def test_function_that_is_not_inline(self):
        self.expect(False, "FAILED: two units", view="int f(int x);\nint f(int x) { return x; }\n")

    def test_headers_that_clash(self):
        self.expect(False, "FAILED: two units", a="inline int f() { return 1; }\n",
                    b="inline int f() { return 2; }\n")

    def test_leaf_whose_library_is_missing(self):
        self.expect(True, "skipped: lfnc/interop/x.hpp", interop__x="#include <no_such/library.h>\n")

    def test_leaf_that_is_wrong_itself(self):
        self.expect(False, "FAILED: lfnc/interop/x.hpp", interop__x="inline int f() { return y; }\n")

    def test_leaf_that_misses_a_header_of_ours(self):
        self.expect(False, "FAILED: lfnc/interop/x.hpp", interop__x="#include <lfnc/gone.hpp>\n")


if __name__ == "__main__":
    unittest.main()
