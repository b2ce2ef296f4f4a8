"""Creating the patch dataset: time, peak memory and disk, beside the recipe this course grew from.

    python tests/benchmarks/bench_dataset.py [kodak24|bundled]

Both cut the same photos at JPEG quality 25 into every 24x24 -> 8x8 pair and leave them on disk, each in a process of its own; the time
is that of the work, without imports. The baseline re-states the original's recipe in our own code: a border of black, one Pillow crop per
tile, lists of float64 arrays on [0, 1], two ``.npy`` files.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

QUALITY = 25
METHODS = ("original recipe", "this course")


def photos(name):
    """Return {name: image} to cut."""
    from blockcnn_helpers import images

    return images.image_set(name)


def original_recipe(chosen, folder):
    """Cut tile by tile with Pillow, as the class project did."""
    inputs, targets = [], []
    for name in chosen:
        clean = Image.fromarray(chosen[name])
        buffer = io.BytesIO()
        clean.save(buffer, "JPEG", quality=QUALITY)
        compressed = Image.open(buffer)
        width, height = clean.size
        for top in range(0, height, 8):
            for left in range(0, width, 8):
                inputs.append(np.array(compressed.crop((left - 8, top - 8, left + 16, top + 16))) / 255)
                targets.append(np.array(clean.crop((left, top, left + 8, top + 8))) / 255)
    np.save(folder / "inputs.npy", np.array(inputs))
    np.save(folder / "targets.npy", np.array(targets))
    return len(inputs)


def this_course(chosen, folder):
    """Call what ``blockcnn create-data`` calls."""
    from blockcnn_helpers import patches

    return patches.create(chosen, folder / "pairs", QUALITY)["count"]


def work(method, name):
    """Do one method's work and print its figures as JSON."""
    chosen = photos(name)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        count = {METHODS[0]: original_recipe, METHODS[1]: this_course}[method](chosen, Path(folder))
        seconds = time.perf_counter() - start
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    unit = 1 if sys.platform == "darwin" else 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"pairs": count, "seconds": seconds, "memory": memory, "disk": disk}))


def main(name=None):
    """Measure both and print the table."""
    if name is None:
        from blockcnn_helpers.download import data_folder

        name = "kodak24" if (data_folder() / "kodak24" / "kodim24.png").is_file() else "bundled"
    rows = {}
    for method in METHODS:
        run = subprocess.run([sys.executable, __file__, "--work", method, name], check=True, capture_output=True, text=True)
        rows[method] = json.loads(run.stdout.splitlines()[-1])
    print(f"{rows[METHODS[0]]['pairs']:,} pairs of {name} at quality {QUALITY}\n")
    print("| recipe          | seconds | peak memory MB | disk MB |")
    print("|-----------------|--------:|---------------:|--------:|")
    for method, row in rows.items():
        print(f"| {method:15} | {row['seconds']:7.1f} | {row['memory'] / 1e6:14,.0f} | {row['disk'] / 1e6:7,.0f} |")
    first, second = (rows[method] for method in METHODS)
    ratios = [first[key] / second[key] for key in ("seconds", "memory", "disk")]
    print(f"| ratio           | {ratios[0]:6.1f}x | {ratios[1]:13.1f}x | {ratios[2]:6.1f}x |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
