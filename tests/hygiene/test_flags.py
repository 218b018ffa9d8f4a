"""Flags of a compiler: those that lfnc refuses, and those that the inline namespace tells apart.

Usage: test_flags.py INCLUDE CXX.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CXX = sys.argv.pop()
INCLUDE = sys.argv.pop()
CLANG = "clang" in subprocess.run([CXX, "--version"], capture_output=True, text=True,
                                  check=True).stdout

ADVICE = "from a source file of its own"
RELAXED = [
    "-ffast-math", "-Ofast", "-ffinite-math-only", "-funsafe-math-optimizations",
    "-fassociative-math -fno-signed-zeros -fno-trapping-math", "-freciprocal-math",
    "-fno-signed-zeros", "-ffast-math -fno-finite-math-only",
    "-ffast-math -fno-finite-math-only -fno-associative-math",
]
RELAXED += ["-fapprox-func", "-ffp-model=fast"] if CLANG else ["-fsingle-precision-constant"]
# They leave every result as it is.
HARMLESS = ["-fno-math-errno", "-fno-trapping-math", "-frounding-math", "-ffp-contract=fast",
            "-Ofast -fno-fast-math", "-ffast-math -fno-fast-math"]

# Instructions that no compiler uses unless it is asked to by name, and tuning.
ASIDE = re.compile(r"__(\w*_?tune_\w+|AES|VAES|PCLMUL|VPCLMULQDQ|SHA|SHA512|SM3|SM4|SGX|RDRND|RDSEED|"
                   r"RDPID|RDPRU|RDFSGSBASE|FSGSBASE|XSAVE\w*|FXSR|CLFLUSHOPT|CLWB|CLZERO|CLDEMOTE|"
                   r"MWAITX|WBNOINVD|PKU|PTWRITE|PCONFIG|INVPCID|ADX|PRFCHW|PREFETCH\w*|WAITPKG|"
                   r"SERIALIZE|TSXLDTRK|UINTR|HRESET|KL|WIDEKL|ENQCMD|MOVDIR\w+|SHSTK|CET|AMX\w*|"
                   r"AMX_\w+|RTM|HLE|LWP|3dNOW\w*|MMX\w*|CRC32|CMPCCXADD|RAOINT|AVXVNNIINT\w*|"
                   r"AVXNECONVERT|AVX512VP2INTERSECT|AVX5124\w+|USERMSR|EVEX\w*|corei7\w*|k8\w*|"
                   r"amdfam\w+|atom\w*|slm\w*|GCC_\w+|SSE\w*_MATH|GCC|BIGGEST_\w+|FP_FAST_\w+|"
                   r"btver\d|bdver\d|znver\d|core2?|nocona|nano\w*|goldmont\w*|tremont|haswell|"
                   r"skylake\w*|knl|knm|cannonlake|icelake\w*|cascadelake|tigerlake|cooperlake|"
                   r"sapphirerapids|alderlake|rocketlake|sierraforest|grandridge|graniterapids\w*|"
                   r"meteorlake|arrowlake\w*|lujiazui|x86_64\w*|core_avx\w*|silvermont|emeraldrapids|"
                   r"raptorlake|bonnell|nehalem|westmere|sandybridge|ivybridge|broadwell|"
                   r"LAHF_SAHF|CONSTANT_CFSTRINGS)(__)?$|^__(FLT|BFLT|SIZEOF)")


class Flags(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = pathlib.Path(folder.name) / "unit.cpp"

    def messages(self, header, *flags):
        self.source.write_text(f"#include <lfnc/{header}>\nint main() {{ return 0; }}\n",
                               encoding="utf-8")
        done = subprocess.run([CXX, "-std=c++20", "-O2", *flags, "-I", INCLUDE, "-fsyntax-only",
                               str(self.source)], capture_output=True, text=True, check=False)
        return done.stderr if done.returncode != 0 else ""

    def test_flags_that_relax_arithmetic(self):
        for flags in RELAXED:
            with self.subTest(flags):
                found = self.messages("config.hpp", *flags.split())
                # clang shows the line that its own message is about.
                self.assertRegex(found, f"error: (.*\n)?.*{ADVICE}")

    def test_flags_that_change_nothing(self):
        for flags in HARMLESS:
            with self.subTest(flags):
                self.assertEqual("", self.messages("config.hpp", *flags.split()))

    def test_older_language(self):
        first = self.messages("quantize.hpp", "-std=c++17").splitlines()
        errors = [line for line in first if "error:" in line]
        self.assertIn("lfnc needs C++20", errors[0])
        # And the file that is not there, so that nothing else is said.
        self.assertEqual(len(errors), 2, errors)

    def preprocessed(self, *flags):
        text = '#include <lfnc/config.hpp>\n#define TEXT(x) #x\n#define OF(x) TEXT(x)\n' \
               'name OF(LFNC_ABI)\n'
        out = subprocess.run([CXX, "-std=c++20", *flags, "-I", INCLUDE, "-x", "c++", "-E", "-dD",
                              "-"], input=text, capture_output=True, text=True, check=False)
        if out.returncode != 0:
            return None, None
        ones = {m for m in re.findall(r"^#define (\w+) 1$", out.stdout, re.M)
                if not m.startswith("LFNC") and m.startswith("__")}
        return re.search(r'^name "(\w+)"', out.stdout, re.M).group(1), ones

    def test_inline_namespace(self):
        plain, _ = self.preprocessed()
        names = {plain}
        for flags in ("-fno-exceptions", "-fopenmp", "-march=x86-64-v2", "-march=x86-64-v3",
                      "-march=x86-64-v4", "-mfma", "-mavx2", "-mpopcnt", "-fsanitize=address",
                      "-fopenmp -fno-exceptions"):
            name, _ = self.preprocessed(*flags.split())
            with self.subTest(flags):
                if name is not None:
                    self.assertNotIn(name, names)
                    names.add(name)

    def test_inline_namespace_of_every_processor(self):
        """Processors whose instructions differ have names that differ."""
        asked = subprocess.run([CXX, "-march=none-of-these", "-x", "c++", "-fsyntax-only",
                                "/dev/null"], capture_output=True, text=True, check=False).stderr
        known = re.findall(r"[\w.+-]+", asked.split("are:")[-1]) if "are:" in asked else []
        known = [word.rstrip(",;") for word in known if word not in ("native", "did", "you", "mean")]
        seen = {}
        for processor in known or ["x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "haswell",
                                   "znver1", "znver3", "skylake-avx512", "sapphirerapids"]:
            name, ones = self.preprocessed(f"-march={processor}")
            if name is None:
                continue
            relevant = frozenset(m for m in ones if not ASIDE.search(m))
            other = seen.setdefault(name, (processor, relevant))
            with self.subTest(processor):
                self.assertEqual(sorted(relevant ^ other[1]), [],
                                 f"{processor} and {other[0]} are both {name}")
        self.assertGreater(len(seen), 3)


if __name__ == "__main__":
    unittest.main()
