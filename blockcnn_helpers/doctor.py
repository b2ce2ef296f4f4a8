"""What have I got on this machine, which lessons can it run, and what is to be done about the rest?"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import restoration, workers
from .download import SPLITS, data_folder, registry, shipped
from .quiet import start_keras

SUPPORTED = (3, 11), (3, 14)  # from, and below: as pyproject.toml says
GIB = 2**30
NEED = {"memory": 4 * GIB, "disk": 2 * GIB}
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
NETWORKS = {"blockcnn": "BlockCNN", "wide": "wide"}  # whose weights come with the course
PROBE = "import json; from blockcnn_helpers import doctor; print(json.dumps(doctor.probe()))"


def examine():
    """Look at this machine.

    Returns
    -------
    list of dict
        One per topic: ``topic`` and ``found`` (str), ``state`` (``"ok"``, ``"note"``: works, but read this, or ``"FAIL"``: in the
        way of lesson 00) and ``advice`` (str, empty if there is nothing to do).

    Notes
    -----
    Unless Keras runs already, its backend is started in a process of its own: what it prints stays there, and if it crashes,
    only that process does.
    """
    backend, gpus, error = _backend()
    return [
        _python(),
        _machine(),
        _row("Backend", *_describe_backend(backend, error)),
        _row("GPU", *_describe_gpus(gpus, backend)),
        _row("Profile", *_describe_profile(gpus)),
        _lab(),
        _photos(),
        _weights(),
    ]


def report(findings=None):
    """Return what `examine` found as text for one screen.

    Parameters
    ----------
    findings : list of dict, optional
        From `examine`, which is called if this is left out.

    Examples
    --------
    >>> print(report([{"topic": "GPU", "found": "none", "state": "note", "advice": "The lessons run without."}]))
    note  GPU       none
                    -> The lessons run without.
    Ready: lesson 00 can run on this machine.
    """
    findings = examine() if findings is None else findings
    lines = []
    for row in findings:
        lines.append(f"{row['state']:<5} {row['topic']:<9} {row['found']}")
        lines += [f"{'':<16}-> {row['advice']}"] if row["advice"] else []
    failed = [row["topic"] for row in findings if row["state"] == "FAIL"]
    last = f"Not ready yet: see {', '.join(failed)} above." if failed else "Ready: lesson 00 can run on this machine."
    return "\n".join([*lines, last])


def exit_code(findings):
    """Return 0 if lesson 00 can run here, 1 if something marked FAIL is in its way."""
    return int(any(row["state"] == "FAIL" for row in findings))


def _row(topic, found, state="ok", advice=""):
    return {"topic": topic, "found": found, "state": state, "advice": advice}


def _python():
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        return _row("Python", found)
    return _row("Python", found, "FAIL", "The course runs on Python 3.11, 3.12 and 3.13: install one of them.")


def _machine():
    memory, disk = _memory(), shutil.disk_usage(_existing(_folder_or_none() or shipped())).free
    parts = [f"{workers.cores()} cores", f"{memory / GIB:.1f} GiB memory" if memory else "memory unknown"]
    parts.append(f"{disk / GIB:.0f} GiB disk free")
    short = [name for name, size in (("memory", memory), ("disk", disk)) if size < NEED[name] and (size or name == "disk")]
    if not short:
        return _row("Machine", ", ".join(parts))
    wanted = " and ".join(f"{NEED[name] / GIB:.0f} GiB of {name}" for name in short)
    return _row("Machine", ", ".join(parts), "note", f"The lessons were measured with more than {wanted}: close or delete something.")


def _memory():
    """Return the bytes of memory this process may use, 0 if unknown."""
    sizes = []
    try:
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        sizes.append(_windows_memory())
    limit = Path("/sys/fs/cgroup/memory.max")  # a container's own limit
    text = limit.read_text().strip() if limit.is_file() else "max"
    return min(sizes + ([int(text)] if text.isdecimal() else []))


def _windows_memory():
    try:
        import ctypes

        kilobytes = ctypes.c_ulonglong()
        return 1024 * kilobytes.value if ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)) else 0
    except (AttributeError, OSError):
        return 0


def probe():
    """Start Keras in this process; return the name of its backend and the list of the GPUs that the backend sees."""
    backend, gpus = start_keras().config.backend(), []
    if backend == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            gpus.append(tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name))
    elif backend == "jax":
        import jax

        gpus = [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    return backend, gpus


def _backend():
    """Return (backend's name, list of GPU names, error text)."""
    if "keras" in sys.modules:
        return *probe(), ""
    command = [sys.executable, "-c", PROBE]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, [], str(error)
    try:
        return *json.loads(done.stdout.strip().splitlines()[-1]), ""
    except (IndexError, ValueError):
        return None, [], (done.stderr.strip().splitlines() or [f"Python ended with code {done.returncode}"])[-1]


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _describe_backend(backend, error):
    if backend:
        return (f"Keras {_version('keras')} on {BACKENDS.get(backend, backend)} {_version(backend)}".strip(),)
    wanted = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if wanted not in BACKENDS:
        return f"KERAS_BACKEND is {wanted!r}", "FAIL", "Set it to tensorflow or jax, or leave it out."
    if importlib.util.find_spec(wanted):
        return f"{BACKENDS.get(wanted, wanted)} does not start: {error[:150]}", "FAIL", "Make the environment anew: make clean lab"
    advice = "Install it: pip install -e .[course]"
    if wanted != "jax" and importlib.util.find_spec("jax"):
        advice = "JAX is here: set KERAS_BACKEND=jax in the environment"
    return f"{BACKENDS.get(wanted, wanted)} is not installed", "FAIL", advice


def _describe_gpus(gpus, backend):
    if gpus:
        return (", ".join(gpus),)
    if not shutil.which("nvidia-smi"):
        return "none: the lessons run on the processor", "ok"
    name = BACKENDS.get(backend, "the backend")
    if backend == "tensorflow" and platform.system() == "Windows":
        return f"not used: {name} has no GPU on Windows", "note", "Install the course in WSL 2 with: make lab GPU=1"
    return f"there is an NVIDIA driver, but {name} sees no GPU", "note", "Install CUDA's libraries with: make lab GPU=1"


def _describe_profile(gpus):
    forced = os.environ.get("BLOCKCNN_PROFILE")
    if forced in ("smoke", "cpu", "gpu"):
        return f"{forced}, set by BLOCKCNN_PROFILE", "note" if forced == "smoke" else "ok", "For tests only." if forced == "smoke" else ""
    if forced:
        return f"BLOCKCNN_PROFILE is {forced!r}", "FAIL", "Set it to cpu, gpu or smoke, or leave it out."
    return ("gpu: trains on all the photos, in minutes",) if gpus else ("cpu: trains on a few photos, in minutes",)


def _lab():
    names = {"JupyterLab": "jupyterlab", "ipywidgets": "ipywidgets", "matplotlib": "matplotlib"}
    missing = [name for name, package in names.items() if not _version(package)]
    if missing:
        return _row("Lessons", f"{', '.join(missing)} not installed", "FAIL", "Install what lessons need: pip install -e .[course]")
    return _row("Lessons", ", ".join(f"{name} {_version(package)}" for name, package in names.items()))


def _folder_or_none():
    try:
        return data_folder()
    except ValueError:
        return None


def _existing(path):
    return next(parent for parent in (Path(path), *Path(path).parents) if parent.is_dir())


def _photos():
    try:
        folder = data_folder()
    except ValueError as error:
        return _row("Photos", "no data folder", "FAIL", str(error))
    where = "BLOCKCNN_DATA" if os.environ.get("BLOCKCNN_DATA") else "data/downloads"
    counts = {}
    for name in SPLITS:
        paths = [path for path in registry() if path.startswith(f"{name}/")]
        counts[name] = sum((folder / path).is_file() for path in paths), len(paths)
    found = "3 bundled; " + "; ".join(f"{name} {here} of {all_}" for name, (here, all_) in counts.items()) + f" (in {where})"
    if all(here == all_ for here, all_ in counts.values()):
        return _row("Photos", found)
    return _row("Photos", found, "ok", "No lesson before 05 needs the others; they are downloaded, and checked, when you ask for them.")


def _weights():
    found = []
    for name, title in NETWORKS.items():
        path = shipped("weights", f"{name}.weights.h5")
        if not path.is_file():
            return _row("Weights", f"{path.name} is missing", "FAIL", "Get it back (git checkout data/weights) or train: blockcnn train")
        try:
            sha = restoration.find_weights(weights=path)[1]
        except (OSError, ValueError):
            return _row("Weights", f"{path.name} is not the file that was published", "FAIL", "Get it back: git checkout data/weights")
        found.append(f"{title} {path.stat().st_size / 1e6:.1f} MB, SHA-256 {sha[:12]}")
    return _row("Weights", "; ".join(found) + "; verified")
