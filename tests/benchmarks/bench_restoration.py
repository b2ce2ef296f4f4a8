"""Repairing one photo of 768x512: seconds by network and by way of running it, and the first call of the command.

    python tests/benchmarks/bench_restoration.py [cores]

All networks run in one process, one after the other, on two cores unless told otherwise; the seconds are those of the repair, with the
network loaded and called once before, the median of five. The baseline is BlockCNN block by block, each 24x24 neighbourhood on its own. The
original's network can be run in no other way; its weights are fresh, which makes it neither slower nor faster. Then the command is called,
in a process of its own each time: start-up, loading, repair and writing.
"""

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEIGHT, WIDTH, QUALITY = 512, 768, 25
BASELINE = "BlockCNN, block by block"
REPEATS = 5


def methods(data):
    """Return {name: function without arguments that repairs the photo in `data`}."""
    from blockcnn_helpers import jpeg, models, restoration

    image = jpeg.decode(data)
    wide, blockcnn = restoration.load_model("wide"), restoration.load_model("blockcnn")
    once = functools.partial(restoration.restore, image)
    return {
        BASELINE: functools.partial(restoration.restore_blocks, image, blockcnn),
        "original's network, block by block": functools.partial(restoration.restore_blocks, image, models.build("original")),
        "BlockCNN": functools.partial(once, blockcnn),
        "BlockCNN, projected": functools.partial(once, blockcnn, file=data),
        "wide": functools.partial(once, wide),
        "wide, projected (the command's)": functools.partial(once, wide, file=data),
        "wide, projected, mean of four": functools.partial(once, wide, file=data, ensemble=True),
    }


def seconds(repair):
    """Return the median over `REPEATS` calls, after one that may compile."""
    found = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        repair()
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def command_seconds(photo, model):
    """Return the seconds that ``blockcnn deblock`` takes from start to end, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        call = [sys.executable, "-m", "blockcnn_helpers", "deblock", str(photo), "-o", folder, "--model", model]
        subprocess.run(call, check=True, capture_output=True)
        return time.perf_counter() - start


def main(cores="2"):
    """Measure and print two tables."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from blockcnn_helpers import images, jpeg

    data = jpeg.encode(images.dead_leaves(HEIGHT, WIDTH, seed=1), QUALITY)
    found = {name: seconds(repair) for name, repair in methods(data).items()}
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"a photo of {WIDTH}x{HEIGHT} at quality {QUALITY}, {available} cores\n")
    print("| method                             | seconds | share of the baseline |")
    print("|------------------------------------|--------:|----------------------:|")
    for name, spent in found.items():
        print(f"| {name:34} | {spent:7.2f} | {spent / found[BASELINE]:20.0%}  |")
    print("\n| command, start-up included         | seconds |")
    print("|------------------------------------|--------:|")
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        photo.write_bytes(data)
        for model in ("wide", "blockcnn"):
            print(f"| deblock --model {model:18} | {command_seconds(photo, model):7.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
