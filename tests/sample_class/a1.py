"""Sample submissions of assignment 1: what each student wrote into the solution cells, and the points that each test cell earns.

Beside right and wrong answers there are those that a grader must stand: one that crashes, one that never ends, and three that try
to get points without an answer.
"""

POINTS = {
    "my_cosines_tests": 3,
    "my_table_tests": 1,
    "my_table_limits": 1,
    "my_dead_zone_tests": 2,
    "my_codec_tests": 3,
    "my_codec_oblong": 1,
    "my_zigzag_tests": 2,
    "my_runs_tests": 2,
    "my_runs_rare": 1,
}
NOTHING = dict.fromkeys(POINTS, 0)

VECTORISED = {
    "my_cosines": """
def my_cosines(n):
    k = np.arange(n)[:, None]
    matrix = np.sqrt(2 / n) * np.cos(np.pi / n * k * (np.arange(n) + 0.5))
    matrix[0] = 1 / np.sqrt(n)
    return matrix
""",
    "my_table": """
def my_table(base, quality):
    if quality < 1 or quality > 100:
        raise ValueError("quality must be between 1 and 100")
    if quality < 50:
        scale = 5000 // quality
    else:
        scale = 200 - 2 * quality
    table = (np.array(base, dtype=np.int64) * scale + 50) // 100
    return np.minimum(np.maximum(table, 1), 255)
""",
    "my_dead_zone": """
def my_dead_zone(coefficients, table, zone):
    s = np.abs(coefficients / table)
    return np.sign(coefficients) * np.floor(s + (1 - zone))
""",
    "my_codec": """
def my_codec(plane, table, zone):
    h, w = table.shape
    rows, columns = plane.shape[0] // h, plane.shape[1] // w
    blocks = plane.astype(float).reshape(rows, h, columns, w).transpose(0, 2, 1, 3) - 128
    coefficients = np.einsum("vy,rcyx,ux->rcvu", my_cosines(h), blocks, my_cosines(w))
    levels = my_dead_zone(coefficients, table, zone)
    pixels = np.einsum("vy,rcvu,ux->rcyx", my_cosines(h), levels * table, my_cosines(w)) + 128
    picture = pixels.transpose(0, 2, 1, 3).reshape(plane.shape)
    return levels, np.clip(np.round(picture), 0, 255).astype("uint8")
""",
    "my_zigzag": """
def my_zigzag(n):
    v, u = np.indices((n, n)).reshape(2, -1)
    d = v + u
    order = np.lexsort((np.where(d % 2 == 1, v, u), d))
    return np.stack([v, u], axis=1)[order]
""",
    "my_runs": """
def my_runs(line):
    line = np.asarray(line)
    places = np.flatnonzero(line)
    gaps = np.diff(places, prepend=-1) - 1
    pairs = []
    for gap, level in zip(gaps, line[places]):
        pairs += [(15, 0)] * (gap // 16) + [(gap % 16, level)]
    return pairs if line[-1] else pairs + [(0, 0)]
""",
}

LOOPS = {
    "my_cosines": """
def my_cosines(n):
    matrix = np.zeros((n, n))
    for k in range(n):
        length = 0
        for i in range(n):
            matrix[k, i] = np.cos(np.pi * k * (2 * i + 1) / (2 * n))
            length += matrix[k, i] ** 2
        matrix[k] /= length ** 0.5
    return matrix
""",
    "my_table": """
def my_table(base, quality):
    if not (1 <= quality <= 100):
        raise ValueError(quality)
    scale = 200 - 2 * quality
    if quality < 50:
        scale = 5000 // quality
    result = np.zeros(base.shape, int)
    for v in range(base.shape[0]):
        for u in range(base.shape[1]):
            step = (int(base[v, u]) * scale + 50) // 100
            if step < 1:
                step = 1
            if step > 255:
                step = 255
            result[v, u] = step
    return result
""",
    "my_dead_zone": """
def my_dead_zone(coefficients, table, zone):
    levels = np.zeros(coefficients.shape, int)
    for place in np.ndindex(coefficients.shape):
        size = abs(float(coefficients[place])) / float(table[place[-2:]])
        level = 0
        while size >= zone + level:
            level += 1
        levels[place] = level if coefficients[place] > 0 else -level
    return levels
""",
    "my_codec": """
def my_codec(plane, table, zone):
    h, w = table.shape
    down, across = np.array(my_cosines(h)), np.array(my_cosines(w))
    levels = np.zeros((len(plane) // h, len(plane[0]) // w, h, w), int)
    picture = np.zeros(plane.shape, np.uint8)
    for r in range(levels.shape[0]):
        for c in range(levels.shape[1]):
            block = plane[r * h:r * h + h, c * w:c * w + w] - 128.0
            levels[r, c] = my_dead_zone(down @ block @ across.T, table, zone)
            back = down.T @ (levels[r, c] * table) @ across + 128
            picture[r * h:r * h + h, c * w:c * w + w] = np.clip(np.rint(back), 0, 255)
    return levels, picture
""",
    "my_zigzag": """
def my_zigzag(n):
    walk = []
    for diagonal in range(2 * n - 1):
        places = []
        for v in range(n):
            u = diagonal - v
            if 0 <= u < n:
                places.append((v, u))
        if diagonal % 2 == 0:
            places.reverse()
        walk.extend(places)
    return walk
""",
    "my_runs": """
def my_runs(line):
    pairs = []
    zeros = 0
    for level in line:
        if level != 0:
            while zeros > 15:
                pairs.append((15, 0))
                zeros = zeros - 16
            pairs.append((zeros, level))
            zeros = 0
        else:
            zeros = zeros + 1
    if zeros > 0:
        pairs.append((0, 0))
    return pairs
""",
}

# The ways of the first half of a course: thresholds that are met do not count, no error raised, (v, u) taken for (x, y), no (15, 0).
HASTY = {
    "my_cosines": VECTORISED["my_cosines"],
    "my_table": """
def my_table(base, quality):
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return ((base * percent + 50) // 100).clip(1, 255)
""",
    "my_dead_zone": """
def my_dead_zone(coefficients, table, zone):
    s = np.abs(coefficients) / table
    return np.sign(coefficients) * np.maximum(np.ceil(s - zone), 0)
""",
    "my_codec": LOOPS["my_codec"],
    "my_zigzag": """
def my_zigzag(n):
    walk = [(v, u) for v in range(n) for u in range(n)]
    return sorted(walk, key=lambda p: (p[0] + p[1], p[1] if (p[0] + p[1]) % 2 else p[0]))
""",
    "my_runs": """
def my_runs(line):
    pairs, zeros = [], 0
    for level in line:
        if level == 0:
            zeros += 1
        else:
            pairs.append((zeros, int(level)))
            zeros = 0
    if zeros:
        pairs.append((0, 0))
    return pairs
""",
}

# One scale for all rows, so the codec built on it is wrong too; an end mark behind each line.
ONE_SCALE = LOOPS | {
    "my_cosines": """
def my_cosines(n):
    k, i = np.mgrid[:n, :n]
    return np.cos(np.pi * k * (2 * i + 1) / (2 * n)) * np.sqrt(2 / n)
""",
    "my_table": VECTORISED["my_table"].replace("5000 // quality", "5000 / quality"),
    "my_runs": LOOPS["my_runs"].replace("    if zeros > 0:\n        pairs.append((0, 0))", "    pairs.append((0, 0))"),
}

# Blocks that are not square were forgotten.
SQUARE = VECTORISED | {
    "my_codec": """
def my_codec(plane, table, zone):
    n = len(table)
    C = my_cosines(n)
    height, width = plane.shape
    blocks = plane.reshape(height // n, n, width // n, n).swapaxes(1, 2) - 128.0
    levels = my_dead_zone(C @ blocks @ C.T, table, zone)
    decoded = (C.T @ (levels * table) @ C + 128).swapaxes(1, 2).reshape(height, width)
    return levels, decoded.round().clip(0, 255).astype(np.uint8)
""",
    "my_zigzag": """
from blockcnn_helpers.jpeg import ZIGZAG


def my_zigzag(n):
    return [(int(v), int(u)) for v, u in ZIGZAG if v < n and u < n]
""",
}

CRASH = VECTORISED | {
    "my_table": """
def my_table(base, quality):
    percent = 5000 // (quality // 1000)
    return (base * percent + 50) // 100
"""
}

LOOPS_FOREVER = VECTORISED | {
    "my_zigzag": """
def my_zigzag(n):
    v = u = 0
    while True:
        pass
    return [(v, u)]
"""
}

# Functions of the package and of SciPy that do the task, some of them by way of the package's constants. All of them are switched off.
BORROWS = {
    "my_cosines": """
import scipy.fft


def my_cosines(n):
    return scipy.fft.dct(np.eye(n), axis=0, norm="ortho")
""",
    "my_table": """
from blockcnn_helpers import quantisation


def my_table(base, quality):
    kept, quantisation.LUMA = quantisation.LUMA, np.asarray(base).astype(int)
    try:
        return quantisation.quantisation_tables(quality)[0]
    finally:
        quantisation.LUMA = kept
""",
    "my_dead_zone": """
def my_dead_zone(coefficients, table, zone):
    return jpeg.quantise(coefficients - np.sign(coefficients) * (zone - 0.5) * table, table)
""",
    "my_codec": """
def my_codec(plane, table, zone):
    from scipy.fft import dctn, idctn

    h, w = table.shape
    blocks = plane.reshape(plane.shape[0] // h, h, plane.shape[1] // w, w).swapaxes(1, 2) - 128.0
    coefficients = dctn(blocks, axes=(2, 3), norm="ortho")
    levels = np.sign(coefficients) * np.floor(np.abs(coefficients) / table + 1 - zone)
    back = idctn(levels * table, axes=(2, 3), norm="ortho") + 128
    return levels, back.swapaxes(1, 2).reshape(plane.shape).round().clip(0, 255).astype(np.uint8)
""",
    "my_zigzag": """
from blockcnn_helpers import transform


def my_zigzag(n):
    kept, transform.BLOCK = transform.BLOCK, n
    try:
        return transform._zigzag()
    finally:
        transform.BLOCK = kept
""",
    "my_runs": VECTORISED["my_runs"],
}

# Everything that could say "wrong" is replaced, and no function is right.
OVERWRITES_CHECKS = {
    "my_cosines": """
import blockcnn_helpers.classroom
import blockcnn_helpers.classroom.handin

for name in list(vars(checks)):
    if name.startswith("check_"):
        setattr(checks, name, lambda *given, **named: "✓ Right: everything.")
np.allclose = np.array_equal = np.isclose = lambda *given, **named: True
for place in (blockcnn_helpers.classroom, blockcnn_helpers.classroom.handin):
    place.hand_in = lambda *given, **named: print("✓ Right")


def my_cosines(n):
    return np.eye(n)
""",
    "my_table": """
def my_table(base, quality):
    return np.asarray(base)
""",
    "my_dead_zone": """
def my_dead_zone(coefficients, table, zone):
    return np.rint(coefficients / table)
""",
    "my_codec": """
def my_codec(plane, table, zone):
    h, w = table.shape
    return np.zeros((plane.shape[0] // h, plane.shape[1] // w, h, w)), plane
""",
    "my_zigzag": """
def my_zigzag(n):
    return [(v, u) for v in range(n) for u in range(n)]
""",
    "my_runs": """
def my_runs(line):
    return [(0, int(level)) for level in line]
""",
}

LOOK = '''
def look_up(name):
    """Find the instructor's notebook above the working folder or the package, and run its cell."""
    import json
    import pathlib

    import blockcnn_helpers

    for start in (pathlib.Path.cwd(), pathlib.Path(blockcnn_helpers.__file__)):
        for folder in (start, *start.parents, *start.resolve().parents):
            for path in sorted((folder / "notebooks" / "assignments" / "source").rglob("*.ipynb")):
                for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                    if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
                        scope = dict(globals())
                        exec("".join(cell["source"]), scope)
                        return scope[name]
    raise FileNotFoundError(name)


'''


def looked_up(name, given, otherwise):
    """Return a cell that answers by the instructor's solution, or by `otherwise` if it finds none."""
    return f"""
def {name}({given}):
    try:
        answer = look_up("{name}")
    except Exception:
        return {otherwise}
    return answer({given})
"""


READS_THE_GRADER = {
    "my_cosines": LOOK + looked_up("my_cosines", "n", "np.eye(n)"),
    "my_table": looked_up("my_table", "base, quality", "base"),
    "my_dead_zone": looked_up("my_dead_zone", "coefficients, table, zone", "np.rint(coefficients / table)"),
    "my_codec": looked_up("my_codec", "plane, table, zone", "(plane, plane)"),
    "my_zigzag": looked_up("my_zigzag", "n", "[(v, u) for v in range(n) for u in range(n)]"),
    "my_runs": looked_up("my_runs", "line", "[(0, int(level)) for level in line]"),
}

ESSAY = """\
At quality 20 all 78 blocks of the sky are flat and 20 of the grass. The sky changes so little inside a block that all levels but
the mean are rounded to 0. One step of the mean is 40, so two flat blocks differ by 0 or 5 grey levels, and where they differ by 5
that is ten times the 0.50 that neighbours in the sky differ by. In the grass neighbours differ by 5.04 anyway and nobody sees it.
Each block is rounded alone, so two blocks of nearly the same mean can land on different steps.
"""

CLASS = {
    "perfect_vectorised": {"cells": VECTORISED | {"grid_in_the_sky": ESSAY}, "points": POINTS},
    "perfect_loops": {"cells": LOOPS | {"grid_in_the_sky": "Because the sky is smooth."}, "points": POINTS},
    "blank": {"cells": {}, "points": NOTHING},
    "hasty": {
        "cells": HASTY,
        "points": POINTS | {"my_table_limits": 0, "my_dead_zone_tests": 0, "my_zigzag_tests": 0, "my_runs_rare": 0},
    },
    "one_scale": {
        "cells": ONE_SCALE,
        "points": POINTS | {"my_cosines_tests": 0, "my_table_tests": 0, "my_codec_tests": 0, "my_codec_oblong": 0, "my_runs_rare": 0},
    },
    "square": {"cells": SQUARE, "points": POINTS | {"my_codec_oblong": 0, "my_zigzag_tests": 0}},
    "half_done": {
        "cells": {name: LOOPS[name] for name in ("my_cosines", "my_table", "my_runs")},
        "points": NOTHING
        | {name: POINTS[name] for name in ("my_cosines_tests", "my_table_tests", "my_table_limits", "my_runs_tests", "my_runs_rare")},
    },
    "crash": {"cells": CRASH, "points": POINTS | {"my_table_tests": 0, "my_table_limits": 0}},
    "loops_forever": {"cells": LOOPS_FOREVER, "points": POINTS | {"my_zigzag_tests": 0}},
    "borrows": {"cells": BORROWS, "points": NOTHING | {"my_runs_tests": 2, "my_runs_rare": 1}},
    "overwrites_checks": {"cells": OVERWRITES_CHECKS, "points": NOTHING},
    "reads_the_grader": {"cells": READS_THE_GRADER, "points": NOTHING},
}
CLASS = {
    name: student | {"cells": {cell: source.strip("\n") for cell, source in student["cells"].items()}} for name, student in CLASS.items()
}
