"""Proves that compare.py finds counts that moved. Usage: test_compare.py."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import compare


def quietly(figures, counts):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        wrong = compare.differences(figures, counts)
    return wrong, printed.getvalue()


class Compare(unittest.TestCase):
    def test_within_five_percent(self):
        figures = {("a", "avx2"): 1000, ("b", "avx2"): 1000}
        wrong, printed = quietly(figures, {("a", "avx2"): 1050, ("b", "avx2"): 950})
        self.assertEqual(wrong, [])
        self.assertIn("+5.0%", printed)

    def test_more_and_less_are_found(self):
        figures = {("a", "avx2"): 1000, ("b", "avx2"): 1000}
        wrong, _ = quietly(figures, {("a", "avx2"): 1051, ("b", "avx2"): 949})
        self.assertEqual(wrong, ["a avx2", "b avx2"])

    def test_kernels_without_partner_are_found(self):
        wrong, _ = quietly({("gone", "avx2"): 1}, {("new", "avx2"): 1})
        self.assertEqual(wrong, ["gone avx2", "new avx2"])

    def test_sets_that_the_cpu_lacks_are_passed_over(self):
        wrong, _ = quietly({("a", "avx2"): 1, ("a", "baseline"): 2}, {("a", "baseline"): 2})
        self.assertEqual(wrong, [])

    def test_figures_are_read_as_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.txt"
            counts = {("a", "avx2"): 7, ("b", "baseline"): 123456789}
            compare.write_figures(path, "GNU 12", counts)
            self.assertEqual(compare.read_figures(path), ("GNU 12", counts))

    def test_dumps(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "out").write_text("totals: 99\n")
            (root / "out.1").write_text("desc: Trigger: Client Request: pack\nevents: Ir\n"
                                        "summary: 5\n\ntotals: 5\n")
            (root / "out.2").write_text("desc: Trigger: Program termination\ntotals: 0\n")
            self.assertEqual(compare.read_dumps(root), {"pack": 5})


if __name__ == "__main__":
    unittest.main()
