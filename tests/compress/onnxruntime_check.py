"""Runs compressed ONNX networks in ONNX Runtime: top-1 must be what lfnc-compress printed.

    onnxruntime_check.py SOURCE FOLDER

FOLDER is what compress_real.py left. The check makes a virtual environment in it for ONNX Runtime,
once, and is skipped where that cannot be done.
"""

import pathlib
import subprocess
import sys

from compress_real import accuracy
from real_networks import NETWORKS, shared_folder, skip

WHAT = "ONNX Runtime"
NEEDED = ("onnxruntime", "numpy", "opencv-python-headless")
JOBS = ("resnet20", "tiny-darknet")
TOLERANCE = 0.2  # points of top-1


def works(python):
    command = [python, "-c", "import cv2, numpy, onnxruntime"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def environment(folder):
    """The interpreter of a virtual environment that has all that is needed."""
    python = folder / "bin" / "python"
    if python.exists() and works(python):
        return python
    for step in ([sys.executable, "-m", "venv", "--clear", folder],
                 [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--retries", "1", "--timeout", "30", *NEEDED]):
        try:
            done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=600)
        except subprocess.TimeoutExpired:
            skip(WHAT, f"'{step[2]}' took too long")
        if done.returncode != 0:
            last = (done.stdout.strip() or "failed").splitlines()[-1]
            skip(WHAT, f"cannot be installed: {last}")
    if not works(python):
        skip(WHAT, "was installed but cannot be imported")
    return python


def images(network, shared):
    """Inputs and classes, one at a time."""
    import cv2
    import numpy

    mean = numpy.array(network.mean or (0, 0, 0), numpy.float32)
    std = numpy.array(network.std or (1, 1, 1), numpy.float32)
    folder = shared / network.labelled
    for line in (folder / "labels.txt").read_text().splitlines():
        name, label = line.rsplit(maxsplit=1)
        pixels = cv2.imread(str(folder / name))[:, :, ::-1]  # to RGB
        if network.crop:
            top, left = ((extent - network.crop) // 2 for extent in pixels.shape[:2])
            pixels = pixels[top:top + network.crop, left:left + network.crop]
        scaled = (pixels.astype(numpy.float32) * numpy.float32(network.scale) - mean) / std
        yield scaled.transpose(2, 0, 1)[None], int(label)


def top1(model, network, shared):
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0].name
    right = count = 0
    for image, label in images(network, shared):
        scores = session.run(None, {source: numpy.ascontiguousarray(image)})[0]
        right += int(scores.argmax()) == label
        count += 1
    return 100 * right / count


def check(source, folder):
    import onnxruntime

    print(f"ONNX Runtime {onnxruntime.__version__}")
    failed = False
    for job in JOBS:
        network = NETWORKS[job]
        shared = shared_folder(WHAT, network, source)
        printed, _ = accuracy((folder / f"{job}.txt").read_text(), "activations quantized")
        measured = top1(folder / pathlib.Path(network.model[0]).name, network, shared)
        holds = abs(measured - printed) <= TOLERANCE
        failed = failed or not holds
        print(f"{job}: top-1 {measured:.2f} in ONNX Runtime, {printed:.2f} in lfnc-compress, "
              f"within {TOLERANCE}: {'yes' if holds else 'NO'}", flush=True)
    return 1 if failed else 0


def main(source, folder, *inside):
    folder = pathlib.Path(folder)
    if inside:
        return check(source, folder)
    for job in JOBS:
        shared_folder(WHAT, NETWORKS[job], source)
    python = environment(folder / "onnxruntime")
    return subprocess.run([python, "-B", __file__, source, folder, "inside"]).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
