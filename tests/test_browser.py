"""Every lesson in a real JupyterLab and a real browser: all cells run, and explorers answer keyboard and mouse and say what they show."""

import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from lab import ERRORS, SCREENSHOTS, has_run, notebook_of, open_notebook, run_all, start, wait_for
from lesson_cells import EXPLORED, needed_for
from PIL import Image

from blockcnn_helpers import images, jpeg, metrics

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SECONDS = 1000
SLIDERS = ".jp-OutputArea-output .noUi-handle, .jp-OutputArea-output input[type=range]"

# What a slider's cell shows: its text without the sliders' own read-outs, and a digest of each picture's bytes. (A picture that is
# replaced while it is read is gone: then the cell is read again.)
SHOWN = """async function read(handle) {
  const area = handle.closest('.jp-OutputArea'), copy = area.cloneNode(true)
  copy.querySelectorAll('.widget-readout, svg, style, .jp-OutputPrompt').forEach(other => other.remove())
  const digests = []
  for (const image of area.querySelectorAll('img[src]')) {
    let bytes
    try { bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer()) } catch (error) {
      if (image.isConnected) throw error
      return read(handle)
    }
    digests.push(bytes.length + ':' + bytes.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7))
  }
  area.querySelectorAll('svg:not([data-icon])').forEach(drawing => digests.push(drawing.outerHTML))
  return {text: copy.textContent.replace(/\\s+/g, ' ').trim(), pictures: digests.join(' ')}
}"""
CELL = "handle => handle.closest('.jp-Cell').querySelector('.jp-InputArea-editor').innerText"
BYTES = "async image => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]"
PLACE = "image => [image.style.left, image.style.top, image.style.width].join(' ')"
# JupyterLab gives the pictures of cells no alternative text, whatever a notebook says; the paragraph below each does it instead (a test in
# test_notebooks_meta.py looks). All else in an output is ours.
WHERE = {"include": [[".jp-Notebook .jp-Cell-outputArea"]], "exclude": [[".jp-RenderedImage"]]}
AXE = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(3 * SECONDS)]


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def move(page, handle):
    """Move one slider a step by the keyboard; return what its cell showed before and after."""
    handle.scroll_into_view_if_needed()
    before = after = handle.evaluate(SHOWN)
    handle.focus()
    for key in ("ArrowLeft", "ArrowRight"):  # the other way too, for a slider that stands at its end
        page.keyboard.press(key)
        for _ in range(100):
            time.sleep(0.1)
            after = handle.evaluate(SHOWN)
            if after["text"] != before["text"]:
                time.sleep(1)
                return before, handle.evaluate(SHOWN)
    return before, after


def drag(page, handle):
    """Drag a slider's handle by the mouse, to where there is more room; return what its cell showed before and after."""
    handle.scroll_into_view_if_needed()
    before = after = handle.evaluate(SHOWN)
    box, track = handle.bounding_box(), handle.evaluate("handle => handle.closest('.noUi-target').getBoundingClientRect().toJSON()")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    far = 0.6 * track["width"] * (1 if x < track["x"] + track["width"] / 2 else -1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + far / 2, y, steps=4)
    page.mouse.move(x + far, y, steps=4)
    page.mouse.up()
    for _ in range(100):
        time.sleep(0.1)
        after = handle.evaluate(SHOWN)
        if after["text"] != before["text"]:
            break
    return before, after


def look_around(page, viewer):
    """Move and zoom a viewer by keyboard and mouse: its pictures must follow together, pixels as squares."""
    viewer.scroll_into_view_if_needed()
    picture, place = viewer.locator("img").first, lambda: viewer.locator("img").first.evaluate(PLACE)
    seen = [place()]
    viewer.focus()
    for act in (lambda: page.keyboard.press("+"), lambda: page.keyboard.press("ArrowRight"), lambda: pull(page, viewer)):
        act()
        time.sleep(0.2)
        seen.append(place())
    assert len(set(seen)) == len(seen), seen
    assert len({other.evaluate(PLACE) for other in viewer.locator("img").all()}) == 1, "pictures move together"
    assert picture.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    viewer.locator("button:has-text('whole')").click()


def pull(page, viewer):
    box = viewer.locator(".bcv-window").first.bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y - 25, steps=3)
    page.mouse.up()


def picture_in(viewer, number):
    return np.asarray(Image.open(io.BytesIO(bytes(viewer.locator("img").nth(number).evaluate(BYTES)))).convert("RGB"))


def findings(page):
    """What axe-core finds critical in the outputs of a notebook, as (rule, element)."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=WHERE, options=AXE).response
    critical = [rule for rule in found["violations"] if rule["impact"] == "critical"]
    return [(rule["id"], node["html"][:160]) for rule in critical for node in rule["nodes"]]


def test_the_lab_opens_at_lesson_00(lab, page):
    page.goto(lab[0], timeout=120_000)
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook h1", timeout=120_000)
    assert LESSONS[0].name in page.url


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_its_explorers_move(lab, page, lesson):
    address, work = lab
    cells = run_all(page, address, work / lesson.name, SECONDS)
    bad = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert bad == []
    redrawn, dragged = {}, set()
    for handle in page.locator(SLIDERS).all():
        before, after = move(page, handle)
        assert after["text"] != before["text"], f"the text line stays: {before['text'][:200]}"
        cell = handle.evaluate(CELL)
        redrawn[cell] = redrawn.get(cell, False) or after["pictures"] != before["pictures"]
        if cell not in dragged:
            before, after = drag(page, handle)
            assert after["text"] != before["text"], f"the mouse moves nothing: {before['text'][:200]}"
            dragged.add(cell)
    assert len(redrawn) == sum(bool(EXPLORED.search("".join(cell["source"]))) for cell in cells)
    assert all(redrawn.values()), f"the picture stays: {redrawn}"
    for viewer in page.locator(".jp-OutputArea-output .bcv").all():
        look_around(page, viewer)
    answer_questions(page)
    assert findings(page) == []
    assert page.locator(ERRORS).all_inner_texts() == []
    photograph(page, lesson.stem)


def answer_questions(page):
    """Answer the first question of a lesson by the keyboard, and be told why."""
    quiz = page.locator(".blockcnn-quiz")
    assert quiz.count() == 1, "each lesson ends with a self-test"
    radios = quiz.locator(".widget-radio-box").first.locator("input[type=radio]")
    radios.first.scroll_into_view_if_needed()
    radios.first.focus()
    page.keyboard.press("Space")
    wait_for(lambda: re.search("[✓✗]", quiz.inner_text()), 20, quiz.inner_text)
    assert "1 of " in quiz.inner_text()


def photograph(page, name):
    """Keep a screenshot of each explorer and of the self-test, for whoever wants to look."""
    SCREENSHOTS.mkdir(exist_ok=True)
    cells = page.locator(".jp-CodeCell:has(.jp-OutputArea-output .noUi-handle) .jp-Cell-outputWrapper, .jp-CodeCell:has(.blockcnn-quiz)")
    for number, cell in enumerate(cells.all()):
        cell.scroll_into_view_if_needed()
        cell.screenshot(path=SCREENSHOTS / f"{name}_{number}.png")


EXPLORERS = """
from blockcnn_helpers import blockexplorers, evalexplorers, explorers, images, jpeg, restoration
photo = images.course_photos()["chelsea"]
decoded = jpeg.compress(photo, 10)
"""


def test_numbers_agree_with_the_pictures_beside_them(lab, page):
    """Read the pictures back from the page, and compute what the text line says of them."""
    address, work = lab
    sources = [
        EXPLORERS,
        "explorers.quality_slider(photo, images.CROPS['chelsea'], quality=20)",
        "explorers.deblock_slider(photo, restoration.restore, images.CROPS['chelsea'])",
        "evalexplorers.before_after(decoded, restoration.restore(decoded, rounded=False), photo)",
    ]
    run_all(page, address, notebook_of(work / "agree.ipynb", sources))
    photo, cells = images.course_photos()["chelsea"], page.locator(".jp-CodeCell")
    for number, shown in ((1, 1), (2, 2), (3, 1)):
        cell = cells.nth(number)
        handle, viewer, said = cell.locator(".noUi-handle").first, cell.locator(".bcv"), cell.locator("[role=status]")
        handle.scroll_into_view_if_needed()
        handle.focus()
        for key in ("ArrowLeft", "ArrowLeft", "PageDown"):
            page.keyboard.press(key)
        time.sleep(3)  # the whole photo follows when the slider rests
        psnr = f"{metrics.psnr(photo, picture_in(viewer, shown)):.2f} dB"
        assert psnr in said.inner_text(), f"the picture has {psnr}"
        if number < 3:
            file = bytes(viewer.locator("img").nth(1).evaluate(BYTES))
            quality = int(re.search(r"quality (\d+)", said.inner_text())[1])
            assert file == jpeg.encode(photo, quality) and f"{len(file):,} bytes" in said.inner_text()


def test_a_click_in_the_photo_picks_the_block(lab, page):
    address, work = lab
    run_all(page, address, notebook_of(work / "pick.ipynb", [EXPLORERS, "blockexplorers.block_inspector(photo, 10, 20)"]))
    viewer, said = page.locator(".bcv"), page.locator(".jp-OutputArea [role=status]")
    viewer.locator("button:has-text('whole')").click()
    box = viewer.locator(".bcv-window").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_for(lambda: "rows 80–87" not in said.inner_text(), 20, said.inner_text)
    row, column = map(int, re.search(r"rows (\d+)–\d+, columns (\d+)–", said.inner_text()).groups())
    assert abs(row - 150) <= 8 and abs(column - 338) <= 8
    frame, window = viewer.locator(".bcv-mark").bounding_box(), viewer.locator(".bcv-window").bounding_box()
    assert abs((frame["x"] - window["x"]) / window["width"] - column / 448) < 0.03, "the frame stands where the click was"


def test_the_divider_moves_by_mouse_and_keyboard(lab, page):
    address, work = lab
    sources = [EXPLORERS, "evalexplorers.before_after(decoded, 255 - decoded)"]
    run_all(page, address, notebook_of(work / "divider.ipynb", sources))
    handle, window = page.locator(".bcv-handle"), page.locator(".bcv-window")
    assert handle.get_attribute("aria-valuenow") == "50" and "before on the left" in handle.get_attribute("aria-label")
    handle.focus()
    for key, now in (("ArrowRight", "52"), ("Home", "0"), ("End", "100"), ("PageDown", "80")):
        page.keyboard.press(key)
        assert handle.get_attribute("aria-valuenow") == now
    knob, frame = handle.bounding_box(), window.bounding_box()
    page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + 0.25 * frame["width"], knob["y"] + 40, steps=5)
    page.mouse.up()
    assert abs(float(handle.get_attribute("aria-valuenow")) - 25) <= 1
    shown = np.asarray(Image.open(io.BytesIO(window.screenshot())).convert("RGB")).astype(int)
    before = jpeg.compress(images.course_photos()["chelsea"], 10).mean()
    middle = shown.shape[1] // 4
    assert shown[:, : middle - 20].mean() < before + 30 and shown[:, middle + 20 :].mean() > 255 - before - 30, "negative right of it"


def test_the_stop_button_ends_a_training_and_keeps_its_weights(lab, page):
    """Press the button of lesson 04 while its training cell keeps the kernel busy."""
    address, work = lab
    sources = needed_for(LESSONS[4], "history")
    sources = [source.replace("training.profile()", "training.profile()\nsettings['steps'] = 3000") for source in sources]
    sources.append("print(history[-1]['step'], checkpoint.is_file(), abs(np.asarray(model.get_layer('unfold').kernel)).max() > 0)")
    prompts = open_notebook(page, address, notebook_of(work / "stop.ipynb", sources))
    words = page.locator(".jp-OutputArea [role=status]")
    wait_for(lambda: start(page, prompts), 120, lambda: "JupyterLab doesn't start to run cells")
    said = lambda: " ".join(words.all_inner_texts())
    wait_for(lambda: (found := re.search(r"step (\d+) of 3000", said())) and int(found[1]) >= 8, 300, said)
    page.locator("button:has-text('Stop, keep the weights')").click()
    wait_for(lambda: "stopped at step" in said(), 60, said)
    wait_for(lambda: has_run(prompts.last.inner_text()), 60, prompts.all_inner_texts)
    step, *kept = page.locator(".jp-OutputArea-output").last.inner_text().split()
    assert 8 <= int(step) < 1000 and kept == ["True", "True"]
    assert page.locator(ERRORS).all_inner_texts() == []
