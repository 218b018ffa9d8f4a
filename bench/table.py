#!/usr/bin/env python3
"""Puts the output of the benchmark programs together: a record (JSON), a table and a chart.

Usage: table.py --commit C --load L [--machine NAME] --results FOLDER MEASURED.json...
       table.py --show RECORD.json
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import sys

from chart import chart
from results import compared, compared_in_python, name, shown, speed, spread

# Keys of Google Benchmark's entries that are not counters.
PLAIN = {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions",
         "repetition_index", "threads", "iterations", "real_time", "cpu_time", "time_unit"}
# The counter beside the figure itself: milliseconds for the whole work (of the CUDA benchmarks).
MILLISECONDS = "ms"


def cpu_model():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read(paths):
    """Context of the first program (with all programs' peers), and the values of every benchmark:
    {name: (unit, [value], [milliseconds])}."""
    context, peers, values = None, {}, {}
    for path in paths:
        measured = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        context = context or measured["context"]
        peers[measured["context"]["peers"]] = None
        for entry in measured["benchmarks"]:
            if entry.get("error_occurred"):
                sys.exit(f"{entry['name']}: {entry.get('error_message')}")
            if entry["run_type"] != "iteration":
                continue
            (unit,) = entry.keys() - PLAIN - {MILLISECONDS}
            # Google Benchmark adds how time was taken.
            title = entry["run_name"].removesuffix("/manual_time").removesuffix("/real_time")
            _, each, milliseconds = values.setdefault(title, (unit, [], []))
            each.append(entry[unit])
            if MILLISECONDS in entry:
                milliseconds.append(entry[MILLISECONDS])
    return {**context, "peers": ", ".join(filter(None, peers))}, values


def record(context, values, options):
    results = []
    for title, (unit, each, milliseconds) in sorted(values.items()):
        work, who = title.rsplit("/", 1)
        results.append({"work": work, "who": who,
                        "unit": "bytes/s" if unit == "bytes" else f"s/{unit}",
                        "median": statistics.median(each), "values": each})
        if milliseconds:
            results[-1]["milliseconds"] = statistics.median(milliseconds)
    # What a GPU was measured on is under the keys device, device_clock and so on.
    device = {key: value for key, value in context.items() if key.startswith("device")}
    machine = options.machine or slug(device.get("device", cpu_model()))
    if options.capped:
        machine += f"-{options.capped}"
    return {"date": context["date"][:10], "machine": machine, **device,
            "cpu": cpu_model(), "cores": os.cpu_count(), "load_at_start": options.load,
            "compiler": context["compiler"], "flags": context["flags"],
            "vectors_of_limits": context["limits"], "peers": context["peers"],
            "commit": options.commit, "results": results}


def table(data):
    """Lines: for every piece of work lfnc's figure, the fastest limit's, their ratio, the peers."""
    yield (f"{'work':<52} {'lfnc':>11} {'spread':>6} {'limit':>11} {'spread':>6} {'by':<16} "
           f"{'of limit':>8}  peers (lfnc is so many times as fast)")
    for work, own, limit, peers in compared(data):
        others = ", ".join(f"{name(r)} {shown(r)} ({speed(own) / speed(r):.2f})" for r in peers)
        yield (f"{work:<52} {shown(own):>11} {spread(own):>6.0%} {shown(limit):>11} "
               f"{spread(limit):>6.0%} {name(limit):<16} "
               f"{speed(own) / speed(limit):>8.2g}  {others}").rstrip()


def table_of_python(data):
    """Lines: for every peer of the Python process, what it reaches of its own limit."""
    rows = list(compared_in_python(data))
    if rows:
        yield ""
        yield "In a process of its own, beside limits that the same library measured there:"
        yield (f"{'work':<52} {'':>11} {'spread':>6} {'limit':>11} {'spread':>6} {'by':<16} "
               f"{'of limit':>8}  peer (lfnc is so many times as fast)")
    for work, peer, limit, own in rows:
        yield (f"{work:<52} {shown(peer):>11} {spread(peer):>6.0%} {shown(limit):>11} "
               f"{spread(limit):>6.0%} {name(limit):<16} {speed(peer) / speed(limit):>8.2g}  "
               f"{name(peer)} ({speed(own) / speed(peer):.2f})")


def text(data):
    repetitions = max(len(r["values"]) for r in data["results"])
    on_device = "device" in data
    yield f"date      {data['date']}"
    if on_device:
        yield "device    " + ", ".join(data[key] for key in data if key.startswith("device"))
    yield (f"machine   {data['cpu']}, {data['cores']} cores"
           + ("" if on_device else ", one thread used where no other number stands"))
    loops = "limits in" if on_device else "loops of lfnc and of limits in"
    yield f"compiler  {data['compiler']}, {data['flags']}; {loops} {data['vectors_of_limits']}"
    yield f"peers     {data['peers'] or 'none found'}"
    yield f"commit    {data['commit']}"
    clock, unit = (("CUDA events", "ms are for one call") if on_device
                   else ("CPU time (two threads: by the clock on the wall)",
                         "ns are per weight or code"))
    yield f"figures   medians of {repetitions} interleaved repetitions, by {clock};"
    yield f"          spread is largest less smallest over the median; {unit}"
    yield f"load      {data['load_at_start']:.1f} when the run began" + (
        ": other programs used the machine, its caches and its memory at the\n"
        "          same time; an idle machine gives other figures" if data["load_at_start"] >= 0.5
        else "")
    yield ""
    yield from table(data)
    yield from table_of_python(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--show", type=pathlib.Path)
    parser.add_argument("--commit", default="unknown")
    parser.add_argument("--load", type=float, default=0)
    parser.add_argument("--machine", default="")
    parser.add_argument("--capped", default="", help="the instruction set that was allowed")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("measured", nargs="*")
    options = parser.parse_args()
    if options.show:
        print("\n".join(text(json.loads(options.show.read_text(encoding="utf-8")))))
        return
    if not options.measured or not options.results:
        parser.error("neither --show nor --results and measurements were given")
    data = record(*read(options.measured), options)
    lines, drawing = "\n".join(text(data)), chart(data)
    options.results.mkdir(parents=True, exist_ok=True)
    stem = f"{data['date']}-{data['machine']}"
    results = ",\n  ".join(json.dumps(r) for r in data.pop("results"))
    head = json.dumps(data, indent=1)[:-2]
    (options.results / f"{stem}.json").write_text(f'{head},\n "results": [\n  {results}\n ]\n}}\n',
                                                  encoding="utf-8")
    (options.results / f"{stem}.txt").write_text(lines + "\n", encoding="utf-8")
    (options.results / f"{stem}.svg").write_text(drawing, encoding="utf-8")
    print(lines)
    print(f"written: {options.results / stem}.json, .txt and .svg")


if __name__ == "__main__":
    main()
