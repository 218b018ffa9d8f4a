"""What a compiler says of a call that cannot work names what is wrong.

Usage: test_messages.py INCLUDE CXX.
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CXX = sys.argv.pop()
INCLUDE = sys.argv.pop()

UNIT = """
#include <lfnc/quantize.hpp>
void f(float* p, std::vector<lfnc::channel_moments>& seen) {
  lfnc::quantize_weights(lfnc::as_device_view(p, {2, 2}), lfnc::uniform(4));
  lfnc::accumulate_moments(lfnc::as_view(p, {4}), seen);
}
"""


class Messages(unittest.TestCase):
    def test_calls_that_cannot_work(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "unit.cpp"
            source.write_text(UNIT, encoding="utf-8")
            done = subprocess.run([CXX, "-std=c++20", "-fsyntax-only", f"-I{INCLUDE}", str(source)],
                                  capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("device memory needs a device's policy as the first argument", done.stderr)
        self.assertIn("channels(view, axis) says which", done.stderr)


if __name__ == "__main__":
    unittest.main()
