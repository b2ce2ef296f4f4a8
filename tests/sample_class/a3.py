"""Submissions to the third assignment: what five students and a caller of the package filled in, and the points each test earns."""

VECTORISED = {
    "my_all_pairs": """def my_all_pairs(clean, decoded):
    fill = ((0, -clean.shape[0] % 8), (0, -clean.shape[1] % 8), (0, 0))
    clean, decoded = np.pad(clean, fill, "edge"), np.pad(decoded, fill, "edge")
    around = np.pad(decoded, ((8, 8), (8, 8), (0, 0)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, (24, 24), axis=(0, 1))[::8, ::8]
    rows, columns = clean.shape[0] // 8, clean.shape[1] // 8
    blocks = clean.reshape(rows, 8, columns, 8, 3).swapaxes(1, 2)
    return windows.transpose(0, 1, 3, 4, 2).reshape(-1, 24, 24, 3), blocks.reshape(-1, 8, 8, 3)""",
    "my_view": """def my_view(clean, quality, down, right, mirror):
    part = clean[down:, right:][:, :: -1 if mirror else 1]
    part = part[: len(part) - len(part) % 16, : part.shape[1] - part.shape[1] % 16]
    return part, jpeg.compress(part, quality)""",
    "my_side": """def my_side(name):
    stem = name.rpartition(".")[0] or name
    number = int.from_bytes(hashlib.sha256(stem.encode()).digest()[:4], "big") % 100
    return ("train", "val", "test")[np.searchsorted([60, 80], number, side="right")]""",
    "my_nearest": """def my_nearest(known, unknown):
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    deviation = np.where(deviation > 0, deviation, np.inf)
    known, unknown = (known - mean) / deviation, (unknown - mean) / deviation
    return (np.square(known).sum(axis=1) - 2 * unknown @ known.T).argmin(axis=1)""",
    "my_fingerprint": """def my_fingerprint(image):
    total = np.zeros((image.shape[0] + 1, image.shape[1] + 1), np.int64)
    total[1:, 1:] = image.sum(axis=2, dtype=np.int64).cumsum(axis=0).cumsum(axis=1)
    rows, columns = np.arange(9) * image.shape[0] // 8, np.arange(10) * image.shape[1] // 9
    sums = np.diff(np.diff(total[np.ix_(rows, columns)], axis=0), axis=1)
    return np.diff(sums / np.outer(np.diff(rows), np.diff(columns)), axis=1) > 0""",
    "my_group_sides": """def my_group_sides(names, alike, own):
    place = {name: k for k, name in enumerate(names)}
    joined = np.eye(len(names), dtype=bool)
    for one, other in alike:
        joined[place[one], place[other]] = joined[place[other], place[one]] = True
    for _ in names:
        joined = joined @ joined
    return {name: own[names[row.argmax()]] for name, row in zip(names, joined)}""",
}
LOOPS = {
    "my_all_pairs": """def my_all_pairs(clean, decoded):
    height, width = clean.shape[:2]
    inputs, targets = [], []
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            tile = np.zeros((24, 24, 3), np.uint8)
            block = np.zeros((8, 8, 3), np.uint8)
            for y in range(24):
                for x in range(24):
                    row = min(max(top + y - 8, 0), height - 1)
                    column = min(max(left + x - 8, 0), width - 1)
                    tile[y, x] = decoded[row, column]
                    if 8 <= y < 16 and 8 <= x < 16:
                        block[y - 8, x - 8] = clean[row, column]
            inputs.append(tile)
            targets.append(block)
    return np.array(inputs), np.array(targets)""",
    "my_view": """def my_view(clean, quality, down, right, mirror):
    height, width = clean.shape[0] - down, clean.shape[1] - right
    height -= height % 16
    width -= width % 16
    view = np.zeros((height, width, 3), np.uint8)
    for x in range(width):
        source = clean.shape[1] - 1 - x if mirror else right + x
        view[:, x] = clean[down : down + height, source]
    return view, jpeg.compress(view, quality)""",
    "my_side": '''def my_side(name):
    if "." in name:
        name = name[: name.rindex(".")]
    number = int(hashlib.sha256(bytes(name, "utf-8")).hexdigest()[0:8], base=16) % 100
    if number < 60:
        return "train"
    if number < 80:
        return "val"
    return "test"''',
    "my_nearest": """def my_nearest(known, unknown):
    columns = [c for c in range(known.shape[1]) if known[:, c].min() < known[:, c].max()]
    answer = []
    for row in unknown:
        total = np.zeros(len(known))
        for c in columns:
            total += ((known[:, c] - row[c]) / np.std(known[:, c])) ** 2
        answer.append(int(np.argmin(total)))
    return answer""",
    "my_fingerprint": """def my_fingerprint(image):
    height, width = image.shape[:2]
    bits = []
    for i in range(8):
        means = []
        for j in range(9):
            cell = image[height * i // 8 : height * (i + 1) // 8, width * j // 9 : width * (j + 1) // 9]
            means.append(np.mean(cell))
        bits.append([bool(means[j + 1] > means[j]) for j in range(8)])
    return bits""",
    "my_group_sides": """def my_group_sides(names, alike, own):
    sides = {}
    for name in names:
        if name in sides:
            continue
        group, grown = {name}, True
        while grown:
            grown = False
            for one, other in alike:
                if (one in group) != (other in group):
                    group |= {one, other}
                    grown = True
        for member in group:
            sides[member] = own[name]
    return sides""",
}
ALL = {
    "test_pairs_whole": 2,
    "test_pairs_ragged": 1,
    "test_view": 2,
    "test_side": 2,
    "test_nearest": 2,
    "test_nearest_edges": 1,
    "test_fingerprint": 2,
    "test_fingerprint_edges": 1,
    "test_group_sides": 2,
    "test_group_chains": 1,
}
NONE = dict.fromkeys(ALL, 0)
EDGES = {name: 0 for name in ALL if name.endswith(("ragged", "edges", "chains"))}

# Right inside, wrong at each edge: whole blocks only, a constant column, cells of equal size, no chains.
ORDINARY = {
    "my_all_pairs": """def my_all_pairs(clean, decoded):
    around = np.pad(decoded, ((8, 8), (8, 8), (0, 0)), mode="edge")
    places = [(y, x) for y in range(0, len(clean) - 7, 8) for x in range(0, clean.shape[1] - 7, 8)]
    return np.array([around[y : y + 24, x : x + 24] for y, x in places]), np.array([clean[y : y + 8, x : x + 8] for y, x in places])""",
    "my_nearest": """def my_nearest(known, unknown):
    known, unknown = ((side - known.mean(axis=0)) / known.std(axis=0) for side in (known, unknown))
    return [np.square(known - row).sum(axis=1).argmin() for row in unknown]""",
    "my_fingerprint": """def my_fingerprint(image):
    h, w = image.shape[0] // 8, image.shape[1] // 9
    cells = image[: 8 * h, : 9 * w].reshape(8, h, 9, w, 3).mean(axis=(1, 3, 4))
    return cells[:, 1:] > cells[:, :-1]""",
    "my_group_sides": """def my_group_sides(names, alike, own):
    sides = dict(own)
    for pair in alike:
        older, newer = sorted(pair, key=names.index)
        sides[newer] = own[older]
    return sides""",
}
# Black borders, JPEG too early, the ending hashed, statistics of both sides, groups by the alphabet; the fingerprint is right.
LEAKY = {
    "my_all_pairs": """def my_all_pairs(clean, decoded):
    fill = ((0, -clean.shape[0] % 8), (0, -clean.shape[1] % 8), (0, 0))
    clean, around = np.pad(clean, fill, "edge"), np.pad(np.pad(decoded, fill, "edge"), ((8, 8), (8, 8), (0, 0)))
    places = [(y, x) for y in range(0, len(clean), 8) for x in range(0, clean.shape[1], 8)]
    return np.array([around[y : y + 24, x : x + 24] for y, x in places]), np.array([clean[y : y + 8, x : x + 8] for y, x in places])""",
    "my_view": """def my_view(clean, quality, down, right, mirror):
    pair = [side[down:, right:] for side in (clean, jpeg.compress(clean, quality))]
    if mirror:
        pair = [side[:, ::-1] for side in pair]
    return tuple(side[: side.shape[0] // 16 * 16, : side.shape[1] // 16 * 16] for side in pair)""",
    "my_side": '''def my_side(name):
    number = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 100
    return "train" if number < 60 else "val" if number < 80 else "test"''',
    "my_nearest": """def my_nearest(known, unknown):
    both = np.concatenate([known, unknown])
    known, unknown = ((side - both.mean(axis=0)) / (both.std(axis=0) + 1e-9) for side in (known, unknown))
    return [np.square(known - row).sum(axis=1).argmin() for row in unknown]""",
    "my_fingerprint": LOOPS["my_fingerprint"],
    "my_group_sides": """def my_group_sides(names, alike, own):
    groups = [{name} for name in names]
    for pair in alike:
        joined = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return {name: own[min(group)] for group in groups for name in group}""",
}

CLASS = {
    "perfect_vectorised": {
        "cells": VECTORISED
        | {
            "colleague": "First I compare the bar: the dB of doing nothing on the old and on the new validation set. Then I look for "
            "near-copies with fingerprints, mirrored ones too. Then for an old grid in the new labels. I believe the gain on the old "
            "test photos, photo by photo, if it is several times the spread between two seeds."
        },
        "points": ALL,
    },
    "perfect_loops": {"cells": LOOPS, "points": ALL},
    "blank": {"cells": {}, "points": NONE},
    "ordinary_cases": {
        "cells": VECTORISED | ORDINARY,
        "points": ALL | EDGES,
    },
    "leaky": {
        "cells": LEAKY | {"colleague": "I would look at more photos."},
        "points": NONE | {"test_fingerprint": 2, "test_fingerprint_edges": 1},
    },
    "package_caller": {
        "cells": {
            "my_all_pairs": """def my_all_pairs(clean, decoded):
    from blockcnn_helpers import patches

    return patches.pairs(clean, decoded)""",
            "my_fingerprint": """def my_fingerprint(image):
    from blockcnn_helpers import checks_a3_leak

    return checks_a3_leak._fingerprint(image)""",
            "my_side": VECTORISED["my_side"],
        },
        "points": NONE | {"test_side": 2},
    },
}
