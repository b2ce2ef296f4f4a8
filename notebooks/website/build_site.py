"""Make the lessons into web pages: `make site`.

What Sphinx reads is put together in a temporary folder: copies of the lessons, and a front page made of the README.
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTEBOOKS, README = HERE.parent, HERE.parents[1] / "README.md"
MARK = "# NBVAL_CHECK_OUTPUT"
MENTION = re.compile(rf"[^.\n]*`{MARK}`[^.\n]*\.")  # a sentence about it
CODE = r"^```.*?^```|`[^`\n]+`"  # in which nothing is a link
LINK = re.compile(CODE + r"|(?<!!)\[(?P<words>[^\]]+)\]\((?!https?:|mailto:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)", re.M | re.S)
LEFT_OUT = (".buildinfo", "objects.inv", "_sources", "locales", "*.map", "*webpack-macros.html")  # nothing that a page reads
NOTE = """These pages show what the lessons print and draw. To run them, move their sliders and get your answers checked, install the
course: `make lab` in a copy of its repository.

Code: MIT. Prose and figures: CC BY 4.0."""


def slug(heading):
    """Name a heading's anchor as JupyterLab does."""
    return heading.strip().replace(" ", "-")


def linked(text, pages):
    """Point links at the site's own pages; of a link to any other file of the repository only the words stay."""
    def one(match):
        if match["path"] is None:
            return match[0]
        name = match["path"].removeprefix("./").removeprefix("notebooks/")
        return f"[{match['words']}]({name}{match['anchor'] or ''})" if name in pages else match["words"]

    return LINK.sub(one, text)


def description(cells):
    """Return what a figure shows, in a sentence or two: the lessons say it in italics in one of the next cells."""
    for cell in cells[:4]:
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown" and (found := re.match(r"\*(?!\*)(.+?)\*(?!\*)", text, re.S)):
            sentences = re.split(r"(?<=[.!?]) ", re.sub(r"[`\n]+", " ", found[1]))
            return sentences[0] if len(sentences[0]) > 40 else " ".join(sentences[:2])
    return "Figure, explained in the text"


def lesson(path, pages):
    """Return a notebook's title and the notebook as its page shows it: marks for tests away, links and figures named."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    for place, cell in enumerate(cells):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = linked(MENTION.sub("", source), pages)
        elif cell["cell_type"] == "code":
            cell["source"] = "\n".join(line for line in source.splitlines() if line.strip() != MARK)
            cell["metadata"]["mystnb"] = {"image": {"alt": description(cells[place + 1:])}}
    return re.search(r"^# (.+)", "".join(cells[0]["source"]), re.M)[1], notebook


def front_page(readme, pages, titles):
    """Return the first page: the README's title, first paragraph and table of lessons, then what that table does not name."""
    title, paragraph = re.match(r"(# .+)\n+((?:.+\n)+)", readme).groups()
    table = re.search(r"^## The lessons\n+((?:\|.*\n)+)", readme, re.M)[1]
    more = [f"- [{titles[page]}]({page})" for page in pages if page not in table]
    names = {page: f"{page[:2]} {titles[page]}" if page[0].isdigit() else titles[page] for page in pages}
    entries = (f"{name} <{page.removesuffix('.ipynb')}>" for page, name in names.items())
    contents = "\n".join(["```{toctree}", ":hidden:", "", *entries, "```"])
    parts = [title, paragraph, "## The lessons", table.replace("| |", "| no. |", 1), "\n".join(more), NOTE, contents]
    return linked("\n\n".join(part.strip() for part in parts if part), pages) + "\n"


def assemble(folder):
    """Write everything that Sphinx reads into a folder; lessons first, in their order, and then the rest."""
    pages = sorted((path.name for path in NOTEBOOKS.glob("*.ipynb")), key=lambda name: (not name[0].isdigit(), name))
    titles = {}
    for page in pages:
        titles[page], notebook = lesson(NOTEBOOKS / page, pages)
        (folder / page).write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "index.md").write_text(front_page(README.read_text(encoding="utf-8"), pages, titles), encoding="utf-8")


def main(site):
    """Build the site beside its place and move it there when it is whole; a warning is an error."""
    from sphinx.cmd.build import main as sphinx

    site = Path(site).resolve()
    if site.is_dir() and any(site.iterdir()) and not (site / "searchindex.js").is_file():
        return f"{site} holds something else: name an empty folder or one that is not there, SITE=..."
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "source"), Path(folder, "html")
        source.mkdir()
        assemble(source)
        options = ["-q", "-W", "--keep-going", "-c", str(HERE), "-d", str(Path(folder, "doctrees"))]
        if failed := sphinx([*options, str(source), str(built)]):
            return failed
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(built, site, ignore=shutil.ignore_patterns(*LEFT_OUT))
    print(f"The site is in {site}: open index.html, or for the search: python3 -m http.server --directory {site}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
