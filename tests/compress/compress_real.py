"""Compresses a real network with lfnc-compress and holds the printed accuracies against bounds.

    compress_real.py JOB PROGRAM SOURCE FOLDER

JOB is a key of JOBS, SOURCE the root of the sources. The compressed network and the printed report
(JOB.txt) are left in FOLDER for other tests.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys
import time

from real_networks import NETWORKS, shared_folder

INFINITY = float("inf")


@dataclasses.dataclass(frozen=True)
class Job:
    network: str
    options: tuple
    result: tuple  # least and greatest top-1, in percent
    float_top1: tuple = ()  # measured where there are bounds
    float_top5: tuple = ()
    write: bool = False


def about(value, tolerance):
    return (value - tolerance, value + tolerance)


# The float accuracies were measured with another engine.
JOBS = {
    "resnet20": Job("resnet20", (), (79.5, INFINITY), about(81.00, 0.1), about(98.88, 0.1), True),
    "resnet20-published": Job("resnet20", ("--preset", "published"), about(77.3, 0.5)),
    "resnet20-ternary": Job("resnet20", ("--weights", "ternary"), (60, INFINITY)),
    "resnet20-32-images": Job("resnet20", ("--images", "32"), (79.2, INFINITY)),
    "caffe-resnet20": Job("caffe-resnet20", (), (79.26 - 1.5, INFINITY), about(79.26, 0.1),
                          about(98.88, 0.1), True),
    "tiny-darknet": Job("tiny-darknet", ("--images", "400"), (62, INFINITY), about(71.08, 0.3),
                        about(91.08, 0.3), True),
    "tiny-darknet-32-images": Job("tiny-darknet", ("--images", "32"), (61, INFINITY)),
}


def accuracy(report, line):
    """Top-1 and top-5 on the line of the report that begins so."""
    found = re.search(rf"^{line}.* +([\d.]+) % +([\d.]+) %$", report, re.MULTILINE)
    return float(found[1]), float(found[2])


def main(name, program, source, folder):
    job = JOBS[name]
    network = NETWORKS[job.network]
    shared = shared_folder(f"compression of {name}", network, source)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    command = [program, *network.options(shared), *job.options]
    if not job.float_top1:
        command += ["--only-result"]
    if job.write:
        command += ["--output"] + [str(folder / pathlib.Path(part).name) for part in network.model]
    print(" ".join(command), flush=True)
    begin = time.monotonic()
    report = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(report)
    print(f"{time.monotonic() - begin:.1f} s")
    (folder / f"{name}.txt").write_text(report)

    top1, top5 = accuracy(report, "activations quantized")
    checks = [("compressed top-1", top1, job.result)]
    if job.float_top1:
        top1, top5 = accuracy(report, "float")
        checks += [("float top-1", top1, job.float_top1), ("float top-5", top5, job.float_top5)]
    failed = False
    for what, value, (least, greatest) in checks:
        holds = least <= value <= greatest
        failed = failed or not holds
        print(f"{what} {value:.2f}: in {least:.2f} .. {greatest:.2f}: {'yes' if holds else 'NO'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
