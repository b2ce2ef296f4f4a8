"""The Makefile on machines that lack something: one line that says what to install, and no half environment left behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.skipif(not shutil.which("make"), reason="no make here; Windows and conda users do without"),
    pytest.mark.skipif(os.name != "posix", reason="the Makefile is for Linux and macOS"),
]
TOOLS = ("cat", "command", "echo", "env", "find", "mkdir", "printf", "rm", "sh", "test", "touch")

# A Python that makes a .venv with itself inside, whose pip and uv write down that they ran.
FAKE = """#!/bin/sh
case "$*" in
  --version) echo "Python {version}" ;;
  *sys.version_info*) exit {unsupported} ;;
  *ensurepip*) exit {no_venv} ;;
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo made >> made.txt ;;
  *"-m pip"*) exit {no_network} ;;
  *"-m uv"*) echo "$*" >> installed.txt; exit {no_uv} ;;
  *) echo "$*" >> ran.txt ;;
esac
"""
GOOD = {"version": "3.12.1", "unsupported": 0, "no_venv": 0, "no_network": 0, "no_uv": 0}


@pytest.fixture
def checkout(tmp_path):
    """A copy of the Makefile and what it reads, at a path with a space."""
    folder = tmp_path / "my course"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def machine(tmp_path):
    """A folder for PATH with the usual tools and no Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (*TOOLS, "cp", "make"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    return tools


def give(machine, name="python3", **facts):
    path = machine / name
    path.write_text(FAKE.format(**{**GOOD, **facts}))
    path.chmod(0o755)


def make(checkout, machine, *arguments):
    environment = {"PATH": str(machine), "HOME": str(checkout)}
    return subprocess.run([str(machine / "make"), *arguments], cwd=checkout, env=environment, capture_output=True, text=True, timeout=60)


def one_line(done):
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("make: ***", "make[1]: ***"))]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_help_is_the_default_and_needs_no_python(checkout, machine):
    done = make(checkout, machine)
    assert done.returncode == 0
    assert "make lab" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("target", [".venv", "lab", "test", "run", "reset", "site"])
def test_no_python_at_all(checkout, machine, target):
    assert "needs Python 3.11, 3.12 or 3.13; found" in one_line(make(checkout, machine, target))


@pytest.mark.parametrize("version", ["3.10.13", "3.14.0"])
def test_an_unsupported_python(checkout, machine, version):
    give(machine, version=version, unsupported=1)
    said = one_line(make(checkout, machine, "test"))
    assert f"found Python {version}. Install" in said
    assert not (checkout / ".venv").exists()


def test_an_unsupported_python_by_name(checkout, machine):
    give(machine)
    give(machine, "python3.10", version="3.10.13", unsupported=1)
    assert "python3.10 is Python 3.10.13" in one_line(make(checkout, machine, ".venv", "PYTHON=python3.10"))
    assert "python3.9 not found" in one_line(make(checkout, machine, ".venv", "PYTHON=python3.9"))


def test_another_python_is_found_where_python3_is_too_old(checkout, machine):
    give(machine, version="3.10.13", unsupported=1)
    give(machine, "python3.12")
    assert make(checkout, machine, ".venv").returncode == 0


def test_no_venv_module(checkout, machine):
    give(machine, no_venv=1)
    assert "apt install python3-venv" in one_line(make(checkout, machine, "lab"))


def test_no_network(checkout, machine):
    give(machine, no_network=1)
    assert "connect to the network" in one_line(make(checkout, machine, "lab"))
    assert not (checkout / ".venv" / ".ready").exists()


def test_an_interrupted_installation_never_passes_for_done(checkout, machine):
    give(machine, no_uv=1)
    assert "the installation stopped" in one_line(make(checkout, machine, "test"))
    assert not (checkout / "ran.txt").exists()
    give(machine)
    assert make(checkout, machine, ".venv").returncode == 0
    assert (checkout / "made.txt").read_text().count("made") == 2, "the half environment is made anew"


def test_made_once_and_again_after_a_change(checkout, machine):
    give(machine)
    for _ in range(2):
        assert make(checkout, machine, ".venv").returncode == 0
    installed = checkout / "installed.txt"
    assert installed.read_text().count("\n") == 1
    assert "--constraint constraints.txt --editable .[course,dev]" in installed.read_text()
    later = (checkout / ".venv" / ".ready").stat().st_mtime + 5
    os.utime(checkout / "constraints.txt", (later, later))
    assert make(checkout, machine, ".venv").returncode == 0
    assert installed.read_text().count("\n") == 2
    assert (checkout / "made.txt").read_text().count("made") == 1, "brought up to date in place"


def test_gpu_adds_its_extra_to_an_environment_that_is_there(checkout, machine):
    give(machine)
    make(checkout, machine, ".venv")
    assert make(checkout, machine, ".venv", "GPU=1").returncode == 0
    assert "--editable .[course,dev,gpu]" in (checkout / "installed.txt").read_text()
    make(checkout, machine, ".venv")
    assert (checkout / "installed.txt").read_text().count("\n") == 2


def test_the_site_brings_its_tools_once(checkout, machine):
    give(machine)
    for line in (["site"], ["site", "SITE=my pages"]):
        assert make(checkout, machine, *line).returncode == 0
    assert (checkout / "installed.txt").read_text().count(".[site]") == 1
    assert (checkout / "ran.txt").read_text().splitlines() == [
        "notebooks/website/build_site.py site",
        "notebooks/website/build_site.py my pages",
    ]


def test_a_moved_checkout_makes_its_environment_anew(checkout, machine):
    give(machine)
    make(checkout, machine, ".venv")
    moved = checkout.rename(checkout.with_name("elsewhere"))
    make(moved, machine, ".venv")
    assert (moved / "made.txt").read_text().count("made") == 2


def test_commands_and_options_arrive(checkout, machine):
    give(machine)
    for line in (["lab", "ARGS=--ip=0.0.0.0"], ["run", "ARGS=--quality 10"], ["reset", "LESSON=03"]):
        assert make(checkout, machine, *line).returncode == 0
    assert (checkout / "ran.txt").read_text().splitlines() == [
        "-m blockcnn_helpers doctor",
        "-m blockcnn_helpers.workspace lab --ip=0.0.0.0",
        "-m blockcnn_helpers run --quality 10",
        "-m blockcnn_helpers.workspace reset 03",
    ]


def test_clean_keeps_what_is_the_learners(checkout, machine):
    give(machine)
    make(checkout, machine, ".venv")
    for name in ("work/mine.ipynb", "output/photo.png", "data/downloads/kodak24/kodim01.png", "blockcnn_helpers/__pycache__/x.pyc",
                 "site/index.html"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).touch()
    assert make(checkout, machine, "clean").returncode == 0
    assert not (checkout / ".venv").exists()
    assert not (checkout / "blockcnn_helpers" / "__pycache__").exists()
    assert not (checkout / "site").exists()
    assert (checkout / "work" / "mine.ipynb").exists()
    assert (checkout / "output" / "photo.png").exists()
    assert (checkout / "data/downloads/kodak24/kodim01.png").exists()


@pytest.mark.full
def test_a_real_environment_is_made_of_a_real_python(checkout, machine):
    """Only the first step, without the long installation: a venv with uv in it, from the pinned versions."""
    (machine / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    done = subprocess.run(["make", ".venv", "EXTRAS="], cwd=checkout, capture_output=True, text=True, timeout=600,
                          env={**os.environ, "PATH": f"{machine}{os.pathsep}{os.environ['PATH']}"})
    assert (checkout / ".venv" / "bin" / "uv").exists(), done.stderr
