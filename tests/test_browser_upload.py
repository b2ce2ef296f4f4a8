"""Lesson 05's button in a real browser: choose a file, see it repaired, download it; a bad file loses nothing."""

import numpy as np
import pytest
from lab import ERRORS, notebook_of, run_all, wait_for
from PIL import Image

from blockcnn_helpers import images, jpeg, photos, restoration

pytestmark = [pytest.mark.full, pytest.mark.browser, pytest.mark.timeout(1500)]


def test_choose_see_and_download(lab, browser, tmp_path):
    address, work = lab
    photo = tmp_path / "cat.jpg"
    photo.write_bytes(jpeg.encode(images.course_photos()["chelsea"], 12))
    bad = tmp_path / "notes.jpg"
    bad.write_text("no picture at all")
    page = browser.new_page()
    sources = ["from blockcnn_helpers import upload", "upload.own_photo()"]
    run_all(page, address, notebook_of(work / "upload.ipynb", sources))
    button, said = page.locator("button:has-text('Choose a photo')"), page.locator(".jp-OutputArea [role=status]")
    button.wait_for(timeout=120_000)

    with page.expect_file_chooser() as asked:  # the keyboard is enough
        button.press("Enter")
    asked.value.set_files(photo)
    link = page.locator("a.blockcnn-download")
    link.wait_for(timeout=120_000)
    wait_for(lambda: "quality about 12" in " ".join(said.all_inner_texts()), 30, said.all_inner_texts)
    pictures = page.locator(".jp-OutputArea-output .bcv img:visible")
    shown = "image => image.complete && image.naturalWidth"
    wait_for(lambda: pictures.count() == 2 and all(picture.evaluate(shown) for picture in pictures.all()), 30, pictures.count)
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
    assert link.is_visible() and pictures.count() == 2

    dial = page.locator(".jp-OutputArea-output .noUi-handle")
    dial.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    wait_for(lambda: "strength 0.50" in " ".join(said.all_inner_texts()), 30, said.all_inner_texts)
    page.locator("button:has-text('Save at this strength')").press("Enter")
    wait_for(lambda: "cat-50-percent.png" in link.inner_text(), 60, link.inner_text)
    half = np.asarray(Image.open(work / "output" / "cat-50-percent.png"))
    assert np.abs(half - restoration.restore_photo(photos.read_photo(photo), strength=0.5).image.astype(int)).max() <= 1
    assert page.locator(ERRORS).all_inner_texts() == []
    page.close()
