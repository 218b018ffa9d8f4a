"""A record of measurements, as table.py writes it: what stands beside what, and how it is shown."""


def speed(result):
    """Units a second: more is faster."""
    return result["median"] if result["unit"] == "bytes/s" else 1 / result["median"]


def shown(result):
    if result["unit"] == "bytes/s":
        return f"{result['median'] / 1e9:.2f} GB/s"
    if "milliseconds" in result:
        return f"{result['milliseconds']:.3g} ms"
    return f"{result['median'] * 1e9:.3g} ns"


def spread(result):
    return (max(result["values"]) - min(result["values"])) / result["median"]


def kind(result):
    """"lfnc", "limit", "peer", or of another process "python" and "python-limit"."""
    return result["who"].split(":", 1)[0]


def name(result):
    return result["who"].split(":", 1)[-1]


def by_work(data):
    works = {}
    for result in data["results"]:
        works.setdefault(result["work"], []).append(result)
    return works


def compared(data):
    """(work, lfnc's result, the fastest limit, the peers) for every work that has them."""
    for work, results in by_work(data).items():
        ours = [r for r in results if kind(r) == "lfnc"]
        limits = [r for r in results if kind(r) == "limit"]
        if ours and limits:
            yield work, ours[0], max(limits, key=speed), [r for r in results if kind(r) == "peer"]


def compared_in_python(data):
    """(work, a peer, the fastest limit that the same library measured, lfnc's result)."""
    for work, results in by_work(data).items():
        ours = [r for r in results if kind(r) == "lfnc"]
        for peer in results:
            limits = [r for r in results if kind(r) == "python-limit"
                      and name(r).split()[0] == name(peer).split()[0]]
            if kind(peer) == "python" and ours and limits:
                yield work, peer, max(limits, key=speed), ours[0]
