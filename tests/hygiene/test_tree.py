"""Proves that every check of tree.py finds what it is for, in a small tree made wrong on purpose."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tree  # noqa: E402

GOOD = {
    "README.md": "lfnc\n",
    "include/lfnc/config.hpp": "// lfnc floor 0: macros.\n#pragma once\n#define LFNC_X 1\n",
    "include/lfnc/exec/cpu.hpp":
        "// lfnc floor 2: backend.\n#pragma once\n#include <vector>\n#include \"../config.hpp\"\n",
    "include/lfnc/interop/eigen.hpp":
        "// lfnc floor 5: leaf.\n#pragma once\n#include <Eigen/Core>\n#include <lfnc/config.hpp>\n",
    "tests/CMakeLists.txt":
        "t(lfnc/config.cpp)\nt(lfnc/exec/cpu.cpp)\nt(lfnc/interop/eigen.cpp)\n",
    "tests/lfnc/config.cpp": "#include <lfnc/config.hpp>\n",
    "tests/lfnc/exec/cpu.cpp": "#include <lfnc/exec/cpu.hpp>\n",
    "tests/lfnc/interop/eigen.cpp": "#include <lfnc/interop/eigen.hpp>\n",
}


class Tree(unittest.TestCase):
    def findings(self, path=None, text=None, append=True):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            content = dict(GOOD)
            if path is not None:
                old = content.get(path) if append else None
                content[path] = text if old is None else old + text
            for name, value in content.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(value.encode() if isinstance(value, str) else value)
            return list(tree.check(root))

    def expect(self, part, path, text, append=True):
        found = self.findings(path, text, append)
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])

    config = "include/lfnc/config.hpp"

    def test_good_tree(self):
        self.assertEqual(self.findings(), [])

    def test_floor_line(self):
        self.expect("first line", self.config, "#pragma once\n", append=False)

    def test_arrow_up(self):
        self.expect("floor 0 includes exec/cpu.hpp of floor 2", self.config,
                    '#include "exec/cpu.hpp"\n')
        self.expect("floor 0 includes exec/cpu.hpp of floor 2", self.config,
                    "#if 0\n#  include <lfnc/exec/cpu.hpp>\n#endif\n")

    def test_arrow_to_nowhere(self):
        self.expect("not there", self.config, '#include "gone.hpp"\n')

    def test_leaf_is_included_by_nobody(self):
        self.expect("leaf", "include/lfnc/exec/cpu.hpp", "#include <lfnc/interop/eigen.hpp>\n")

    def test_core_reads_the_standard_library_only(self):
        self.expect("not the standard library", self.config, "#include <Eigen/Core>\n")
        self.expect("not the standard library", self.config, "#include <unistd.h>\n")

    def test_pragma_once(self):
        self.expect("pragma once", self.config, "// lfnc floor 0: macros.\n", append=False)

    def test_anonymous_namespace(self):
        self.expect("anonymous", self.config, "namespace {\n}\n")
        self.assertEqual(self.findings(self.config, "// namespace {\n"), [])

    def test_using_namespace(self):
        self.expect("using namespace", self.config, "using namespace std;\n")

    def test_macros(self):
        self.expect("does not start", self.config, "#define MAX 1\n")
        self.expect("leaks", "include/lfnc/exec/cpu.hpp", "#define LFNC_Y 1\n")
        self.assertEqual(
            self.findings("include/lfnc/exec/cpu.hpp", "#define LFNC_Y 1\n#undef LFNC_Y\n"), [])

    def test_header_without_test(self):
        self.expect("no tests/lfnc/view.cpp", "include/lfnc/view.hpp",
                    "// lfnc floor 0: views.\n#pragma once\n")

    def test_test_that_is_not_run(self):
        self.expect("does not build lfnc/extra.cpp", "tests/lfnc/extra.cpp", "\n")

    def test_test_of_something_else(self):
        self.expect("does not include", "tests/lfnc/config.cpp", "\n", append=False)

    def test_top_level(self):
        self.expect("top level", "notes.txt", "\n")

    def test_machine_path(self):
        self.expect("README.md:2: a path", "README.md", "see " + "/ho" + "me/someone/lfnc\n")
        self.expect("path of one machine", "bench/data.bin", b"\0\1" + b"/ro" + b"ot/x")
        self.assertEqual(self.findings("README.md", "cd ../work/lfnc; $x/root/y\n"), [])

    def test_unfinished_work(self):
        self.expect("README.md:2: unfinished", "README.md", "TO" + "DO: more\n")
        self.assertEqual(self.findings("README.md", "TO" + "DO(waits for C++23)\n"), [])


if __name__ == "__main__":
    unittest.main()
