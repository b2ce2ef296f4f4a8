"""Lesson 05's button in a real browser: choose a file, see it repaired, download it; a bad file loses nothing."""

import numpy as np
import pytest
from PIL import Image
from test_browser import ERRORS, browser, has_run, lab, start, wait_for  # noqa: F401  (two of them are fixtures)

from blockcnn_helpers import images, jpeg, photos, restoration

nbformat = pytest.importorskip("nbformat")

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(1500)]


def test_choose_see_and_download(lab, browser, tmp_path):  # noqa: F811
    address, work = lab
    photo = tmp_path / "cat.jpg"
    photo.write_bytes(jpeg.encode(images.course_photos()["chelsea"], 12))
    bad = tmp_path / "notes.jpg"
    bad.write_text("no picture at all")
    cells = [nbformat.v4.new_code_cell(source) for source in ("from blockcnn_helpers import upload", "upload.own_photo()")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(notebook, work / "upload.ipynb")
    page = browser.new_page()
    page.goto(f"{address}/lab/tree/upload.ipynb?reset", timeout=120_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
    prompts, said = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt"), page.locator(".jp-OutputArea [role=status]")
    wait_for(lambda: start(page, prompts), 120, lambda: "JupyterLab doesn't start to run cells")
    button = page.locator("button:has-text('Choose a photo')")
    button.wait_for(timeout=120_000)

    wait_for(lambda: all(map(has_run, prompts.all_inner_texts())), 120, prompts.all_inner_texts)
    with page.expect_file_chooser() as asked:  # the keyboard is enough
        button.press("Enter")
    asked.value.set_files(photo)
    link = page.locator("a.blockcnn-download")
    link.wait_for(timeout=120_000)
    wait_for(lambda: "quality about 12" in " ".join(said.all_inner_texts()), 30, said.all_inner_texts)
    pictures = page.locator(".jp-OutputArea-output img:visible")
    shown = "image => image.complete && image.naturalWidth"
    wait_for(lambda: pictures.count() == 4 and all(picture.evaluate(shown) for picture in pictures.all()), 30, pictures.count)
    with page.expect_download() as coming:
        link.click()
    coming.value.save_as(tmp_path / "downloaded.png")
    assert coming.value.suggested_filename == "cat.png"
    repaired = restoration.restore_photo(photos.read_photo(photo)).image
    for file in (tmp_path / "downloaded.png", work / "output" / "cat.png"):
        assert np.abs(np.asarray(Image.open(file)).astype(int) - repaired).max() <= 1

    with page.expect_file_chooser() as asked:
        button.click()
    asked.value.set_files(bad)
    wait_for(lambda: "notes.jpg is not an image" in " ".join(said.all_inner_texts()), 60, said.all_inner_texts)
    assert link.is_visible() and pictures.count() == 4
    assert page.locator(ERRORS).all_inner_texts() == []
    page.close()
