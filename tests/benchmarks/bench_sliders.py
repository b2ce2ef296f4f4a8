"""What a move of a slider takes, from the key to the picture on the screen, in a real JupyterLab: ours and `interact` with matplotlib.

    python tests/benchmarks/bench_sliders.py

A photo of 768x512 pixels, 30 moves by the arrow keys each, medians. The clock starts with the key and stops after the frame in which
the last new picture is drawn. "Kernel" is the time the slider's callback takes there, the sending included. Both versions show every
pixel of the photo and say the same numbers. Figures only: nothing passes or fails.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import lab

MOVES = 30
PHOTO = """
import statistics, time, numpy as np
from PIL import Image
from blockcnn_helpers import download, explorers, images, jpeg
kodak = download.data_folder() / "kodak24" / "kodim23.png"
photo = Image.open(kodak).convert("RGB") if kodak.is_file() else Image.fromarray(images.course_photos()["coffee"]).resize((768, 512))
photo = np.asarray(photo)
"""
KERNEL = """
took = []
for quality in range(20, 50):
    started = time.perf_counter()
    box.slider.value = quality
    took.append(time.perf_counter() - started)
    time.sleep(0.3)  # the browser draws meanwhile, on the same cores
box.slider.value = 20
print(f"kernel {1000 * statistics.median(took):.1f}")
"""
INTERACT = """
def show(quality=20):
    data = jpeg.encode(photo, quality)
    decoded = jpeg.decode(data)
    pictures = [decoded] if one else [photo, decoded, np.abs(photo.astype(int) - decoded).mean(axis=2)]
    figure, axes = plt.subplots(1, len(pictures), figsize=(7.68 * len(pictures), 5.12), squeeze=False)
    for place, picture in zip(axes.flat, pictures):
        place.imshow(picture, cmap="gray_r", vmin=0, vmax=60)
        place.axis("off")
    plt.show()
    print(len(data), "bytes,", metrics.psnr(photo, decoded), "dB,", metrics.blockiness(decoded))

ipywidgets.interact(show, quality=ipywidgets.IntSlider(20, 1, 95));
"""
INTERACT_KERNEL = """
from IPython.display import clear_output

took = []
for quality in range(20, 30):
    started = time.perf_counter()
    show(quality)
    took.append(time.perf_counter() - started)
    time.sleep(0.3)
clear_output()
print(f"kernel {1000 * statistics.median(took):.1f}")
"""
SLOW = PHOTO + """
import ipywidgets, matplotlib.pyplot as plt
from blockcnn_helpers import metrics
plt.rcParams["figure.dpi"] = 100
%matplotlib inline
"""
NOTEBOOKS = {
    "one picture": [PHOTO, "box = explorers.quality_slider(photo, quality=20, shown=['JPEG'])\nbox", KERNEL],
    "one picture, interact + matplotlib": [SLOW + "one = True", INTERACT, INTERACT_KERNEL],
    "three pictures": [PHOTO, "box = explorers.quality_slider(photo, quality=20)\nbox", KERNEL],
    "three pictures, interact + matplotlib": [SLOW + "one = False", INTERACT, INTERACT_KERNEL],
}
# One move: resolves with the milliseconds from the key to the frame after the last of `wanted` new pictures was decoded.
ARM = """([cell, wanted]) => {
  const area = document.querySelectorAll('.jp-CodeCell')[cell].querySelector('.jp-Cell-outputArea')
  window.took = new Promise(resolve => {
    let pressed = 0, shown = 0
    document.addEventListener('keydown', () => { pressed = performance.now() }, { capture: true, once: true })
    const watcher = new MutationObserver(async changes => {
      for (const change of changes) for (const node of change.addedNodes) {
        const pictures = node.matches?.('img') ? [node] : [...(node.querySelectorAll?.('img') ?? [])]
        for (const picture of pictures) {
          await picture.decode()
          if (++shown === wanted) {
            watcher.disconnect()
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)))
          }
        }
      }
    })
    watcher.observe(area, { childList: true, subtree: true })
  })
}"""


def measure(page, address, path, new_pictures):
    cells = lab.run_all(page, address, path)
    printed = "".join("".join(output.get("text", "")) for output in cells[2]["outputs"])
    kernel = float(printed.split("kernel ")[1])
    handle = page.locator(".jp-OutputArea-output .noUi-handle").first
    handle.scroll_into_view_if_needed()
    time.sleep(2)
    handle.focus()
    took = []
    for _ in range(MOVES):
        page.evaluate(ARM, [1, new_pictures])
        page.keyboard.press("ArrowRight")
        took.append(page.evaluate("Promise.race([window.took, new Promise(resolve => setTimeout(resolve, 10000, NaN))])"))
        time.sleep(0.3)
    return statistics.median(took), kernel


def main():
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no Chromium here: install it (Debian, Ubuntu: apt install chromium) or say where it is in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with lab.serving(folder) as (address, work), lab.browsing(chromium, folder / "profile") as browser:
            found = {}
            for number, (name, sources) in enumerate(NOTEBOOKS.items()):
                page = browser.new_page()
                path = lab.notebook_of(work / f"bench{number}.ipynb", sources)
                found[name] = measure(page, address, path, 2 if name == "three pictures" else 1)
                page.close()
    print(f"768x512 pixels, median of {MOVES} moves        key to picture     kernel")
    for name, (whole, kernel) in found.items():
        slow = found[f"{name.split(',')[0]}, interact + matplotlib"][0]
        print(f"  {name:38} {whole:8.0f} ms {kernel:8.1f} ms   {slow / whole:5.1f} times as fast as with interact")


if __name__ == "__main__":
    main()
