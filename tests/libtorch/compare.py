"""Compresses a network as a TorchScript module and as an ONNX file, and compares the accuracies.

    compare.py NETWORK LFNC_LIBTORCH TO_TORCHSCRIPT LFNC_COMPRESS LFNC_DRAW SOURCE FOLDER

NETWORK is figures or resnet20; SOURCE is the root of the sources; FOLDER is made anew.
"""

import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "compress"))
from real_networks import NETWORKS, shared_folder  # noqa: E402

# Two engines add up in different orders, and a code can then round the other way.
TOLERANCE = 0.2


def run(*command):
    words = [str(word) for word in command]
    print(" ".join(words), flush=True)
    text = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(text, flush=True)
    return text


def top1(text, line):
    return float(re.search(rf"^{line}\D.*? +([\d.]+) %", text, re.MULTILINE)[1])


def drawn(folder, draw, source):
    """Model, calibration images, labelled images, preprocessing."""
    for stream, count, more in (("calibration", 200, ["--unlabelled"]), ("test", 500, [])):
        run(draw, folder / stream, "--stream", stream, "--count", count, *more)
    return (source / "examples/network/figures.onnx", folder / "calibration", folder / "test",
            ["--scale", 1 / 255, "--mean", .5, .5, .5, "--std", .25, .25, .25])


def real(folder, source):
    network = NETWORKS["resnet20"]
    shared = shared_folder("compression of a TorchScript module", network, source)
    # The same images for both, whatever choice they make among more.
    (folder / "calibration").mkdir()
    for image in sorted((shared / network.calibration).iterdir())[:1000]:
        (folder / "calibration" / image.name).symlink_to(image.resolve())
    return (shared / network.model[0], folder / "calibration", shared / network.labelled,
            ["--scale", network.scale, "--mean", *network.mean, "--std", *network.std])


def main(name, libtorch, convert, compress, draw, source, folder):
    source, folder = pathlib.Path(source), pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prepared = drawn(folder, draw, source) if name == "figures" else real(folder, source)
    model, calibration, labelled, steps = prepared
    run(convert, model, folder / "model.pt")
    there = run(libtorch, folder / "model.pt", calibration, folder / "small.pt", "--labelled",
                labelled, "--activation-images", 1000, *steps)
    count = len(list(calibration.iterdir()))
    here = run(compress, "--model", model, "--calibration", calibration, "--labelled", labelled,
               "--images", count, "--activation-images", count, *steps)
    wanted = {"float": top1(here, "float"), "compressed": top1(here, "activations quantized"),
              "saved": top1(here, "activations quantized")}
    failed = False
    for line, value in wanted.items():
        found = top1(there, line)
        holds = abs(found - value) <= TOLERANCE + 1e-9
        failed |= not holds
        print(f"{'ok' if holds else 'FAILED'}: {line}: {found} in PyTorch, {value} in oneDNN")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
