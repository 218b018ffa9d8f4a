"""One program of units that are compiled differently: each keeps its own functions.

Usage: test_abi.py INCLUDE CXX.
"""

import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import unittest

CXX = sys.argv.pop()
INCLUDE = sys.argv.pop()

# Uses much of the library, with and without exceptions. What it does is checked by main.
UNIT = """
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <lfnc/quantize.hpp>

double NAME(const std::vector<float>& w, lfnc::channel_moments& moments,
            lfnc::activation_histogram& seen) {
  const auto view = lfnc::as_view(w.data(), {4, 1, 60});
  const auto q = lfnc::quantize_weights(lfnc::channels(view, 0), lfnc::uniform(4));
  double sum = 0;
  for (const auto& row : q.rows) sum += row.alpha;
  for (const auto code : q.codes) sum += code;
  std::vector<lfnc::channel_moments> each(4);
  lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(view, 0), each);
  for (const auto& channel : each) moments.merge(channel);
  sum += moments.mean() + moments.variance();
  lfnc::accumulate_histogram(lfnc::cpu{}, view, seen);
  sum += static_cast<double>(seen.total()) + (seen == seen ? 1 : 0);
  sum += lfnc::calibrate(seen, 0, 255);
  lfnc::float16 half(0.5F);
  sum += static_cast<float>(half);
  lfnc::exact_sum exact;
  exact.add(w.front());
  sum += exact.value();
  return sum;
}

int NAME_refused() {
#if LFNC_EXCEPTIONS
  try {
    (void)lfnc::as_view(static_cast<float*>(nullptr), {2, 2});
  } catch (const lfnc::argument_error& problem) {
    return problem.argument() == "view" ? 1 : 0;
  }
  return 0;
#else
  (void)lfnc::as_view(static_cast<float*>(nullptr), {2, 2});
  return 0;
#endif
}
"""

MAIN = """
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <lfnc/quantize.hpp>

double first(const std::vector<float>&, lfnc::channel_moments&, lfnc::activation_histogram&);
double second(const std::vector<float>&, lfnc::channel_moments&, lfnc::activation_histogram&);
int first_refused();
int second_refused();

int main() {
  std::vector<float> w(240);
  for (int k = 0; k < 240; ++k) w[static_cast<unsigned>(k)] = static_cast<float>(k * 37 % 101 - 50);
  double result[2];
  int number = 0;
  for (auto* run : {first, second}) {
    lfnc::channel_moments moments;
    lfnc::activation_histogram seen;
    result[number++] = run(w, moments, seen);
  }
  if (result[0] < result[1] || result[0] > result[1]) return 2;
  if (first_refused() != 1) return 3;
  // The one without exceptions, or else nothing, ends in the handler.
  lfnc::set_error_handler([](const char*) { std::_Exit(0); });
  return second_refused() == 1 ? 0 : 4;
}
"""

# What may be shared: data, what tells types apart, and destructors that free memory. (Reports, which
# are not seen here, share what the compiler makes of their strings and lists, as std::vector does.)
SHARED = re.compile(
    r"(vtable|typeinfo|typeinfo name) for lfnc::\w+|"
    r"lfnc::(error|argument_error|overflow_error|layer_error|cancelled)::~\w+\(\)|"
    r"lfnc::(error_hook::current|most_allowed_instruction_set|lane_block)|"
    r"lfnc::weight_quantization<.*>::~\w+\(\)")
OURS = re.compile(r"_Z(T[VIST]|G[VR]|Z)?N?K?(NK?)?4lfnc")
VECTORS = re.compile(r"\bv[a-z]+\S* .*%[xyz]mm|%[yz]mm")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Abi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.built = {}

    def unit(self, name, text, flags):
        key = (name, flags)
        if key not in self.built:
            stem = f"{name}_{len(self.built)}"
            source = self.folder / f"{stem}.cpp"
            source.write_text(text.replace("NAME", name), encoding="utf-8")
            self.built[key] = str(self.folder / f"{stem}.o")
            done = run(CXX, "-std=c++20", "-O1", *flags.split(), "-I", INCLUDE, "-c", str(source),
                       "-o", self.built[key])
            self.assertEqual(done.returncode, 0, done.stderr)
        return self.built[key]

    def weak(self, unit):
        """Functions of ours that the linker takes from any unit."""
        lines = run("nm", unit).stdout.splitlines()
        return {line.split()[-1] for line in lines
                if re.search(r" [WVu] ", line) and OURS.match(line.split()[-1])}

    def check(self, flags, runs=True):
        plain = self.unit("first", UNIT, "")
        other = self.unit("second", UNIT, flags)
        main = self.unit("main", MAIN, "")
        shared = sorted(self.weak(plain) & self.weak(other))
        named = run("c++filt", *shared).stdout.splitlines() if shared else []
        self.assertEqual([name for name in named if not SHARED.fullmatch(name)], [])
        self.assertTrue([name for name in named if name.startswith("vtable")], "types are shared")
        for symbol in shared:
            code = run("objdump", "-d", "--no-show-raw-insn", f"--disassemble={symbol}", other)
            self.assertIsNone(VECTORS.search(code.stdout), symbol)
        program = str(self.folder / "program")
        for units in ([main, plain, other], [other, plain, main]):
            link = ["-fopenmp"] if "-fopenmp" in flags else []
            done = run(CXX, *units, *link, "-pthread", "-o", program)
            self.assertEqual(done.returncode, 0, done.stderr)
            if runs:
                self.assertEqual(run(program).returncode, 0)

    def test_without_exceptions(self):
        self.check("-fno-exceptions")

    def test_with_openmp(self):
        if run(CXX, "-fopenmp", "-x", "c++", "/dev/null", "-fsyntax-only").returncode != 0:
            self.skipTest("this compiler has no OpenMP")
        self.check("-fopenmp")

    def test_other_instructions(self):
        if platform.machine() != "x86_64":
            self.skipTest("these are flags for x86")
        here = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        self.check("-O2 -march=x86-64-v3", runs=" avx2 " in here)


if __name__ == "__main__":
    unittest.main()
