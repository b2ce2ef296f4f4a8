"""The assignments as they are committed: one clean run, small, described, and the teacher's guide true to them."""

import json
import re
from pathlib import Path

import nbformat
import pytest
import test_notebooks_meta as meta

SOURCES = sorted((meta.FOLDER / "assignments" / "source").glob("*/*.ipynb"))
GUIDE = meta.FOLDER / "assignments"


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem[:2])
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return meta.load(path)


def own(cell):
    return cell["metadata"].get("nbgrader", {})


def guide(path):
    return (GUIDE / "guide" / f"{path.stem[:2]}.md").read_text(encoding="utf-8")


def test_there_are_five():
    assert [path.stem[:2] for path in SOURCES] == ["a1", "a2", "a3", "a4", "a5"]
    assert all(path.stem == path.parent.name for path in SOURCES)


def test_valid_small_and_from_one_clean_run(path, notebook):
    nbformat.validate(nbformat.read(path, as_version=4))
    assert path.stat().st_size <= 0.8 * meta.MEGABYTE
    code = meta.cells(notebook, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell["outputs"] if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info", "blockcnn"}


def test_every_check_is_passed_by_the_solution(notebook):
    tests = [cell for cell in meta.cells(notebook, "code") if own(cell).get("grade")]
    for cell in tests:
        said = "".join("".join(output.get("text", "")) for output in cell["outputs"])
        assert "✓" in said, cell["source"]


def test_no_path_of_a_machine(notebook):
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            for kind in ("image/png", "image/jpeg", "application/vnd.blockcnn.answer+json"):
                output.get("data", {}).pop(kind, None)
    assert meta.PATHS.findall(json.dumps(notebook, ensure_ascii=False)) == []


def test_every_picture_is_described_in_words(notebook):
    meta.test_every_picture_is_described_in_words(notebook)


def test_cells_are_short(notebook):
    for cell in meta.cells(notebook, "code"):
        lines = cell["source"].splitlines()
        assert len(lines) <= 25 and max(map(len, lines), default=0) <= 110, cell["source"]


def test_one_title_and_the_promises(notebook):
    first = notebook["cells"][0]["source"]
    assert re.match(r"# Assignment \d: \w+", first)
    assert all(word in first for word in ("What you'll do", "What you'll practise", "What you need", "Points", "Time", "Rules"))
    assert "switched off" in first, "the rule is said before it applies"
    assert len(re.findall(r"^# ", meta.prose(notebook), flags=re.M)) == 1


def test_the_guide_names_every_test_and_every_lesson(path, notebook):
    told = guide(path)
    for cell in notebook["cells"]:
        if own(cell).get("grade") and cell["cell_type"] == "code":
            assert own(cell)["grade_id"] in told
    for lesson in set(re.findall(r"[Ll]esson (0\d)", notebook["cells"][0]["source"])):
        assert re.search(rf"\b{lesson}\b", told)
    for part in ("variant", "minutes", "points"):
        assert part in told.lower()


def test_what_is_switched_off_exists(notebook):
    import importlib

    names = notebook["metadata"]["blockcnn"]["write_yourself"]
    assert names
    for name in names:
        module, _, attribute = name.partition(":")
        assert callable(getattr(importlib.import_module(module), attribute)), name


def test_the_overview_states_minutes_and_points_of_each(path, notebook):
    readme = (GUIDE / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if line.startswith(f"| {path.stem[:2].upper()} "))
    minutes = re.search(r"[Aa]bout (\d+) minutes", notebook["cells"][0]["source"])[1]
    points = sum(own(cell).get("points", 0) for cell in notebook["cells"])
    assert f"| {minutes} | {points} |" in row
    assert f"guide/{path.stem[:2]}.md" in row


def test_links_of_the_guide_lead_somewhere():
    for page in [GUIDE / "README.md", *(GUIDE / "guide").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_samples_cover_what_a_class_hands_in():
    samples = (Path(__file__).parent / "sample_class" / "a1.py").read_text(encoding="utf-8")
    for student in (
        "perfect_vectorised",
        "perfect_loops",
        "blank",
        "crash",
        "loops_forever",
        "borrows",
        "overwrites_checks",
        "reads_the_grader",
    ):
        assert f'"{student}"' in samples
