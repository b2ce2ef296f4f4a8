"""What tests may ask for: the downloaded photos and a browser.

Where one is absent its tests are skipped with a reason; on CI (the environment variable CI is set) that is an error, so that no
machine reports a success it has not earned.
"""

import os
import shutil

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def absent(reason):
    """Skip the test that asked, or fail it on CI."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(f"{reason} (CI has to have it)", pytrace=False)
    pytest.skip(reason)


def data_set(name):
    """Return the folder of a whole data set that is here already, else skip or fail."""
    from blockcnn_helpers.download import data_folder, registry

    missing = [path for path in registry() if path.startswith(f"{name}/") and not (data_folder() / path).is_file()]
    if missing:
        absent(f"{len(missing)} files of {name} are not here: set BLOCKCNN_DATA, or fetch them: blockcnn_helpers.images.fetch({name!r})")
    return data_folder() / name


@pytest.fixture(scope="session")
def kodak24():
    """Folder of the 24 Kodak photos."""
    return data_set("kodak24")


@pytest.fixture(scope="session")
def bsds500():
    """Folder of BSDS500, with train, val and test in it."""
    return data_set("bsds500")


@pytest.fixture(scope="session")
def chromium():
    """Path of a Chromium or Chrome."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or absent("no Chromium here: install it (Debian, Ubuntu: apt install chromium) or say where it is in CHROMIUM")


@pytest.fixture(scope="module")
def lab(tmp_path_factory, chromium):
    """A JupyterLab as `make lab` starts it: (address, working folder)."""
    from lab import serving

    with serving(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory, chromium):
    """The context of a headless Chromium."""
    from lab import browsing

    with browsing(chromium, tmp_path_factory.mktemp("profile")) as context:
        yield context
