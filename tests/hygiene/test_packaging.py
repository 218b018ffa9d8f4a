"""What can be said of the package files without the package managers. Usage: test_packaging.py ROOT.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import re
import shutil
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = pathlib.Path(sys.argv.pop()).resolve()
PACKAGING = ROOT / "cmake" / "packaging"
HEADERS = {p.relative_to(ROOT).as_posix() for p in (ROOT / "include").rglob("*.hpp")}


def load(path):
    """The Python file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def version():
    text = (ROOT / "include/lfnc/config.hpp").read_text(encoding="utf-8")
    return ".".join(re.findall(r"^#define LFNC_VERSION_[A-Z]+ (\d+)$", text, re.MULTILINE))


class Amalgamate(unittest.TestCase):
    def setUp(self):
        self.script = load(PACKAGING / "amalgamate.py")

    def made_of(self, *roots, **headers):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder) / "include" / "lfnc"
            for name, text in headers.items():
                path = base / (name.replace("__", "/") + ".hpp")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("// lfnc floor 0\n#pragma once\n" + text)
            (pathlib.Path(folder) / "LICENSE").write_text("Take it.\n\nIt is yours.\n")
            return self.script.amalgamate(pathlib.Path(folder), roots)

    def test_each_header_once_after_what_it_includes(self):
        text = self.made_of("top.hpp", top='#include "b.hpp"\n#include "exec/a.hpp"\nint top;\n',
                            b='#include "exec/a.hpp"\nint b;\n',
                            exec__a='#include "../c.hpp"\nint a;\n', c="int c;\n", unused="int u;\n")
        self.assertEqual(re.findall(r"^int (\w+);$", text, re.MULTILINE), ["c", "a", "b", "top"])
        self.assertEqual(re.findall(r"^#include.*$", text, re.MULTILINE), [])
        self.assertEqual(text.count("#pragma once"), 1)

    def test_standard_headers_go_to_the_top(self):
        text = self.made_of("a.hpp", a='#include <vector>\n#include "b.hpp"\nint a;\n',
                            b="#include <array>\n#include <vector>\nint b;\n")
        self.assertRegex(text, r"#include <array>\n#include <vector>\n(?s:.*)int b;(?s:.*)int a;")
        self.assertEqual(text.count("#include"), 2)

    def test_conditional_includes_stay(self):
        text = self.made_of("a.hpp", a="#if defined(X)\n#include <omp.h>\n#endif\nint a;\n")
        self.assertIn("#if defined(X)\n#include <omp.h>\n#endif\n", text)

    def test_header_of_ours_under_a_condition(self):
        condition = '#if X\n#include "b.hpp"\n#endif\n'
        with self.assertRaisesRegex(SystemExit, "a.hpp:4: includes b.hpp under a condition"):
            self.made_of("a.hpp", a=condition, b="int b;\n")
        text = self.made_of("a.hpp", a='#include "b.hpp"\n' + condition, b="int b;\n")
        self.assertEqual(text.count("int b;"), 1)

    def test_header_that_is_not_there(self):
        with self.assertRaisesRegex(SystemExit, "none.hpp is not there"):
            self.made_of("none.hpp")

    def test_licence(self):
        text = self.made_of("a.hpp", a="int a;\n")
        self.assertIn("// Take it.\n//\n// It is yours.\n#pragma once\n", text)

    def test_this_library(self):
        output = io.StringIO()
        with mock.patch.object(sys, "argv", ["amalgamate.py", "-"]), \
                contextlib.redirect_stdout(output):
            self.script.main()
        text = output.getvalue()
        self.assertEqual(text, self.script.amalgamate(ROOT, [
            h for h in self.script.FRONT_DOORS if f"include/lfnc/{h}" in HEADERS]))
        self.assertNotIn('#include "', text)
        for define in ("LFNC_VERSION_MAJOR", "LFNC_INLINE inline\n#"):
            self.assertEqual(text.count(f"#define {define}"), 1)


class Vcpkg(unittest.TestCase):
    def test_version(self):
        port = json.loads((PACKAGING / "vcpkg/lfnc/vcpkg.json").read_text(encoding="utf-8"))
        self.assertEqual((port["name"], port["version"]), ("lfnc", version()))


class Settings(dict):
    get_safe = dict.get


class Recipe:
    """What Conan's class gives a recipe, as far as this one asks."""

    def __init__(self, folder):
        self.recipe_folder = str(PACKAGING / "conan")
        self.export_sources_folder = self.source_folder = str(folder / "source")
        self.package_folder = str(folder / "package")
        self.settings = Settings(os="Linux")
        self.info = mock.Mock()
        self.cpp_info = mock.Mock()


def copy(_, pattern, src, dst):
    for path in pathlib.Path(src).rglob("*"):
        name = path.relative_to(src)
        # Conan's star stands for folders as well.
        if path.is_file() and re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), str(name)):
            target = pathlib.Path(dst) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


class Conan(unittest.TestCase):
    def setUp(self):
        modules = {name: types.ModuleType(name) for name in (
            "conan", "conan.tools", "conan.tools.build", "conan.tools.cmake", "conan.tools.files",
            "conan.tools.layout")}
        modules["conan"].ConanFile = Recipe
        modules["conan.tools.files"].copy = copy
        for module, names in (("build", ("can_run", "check_min_cppstd")), ("layout", ("basic_layout",)),
                              ("cmake", ("CMake", "cmake_layout"))):
            for name in names:
                setattr(modules[f"conan.tools.{module}"], name, mock.Mock())
        patch = mock.patch.dict(sys.modules, modules)
        patch.start()
        self.addCleanup(patch.stop)

    def test_what_is_packaged(self):
        with tempfile.TemporaryDirectory() as folder:
            recipe = load(PACKAGING / "conan" / "conanfile.py").Lfnc(pathlib.Path(folder))
            recipe.set_version()
            self.assertEqual(recipe.version, version())
            recipe.export_sources()
            recipe.layout()
            recipe.package()
            recipe.package_id()
            recipe.package_info()
            package = pathlib.Path(folder) / "package"
            found = {p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file()}
            self.assertEqual(found, HEADERS | {"licenses/LICENSE", "cmake/lfnc-cuda.cmake"})
            self.assertEqual(recipe.cpp_info.system_libs, ["pthread"])

    def test_its_test_package_loads(self):
        self.assertTrue(load(PACKAGING / "conan/test_package/conanfile.py").Consumer.generators)


if __name__ == "__main__":
    unittest.main()
