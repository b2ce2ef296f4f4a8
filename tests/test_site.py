"""The lessons as web pages, really built: every page, link, figure and word is there, and nothing comes from the network."""

import base64
import functools
import hashlib
import http.server
import json
import os
import re
import subprocess
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.name[0].isdigit()]
WIDGET = "application/vnd.jupyter.widget-view+json"
FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]


class Page(HTMLParser):
    """What a page holds: ids, links, what it fetches, pictures with their words, headings, text."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.fetched, self.pictures, self.titles, self.text = set(), [], [], [], [], ""
        self.open = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids.add(given.get("id"))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(FETCHED.get(tag)):
            self.fetched.append(given[FETCHED[tag]])
        if tag == "img":
            self.pictures.append((given["src"], given.get("alt")))
        if tag == "h1":
            self.titles.append("")
        if tag in ("h1", "script", "style"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        if "h1" in self.open:
            self.titles[-1] += data
        if not {"script", "style"} & set(self.open):
            self.text += data


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def outputs(path, kind):
    """Each output of a kind in a notebook, all its forms."""
    found = (output.get("data", {}) for cell in cells(path) for output in cell.get("outputs", ()))
    return [data for data in found if kind in data]


def joined(text):
    return " ".join("".join(text).split())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "my site"
    done = subprocess.run(["make", "site", f"SITE={folder}"], cwd=ROOT, capture_output=True, text=True, timeout=800,
                          env={**os.environ, "PYTHONWARNINGS": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path.name: Page(path) for path in site.glob("*.html")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_for_every_notebook(site, pages, path):
    page, written = pages[f"{path.stem}.html"], json.dumps(cells(path))
    title = re.match(r"# (.+)", "".join(cells(path)[0]["source"]))[1]
    assert {text.rstrip("#") for text in page.titles} == {title}  # twice: the theme repeats it for print
    assert "NBVAL" not in page.text
    shown = {hashlib.sha256((site / source).read_bytes()).hexdigest(): words for source, words in page.pictures}
    for figure in outputs(path, "image/png"):
        words = shown.pop(hashlib.sha256(base64.b64decode("".join(figure["image/png"]))).hexdigest())
        assert words and not words.endswith(".png"), "a figure is described"
    assert shown == {}
    for explorer in outputs(path, WIDGET):
        assert joined(explorer["text/plain"]) in joined(page.text), "an explorer shows its line of text"
    assert WIDGET not in (site / f"{path.stem}.html").read_text(encoding="utf-8")
    assert (site / f"{path.stem}.html").read_text(encoding="utf-8").count("<details") >= written.count("<details")


def test_all_that_lessons_print_is_there(pages):
    for path in LESSONS:
        text = joined(pages[f"{path.stem}.html"].text)
        for cell in cells(path):
            for output in cell.get("outputs", ()):
                if output["output_type"] == "stream":
                    assert joined(output["text"]) in text, path.name


def test_the_front_page_is_the_readmes(pages):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    front = pages["index.html"]
    assert front.titles[0].startswith(re.match(r"# (.+)", readme)[1])
    for file, question in re.findall(r"^\| \d\d \| \[.+\]\(notebooks/(.+)\.ipynb\) \| (.+) \|$", readme, re.M):
        assert f"{file}.html" in front.links and question in front.text
    assert {f"{path.stem}.html" for path in NOTEBOOKS} <= set(front.links)


def test_local_links_lead_somewhere_and_lessons_link_to_lessons(site, pages):
    for name, page in pages.items():
        for link in [*page.links, *page.fetched]:
            where = urlsplit(link)
            if where.scheme in ("http", "https", "mailto") or link == "#":
                continue
            assert not where.scheme and not where.netloc, f"{name}: {link}"
            target = unquote(where.path) or name
            assert (site / target).is_file(), f"{name}: {link}"
            assert not where.fragment or where.fragment in pages[target].ids, f"{name}: {link}"
    for path in LESSONS:
        text = "".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")
        written = set(re.findall(r"\]\((\w+)\.ipynb", text))
        assert {f"{stem}.html" for stem in written} <= set(pages[f"{path.stem}.html"].links), path.name


def test_nothing_is_fetched_from_elsewhere(site, pages):
    for name, page in pages.items():
        assert [link for link in page.fetched if urlsplit(link).scheme or link.startswith("//")] == [], name
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert re.findall(r"@import[^;]*//|url\(\s*[\"']?(?:https?:)?//[^)]*", text) == [], style.name


def test_the_search_index_knows_the_last_lesson(site):
    index = json.loads((site / "searchindex.js").read_text(encoding="utf-8").removeprefix("Search.setIndex(").removesuffix(")"))
    last = index["docnames"].index(LESSONS[-1].stem)
    words = {word for kind in ("terms", "titleterms") for word, found in index[kind].items()
             if last in (found if isinstance(found, list) else [found])}
    assert {"network", "block"} <= words


def test_a_folder_with_other_things_is_left_alone(tmp_path, site):
    (tmp_path / "letter.txt").write_text("dear")
    done = subprocess.run(["make", "site", f"SITE={tmp_path}"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.fixture(scope="module")
def context(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser = player.chromium.launch(executable_path=chromium, headless=True, args=flags)
        yield browser.new_context(viewport={"width": 1200, "height": 1000})
        browser.close()


@pytest.fixture
def tab(context):
    """A tab that reaches files and this machine only, and remembers what else it was asked for and what went wrong."""
    page = context.new_page()
    page.wrong = []

    def only_here(route):
        if route.request.url.startswith(("file:", "data:", "http://127.0.0.1:")):
            return route.continue_()
        page.wrong.append(route.request.url)
        return route.abort()

    page.route("**/*", only_here)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("requestfailed", lambda request: page.wrong.append(request.url))
    page.set_default_timeout(60_000)
    yield page
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_opens_from_its_file(site, tab, path, tmp_path):
    from axe_playwright_python.sync_playwright import Axe

    tab.goto((site / f"{path.stem}.html").as_uri())
    broken = "all => all.filter(image => !image.complete || !image.naturalWidth).map(image => image.src)"
    assert tab.locator("article img").evaluate_all(broken) == []
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(wide) <= 0, "no sideways scrolling"
    for details in tab.locator("article details").all():
        details.locator("summary").first.click()
        assert details.locator(":scope > :not(summary)").first.is_visible()
    tab.screenshot(path=tmp_path / "page.png")
    assert tab.wrong == []
    found = Axe().run(tab).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found if one["impact"] == "critical"] == []


@pytest.mark.browser
def test_the_front_page_and_the_search(site, tab, tmp_path):
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        tab.goto(f"{address}/index.html")
        tab.locator("article table a").first.click()
        tab.wait_for_url(f"**/{LESSONS[0].stem}.html")
        tab.goto(f"{address}/search.html?q=quantisation")
        results = tab.locator("#search-results li a")
        results.first.wait_for()
        assert any(LESSONS[1].stem in link for link in results.evaluate_all("all => all.map(link => link.getAttribute('href'))"))
        tab.screenshot(path=tmp_path / "search.png")
        assert tab.wrong == []
    finally:
        server.shutdown()
        server.server_close()
