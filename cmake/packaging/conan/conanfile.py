"""Conan 2: conan create cmake/packaging/conan, in a checkout of lfnc."""

import pathlib
import re

from conan import ConanFile
from conan.tools.files import copy
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class Lfnc(ConanFile):
    name = "lfnc"
    description = "Label-free network compression: a header-only C++20 library"
    license = "BSD-2-Clause"
    topics = ("quantization", "neural-networks", "compression", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def checkout(self):
        return pathlib.Path(self.recipe_folder).parents[2]

    def set_version(self):
        # It stands once, in the header that programs see.
        config = (self.checkout() / "include/lfnc/config.hpp").read_text(encoding="utf-8")
        parts = re.findall(r"^#define LFNC_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", config, re.M)
        self.version = ".".join(parts)

    def export_sources(self):
        for pattern in ("LICENSE", "include/*.hpp", "cmake/lfnc-cuda.cmake"):
            copy(self, pattern, src=str(self.checkout()), dst=self.export_sources_folder)

    def layout(self):
        basic_layout(self)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=f"{self.package_folder}/licenses")
        for pattern in ("include/*.hpp", "cmake/*.cmake"):
            copy(self, pattern, src=self.source_folder, dst=self.package_folder)

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "lfnc")
        self.cpp_info.set_property("cmake_target_name", "lfnc::lfnc")
        # lfnc::cuda, where there is a CUDA toolkit.
        self.cpp_info.set_property("cmake_build_modules", ["cmake/lfnc-cuda.cmake"])
        self.cpp_info.set_property("pkg_config_name", "lfnc")
        if self.settings.get_safe("os") in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
