"""Every lesson in a real JupyterLab and a real browser: all cells run, and every slider answers the keyboard."""

import json
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from lesson_cells import needed_for

from blockcnn_helpers import workspace

playwright = pytest.importorskip("playwright.sync_api")

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]  # and nothing that calls home:
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
TRACKER = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
SECONDS = 1000
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
ERRORS += ", .jupyter-widgets-error-widget"  # a widget that could not be drawn leaves the cell itself without an error
SLIDERS = ".jp-OutputArea-output .noUi-handle, .jp-OutputArea-output input[type=range]"

# What a slider's cell shows: its text without the sliders' own read-outs, and a digest of each picture's bytes.
SHOWN = """async handle => {
  const area = handle.closest('.jp-OutputArea'), copy = area.cloneNode(true)
  copy.querySelectorAll('.widget-readout, svg, style, .jp-OutputPrompt').forEach(other => other.remove())
  const digests = []
  for (const image of area.querySelectorAll('img')) {
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer())
    digests.push(bytes.length + ':' + bytes.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7))
  }
  area.querySelectorAll('svg:not([data-icon])').forEach(drawing => digests.push(drawing.outerHTML))
  return {text: copy.textContent.replace(/\\s+/g, ' ').trim(), pictures: digests.join(' ')}
}"""

CELL = "handle => handle.closest('.jp-Cell').querySelector('.jp-InputArea-editor').innerText"

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(3 * SECONDS)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, chromium):
    """A JupyterLab as `make lab` starts it, on a fresh working copy and with settings of its own: (address, working folder)."""
    folder = tmp_path_factory.mktemp("lab")
    work, settings = folder / "my work", folder / "settings" / TRACKER
    workspace.copy_lessons(work)
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # all cells are in the page, also those out of sight
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    places["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    environment = {**workspace.lab_environment(work), **places, "BLOCKCNN_PROFILE": "smoke"}
    command = workspace.lab_arguments(work, ["--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="], environment={})
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: server.poll() is None and answers(f"{address}/api"), 120, lambda: (folder / "lab.log").read_text()[-2000:])
        yield address, work
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):
    with playwright.sync_playwright() as player:
        options = {"executable_path": chromium, "headless": True, "args": FLAGS, "viewport": {"width": 1200, "height": 1000}}
        context = player.chromium.launch_persistent_context(str(tmp_path_factory.mktemp("profile")), **options)
        yield context
        context.close()


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=5).status == 200
    except OSError:
        return False


def wait_for(condition, seconds, say=lambda: ""):
    """Poll until `condition` returns something true; return it, or fail with what `say` says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.25)
    pytest.fail(f"nothing after {seconds} s: {say()}")


def has_run(prompt):
    return prompt.strip(" []:").isdecimal()


def start(page, prompts):
    """Choose Run All Cells; return whether it took: a kernel that has just come up can miss the first call."""
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.locator(".lm-MenuBar-item:has-text('Run')").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    time.sleep(5)
    return any(text.strip(" []:") for text in prompts.all_inner_texts())


def run_all(page, address, path):
    """Open a lesson, run all its cells, save it; return its cells as saved."""
    page.goto(f"{address}/lab/tree/{path.name}?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    indicator, status = page.locator(".jp-Notebook-ExecutionIndicator").first, page.locator("#jp-main-statusbar")
    idle = lambda: indicator.get_attribute("data-status") == "idle" and "| Idle" in status.inner_text()
    wait_for(idle, 120, status.inner_text)
    prompts, errors = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt"), page.locator(ERRORS)
    wait_for(lambda: start(page, prompts), 120, lambda: "JupyterLab doesn't start to run cells")
    wait_for(lambda: idle() and (errors.count() or all(map(has_run, prompts.all_inner_texts()))), SECONDS, prompts.all_inner_texts)
    assert errors.all_inner_texts() == []
    page.keyboard.press("Control+s")
    saved = lambda: [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    return wait_for(lambda: all(cell["execution_count"] for cell in saved()) and saved(), 60, lambda: "the notebook was not saved")


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


def test_the_lab_opens_at_lesson_00(lab, browser):
    page = browser.new_page()
    page.goto(lab[0], timeout=120_000)
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook h1", timeout=120_000)
    assert LESSONS[0].name in page.url
    page.close()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_its_sliders_move(lab, browser, lesson):
    address, work = lab
    page = browser.new_page()
    cells = run_all(page, address, work / lesson.name)
    bad = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert bad == []
    redrawn = {}
    for handle in page.locator(SLIDERS).all():
        before, after = move(page, handle)
        assert after["text"] != before["text"], f"the text line stays: {before['text'][:200]}"
        cell = handle.evaluate(CELL)
        redrawn[cell] = redrawn.get(cell, False) or after["pictures"] != before["pictures"]
    explored = [cell for cell in cells if re.search(r"^(\w+ = )?\w*explorers\.", "".join(cell["source"]), re.MULTILINE)]
    assert len(redrawn) == len(explored)  # each cell that shows an explorer, and not one that only asks such a module for words
    assert all(redrawn.values()), f"the picture stays: {redrawn}"
    assert page.locator(ERRORS).all_inner_texts() == []
    page.close()


def test_the_stop_button_ends_a_training_and_keeps_its_weights(lab, browser):
    """Press the button of lesson 04 while its training cell keeps the kernel busy."""
    address, work = lab
    sources = needed_for(LESSONS[4], "history")
    sources = [source.replace("training.profile()", "training.profile()\nsettings['steps'] = 3000") for source in sources]
    sources.append("print(history[-1]['step'], checkpoint.is_file(), abs(np.asarray(model.get_layer('unfold').kernel)).max() > 0)")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources], metadata=kernel)
    path = work / "stop.ipynb"
    nbformat.write(notebook, path)
    page = browser.new_page()
    page.goto(f"{address}/lab/tree/{path.name}?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    prompts, words = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt"), page.locator(".jp-OutputArea [role=status]")
    wait_for(lambda: start(page, prompts), 120, lambda: "JupyterLab doesn't start to run cells")
    said = lambda: " ".join(words.all_inner_texts())
    wait_for(lambda: (found := re.search(r"step (\d+) of 3000", said())) and int(found[1]) >= 8, 300, said)
    page.locator("button:has-text('Stop, keep the weights')").click()
    wait_for(lambda: "stopped at step" in said(), 60, said)
    wait_for(lambda: has_run(prompts.last.inner_text()), 60, prompts.all_inner_texts)
    step, *kept = page.locator(".jp-OutputArea-output").last.inner_text().split()
    assert 8 <= int(step) < 1000 and kept == ["True", "True"]
    assert page.locator(ERRORS).all_inner_texts() == []
    page.close()
