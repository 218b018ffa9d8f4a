"""A bar chart (SVG) of a record: how near every verb comes to the machine's limit.

Usage: chart.py RECORD.json writes RECORD.svg beside it.
"""

import json
import pathlib
import sys
from xml.sax.saxutils import escape

from results import compared, name, shown, speed

WIDTH, LEFT, RIGHT = 980, 330, 270  # the bars are between the names and the figures
ROW, HEAD, TITLE = 20, 34, 64
BAR = 13
SCALE = {"": 1.25, "2_threads": 2.25}  # the ratio at the right end of the bars

STYLE = """
svg { font: 12px system-ui, 'DejaVu Sans', sans-serif; }
.page { fill: #ffffff; } text { fill: #1f2328; } .faint { fill: #59636e; }
.bar { fill: #2a78d6; } .track { fill: #eaeef2; } .limit { stroke: #1f2328; }
.peer { fill: #c2410c; }
.title { font-size: 16px; font-weight: 600; } .group { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; } text { fill: #f0f6fc; } .faint { fill: #9198a1; }
  .bar { fill: #4a95ef; } .track { fill: #212830; } .limit { stroke: #f0f6fc; }
  .peer { fill: #f59e5b; }
}
"""


def groups(data):
    """{(verb, part): rows}; rows with two threads are compared with one, and stand apart."""
    found = {}
    for work, own, limit, peers in compared(data):
        verb, case = work.split("/", 1)
        part = "2_threads" if case.endswith("/2_threads") else ""
        key = ("two threads", part) if part else (verb, part)
        label = f"{verb} {case.removesuffix('/2_threads')}" if part else case
        found.setdefault(key, []).append((label, own, limit, peers))
    return dict(sorted(found.items(), key=lambda entry: bool(entry[0][1])))


def text(x, y, words, kind="", anchor="start"):
    css = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{css}>{escape(words)}</text>'


def rectangle(x, y, width, height, kind):
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def row(y, label, own, limit, peers, scale):
    """One bar, its figures, a diamond for the fastest peer and a line at the limit."""
    unit = (WIDTH - LEFT - RIGHT) / scale
    place = lambda ratio: LEFT + unit * min(ratio, scale)  # noqa: E731
    ratio = speed(own) / speed(limit)
    middle = y + ROW / 2
    yield text(LEFT - 8, middle + 4, label, anchor="end")
    yield rectangle(LEFT, middle - BAR / 2, WIDTH - LEFT - RIGHT, BAR, "track")
    yield rectangle(LEFT, middle - BAR / 2, max(place(ratio) - LEFT, 1), BAR, "bar")
    if peers:
        best = max(peers, key=speed)
        x = place(speed(best) / speed(limit))
        yield (f'<path class="peer" d="M{x:.1f} {middle - 6:.1f} l5 6 l-5 6 l-5 -6 z">'
               f"<title>{escape(name(best))}: {shown(best)}</title></path>")
    x = place(1)
    yield f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{y + ROW:.1f}"/>'
    figures = f"{shown(own)} of {shown(limit)}" if own["unit"] == "bytes/s" else shown(own)
    yield text(WIDTH - RIGHT + 64, middle + 4, f"{ratio:.2g}", anchor="end")
    yield text(WIDTH - RIGHT + 74, middle + 4, figures, "faint")


def chart(data):
    body, y = [], TITLE
    for (title, part), rows in groups(data).items():
        against = "times one thread" if part else f"over {', '.join(sorted({name(r[2]) for r in rows}))}"
        body.append(text(LEFT, y + HEAD - 10, title, "group"))
        body.append(text(WIDTH - RIGHT + 10, y + HEAD - 10, against.replace("_", " "), "faint"))
        y += HEAD
        for each in rows:
            body += row(y, *each, SCALE[part])
            y += ROW
    where = data.get("device") or data["cpu"]
    subtitle = (f"{where}, {data['vectors_of_limits']}, {data['compiler']} {data['flags']}, "
                f"{data['date']}. Bars: lfnc over the machine's limit (line). Diamonds: the fastest "
                "peer.")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 16}" '
        f'viewBox="0 0 {WIDTH} {y + 16}" role="img">',
        "<title>How near lfnc comes to the limit of the machine</title>",
        f"<style>{STYLE}</style>", rectangle(0, 0, WIDTH, y + 16, "page"),
        text(16, 28, "How near lfnc comes to the limit of the machine", "title"),
        text(16, 48, subtitle, "faint"), *body, "</svg>"]) + "\n"


def main():
    path = pathlib.Path(sys.argv[1])
    data = json.loads(path.read_text(encoding="utf-8"))
    path.with_suffix(".svg").write_text(chart(data), encoding="utf-8")


if __name__ == "__main__":
    main()
