"""Proves that table.py finds medians, the fastest limit and ratios, and draws them.

Usage: test_table.py.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

TABLE = pathlib.Path(__file__).parent / "table.py"
CONTEXT = {"date": "2024-05-06T07:08:09+00:00", "compiler": "g++ 0", "flags": "-O2",
           "limits": "AVX2", "peers": "Eigen 0"}


def entries(name, unit, values):
    return [{"name": name, "run_name": name, "run_type": "iteration", unit: value, "cpu_time": 1.0}
            for value in values]


class Table(unittest.TestCase):
    def run_on(self, benchmarks, *others, context=CONTEXT, machine="m"):
        """`others`: (context, benchmarks) of further programs."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            files = []
            for where, what in [(context, benchmarks), *others]:
                files.append(root / f"{len(files)}.json")
                files[-1].write_text(json.dumps({"context": where, "benchmarks": what}))
            done = subprocess.run(
                [sys.executable, "-B", TABLE, "--commit", "c0ffee", "--load", "3", "--machine",
                 "" if "device" in context else machine, "--results", root / "results", *files],
                capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return done.stderr, None, None
            stem = root / "results" / f"2024-05-06-{machine}"
            again = subprocess.run([sys.executable, "-B", TABLE, "--show", f"{stem}.json"],
                                   capture_output=True, text=True, check=True).stdout
            written = pathlib.Path(f"{stem}.txt").read_text()
            self.drawn = xml.etree.ElementTree.parse(f"{stem}.svg").getroot()
            self.assertEqual(again, written)
            return done.stdout, written, json.loads(pathlib.Path(f"{stem}.json").read_text())

    def test_rates(self):
        _, text, data = self.run_on(
            entries("moments/1x2/lfnc", "bytes", [2e9, 9e9, 1e9]) +
            entries("moments/1x2/limit:slow", "bytes", [3e9]) +
            entries("moments/1x2/limit:fast", "bytes", [8e9]) +
            entries("moments/1x2/peer:Eigen", "bytes", [4e9]))
        row = text.splitlines()[-1].split()
        self.assertEqual(row, ["moments/1x2", "2.00", "GB/s", "400%", "8.00", "GB/s", "0%", "fast",
                               "0.25", "Eigen", "4.00", "GB/s", "(0.50)"])
        self.assertEqual(data["commit"], "c0ffee")
        self.assertIn("other programs used the machine", text)

    def test_times_are_less_when_faster(self):
        _, text, _ = self.run_on(entries("pack/a/b/lfnc", "code", [4e-9]) +
                                 entries("pack/a/b/limit:slow", "code", [2e-9]) +
                                 entries("pack/a/b/limit:memcpy", "code", [1e-9]))
        row = text.splitlines()[-1].split()
        self.assertEqual(row, ["pack/a/b", "4", "ns", "0%", "1", "ns", "0%", "memcpy", "0.25"])

    def test_a_device_and_what_others_measured_on_it(self):
        device = {**CONTEXT, "device": "GPU X 1", "device_clock": "7 MHz", "peers": "CUB 0"}
        torch = {**device, "peers": "PyTorch 0"}
        taken = [{**entry, "ms": 0.25}
                 for entry in entries("quantize_weights/a/lfnc/manual_time", "weight", [4e-9])]
        _, text, data = self.run_on(
            taken + entries("quantize_weights/a/limit:CUB sum/manual_time", "weight", [1e-9]),
            (torch, entries("quantize_weights/a/peer:PyTorch", "weight", [8e-9])),
            context=device, machine="gpu-x-1")
        lines = text.splitlines()
        self.assertEqual(lines[-1].split(),
                         ["quantize_weights/a", "0.25", "ms", "0%", "1", "ns", "0%", "CUB", "sum",
                          "0.25", "PyTorch", "8", "ns", "(2.00)"])
        self.assertEqual(lines[1], "device    GPU X 1, 7 MHz")
        self.assertIn("by CUDA events", text)
        self.assertNotIn("one thread", text)
        self.assertEqual(data["peers"], "CUB 0, PyTorch 0")

    def bars(self):
        return [float(e.get("width")) for e in self.drawn.iter() if e.get("class") == "bar"]

    def words(self):
        return [e.text for e in self.drawn.iter() if e.tag.endswith("}text")]

    def test_two_threads_are_compared_with_one(self):
        _, text, _ = self.run_on(
            entries("moments/a/2_threads/lfnc/real_time", "bytes", [19e9]) +
            entries("moments/a/2_threads/limit:one_thread/real_time", "bytes", [10e9]))
        self.assertEqual(text.splitlines()[-1].split(),
                         ["moments/a/2_threads", "19.00", "GB/s", "0%", "10.00", "GB/s", "0%",
                          "one_thread", "1.9"])
        self.assertIn("two threads", self.words())

    def test_what_another_process_measured(self):
        python = {**CONTEXT, "peers": "NumPy 0"}
        _, text, data = self.run_on(
            entries("moments/a/lfnc", "bytes", [8e9]) +
            entries("moments/a/limit:sum", "bytes", [9e9]),
            (python, entries("moments/a/python:NumPy var", "bytes", [1e9]) +
             entries("moments/a/python-limit:NumPy sum", "bytes", [4e9]) +
             entries("moments/a/python-limit:PyTorch sum", "bytes", [5e9])))
        self.assertEqual(text.splitlines()[-1].split(),
                         ["moments/a", "1.00", "GB/s", "0%", "4.00", "GB/s", "0%", "NumPy", "sum",
                          "0.25", "NumPy", "var", "(8.00)"])
        self.assertEqual(data["peers"], "Eigen 0, NumPy 0")

    def test_chart(self):
        self.run_on(entries("pack/a/lfnc", "code", [4e-9]) +
                    entries("pack/a/limit:memcpy", "code", [1e-9]) +
                    entries("pack/b/lfnc", "code", [2e-9]) +
                    entries("pack/b/limit:memcpy", "code", [1e-9]) +
                    entries("pack/b/peer:X & Y", "code", [3e-9]))
        a, b = self.bars()
        self.assertAlmostEqual(b / a, 2, places=2)
        self.assertTrue({"pack", "a", "b", "0.25", "0.5", "4 ns"} <= set(self.words()))
        self.assertEqual(sum(e.get("class") == "peer" for e in self.drawn.iter()), 1)

    def test_errors_end_it(self):
        message, text, _ = self.run_on([{"name": "pack/lfnc", "error_occurred": True,
                                         "error_message": "no memory"}])
        self.assertIsNone(text)
        self.assertIn("pack/lfnc: no memory", message)


if __name__ == "__main__":
    unittest.main()
