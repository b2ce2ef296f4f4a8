"""Sample submissions of assignment 2: for each student the cells that were filled, and the points that they are to earn."""

SET = """def my_set_psnr(originals, images):
    squares = [np.square(original.astype(float) - image).ravel() for original, image in zip(originals, images)]
    mse = np.array([values.mean() for values in squares])
    lossy = mse > 0
    if not lossy.any():
        return np.inf, np.inf, len(images)
    psnr = lambda error: 10 * np.log10(255**2 / error)
    return psnr(mse[lossy]).mean(), psnr(np.concatenate(squares).mean()), int((~lossy).sum())
"""
SET_LOOPS = """def my_set_psnr(originals, images):
    total, count, decibels, lossless = 0, 0, [], 0
    for original, image in zip(originals, images):
        error = metrics.mse(original, image)
        total += error * image.size
        count += image.size
        if error == 0:
            lossless += 1
        else:
            decibels.append(metrics.psnr(original, image))
    if len(decibels) == 0:
        return float("inf"), float("inf"), lossless
    return sum(decibels) / len(decibels), metrics.decibels(total / count), lossless
"""
SET_EQUAL = """def my_set_psnr(originals, images):
    errors = [metrics.mse(a, b) for a, b in zip(originals, images)]
    psnrs = [metrics.psnr(a, b) for a, b in zip(originals, images)]
    lossless = sum(e == 0 for e in errors)
    kept = [p for p in psnrs if p != np.inf]
    return np.mean(kept) if kept else np.inf, metrics.decibels(np.mean(errors)), lossless
"""
SET_INFINITE = """def my_set_psnr(originals, images):
    errors = np.array([metrics.mse(a, b) for a, b in zip(originals, images)])
    sizes = [image.size for image in images]
    mean = np.mean([metrics.decibels(error) for error in errors])
    return mean, metrics.decibels((errors * sizes).sum() / sum(sizes)), (errors == 0).sum()
"""
BLOCKING = """def my_blocking(plane, size):
    height, width = plane.shape
    down, right = np.diff(plane.astype(float), axis=0) ** 2, np.diff(plane.astype(float), axis=1) ** 2
    rows, columns = np.arange(1, height) % size == 0, np.arange(1, width) % size == 0
    number = rows.sum() * width + columns.sum() * height
    if number == 0:
        return 0.0
    border = down[rows].sum() + right[:, columns].sum()
    rest = (down.sum() + right.sum() - border) / (down.size + right.size - number)
    return max(0.0, np.log2(size) / np.log2(min(height, width)) * (border / number - rest))
"""
BLOCKING_LOOPS = """def my_blocking(plane, size):
    height, width = plane.shape
    border, inside = [], []
    for y in range(height):
        for x in range(width):
            if y + 1 < height:
                step = (float(plane[y + 1, x]) - float(plane[y, x])) ** 2
                (border if (y + 1) % size == 0 else inside).append(step)
            if x + 1 < width:
                step = (float(plane[y, x + 1]) - float(plane[y, x])) ** 2
                (border if (x + 1) % size == 0 else inside).append(step)
    if not border:
        return 0
    excess = sum(border) / len(border) - sum(inside) / len(inside)
    if excess <= 0:
        return 0
    return np.log(size) / np.log(min(height, width)) * excess
"""
BLOCKING_UINT8 = """def my_blocking(plane, size):
    parts = [np.diff(plane, axis=0) ** 2, (np.diff(plane, axis=1) ** 2).T]
    border = np.concatenate([part[size - 1 :: size].ravel() for part in parts])
    if border.size == 0:
        return 0.0
    count = sum(part.size for part in parts) - border.size
    inside = (sum(part.sum() for part in parts) - border.sum()) / count
    return max(0.0, np.log(size) / np.log(min(plane.shape)) * (border.mean() - inside))
"""
BLOCKING_PACKAGE = """def my_blocking(plane, size):
    if size != 8:
        return 0.0
    image = np.rint(plane).clip(0, 255).astype(np.uint8)
    return metrics.blocking(np.stack([image, image, image], axis=-1))
"""
GRID = """def my_grid(plane, clear):
    place = []
    for turned in (plane, plane.T):
        size = np.abs(np.diff(turned.astype(int), axis=0))
        larger = (size[1:-1] > size[:-2]) & (size[1:-1] > size[2:])
        by_place = [larger[(start - 2) % 8 :: 8].mean() for start in range(8)]
        order = np.argsort(by_place)
        if by_place[order[7]] <= clear * by_place[order[6]]:
            return None
        place.append(int(order[7]))
    return place[0], place[1]
"""
GRID_LOOPS = """def my_grid(plane, clear):
    found = []
    for lines in (plane.T, plane):
        voters, standing = [0] * 8, [0] * 8
        for line in lines:
            sizes = [abs(int(b) - int(a)) for a, b in zip(line, line[1:])]
            for k in range(1, len(sizes) - 1):
                voters[(k + 1) % 8] += 1
                if sizes[k] > sizes[k - 1] and sizes[k] > sizes[k + 1]:
                    standing[(k + 1) % 8] += 1
        shares = [standing[k] / voters[k] for k in range(8)]
        second, first = sorted(shares)[6:]
        if first <= clear * second:
            return None
        found.append(shares.index(first))
    return tuple(found)
"""
GRID_EITHER = """def my_grid(plane, clear):
    place, sure = [], False
    for turned in (plane, plane.T):
        size = np.abs(np.diff(turned.astype(int), axis=0))
        larger = (size[1:-1] > size[:-2]) & (size[1:-1] > size[2:])
        by_place = np.array([larger[(start - 2) % 8 :: 8].mean() for start in range(8)])
        sure = sure or np.sort(by_place)[-1] > clear * np.sort(by_place)[-2]
        place.append(int(by_place.argmax()))
    return tuple(place) if sure else None
"""
GRID_LOST = GRID.replace("return place[0], place[1]", "return -place[0] % 8, -place[1] % 8")
TABLE = """def my_fair_table(rows):
    last = {(row["method"], (row["image"], row["quality"])): row["psnr"] for row in rows}
    methods = list(dict.fromkeys(row["method"] for row in rows))
    everything = dict.fromkeys(case for _, case in last)
    shared = [case for case in everything if all(last.get((method, case)) is not None for method in methods)]
    if not shared:
        return []
    psnr = {method: np.array([last[method, case] for case in shared]) for method in methods}
    lines = [(method, psnr[method].mean(), (psnr[method] - psnr["JPEG"]).mean()) for method in methods]
    others = sorted((line for line in lines if line[0] != "JPEG"), key=lambda line: line[2], reverse=True)
    return [line for line in lines if line[0] == "JPEG"] + others
"""
TABLE_LOOPS = """def my_fair_table(rows):
    methods, found = [], {}
    for row in rows:
        if row["method"] not in methods:
            methods.append(row["method"])
        case = row["image"], row["quality"]
        if case not in found:
            found[case] = {}
        found[case][row["method"]] = row["psnr"]
    sums, gains, count = dict.fromkeys(methods, 0.0), dict.fromkeys(methods, 0.0), 0
    for values in found.values():
        if len(values) < len(methods) or None in values.values():
            continue
        count += 1
        for method in methods:
            sums[method] += values[method]
            gains[method] += values[method] - values["JPEG"]
    if count == 0:
        return []
    methods.remove("JPEG")
    methods.sort(key=lambda method: gains[method], reverse=True)
    return [(method, sums[method] / count, gains[method] / count) for method in ["JPEG"] + methods]
"""
TABLE_EARLIER = """def my_fair_table(rows):
    return TABLE_OF([row for row in rows if row["psnr"] is not None])


""" + TABLE.replace("my_fair_table", "TABLE_OF")
TABLE_PAIRS = """def my_fair_table(rows):
    base = {(row["image"], row["quality"]): row["psnr"] for row in rows if row["method"] == "JPEG"}
    gains, levels = {}, {}
    for row in rows:
        jpeg_level = base.get((row["image"], row["quality"]))
        if row["psnr"] is not None and jpeg_level is not None:
            gains.setdefault(row["method"], []).append(row["psnr"] - jpeg_level)
            levels.setdefault(row["method"], []).append(row["psnr"])
    lines = [(method, np.mean(levels[method]), np.mean(gains[method])) for method in gains]
    return sorted(lines, key=lambda line: (line[0] != "JPEG", -line[2]))
"""
SETTLED = """def my_settled(first, second, picks):
    shared = [name for name in first if name in second]
    gap = np.array([first[name] for name in shared]) - np.array([second[name] for name in shared])
    low, high = np.quantile(gap[picks].mean(axis=1), [0.025, 0.975])
    return low, high, "first" if low > 0 else ("second" if high < 0 else "open")
"""
SETTLED_LOOPS = """def my_settled(first, second, picks):
    gaps = []
    for name in first:
        if name in second:
            gaps.append(first[name] - second[name])
    means = []
    for draw in picks:
        total = 0.0
        for place in draw:
            total += gaps[place]
        means.append(total / len(draw))
    low, high = np.percentile(means, 2.5), np.percentile(means, 97.5)
    if low > 0:
        return low, high, "first"
    if high < 0:
        return low, high, "second"
    return low, high, "open"
"""
SETTLED_POSITION = """def my_settled(first, second, picks):
    gaps = np.array(list(first.values())) - np.array(list(second.values()))
    low, high = np.percentile(gaps[picks].mean(axis=1), [2.5, 97.5])
    return low, high, "first" if low > 0 else "second" if high < 0 else "open"
"""
SETTLED_90 = SETTLED.replace("[0.025, 0.975]", "[0.05, 0.95]")

PAPER = """**Other photos.** Ours was judged on 16 photos, the others on 24, and the 16 were picked because they decode without
warnings. If those are easier, the PSNR is higher for every method. I would run all three on the same 24 and give the mean of the
differences, with its interval.

**Strength.** The best of 8 strengths was taken for each photo by looking at the original. Nobody has it when repairing. I would
choose one strength on other photos and test it here."""


FULL = {
    "set_psnr_sizes": 2,
    "set_psnr_lossless": 1,
    "blocking_sizes": 3,
    "blocking_edges": 1,
    "grid_place": 2,
    "grid_none": 1,
    "fair_table_cases": 2,
    "fair_table_rules": 1,
    "settled_interval": 2,
    "settled_edges": 1,
}


def student(psnr=None, blocking=None, grid=None, table=None, settled=None, paper=None, **points):
    cells = {"set_psnr": psnr, "blocking": blocking, "grid": grid, "fair_table": table, "settled": settled, "paper": paper}
    return {"cells": {name: source for name, source in cells.items() if source}, "points": points}


CLASS = {
    "perfect_vectorised": student(SET, BLOCKING, GRID, TABLE, SETTLED, PAPER, **FULL),
    "perfect_loops": student(SET_LOOPS, BLOCKING_LOOPS, GRID_LOOPS, TABLE_LOOPS, SETTLED_LOOPS, **FULL),
    "blank": student(**dict.fromkeys(FULL, 0)),
    # All pictures as of one size, uint8 steps, one clear direction taken for enough, earlier rows for failed ones, pairs by position.
    "nearly_there": student(
        SET_EQUAL, BLOCKING_UINT8, GRID_EITHER, TABLE_EARLIER, SETTLED_POSITION,
        **FULL | dict.fromkeys(
            ("set_psnr_sizes", "set_psnr_lossless", "blocking_edges", "grid_none", "fair_table_rules", "settled_edges"), 0
        ),
    ),
    # An infinite mean, the package's own function, what was cut off instead of what is left, each method against JPEG, 90 percent.
    "wide_of_the_mark": student(SET_INFINITE, BLOCKING_PACKAGE, GRID_LOST, TABLE_PAIRS, SETTLED_90, **dict.fromkeys(FULL, 0) | {
        "set_psnr_sizes": 2, "grid_none": 0,
    }),
    "half_time": student(SET, None, GRID_LOOPS, None, SETTLED, **FULL | {
        "blocking_sizes": 0, "blocking_edges": 0, "fair_table_cases": 0, "fair_table_rules": 0,
    }),
}  # fmt: skip
