"""One assignment's round in a real JupyterLab with nbgrader: release, fetch, work, submit, collect, grade, feedback, all by clicks."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

pytest.importorskip("nbgrader")

from classrooms import course, fill, read, sample_class
from lab import SCREENSHOTS, answers, browsing, wait_for

pytestmark = [pytest.mark.full, pytest.mark.browser]
NAME = "a1_dct_and_quantisation"
ANSWER = "At quality 20 all 78 blocks of the sky are flat, 20 of the grass. Steps are 5 grey levels high, neighbours differ by 0.5 and 5."
NEWS = "@jupyterlab/apputils-extension:announcements"
STUDENT = "c = get_config()\nc.CourseDirectory.course_id = 'blockcnn'\nc.Exchange.root = {root!r}\n"


@contextmanager
def running(folder, command, places):
    """A JupyterLab in `folder`, with settings of its own; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {name: str(places / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    programs = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    command = [*command, "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=", "--no-browser", "--allow-root"]
    (places / "JUPYTER_CONFIG_DIR" / "labconfig").mkdir(parents=True)
    (places / "JUPYTER_CONFIG_DIR" / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    with (places / "lab.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own, "PATH": programs}, stdout=log, stderr=log)
    try:
        wait_for(lambda: server.poll() is None and answers(f"http://127.0.0.1:{port}/api"), 120, (places / "lab.log").read_text)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def menu(page, address, entry):
    """Open a page of nbgrader's from JupyterLab's menu."""
    page.goto(f"{address}/lab?reset", timeout=120_000)
    page.wait_for_selector(".jp-Launcher", timeout=120_000)
    page.locator(".lm-MenuBar-item:has-text('Nbgrader')").first.click()
    page.locator(f".lm-Menu-item:has-text('{entry}')").first.click()


def formgrader(page, address):
    menu(page, address, "Formgrader")
    return page.frame_locator("iframe[src*=formgrader]")


def press(frame, column, page, picture, seconds=300):
    """Click an assignment's button in a column of the Formgrader; close the dialog that says how it went."""
    frame.locator(f"tr:has-text('{NAME}') td.{column} a").first.click()
    done = frame.locator(".modal.in, .modal.show").first
    done.wait_for(timeout=seconds * 1000)
    said = done.inner_text()
    shoot(page, picture)
    assert "Success" in said, said
    done.locator("button:has-text('OK'), button:has-text('Close')").first.click()
    time.sleep(1)


def shoot(page, name):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"classroom_{name}.png"))


def test_a_round_by_clicks(tmp_path, chromium):
    root, desk = course(tmp_path / "course", [NAME], "c.Judge.cell_seconds = 60"), tmp_path / "desk"
    desk.mkdir()
    (root / "exchange").mkdir()
    (desk / "nbgrader_config.py").write_text(STUDENT.format(root=str(root / "exchange")))
    teach = [sys.executable, "-m", "blockcnn_helpers.classroom", "teach", "--root", str(root)]
    learn = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={desk}"]
    with running(root, teach, tmp_path / "teacher") as teacher, running(desk, learn, tmp_path / "student") as student:
        with browsing(chromium, tmp_path / "profile") as context:
            page = context.new_page()
            frame = formgrader(page, teacher)
            frame.locator(f"tr:has-text('{NAME}')").first.wait_for(timeout=120_000)
            shoot(page, "1_formgrader")
            press(frame, "assign", page, "2_generated")
            press(frame, "release", page, "3_released")

            seat = context.new_page()
            menu(seat, student, "Assignment List")
            seat.locator("button:has-text('Fetch')").first.click(timeout=120_000)
            seat.locator("button:has-text('Submit')").first.wait_for(timeout=120_000)
            shoot(seat, "4_fetched")
            path = desk / NAME / f"{NAME}.ipynb"
            assert "not written yet" in path.read_text(encoding="utf-8")
            work(path)
            seat.locator("button:has-text('Submit')").first.click()
            wait_for(lambda: list((root / "exchange").rglob("inbound/*")), 60, lambda: "nothing was submitted")
            time.sleep(2)
            shoot(seat, "5_submitted")

            frame = formgrader(page, teacher)
            press(frame, "collect", page, "6_collected")
            frame.locator(f"tr:has-text('{NAME}') td.num-submissions a").first.click()
            frame.locator("td.autograde a").first.wait_for(timeout=120_000)
            frame.locator("td.autograde a").first.click()
            done = frame.locator(".modal.in, .modal.show").first
            done.wait_for(timeout=300_000)
            assert "Success" in done.inner_text(), done.inner_text()
            shoot(page, "7_autograded")
            done.locator("button:has-text('OK'), button:has-text('Close')").first.click()
            time.sleep(2)
            shoot(page, "8_submissions")
            assert "16 / 20" in frame.locator("body").inner_text()

            frame = formgrader(page, teacher)
            frame.locator("a:has-text('Manual Grading')").first.click()
            for _ in ("assignment", "notebook"):
                frame.locator(f"td a:has-text('{NAME}')").first.click()
            frame.locator("td a:has-text('Submission #1')").first.click()
            points = frame.locator("input.score").last
            points.fill("3")
            points.press("Tab")
            frame.locator("textarea.comment").last.fill("The cause is missing: who looks across the border?")
            frame.locator("textarea.comment").last.press("Tab")
            page.wait_for_timeout(2000)
            points.scroll_into_view_if_needed()
            shoot(page, "13_by_hand")

            frame = formgrader(page, teacher)
            press(frame, "generate-feedback", page, "9_feedback")
            press(frame, "release-feedback", page, "10_feedback_released")
            menu(seat, student, "Assignment List")
            seat.locator("button:has-text('Fetch Feedback')").first.click(timeout=120_000)
            pages = wait_for(lambda: list((desk / NAME / "feedback").rglob("*.html")), 60, lambda: "no feedback")
            time.sleep(2)
            shoot(seat, "11_feedback_fetched")
            seat.goto(f"file://{pages[0]}")
            time.sleep(2)
            shoot(seat, "12_feedback_page")
            told = seat.locator("body").inner_text()
            assert "Grader: all" in told and "Score: 19.0 / 20.0" in told and "who looks across the border?" in told


def work(path):
    """Fill the fetched notebook as a good student does."""
    import nbformat

    nbformat.write(fill(read(path), sample_class(NAME)["perfect_loops"]["cells"] | {"grid_in_the_sky": ANSWER}), path)
