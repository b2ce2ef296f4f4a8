"""The package on a machine without TensorFlow: base dependencies and JAX, installed for real, give what TensorFlow gives."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]

REPAIR = """
import sys
import numpy as np
from blockcnn_helpers import jpeg, restoration
photos = np.load("photos.npz")
repaired = {name: restoration.restore(jpeg.compress(photos[name], 10), rounded=False) for name in photos}
repaired |= {f"{name}, wide": restoration.restore_data(jpeg.encode(photos[name], 10), rounded=False) for name in photos}
np.savez(sys.argv[1], **repaired)
"""

TRAIN = """
import importlib.util, sys
import keras
import numpy as np
from blockcnn_helpers import images, jpeg, models, patches, restoration, training
assert keras.backend.backend() == "jax", keras.backend.backend()
assert importlib.util.find_spec("tensorflow") is None
keras.utils.set_random_seed(3)
photo = np.load("photos.npz")["coffee"]
compressed = jpeg.compress(photo, 10)
model = models.blockcnn()
assert np.array_equal(restoration.restore(compressed, model), compressed), "an untrained network returns the JPEG itself"
inputs, targets = patches.pairs(photo, compressed, 32)
history = training.train(model, (inputs, targets), steps=6, batch=4, checkpoint="run.npz")
assert training.train(model, (inputs, targets), steps=6, batch=4, checkpoint="run.npz") == history
model.save_weights("mine.weights.h5")
again = restoration.load_model("blockcnn", "mine.weights.h5")
repaired = restoration.restore(compressed, again, rounded=False)
assert np.isfinite(repaired).all()
assert np.abs(restoration.restore_blocks(compressed, again, rounded=False) - repaired).max() < 1e-4
wide = models.build("wide", channels=8, width=8, blocks=8)
plan = {"steps": 24, "batch": 4, "per_epoch": 4, "loss": "rmse", "optimiser": "muon", "average": 0.99, "checkpoint": "wide.npz"}
before = wide.get_weights()
rows = training.train(wide, (inputs, targets), **plan)
assert training.train(models.build("wide", channels=8, width=8, blocks=8), (inputs, targets), **plan) == rows
assert not all(np.array_equal(old, new) for old, new in zip(before, wide.get_weights()))
data = jpeg.encode(photo, 10)
settings = {"file": data, "ensemble": True, "rounded": False}
moved = restoration.restore(jpeg.decode(data), wide, **settings) - compressed / 255
assert np.isfinite(moved).all() and np.abs(moved).max() > 1e-4
assert np.allclose(restoration.restore(jpeg.decode(data), wide, strength=0.5, **settings) - compressed / 255, moved / 2, atol=1e-5)
assert not set(sys.modules) & {"tensorflow", "torch"}
print(len(history), round(history[-1]["loss"], 3))
"""

ENCODE = """
import numpy as np
from blockcnn_helpers import jpeg
with open("photo.jpg", "wb") as file:
    file.write(jpeg.encode(np.load("photos.npz")["coffee"], 10))
"""

DEBLOCK = """
import sys
from blockcnn_helpers.__main__ import main
sys.exit(main(["deblock", "photo.jpg", "-o", "repaired"]))
"""

pytestmark = pytest.mark.full


def run(python, folder, code, *arguments, backend):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KERAS", "BLOCKCNN"))}
    environment |= {"KERAS_BACKEND": backend, "KERAS_HOME": str(folder / "keras"), "JAX_PLATFORMS": "cpu"}
    # -P: the folder we are in is not searched, so that the new environment uses the package that was installed there.
    command = [str(python), "-P", "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from blockcnn_helpers import images

    folder = tmp_path_factory.mktemp("jax")
    photos = images.course_photos()
    np.savez(folder / "photos.npz", coffee=photos["coffee"][200:328, 300:428], astronaut=photos["astronaut"][:75, :101])
    return folder


@pytest.fixture(scope="module")
def python(folder):
    """The Python of a new environment that holds the package as a wheel, its base dependencies, JAX, and no TensorFlow."""
    uv, python = [sys.executable, "-m", "uv"], folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "environment")], check=True, timeout=120)
    install = ["pip", "install", "--quiet", "--python", str(python), "--constraint", str(ROOT / "constraints.txt"), f"{ROOT}[jax]"]
    subprocess.run([*uv, *install], check=True, timeout=900)
    return python


def test_training_and_restoration_without_tensorflow(python, folder):
    assert run(python, folder, TRAIN, backend="jax").strip()


def test_jax_repairs_as_tensorflow_does(python, folder):
    run(python, folder, REPAIR, "jax.npz", backend="jax")
    run(sys.executable, folder, REPAIR, "tensorflow.npz", backend="tensorflow")
    with np.load(folder / "jax.npz") as jax, np.load(folder / "tensorflow.npz") as tensorflow:
        assert set(jax) == {"coffee", "astronaut", "coffee, wide", "astronaut, wide"}
        for name in jax:
            assert np.abs(jax[name] - tensorflow[name]).max() < 1e-4


def test_the_command_line_of_that_environment(python, folder):
    run(python, folder, ENCODE, backend="jax")
    run(python, folder, DEBLOCK, backend="jax")
    assert (folder / "repaired" / "photo.png").stat().st_size > 1000
