"""Draw the folders of the package and what they import from each other: python .github/draw_rooms.py [FILE].

Boxes and lines come from the code, the order of the rows from the layers in pyproject.toml.
"""

import ast
import html
import sys
from collections import Counter
from pathlib import Path

import grimp

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "cellseg_utils"
WIDTH, ROW, BOX, GAP, MARGIN = 960, 92, 60, 24, 150  # pixels
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
    '<rect width="100%" height="100%" fill="#ffffff"/>\n'
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0 8 4 0 8Z" fill="#56717f"/></marker>\n'
)


def layers():
    """Rows of rooms, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = settings["tool"]["importlinter"]["contracts"]
    return [layer.split(" | ") for layer in contract["layers"]]


def places(rows):
    """Left, top and width of each room's box."""
    found = {}
    for number, row in enumerate(rows):
        width = (WIDTH - 2 * MARGIN - GAP * (len(row) - 1)) / len(row)
        for column, room in enumerate(row):
            found[room] = (MARGIN + column * (width + GAP), 16 + ROW * number, width)
    return found


def about(room):
    """First line of what a room says of itself, how many modules it has, and how many lines."""
    place = ROOT / PACKAGE / room
    files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    first = place / "__init__.py" if place.is_dir() else files[0]
    docstring = ast.get_docstring(ast.parse(first.read_text(encoding="utf-8")))
    modules = [path for path in files if path.name != "__init__.py"]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    return docstring.splitlines()[0], len(modules), lines


def imports():
    """How many modules of one room import from another, by the two rooms."""
    graph, found = grimp.build_graph(PACKAGE), Counter()
    for module in graph.modules:
        for target in graph.find_modules_directly_imported_by(module):
            rooms = [name.split(".")[1] for name in (module, target) if name.count(".")]
            if len(rooms) == 2 and rooms[0] != rooms[1]:
                found[tuple(rooms)] += 1
    return dict(sorted(found.items()))


def box(room, place):
    """A room: its name, its size, its job."""
    left, top, width = place
    job, modules, lines = about(room)
    size = f"{modules} modules, {lines:,} lines" if modules > 1 else f"{lines:,} lines"
    words, rows = job.split(), [""]
    for word in words:
        if len(rows[-1]) + len(word) > width / 6.2:
            rows.append("")
        rows[-1] += f"{word} "
    small = 'font-size="11.5" fill="#40535d"'
    texts = "".join(
        f'<text x="{left + 12}" y="{top + 38 + 14 * n}" {small}>{html.escape(row)}</text>'
        for n, row in enumerate(rows[:2])
    )
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{BOX}" rx="6" fill="#eef4f6" stroke="#8fa9b5"/>'
        f'<text x="{left + 12}" y="{top + 21}" font-size="15" font-weight="bold" fill="#16303c">{room}</text>'
        f'<text x="{left + width - 12}" y="{top + 21}" text-anchor="end" {small}>{size}</text>{texts}\n'
    )


def arrow(start, end, number, span):
    """A line from a room down to one that it imports from: straight to the next row, else around a side."""
    (x, y, width), (to_x, to_y, to_width) = start, end
    sides = {left >= WIDTH / 2 for left, _, room in (start, end) if room < WIDTH / 2}
    if span == 1 or len(sides) == 2:
        path = f"M{x + width / 2} {y + BOX} {to_x + to_width / 2} {to_y - 2}"
    else:
        right = sides.pop() if sides else number % 2
        edge, to_edge = (x + width, to_x + to_width + 2) if right else (x, to_x - 2)
        out = edge + (1 if right else -1) * (14 + 15 * span)
        y, to_y = y + BOX / 2 + 3 * span, to_y + 8 + 5 * span
        path = f"M{edge} {y} C{out} {y} {out} {to_y} {to_edge} {to_y}"
    return f'<path d="{path}" fill="none" stroke="#56717f" stroke-width="1.2" marker-end="url(#tip)"/>\n'


def draw():
    """The picture, SVG text."""
    rows = layers()
    row_of = {room: number for number, row in enumerate(rows) for room in row}
    where = places(rows)
    lines = "".join(
        arrow(where[one], where[other], number, row_of[other] - row_of[one])
        for number, (one, other) in enumerate(pair for pair in imports() if row_of.keys() >= set(pair))
    )
    boxes = "".join(box(room, place) for room, place in where.items())
    return HEAD.format(width=WIDTH, height=16 + ROW * len(rows)) + lines + boxes + "</svg>\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".github" / "rooms.svg"
    target.write_text(draw(), encoding="utf-8")
