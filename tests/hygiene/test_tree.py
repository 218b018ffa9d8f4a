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
    "include/lfnc/detail/sum.hpp":
        "// lfnc floor 1: sum.\n#pragma once\nnamespace lfnc {\ninline namespace LFNC_ABI {\n"
        "namespace detail {\nstruct sum { int a; };\nint of(sum x) { return x.a; }\n}\n}\n}\n",
    "include/lfnc/quantize.hpp":
        "// lfnc floor 5: the front door.\n//\n//   macros   all there are   config\n"
        "//   cpu      a backend       exec/cpu, interop/eigen\n#pragma once\n",
    "examples/demo.cpp": "#include <lfnc/quantize.hpp>\n",
    "tests/CMakeLists.txt":
        "t(lfnc/config.cpp)\nt(lfnc/exec/cpu.cpp)\nt(lfnc/interop/eigen.cpp)\n"
        "t(lfnc/detail/sum.cpp)\nt(lfnc/quantize.cpp)\n",
    "tests/lfnc/config.cpp": "#include <lfnc/config.hpp>\n",
    "tests/lfnc/detail/sum.cpp": "#include <lfnc/detail/sum.hpp>\n",
    "tests/lfnc/quantize.cpp": "#include <lfnc/quantize.hpp>\n",
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

    def findings_with(self, files, built):
        before = dict(GOOD)
        GOOD.update(files, **{"tests/CMakeLists.txt": GOOD["tests/CMakeLists.txt"] + built})
        try:
            return self.findings()
        finally:
            GOOD.clear()
            GOOD.update(before)

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
        self.expect("not the standard library", self.config, "#include <sys/stat.h>\n")

    def test_pragma_once(self):
        self.expect("pragma once", self.config, "// lfnc floor 0: macros.\n", append=False)

    def test_only_headers_and_their_map(self):
        self.assertEqual(self.findings("include/lfnc/README.md", "what is where\n"), [])
        self.expect("not a .hpp file", "include/lfnc/fit/README.md",
                    "// lfnc floor 3: fit.\n#pragma once\n")

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
        self.expect("no tests/lfnc/detail/view.cpp", "include/lfnc/detail/view.hpp",
                    "// lfnc floor 0: views.\n#pragma once\n")

    def test_public_headers_are_listed(self):
        new = {"include/lfnc/new.hpp": "// lfnc floor 0: new.\n#pragma once\n",
               "tests/lfnc/new.cpp": "#include <lfnc/new.hpp>\n"}
        found = self.findings_with(new, "t(lfnc/new.cpp)\n")
        self.assertEqual(len(found), 1, found)
        self.assertIn("the list of tree.py does not have it", found[0])
        view = {"include/lfnc/view.hpp": "// lfnc floor 0: view.\n#pragma once\n",
                "tests/lfnc/view.cpp": "#include <lfnc/view.hpp>\n"}
        found = self.findings_with(view, "t(lfnc/view.cpp)\n")
        self.assertEqual(len(found), 1, found)
        self.assertIn("does not list view, which is public", found[0])
        self.expect("lists nothing, which is no public header", "include/lfnc/quantize.hpp",
                    GOOD["include/lfnc/quantize.hpp"].replace("   config", "   config, nothing"),
                    append=False)

    def test_internal_names_are_in_detail(self):
        internal = "include/lfnc/detail/sum.hpp"
        expected = "declares outside detail"
        for declared in ("namespace lfnc {\nstruct sum {};\n}\n",
                         "namespace lfnc {\ninline namespace LFNC_ABI {\nint of(int);\n}\n}\n",
                         "namespace lfnc { template <class T> using same = T; }\n",
                         "namespace lfnc { using detail::sum; }\n",
                         "namespace lfnc { namespace detail { char c = '{'; } int of(int x) "
                         "{ return x; } }\n",
                         "extern int global;\n"):
            self.expect(expected, internal, declared)
        self.assertEqual(self.findings(
            internal, "// namespace lfnc { int x; }\n#if 1\n#define LFNC_Z { \\\n {\n"
            "#undef LFNC_Z\n#endif\nnamespace lfnc::detail { inline char c = '{'; }\n"), [])

    def test_the_adapter_to_copy_from_is_small(self):
        adapter = "examples/own_engine/adapter.hpp"
        self.assertEqual(self.findings(adapter, "\n" * 60), [])
        self.expect("61 lines, where 60 are promised", adapter, "\n" * 61)

    def test_leaves_and_examples_include_public_headers(self):
        self.expect("includes detail/sum.hpp, which is internal",
                    "include/lfnc/interop/eigen.hpp", "#include <lfnc/detail/sum.hpp>\n")
        self.expect("includes lfnc/detail/sum.hpp, which is internal",
                    "examples/demo.cpp", "#include <lfnc/detail/sum.hpp>\n")

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
