"""The working copy: made once, never overwritten, brought back fresh on request."""

import json
import os
import sys
from pathlib import Path

import pytest

from blockcnn_helpers import workspace


def notebook(text):
    output = {"output_type": "stream", "text": "seen"}
    code = {"cell_type": "code", "source": text, "outputs": [output], "execution_count": 3, "metadata": {}}
    prose = {"cell_type": "markdown", "source": "# Ä × −", "metadata": {}}
    return json.dumps({"cells": [prose, code], "metadata": {"widgets": {}}, "nbformat": 4})


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "the course"
    (folder / "notebooks").mkdir(parents=True)
    for name in ("00_start_here", "01_blocks", "10_more"):
        (folder / "notebooks" / f"{name}.ipynb").write_text(notebook(name), encoding="utf-8")
    (folder / "notebooks" / "scratch.ipynb").write_text(notebook("no lesson"), encoding="utf-8")
    return folder


@pytest.fixture
def work(course):
    workspace.copy_lessons(course / "work", course)
    return course / "work"


def test_every_lesson_is_copied_without_its_outputs(work):
    assert sorted(path.name for path in work.glob("*.ipynb")) == ["00_start_here.ipynb", "01_blocks.ipynb", "10_more.ipynb"]
    copy = json.loads((work / "01_blocks.ipynb").read_text(encoding="utf-8"))
    assert copy["cells"][0]["source"] == "# Ä × −"
    assert copy["cells"][1]["outputs"] == []
    assert copy["cells"][1]["execution_count"] is None
    assert "widgets" not in copy["metadata"]


def test_a_learners_file_is_never_overwritten(work, course):
    (work / "01_blocks.ipynb").write_text("mine")
    (course / "notebooks" / "01_blocks.ipynb").write_text(notebook("a newer lesson"), encoding="utf-8")
    assert workspace.copy_lessons(work, course)["01_blocks.ipynb"] == "outdated"
    assert (work / "01_blocks.ipynb").read_text() == "mine"


def test_a_file_that_was_there_before_the_course_is_left_alone(course):
    (course / "work").mkdir()
    (course / "work" / "00_start_here.ipynb").write_text("mine")
    assert workspace.copy_lessons(course / "work", course)["00_start_here.ipynb"] == "outdated"
    assert (course / "work" / "00_start_here.ipynb").read_text() == "mine"


def test_an_untouched_copy_follows_the_course(work, course):
    (course / "notebooks" / "00_start_here.ipynb").write_text(notebook("newer"), encoding="utf-8")
    states = workspace.copy_lessons(work, course)
    assert states == {"00_start_here.ipynb": "renewed", "01_blocks.ipynb": "kept", "10_more.ipynb": "kept"}
    assert "newer" in (work / "00_start_here.ipynb").read_text(encoding="utf-8")


def test_a_damaged_ledger_costs_nothing(work, course):
    (work / workspace.LEDGER).write_text("{")
    (work / "01_blocks.ipynb").write_text("mine")
    workspace.copy_lessons(work, course)
    assert (work / "01_blocks.ipynb").read_text() == "mine"


@pytest.mark.parametrize("which", ["1", "01", "01_blocks", " 01_blocks.ipynb "])
def test_reset_keeps_what_was_there(work, course, which):
    (work / "01_blocks.ipynb").write_text("mine")
    copy, backup = workspace.reset(which, work, course)
    assert copy == work / "01_blocks.ipynb"
    assert "seen" not in copy.read_text(encoding="utf-8")
    assert backup.read_text() == "mine"
    assert backup.parent == work / "backup"


def test_two_resets_keep_two_backups(work, course):
    backups = {workspace.reset("0", work, course)[1] for _ in range(2)}
    assert len(backups) == 2
    assert all(backup.exists() for backup in backups)


def test_reset_makes_a_lesson_that_was_deleted(work, course):
    (work / "10_more.ipynb").unlink()
    assert workspace.reset("10", work, course) == (work / "10_more.ipynb", None)
    assert (work / "10_more.ipynb").exists()


@pytest.mark.parametrize("which", ["", "3", "blocks", "../01_blocks", "²"])
def test_an_unknown_lesson_is_named_with_those_there_are(work, course, which):
    with pytest.raises(ValueError, match="00, 01, 10; given"):
        workspace.reset(which, work, course)


def test_a_wheel_has_no_lessons_and_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="clone of the course"):
        workspace.copy_lessons(tmp_path / "work", tmp_path)


def test_the_lab_opens_lesson_00(work, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    command = workspace.lab_arguments(work, ["--port", "9000"], environment={"DISPLAY": ":0"}, root=False)
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert f"--ServerApp.root_dir={work}" in command
    assert command[-2:] == ["--port", "9000"]
    assert not {"--allow-root", "--no-browser"} & set(command)


def test_without_a_display_no_browser_and_as_root_allowed(work, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert {"--allow-root", "--no-browser"} <= set(workspace.lab_arguments(work, environment={}, root=True))
    assert "--no-browser" not in workspace.lab_arguments(work, environment={"WAYLAND_DISPLAY": "wayland-0"}, root=True)


def test_the_lab_asks_for_no_news(work):
    environment = workspace.lab_environment(work, {"JUPYTER_CONFIG_PATH": "mine", "HOME": "home"})
    first, second = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert "announcements" in (Path(first) / "labconfig" / "page_config.json").read_text()
    assert "@jupyter/nbgrader" in (Path(first) / "labconfig" / "page_config.json").read_text(), "a learner sees no teacher's menu"
    assert "formgrader" in (Path(first) / "jupyter_server_config.d" / "nbgrader.json").read_text()
    assert second == "mine"
    assert environment["HOME"] == "home"
    assert environment["PATH"] == str(Path(sys.executable).parent), "a cell can call blockcnn"


def test_the_command_line(work, course, capsys, monkeypatch):
    monkeypatch.setattr(workspace, "lessons", lambda _=None: sorted((course / "notebooks").glob("[0-9]*.ipynb")))
    assert workspace.main(["copy", "--folder", str(work)]) == 0
    assert "kept     01_blocks.ipynb" in capsys.readouterr().out
    assert workspace.main(["reset", "7", "--folder", str(work)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_words_of_the_course_come_along(course, tmp_path):
    (course / "notebooks" / "glossary.ipynb").write_text(notebook("words"), encoding="utf-8")
    states = workspace.copy_lessons(tmp_path / "own", course)
    assert list(states)[-1] == "glossary.ipynb" and (tmp_path / "own" / "glossary.ipynb").is_file()
    assert workspace.reset("glossary", tmp_path / "own", course)[0].name == "glossary.ipynb"
