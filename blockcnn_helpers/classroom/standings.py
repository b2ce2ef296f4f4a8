"""The table of a contest: ranks, CSV, Markdown."""

import csv
import io
from pathlib import Path

from blockcnn_helpers.files import new_file

COLUMNS = ("rank", "student", "gain", "over_blockcnn", "psnr", "weights", "minutes", "device", "seconds_per_megapixel", "points", "remark")
JPEG, BLOCKCNN = "(JPEG)", "(BlockCNN)"


def row(student):
    """Return a row with nothing but a name."""
    return dict.fromkeys(COLUMNS) | {"student": student, "remark": ""}


def ranked(rows):
    """Sort rows by gain, those without a rank last, and count ranks; equal gains share one."""
    free = [row for row in rows if not row["remark"]]
    free.sort(key=lambda row: (-row["gain"], row["student"]))
    gains = [row["gain"] for row in free if row["student"] != BLOCKCNN]
    for one in free:
        one["rank"] = None if one["student"] == BLOCKCNN else 1 + sum(gain > one["gain"] for gain in gains)
    rest = [row for row in rows if row["remark"]]
    return free + sorted(rest, key=lambda row: (row["gain"] is None, -(row["gain"] or 0), row["student"]))


def write(rows, path):
    """Write rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({key: "" if value is None else _written(key, value) for key, value in row.items()} for row in rows)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with new_file(path, force=True) as file:
        file.write(text.getvalue().encode())


def _written(key, value):
    if isinstance(value, float):
        return f"{value:.2f}" if key in ("minutes", "seconds_per_megapixel") else f"{value:.4f}"
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@" else value  # a spreadsheet would compute it


def table(rows):
    """Lay rows out as a Markdown table.

    Examples
    --------
    >>> print(table([row("ada") | {"rank": 1, "gain": 1.234, "points": 12}]).splitlines()[2])
    |    1 | ada        | +1.23 |               |       |         |         |                 |     12 |        |
    """
    heads = ("rank", "student", "gain", "over BlockCNN", "PSNR", "weights", "minutes", "s per megapixel", "points", "remark")
    lines = []
    for one in rows:
        trained = f"{one['minutes']:.1f} {one['device']}" if one["minutes"] is not None else ""
        forms = {"gain": "+.2f", "over_blockcnn": "+.2f", "psnr": ".2f", "weights": ","}
        numbers = [_number(one[key], form) for key, form in forms.items()]
        numbers += [trained, _number(one["seconds_per_megapixel"], ".1f"), _number(one["points"], "d")]
        lines.append([_number(one["rank"], "d"), one["student"], *numbers, one["remark"]])
    lines = [[text.replace("|", "/") for text in line] for line in lines]
    widths = [max(len(head), *(len(line[place]) for line in lines)) for place, head in enumerate(heads)]
    widths[1] = max(widths[1], len(BLOCKCNN))

    def laid_out(line):
        parts = [text.ljust(width) if place in (1, 9) else text.rjust(width) for place, (text, width) in enumerate(zip(line, widths))]
        return f"| {' | '.join(parts)} |"

    rule = [f"{'-' * (width + (place in (1, 9)))}{'' if place in (1, 9) else ':'}" for place, width in enumerate(widths)]
    return "\n".join([laid_out(heads), f"|-{'|-'.join(rule)}|", *map(laid_out, lines)])


def _number(value, form):
    return "" if value is None else f"{value:{form}}"
