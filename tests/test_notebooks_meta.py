"""The hard limits that every lesson keeps; how well it is written stays a matter of reading it."""

import ast
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from lesson_cells import EXPLORED

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
VERBS = ("Start", "See", "Build", "Train", "Evaluate", "Go", "Compress", "Scale")
OPENING = ("What you'll do", "What you'll learn", "What you need", "Time")
CLOSING = "What you now know"
GLOSSARY = FOLDER / "glossary.ipynb"
MARK = "# NBVAL_CHECK_OUTPUT"
MEGABYTE = 1_000_000
PATHS = re.compile(r"(?<![\w.])/(work|root|home|tmp|Users|mnt|opt|usr|var)/|[A-Z]:\\\\?Users")
NETWORK = re.compile(r"\bfetch\(|urlopen|urllib|requests\.|pooch|https?://|image_set\(\s*[\"'](kodak24|bsds500)")


def load(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def cells(notebook, kind):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def prose(notebook):
    """All Markdown with its code blocks taken out, apostrophes made plain."""
    text = "\n\n".join(cell["source"] for cell in cells(notebook, "markdown")).replace("’", "'")
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def items_after(heading, text):
    """The list items of the first list below a heading or bold phrase."""
    below = text[text.index(heading) + len(heading):].splitlines()[1:]
    found = []
    for line in below:
        if re.match(r"\s{0,1}([-*+]|\d+\.)\s+", line):
            found.append(re.sub(r"^\s*([-*+]|\d+\.)\s+", "", line))
        elif found and re.match(r"\s{2,}\S", line):
            found[-1] += " " + line.strip()
        elif found and line.strip():
            break
        elif re.match(r"#|\*\*", line):
            break
    return found


def stems(text):
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())}


def output_texts(code):
    for cell in code:
        for output in cell["outputs"]:
            yield "".join(output.get("text", ""))
            for kind, data in output.get("data", {}).items():
                if kind.startswith("text/"):
                    yield "".join(data)


def has_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return load(path)


def test_there_are_lessons_in_one_row():
    assert [int(path.name[:2]) for path in LESSONS] == list(range(len(LESSONS)))
    assert len(LESSONS) >= 3


def test_valid_and_small(path):
    nbformat.validate(nbformat.read(path, as_version=4))
    assert path.stat().st_size <= 1.5 * MEGABYTE


def test_code_cells_are_short(notebook):
    lengths = [len(cell["source"].splitlines()) for cell in cells(notebook, "code")]
    assert statistics.median(lengths) <= 6
    assert sum(length <= 15 for length in lengths) >= 0.9 * len(lengths)
    assert max(lengths) <= 25


def test_one_title_with_a_verb(notebook):
    titles = re.findall(r"^# +(.+)$", prose(notebook), flags=re.M)
    assert len(titles) == 1
    assert notebook["cells"][0]["source"].startswith("# ")
    words = re.sub(r"^[\W\d]*(Lesson \d+\W*)?", "", titles[0])
    assert words.startswith(VERBS), f"a title starts with what is done, such as {', '.join(VERBS)}; this is {titles[0]!r}"


def test_opens_with_promises(notebook):
    before = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            break
        before.append(cell["source"].replace("’", "'"))
    text = "\n\n".join(before)
    assert [phrase for phrase in OPENING if phrase not in text] == []
    promises = items_after("What you'll learn", text)
    assert 3 <= len(promises) <= 5
    assert [promise for promise in promises if re.search(r"\babout\b", promise)] == []


def test_closes_with_the_same_list(notebook):
    text = prose(notebook)
    assert text.count(CLOSING) == 1
    promises, recap = items_after("What you'll learn", text), items_after(CLOSING, text)
    assert len(promises) == len(recap)
    for promised, known in zip(promises, recap):
        assert stems(promised) & stems(known), f"same list, same order: {known!r} does not answer {promised!r}"


def test_links_lead_somewhere(path, notebook):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(notebook))
    local = [link for link in links if "://" not in link]
    assert local.count(GLOSSARY.name) >= 1, "each lesson leads to the words of the course"
    assert [link for link in local if not (path.parent / link).is_file()] == []
    assert [link for link in local if "/" in link] == [], "a learner's copy sees only the lessons beside it"
    here = LESSONS.index(path)
    neighbours = LESSONS[max(here - 1, 0):here] + LESSONS[here + 1:here + 2]
    assert [other.name for other in neighbours if other.name not in local] == []


def test_setup_is_imports_only(notebook):
    code = [cell["source"] for cell in cells(notebook, "code")]
    assert {type(node) for node in ast.parse(code[0]).body} <= {ast.Import, ast.ImportFrom}
    assert [source for source in code if re.search(r"import \*", source)] == []


def test_one_clean_run_is_stored(notebook):
    code = cells(notebook, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    bad = [output for cell in code for output in cell["outputs"] if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert bad == []


def test_headings_go_down_one_level_at_a_time(notebook):
    headings = re.findall(r"^(#+) +(.+)$", prose(notebook), flags=re.M)
    levels = [len(marks) for marks, _ in headings]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), headings
    assert max(levels) <= 3
    names = [name for _, name in headings]
    assert len(set(names)) == len(names), "a link to a heading must lead to one place"


def test_every_picture_is_described_in_words(notebook):
    """JupyterLab drops the alternative text of pictures: an italic paragraph below says what is seen."""
    everything = notebook["cells"]
    for place, cell in enumerate(everything):
        if has_picture(cell):
            below = "\n\n".join(later["source"] for later in everything[place + 1:place + 4] if later["cell_type"] == "markdown")
            told = [part for part in re.split(r"\n\s*\n", below) if re.fullmatch(r"\*[^*\s].*\*", part.strip(), re.S)]
            assert any(len(part.split()) >= 8 for part in told), f"no description below {cell['source']!r}"


def test_ends_with_questions_reading_and_recap(path, notebook):
    sources = [cell["source"] for cell in notebook["cells"]]
    asked = [source for source in sources if "quiz.ask(" in source]
    assert asked == [f'quiz.ask("{path.name[:2]}")']
    text = prose(notebook)
    places = [text.index(f"\n## {heading}\n") for heading in ("Test yourself", "Further reading", CLOSING)]
    assert places == sorted(places)
    read = items_after("## Further reading", text)
    assert 2 <= len(read) <= 5
    for entry in read:
        assert re.search(r"\]\(https://", entry) and len(re.sub(r"\[[^]]*\]\([^)]*\)", "", entry).split()) >= 6, f"why read it? {entry!r}"


def test_a_guess_comes_before_each_explorer(notebook):
    everything = notebook["cells"]
    for place, cell in enumerate(everything):
        if cell["cell_type"] == "code" and EXPLORED.search(cell["source"]):
            above = "\n".join(before["source"] for before in everything[max(0, place - 3):place])
            assert "**Predict.**" in above or "**Your turn.**" in above, f"no guess is asked for above {cell['source']!r}"


def test_exercises_have_a_hint_and_a_solution(notebook):
    everything = notebook["cells"]
    for place, cell in enumerate(everything):
        if cell["cell_type"] == "code" and "checks.check_" in cell["source"] and "..." in cell["source"]:
            below = everything[place + 1]["source"]
            assert re.search(r"<summary>[^<]*[Hh]int", below) and re.search(r"<summary>[^<]*[Ss]olution", below), cell["source"]


def test_prose_and_code_are_in_balance(notebook):
    words = len(prose(notebook).split()) / len(cells(notebook, "code"))
    assert 40 <= words <= 120, f"{words:.0f} words a code cell"


def minutes(path, notebook):
    """How long a lesson takes to read, guess, try and answer; the rule is explained in CONTRIBUTING.md."""
    everything = "\n".join(cell["source"] for cell in notebook["cells"])
    words = sum(len(cell["source"].split()) for cell in cells(notebook, "markdown"))
    lines = sum(len(cell["source"].splitlines()) for cell in cells(notebook, "code"))
    pictures = sum(map(has_picture, notebook["cells"]))
    explored = len(EXPLORED.findall(everything))
    tried = sum("checks.check_" in cell["source"] and "..." in cell["source"] for cell in cells(notebook, "code"))
    asked = len(json.loads((ROOT / "blockcnn_helpers" / "quizzes" / f"{path.name[:2]}.json").read_text(encoding="utf-8")))
    return words / 150 + lines / 12 + 0.7 * (pictures + everything.count("**Predict.**") + asked) + 2 * explored + 5 * tried


def test_the_time_it_takes_is_stated(path, notebook):
    stated = int(re.search(r"\*\*Time\.\*\*\D*?(\d+) minutes for you", prose(notebook))[1])
    counted = minutes(path, notebook)
    assert abs(stated - counted) <= 0.15 * counted + 2.5, f"{counted:.0f} minutes"


def test_metadata_is_plain(notebook):
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_checked_cells_exist_and_have_outputs(notebook):
    checked = [cell for cell in cells(notebook, "code") if MARK in cell["source"]]
    assert len(checked) >= 3
    for cell in checked:
        assert cell["source"].startswith(MARK)
        assert re.search(r"\d|True|✓", "".join(output_texts([cell]))), "a checked cell shows a number, or there is nothing to compare"
        assert not has_picture(cell), "pictures are never compared: check a number in a cell of its own"


def test_no_path_of_a_machine(notebook):
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("image/png", None)
            output.get("data", {}).pop("image/jpeg", None)
    assert PATHS.findall(json.dumps(notebook, ensure_ascii=False)) == []


def test_first_lessons_need_no_network(path, notebook):
    if int(path.name[:2]) > 5:
        pytest.skip("later lessons may fetch photos when asked")
    assert [cell["source"] for cell in cells(notebook, "code") if NETWORK.search(cell["source"])] == []


def test_every_slider_has_a_still_picture_below(notebook):
    everything = notebook["cells"]
    for place, cell in enumerate(everything):
        if cell["cell_type"] == "code" and re.search(r"explorers\.\w+\(", cell["source"]):
            assert any(has_picture(later) for later in everything[place + 1:place + 5]), f"no sweep figure below {cell['source']!r}"


def test_plain_markdown_only(notebook):
    text = re.sub(r"`[^`\n]+`", "", prose(notebook))
    assert set(re.findall(r"</?([a-zA-Z]\w*)[^>\n]*>", text)) <= {"details", "summary"}
    assert not re.search(r"^:::|^\{\w+\}|\[!\w+\]|!\[[^\]]*\]\(attachment:", text, flags=re.M)
    assert text.count("<details>") == text.count("</details>")


def test_measured_numbers_in_prose_were_measured(notebook):
    """A number of two or more decimals in the prose is a rounded form of one in an output, in the code or in data/results."""
    results = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "data").glob("*/*.json")))
    source = "\n".join([*output_texts(cells(notebook, "code")), *(cell["source"] for cell in cells(notebook, "code")), results])
    known = {abs(float(number)) for number in re.findall(r"\d+\.?\d*(?:e[-+]?\d+)?", source)}
    strange = []
    for said in re.findall(r"(?<![\w./-])\d+\.\d{2,}(?![\w.]*\w)", re.sub(r"\]\([^)]*\)|`[^`\n]+`", "", prose(notebook))):
        half = 0.5001 * 10.0 ** -len(said.partition(".")[2])
        if not any(abs(number - float(said)) <= half or abs(100 * number - float(said)) <= half for number in known):
            strange.append(said)
    assert strange == []


def entries():
    """The words of the course: (word, meaning, lessons linked)."""
    text = "\n".join(cell["source"] for cell in load(GLOSSARY)["cells"])
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \| (.+?) \|$", text, flags=re.M)
    return [(word, meaning, re.findall(r"\]\(([^)]+)\)", where)) for word, meaning, where in rows]


def test_the_words_of_the_course_are_in_order_and_lead_to_their_lessons():
    found = entries()
    words = [word.lower() for word, _, _ in found]
    assert len(found) >= 40 and words == sorted(words) and len(set(words)) == len(words)
    for word, meaning, where in found:
        assert 4 <= len(meaning.split()) <= 40, word
        assert where and all((FOLDER / link).is_file() for link in where), word
    assert {link for _, _, where in found for link in where} == {path.name for path in LESSONS}, "each lesson has words of its own"


def test_lessons_are_tested_without_a_network():
    assert 'PYTHONPATH="$(CURDIR)/tests/offline"' in (ROOT / "Makefile").read_text(), "a whole path: kernels start in other folders"
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "offline")}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert b"without a network" in ran.stderr
