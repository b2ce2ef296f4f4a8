"""The doctor: one screen, the right advice, an exit code that means something."""

import sys

import pytest

from blockcnn_helpers import doctor


@pytest.fixture
def healthy(monkeypatch, tmp_path):
    """A machine with everything but a GPU and the downloaded photos; no TensorFlow is started."""
    for name in doctor.NETWORKS:
        (tmp_path / f"{name}.weights.h5").write_bytes(b"weights")
    monkeypatch.setattr(doctor, "_backend", lambda: ("tensorflow", [], ""))
    monkeypatch.setattr(doctor, "shipped", lambda *parts: tmp_path / parts[-1] if parts else tmp_path)
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    monkeypatch.setenv("BLOCKCNN_DATA", str(tmp_path / "photos"))
    for name in ("BLOCKCNN_PROFILE", "KERAS_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def row(topic):
    return next(row for row in doctor.examine() if row["topic"] == topic)


def test_a_healthy_machine_fits_on_one_screen(healthy):
    findings = doctor.examine()
    text = doctor.report(findings)
    assert doctor.exit_code(findings) == 0
    assert text.endswith("Ready: lesson 00 can run on this machine.")
    assert text.count("\n") < 24
    assert max(map(len, text.splitlines())) <= 120
    assert text.isascii(), "a Windows console can't print everything"
    assert str(healthy) not in text, "no path of this machine: lesson 00 stores this text"


@pytest.mark.parametrize("name", doctor.NETWORKS)
def test_what_is_missing_is_named_with_its_cure(healthy, name):
    (healthy / f"{name}.weights.h5").unlink()
    findings = doctor.examine()
    assert doctor.exit_code(findings) == 1
    assert doctor.report(findings).endswith("Not ready yet: see Weights above.")
    assert "git checkout" in row("Weights")["advice"] and row("Weights")["found"] == f"{name}.weights.h5 is missing"


@pytest.mark.parametrize("name", doctor.NETWORKS)
def test_altered_weights_are_noticed(healthy, name):
    assert row("Weights")["state"] == "ok" and row("Weights")["found"].endswith("verified")
    (healthy / f"{name}.json").write_text('{"sha256": "0"}')
    assert row("Weights")["state"] == "FAIL" and row("Weights")["found"].startswith(f"{name}.weights.h5 is not the file")


def test_photos_are_counted(healthy):
    (healthy / "photos" / "kodak24").mkdir(parents=True)
    (healthy / "photos" / "kodak24" / "kodim01.png").touch()
    assert "kodak24 1 of 24; bsds500 0 of 500 (in BLOCKCNN_DATA)" in row("Photos")["found"]


def test_a_relative_data_folder_fails(healthy, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_DATA", "photos")
    assert row("Photos")["state"] == "FAIL"
    assert "absolute path" in row("Photos")["advice"]


def test_too_little_memory_and_disk(healthy, monkeypatch):
    monkeypatch.setattr(doctor, "_memory", lambda: doctor.GIB)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("usage", (), {"free": 0}))
    assert row("Machine")["state"] == "note"
    assert "4 GiB of memory and 2 GiB of disk" in row("Machine")["advice"]


@pytest.mark.parametrize(
    "error, wanted, installed, found, advice",
    [
        ("No module named 'tensorflow'", None, {"jax"}, "TensorFlow is not installed", "KERAS_BACKEND=jax"),
        ("No module named 'tensorflow'", None, set(), "TensorFlow is not installed", "pip install"),
        ("No module named 'jax'", "jax", set(), "JAX is not installed", "pip install"),
        ("Python ended with code -4", None, {"tensorflow"}, "does not start: Python ended with code -4", "anew"),
        ("No module named 'foo'", "foo", set(), "KERAS_BACKEND is 'foo'", "tensorflow or jax"),
    ],
)
def test_a_backend_that_does_not_start(healthy, monkeypatch, error, wanted, installed, found, advice):
    monkeypatch.setattr(doctor, "_backend", lambda: (None, [], error))
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: name in installed or None)
    if wanted:
        monkeypatch.setenv("KERAS_BACKEND", wanted)
    assert row("Backend")["state"] == "FAIL"
    assert found in row("Backend")["found"]
    assert advice in row("Backend")["advice"]


def test_a_gpu_decides_the_profile(healthy, monkeypatch):
    monkeypatch.setattr(doctor, "_backend", lambda: ("tensorflow", ["Some GPU"], ""))
    assert row("GPU")["found"] == "Some GPU"
    assert row("Profile")["found"].startswith("gpu")
    monkeypatch.setenv("BLOCKCNN_PROFILE", "cpu")
    assert row("Profile")["found"] == "cpu, set by BLOCKCNN_PROFILE"


def test_a_driver_without_a_gpu_in_tensorflow(healthy, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: name)
    monkeypatch.setattr(doctor.platform, "system", lambda: "Linux")
    assert "GPU=1" in row("GPU")["advice"]


def test_an_unknown_profile_fails(healthy, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_PROFILE", "fast")
    assert row("Profile")["state"] == "FAIL"


def test_an_unsupported_python_fails(healthy, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert row("Python")["state"] == "FAIL"


def test_missing_lesson_tools_are_named(healthy, monkeypatch):
    versions = {"matplotlib": "3"}
    monkeypatch.setattr(doctor, "_version", lambda package: versions.get(package, ""))
    assert row("Lessons")["found"] == "JupyterLab, ipywidgets not installed"


def test_the_backend_is_found_in_a_process_of_its_own():
    code = "import sys; from blockcnn_helpers import doctor; print(doctor._backend()); print('keras' in sys.modules)"
    done = doctor.subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].startswith(("('tensorflow', [", "('jax', ["))
    assert done.stdout.splitlines()[1] == "False"
