#!/usr/bin/env python3
"""Prints what it costs to compile with lfnc: user seconds of CXX -O2, and object code.

Usage: compile_cost.py CXX ROOT [--rounds N] [--beside ROOT_OF_ANOTHER_COMMIT]

ROOT is a checkout. Measured are the include, one call of a verb, and two examples, beside an empty
file and beside OpenCV's core with one call where its headers are there. With --beside the same of
another checkout in the same run, and how many times as long it takes. Rounds are interleaved and the
median counts. Nothing fails here but the compiler: a time is no property of the source alone.
"""

import argparse
import pathlib
import resource
import statistics
import subprocess
import tempfile

EMPTY = "int main() { return 0; }\n"
OPENCV = "#include <opencv2/core.hpp>\ncv::Mat copy(const cv::Mat& a) { return a.clone(); }\n"
INCLUDE = "#include <lfnc/quantize.hpp>\n"
WEIGHTS = INCLUDE + """\
lfnc::weight_quantization<std::int8_t> codes(const float* w) {
  return lfnc::quantize_weights(lfnc::channels(lfnc::as_view(w, {64, 576}), 0), lfnc::uniform(4));
}
"""
MOMENTS = INCLUDE + """\
void add(const float* x, std::vector<lfnc::channel_moments>& seen) {
  lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(lfnc::as_view(x, {8, 64, 28, 28}), 1), seen);
}
"""
SOURCES = {
    "#include <lfnc/quantize.hpp>": INCLUDE,
    "one quantize_weights": WEIGHTS,
    "one accumulate_moments": MOMENTS,
    "examples/quickstart": "examples/quickstart/main.cpp",
    "examples/own_engine": "examples/own_engine/main.cpp",
}


def user_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


class Job:
    """One source of one checkout."""

    def __init__(self, compiler, folder, name, root, source):
        self.name = name
        self.seconds = []
        self.object = folder / f"{abs(hash((name, str(root))))}.o"
        path = folder / f"{self.object.stem}.cpp"
        if source.startswith("examples/"):
            path = root / source
        else:
            path.write_text(source, encoding="utf-8")
        self.command = [compiler, "-std=c++20", "-O2", "-w", "-I", str(root / "include"), "-isystem",
                        "/usr/include/opencv4", "-c", str(path), "-o", str(self.object)]

    def run(self):
        self.seconds.append(user_seconds(self.command))

    def median(self):
        return statistics.median(self.seconds)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("compiler")
    arguments.add_argument("root", type=pathlib.Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--beside", type=pathlib.Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def job(title, root, source):
            return Job(given.compiler, folder, title, root.resolve(), source)

        frame = [job("an empty file", given.root, EMPTY)]
        if pathlib.Path("/usr/include/opencv4/opencv2/core.hpp").is_file():
            frame.append(job("#include <opencv2/core.hpp>, one call", given.root, OPENCV))
        own = [job(title, given.root, source) for title, source in SOURCES.items()]
        other = []
        if given.beside:
            other = [job(title, given.beside, source) for title, source in SOURCES.items()]
        for _ in range(given.rounds):
            for each in frame + own + other:
                each.run()
        for each in frame + own:
            size = each.object.stat().st_size / 1000
            print(f"measured: {each.name}: {each.median():.2f} s, {size:.0f} kB")
        for mine, before in zip(own, other):
            print(f"measured: beside {given.beside.name}: {before.name}: {before.median():.2f} s, "
                  f"{before.object.stat().st_size / 1000:.0f} kB, "
                  f"{before.median() / mine.median():.1f} times as long")
    print(f"measured: so much user time takes {given.compiler} -O2, median of {given.rounds}")


if __name__ == "__main__":
    main()
