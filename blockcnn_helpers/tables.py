"""Rows of measurements as means, gains, spreads and Markdown tables."""

import numpy as np

COLUMNS = ("bpp", "psnr", "ssim", "psnr_b", "psnr_y", "seconds")


def means(rows):
    """Average rows over images: one dict for each quality and method, in the order they came, without ``image``.

    PSNR is averaged in dB; an image without loss (infinite PSNR) makes the mean infinite.
    """
    groups = {}
    for row in rows:
        groups.setdefault((row["quality"], row["method"]), []).append(row)
    result = []
    for (quality, method), group in groups.items():
        columns = {key: [row[key] for row in group if row.get(key) is not None] for key in COLUMNS}
        averages = {key: float(np.mean(values)) if values else None for key, values in columns.items()}
        result.append({"quality": quality, "method": method, "images": len(group)} | averages)
    return result


def gains(rows, measure="psnr"):
    """Return by how much each row is better than JPEG on the same image at the same quality.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`: JPEG among the methods.
    measure : {"psnr", "ssim", "psnr_b", "psnr_y"}

    Returns
    -------
    dict of (quality, method) to dict of image to float
        In the order the rows came, JPEG left out, and with it images without loss, over which nothing can be gained.

    Raises
    ------
    ValueError
        If a row has no JPEG to be compared with.

    Examples
    --------
    >>> rows = [{"quality": 10, "image": "a", "method": method, "psnr": psnr} for method, psnr in (("JPEG", 27.0), ("TV", 27.5))]
    >>> gains(rows)
    {(10, 'TV'): {'a': 0.5}}
    """
    base = {(row["quality"], row["image"]): row[measure] for row in rows if row["method"] == "JPEG"}
    result = {}
    for row in rows:
        key = row["quality"], row["image"]
        if key not in base:
            raise ValueError(f"no JPEG row for image {row['image']!r} at quality {row['quality']}: a gain needs its baseline")
        if row["method"] != "JPEG" and np.isfinite([row[measure], base[key]]).all():
            result.setdefault((row["quality"], row["method"]), {})[row["image"]] = row[measure] - base[key]
    return result


def spread(rows, measure="psnr"):
    """Summarise the gains over JPEG: one dict for each quality and method.

    Parameters
    ----------
    rows, measure
        As for `gains`.

    Returns
    -------
    list of dict
        ``quality``, ``method``, ``images``, ``mean`` and ``sd`` (of the gains; sample standard deviation, None for one image),
        ``worst`` (an image), ``least`` (its gain) and ``better`` (how many images gained).
    """
    result = []
    for (quality, method), group in gains(rows, measure).items():
        values = list(group.values())
        worst = min(group, key=group.get)
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        row = {"quality": quality, "method": method, "images": len(values), "mean": float(np.mean(values)), "sd": sd}
        result.append(row | {"worst": worst, "least": group[worst], "better": sum(value > 0 for value in values)})
    return result


def spread_table(rows, qualities=None):
    """Lay out `spread` of PSNR as a Markdown table, with the standard error of the mean (sd / sqrt(images)); `qualities` chooses some.

    Examples
    --------
    >>> rows = [{"quality": 10, "image": "a", "method": method, "psnr": psnr} for method, psnr in (("JPEG", 27.0), ("TV", 27.5))]
    >>> print(spread_table(rows).splitlines()[2])
    |      10 | TV        |     +0.50 |       |       | a +0.50              |   1 of 1 |
    """
    wide = _width(rows)
    lines = [f"| quality | {'method':{wide}} | mean gain |    sd |    se | worst image          |   gained |"]
    lines += [f"|--------:|{'-' * (wide + 2)}|----------:|------:|------:|----------------------|---------:|"]
    for row in spread(rows):
        if qualities is None or row["quality"] in qualities:
            sd, se = ("", "") if row["sd"] is None else (f"{value:.2f}" for value in (row["sd"], row["sd"] / row["images"] ** 0.5))
            worst, gained = f"{row['worst']} {row['least']:+.2f}", f"{row['better']} of {row['images']}"
            line = f"| {row['quality']:7} | {row['method']:{wide}} | {row['mean']:+9.2f} | {sd:>5} | {se:>5} |"
            lines.append(f"{line} {worst:20} | {gained:>8} |")
    return "\n".join(lines)


def seconds_per_megapixel(rows):
    """Return {method: seconds per million pixels}: each image's quickest run among its qualities, which are equal work, all together."""
    best, pixels = {}, {row["image"]: row["pixels"] for row in rows}
    for row in rows:
        group = best.setdefault(row["method"], {})
        group[row["image"]] = min(row["seconds"], group.get(row["image"], np.inf))
    return {method: 1e6 * sum(group.values()) / sum(pixels[name] for name in group) for method, group in best.items()}


def _width(rows):
    """Return how wide a column of methods is: 9 letters, or as many as the longest name has."""
    return max([9, *(len(row["method"]) for row in rows)])


def table(rows, per_image=True, seconds=False, luma=False):
    """Lay out the rows of `evaluate` as Markdown tables, one for each quality, JPEG first, with means at the end.

    Parameters
    ----------
    rows : list of dict
        From `evaluate`.
    per_image : bool
        False for the means only.
    seconds : bool
        Add a column of the seconds that a repair took.
    luma : bool
        Add a column of the luma's PSNR.

    Returns
    -------
    str
        ``gain`` is the PSNR over JPEG's for the same image (of the means: over the mean of JPEG).

    Examples
    --------
    >>> row = {"quality": 25, "image": "a", "method": "JPEG", "bpp": 1, "psnr": 30.123, "ssim": 0.9, "psnr_b": 29, "seconds": 0}
    >>> print(table([row], per_image=False))
    JPEG quality 25, 1.00 bits per pixel
    <BLANKLINE>
    | image          | method    |   PSNR |   gain |   SSIM | PSNR-B |
    |----------------|-----------|-------:|-------:|-------:|-------:|
    | mean of 1      | JPEG      |  30.12 |        | 0.9000 |  29.00 |
    """
    wide = _width(rows)
    head = [f"| {'image':14} | {'method':{wide}} |   PSNR |   gain |   SSIM | PSNR-B |" + luma * " Y PSNR |" + seconds * " seconds |"]
    head += [f"|{'-' * 16}|{'-' * (wide + 2)}|" + (4 + luma) * "-------:|" + seconds * "--------:|"]
    averages = [row | {"image": f"mean of {row['images']}"} for row in means(rows)]
    parts = []
    for quality in dict.fromkeys(row["quality"] for row in rows):
        chosen = [row for row in (rows if per_image else []) if row["quality"] == quality]
        chosen += [row for row in averages if row["quality"] == quality]
        bits = next(row["bpp"] for row in averages if row["quality"] == quality)
        lines = [f"JPEG quality {quality}, {bits:.2f} bits per pixel", "", *head]
        base, last = None, None
        for row in chosen:
            base = row["psnr"] if row["method"] == "JPEG" else base
            name, last = "" if row["image"] == last else row["image"], row["image"]
            gain = "" if row["method"] == "JPEG" or base is None or not np.isfinite(base) else f"{row['psnr'] - base:+.2f}"
            ssim = "" if row["ssim"] is None else f"{row['ssim']:.4f}"
            line = f"| {name:14} | {row['method']:{wide}} | {row['psnr']:6.2f} | {gain:>6} | {ssim:>6} | {row['psnr_b']:6.2f} |"
            line += f" {row['psnr_y']:6.2f} |" if luma else ""
            lines.append(line + (f" {row['seconds']:7.2f} |" if seconds else ""))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
