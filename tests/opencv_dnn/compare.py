"""Compresses real networks in OpenCV's DNN module and by lfnc-compress: the accuracies agree.

    compare.py LFNC_OPENCV_DNN LFNC_COMPRESS SOURCE

SOURCE is the root of the sources. A part of the images, so that it takes seconds.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "compress"))

from real_networks import NETWORKS, shared_folder  # noqa: E402 (the path comes first)

LABELLED = 500
CALIBRATION = 100
# Steps of the report, and how far apart their top-1 may be, in points. The engines add up in
# different orders: scores differ in their last digits, and a few activations' codes by one.
STEPS = {"float": 0.2, "weights quantized": 0.4, "batch norm": 0.6, "activations": 1.0}


def first_images(folder, count, path):
    """A list of the first labelled images, by their whole names."""
    lines = (folder / "labels.txt").read_text().splitlines()[:count]
    path.write_text("".join(f"{folder.resolve() / line}\n" for line in lines))


def top1(program, options):
    """Top-1 after every step of STEPS."""
    print(" ".join([program, *options]), flush=True)
    report = subprocess.run([program, *options], check=True, stdout=subprocess.PIPE,
                            text=True).stdout
    lines = {step: re.search(rf"^{step}.* +([\d.]+) % +[\d.]+ %$", report, re.MULTILINE)
             for step in STEPS}
    return {step: float(found[1]) for step, found in lines.items()}


def main(opencv, compress, source):
    failed = False
    for name in ("resnet20", "caffe-resnet20"):
        network = NETWORKS[name]
        shared = shared_folder(f"{name} in OpenCV's DNN module", network, source)
        with tempfile.TemporaryDirectory() as scratch:
            labelled = pathlib.Path(scratch) / "labels.txt"
            first_images(shared / network.labelled, LABELLED, labelled)
            options = network.options(shared)
            options[options.index("--labelled") + 1] = str(labelled)
            options += ["--images", str(CALIBRATION), "--activation-images", str(CALIBRATION)]
            ours, theirs = top1(opencv, options), top1(compress, options)
        for step, tolerance in STEPS.items():
            holds = abs(ours[step] - theirs[step]) <= tolerance + 1e-9
            failed = failed or not holds
            print(f"{name}, {step}: top-1 {ours[step]:.2f} in OpenCV, {theirs[step]:.2f} in "
                  f"lfnc-compress, within {tolerance}: {'yes' if holds else 'NO'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
