"""A real JupyterLab and a real Chromium, for the browser tests and for measuring what a slider takes."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat

from blockcnn_helpers import workspace

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]  # and nothing that calls home:
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
TRACKER = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
ERRORS += ", .jupyter-widgets-error-widget"  # a widget that could not be drawn leaves the cell itself without an error
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SCREENSHOTS = Path(os.environ.get("BLOCKCNN_SCREENSHOTS") or Path(__file__).parent / "screenshots")  # git never sees them


@contextmanager
def serving(folder):
    """Start a JupyterLab as `make lab` does, on a fresh working copy and with settings of its own; give (address, working folder)."""
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


@contextmanager
def browsing(chromium, folder):
    """Start a Chromium with a profile of its own; give its context."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        options = {"executable_path": chromium, "headless": True, "args": FLAGS, "viewport": {"width": 1200, "height": 1000}}
        context = player.chromium.launch_persistent_context(str(folder), **options)
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
        time.sleep(0.1)
    raise AssertionError(f"nothing after {seconds} s: {say()}")


def has_run(prompt):
    return prompt.strip(" []:").isdecimal()


def start(page, prompts):
    """Choose Run All Cells; return whether it took: a kernel that has just come up can miss the first call."""
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.locator(".lm-MenuBar-item:has-text('Run')").first.click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    for _ in range(25):
        time.sleep(0.2)
        if any(text.strip(" []:") for text in prompts.all_inner_texts()):
            return True
    return False


def notebook_of(path, sources):
    """Write a notebook of a few code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources], metadata=KERNEL)
    nbformat.write(notebook, path)
    return path


def open_notebook(page, address, path):
    """Open a notebook in the lab and wait until its kernel has come up; return its prompts."""
    page.goto(f"{address}/lab/tree/{path.name}?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    wait_for(lambda: is_idle(page), 120, page.locator("#jp-main-statusbar").inner_text)
    return page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")


def is_idle(page):
    indicator, status = page.locator(".jp-Notebook-ExecutionIndicator").first, page.locator("#jp-main-statusbar")
    return indicator.get_attribute("data-status") == "idle" and "| Idle" in status.inner_text()


def run_all(page, address, path, seconds=1000):
    """Open a notebook, run all its cells, save it; return its code cells as saved."""
    prompts, errors = open_notebook(page, address, path), page.locator(ERRORS)
    wait_for(lambda: start(page, prompts), 120, lambda: "JupyterLab doesn't start to run cells")
    wait_for(lambda: is_idle(page) and (errors.count() or all(map(has_run, prompts.all_inner_texts()))), seconds, prompts.all_inner_texts)
    assert errors.all_inner_texts() == []
    page.keyboard.press("Control+s")
    return wait_for(lambda: saved(path), 60, lambda: "the notebook was not saved")


def saved(path):
    """The code cells of a notebook on disk, once all have run; an empty list while it is being written."""
    try:
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    except json.JSONDecodeError:
        return []
    return cells if all(cell["execution_count"] for cell in cells) else []
