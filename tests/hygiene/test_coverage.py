"""Proves that coverage.py counts lines as it says. Usage: test_coverage.py"""

import contextlib
import io
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import coverage  # noqa: E402

VIEW = coverage.ROOT / "include" / "lfnc" / "view.hpp"
# One header twice, as two programs saw it; and a file that is not counted.
TEXT = f"""SF:{VIEW}
DA:3,0
DA:4,0
DA:5,2
DA:9,0
end_of_record
SF:{coverage.ROOT}/tests/test_view.cpp
DA:1,0
end_of_record
SF:{VIEW}
DA:3,0
DA:5,0
DA:9,18446744073709551615
DA:10,0
end_of_record
"""


class Coverage(unittest.TestCase):
    def report(self, minimum):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            good = coverage.report(TEXT, minimum)
        return good, out.getvalue()

    def test_a_line_counts_once(self):
        _, text = self.report(0)
        self.assertRegex(text, r"lfnc/view.hpp +5 lines +40.0 %  3-4, 10\n")
        self.assertIn("lines: 40.0 % (2 of 5;", text)
        self.assertNotIn("test_view", text)

    def test_minimum(self):
        self.assertTrue(self.report(40)[0])
        self.assertFalse(self.report(40.1)[0])

    def test_nothing_known(self):
        with self.assertRaisesRegex(SystemExit, "no line of include/"):
            coverage.report("", 0)


if __name__ == "__main__":
    unittest.main()
