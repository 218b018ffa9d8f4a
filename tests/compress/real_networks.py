"""The real networks that the tests compress: their files and how an image becomes their input.

They are not in the repository: LFNC_SHARED names their folder, ../shared beside the sources is the
default.
"""

import dataclasses
import os
import pathlib
import sys

SKIPPED = 77  # the status of a test that could not run


@dataclasses.dataclass(frozen=True)
class Network:
    model: tuple  # one .onnx, or .prototxt and .caffemodel
    calibration: str
    labelled: str
    scale: float = 1
    mean: tuple = ()
    std: tuple = ()
    mean_file: str = ""
    crop: int = 0

    def options(self, folder):
        """The options of lfnc-compress that name the files and the preprocessing."""
        words = ["--model"] + [folder / name for name in self.model]
        words += ["--calibration", folder / self.calibration, "--labelled", folder / self.labelled]
        words += ["--scale", self.scale]
        for option, values in (("--mean", self.mean), ("--std", self.std)):
            words += [option, *values] if values else []
        words += ["--mean-file", folder / self.mean_file] if self.mean_file else []
        words += ["--crop", self.crop] if self.crop else []
        return [str(word) for word in words]


NETWORKS = {
    "resnet20": Network(
        model=("models/resnet20-cifar10.onnx",),
        calibration="data/cifar10-calibration",
        labelled="data/cifar10-test-a",
        scale=1 / 255,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225)),
    "caffe-resnet20": Network(
        model=("models/resnet20-cifar10.prototxt", "models/resnet20-cifar10.caffemodel"),
        calibration="data/cifar10-calibration",
        labelled="data/cifar10-test-a",
        mean_file="models/cifar10-mean.binaryproto"),
    "tiny-darknet": Network(
        model=("models/tiny-darknet-imagenet.onnx",),
        calibration="data/imagenet-calibration",
        labelled="data/imagenet-val-a",
        scale=1 / 255,
        crop=224),
}


def skip(what, why):
    print(f"skipped: {what}: {why}")
    sys.exit(SKIPPED)


def shared_folder(what, network, source):
    """The folder with the networks; ends the test as skipped where a file is missing."""
    named = os.environ.get("LFNC_SHARED")
    folder = pathlib.Path(named) if named else pathlib.Path(source).parent / "shared"
    for part in (*network.model, network.calibration, network.labelled, network.mean_file):
        if not (folder / part).exists():
            skip(what, f"no {folder / part}")
    return folder
