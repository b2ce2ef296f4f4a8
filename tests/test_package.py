"""The house's own rules: what imports what, what a file may name, what the README promises."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import blockcnn_helpers

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "blockcnn_helpers"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))
HEAVY = ("tensorflow", "keras", "jax", "torch", "matplotlib", "IPython", "ipywidgets")
# Imports point from the left to the right only; a module that is not named here draws, checks or runs, and may import any of these.
LAYERS = [["jpeg", "metrics", "images"], ["patches", "models"], ["training", "restoration"], ["evaluation"]]


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def imported(module, everywhere=False):
    """Names of the package's modules that a module imports, at its top level or anywhere."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.ImportFrom):
            source = (node.module or "").removeprefix("blockcnn_helpers").strip(".")
            ours = node.level or (node.module or "").startswith("blockcnn_helpers")
            found |= ({source} if source else {alias.name for alias in node.names}) if ours else set()
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("blockcnn_helpers.")}
    return found & set(MODULES)


@pytest.mark.parametrize("module", ["jpeg", "metrics", "images"])
def test_the_first_layer_is_light(module):
    code = f"import time, sys; start = time.process_time(); import blockcnn_helpers.{module}; spent = time.process_time() - start"
    done = python(code + f"; print(spent, sorted(set({HEAVY}) & set(sys.modules)))")
    assert done.stderr == ""
    spent, loaded = done.stdout.split(maxsplit=1)
    assert loaded.strip() == "[]"
    assert float(spent) < 1, "importing takes well under a second of processor time"


def test_importing_the_package_loads_nothing():
    assert python(f"import sys, blockcnn_helpers; print(set({HEAVY} + ('numpy', 'PIL')) & set(sys.modules))").stdout.strip() == "set()"


def test_the_command_line_starts_lean():
    done = python(f"import sys, blockcnn_helpers.__main__; print(set({HEAVY}) & set(sys.modules))")
    assert done.stdout.strip() == "set()", done.stderr


def test_imports_point_one_way():
    for depth, layer in enumerate(LAYERS):
        above = {name for names in LAYERS[depth + 1:] for name in names} | {"figures", "explorers", "checks", "doctor", "job", "workspace"}
        for module in layer:
            assert imported(module, everywhere=True) & above == set(), module


def test_no_two_modules_import_each_other_at_the_top():
    below = {module: imported(module) for module in MODULES}
    while below:
        free = [module for module, needs in below.items() if not needs & set(below)]
        assert free, f"a circle of imports among {sorted(below)}"
        for module in free:
            del below[module]


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short_and_say_what_they_do(module):
    text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, "about 250 lines, or it has two jobs"
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_one_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", blockcnn_helpers.__version__)


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[\w.+]+( ; .+)?", line)] == [], "name==version ; marker, nothing else"
    pinned = {line.split("==")[0] for line in lines}
    wanted = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    assert {re.match(r"[\w-]+", line)[0] for line in wanted} <= pinned
    assert not any("tensorflow" in line for line in project["dependencies"])


def test_no_package_host_and_no_machine_path_in_tracked_files():
    hosts = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.", "debian" + r"\.org", "anaconda" + r"\.(org|com)"])
    places = r"(?<![\w.$}~])/(" + "|".join(["work/" + r"(main|shared|\.)", "ro" + "ot/", "ho" + "me/", "Us" + "ers/"]) + ")"
    wrong = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        text = re.sub(r'"image/png": "[^"]*"', "", data.decode("utf-8"))
        wrong += [f"{path.name}: {match[0]}" for match in re.finditer(f"{hosts}|{places}", text)]
    assert wrong == []


def test_no_photograph_is_tracked():
    pictures = [path for path in tracked() if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".tif", ".bmp", ".npy"}]
    screenshots = ROOT / "notebooks" / "assignments" / "guide" / "pictures"  # of the teacher's pages
    assert [path.name for path in pictures if path.parent != screenshots] == []
    assert all(path.stat().st_size < 60_000 for path in pictures)


def test_what_the_readme_says_to_type_exists():
    readme, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    typed = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, flags=re.M))
    targets = set(re.findall(r"^([a-z.-]+):", makefile, flags=re.M))
    assert {"lab", "test"} <= typed
    assert typed <= targets
    offered = set(re.findall(r"@echo \"make ([a-z-]+)", makefile))
    assert offered <= targets
    for lesson in re.findall(r"\(notebooks/([^)]+\.ipynb)\)", readme):
        assert (ROOT / "notebooks" / lesson).is_file()
    assert len(re.findall(r"\(notebooks/[^)]+\.ipynb\)", readme)) == len(list((ROOT / "notebooks").glob("[0-9]*.ipynb")))


def test_readme_commands_are_the_command_lines_own():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^(?:.*`)?blockcnn ([a-z-]+)", readme, flags=re.M))
    help_text = subprocess.run([sys.executable, "-m", "blockcnn_helpers", "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    assert commands
    assert [command for command in commands if command not in help_text] == []


@pytest.mark.full
def test_the_wheel_carries_what_the_package_reads(tmp_path):
    build = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, timeout=300)
    wheel = next(tmp_path.glob("*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    weights = {f"weights/{network}.{kind}" for network in ("blockcnn", "wide") for kind in ("weights.h5", "json")}
    assert {f"blockcnn_helpers/data/{name}" for name in ("registry.txt", *weights)} <= names
    package = ROOT / "blockcnn_helpers"
    read = [path.relative_to(ROOT).as_posix() for kind in ("*.js", "*.css", "quizzes/*.json") for path in package.glob(kind)]
    assert len(read) >= 10 and set(read) <= names
    assert not any(name.endswith((".ipynb", ".png", ".jpg")) for name in names)
    # Unpacked, it works without the checkout: its own registry and weights, verified.
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from blockcnn_helpers import download, restoration"
    code += "; print(len(download.registry()), *(restoration.load_model(name).name for name in ('blockcnn', 'wide')))"
    done = subprocess.run([sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {code}"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["524", "blockcnn", "wide"], done.stderr
