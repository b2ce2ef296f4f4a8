"""The machine a training runs on: how many GPUs, how their memory is taken, and settings that suit it."""

import os

import keras

PROFILES = {
    "smoke": {"steps": 24, "batch": 8, "size": 32, "rate": 2e-3, "precision": "float32", "xla": False},
    "cpu": {"steps": 700, "batch": 8, "size": 64, "rate": 3e-3, "precision": "float32", "xla": False},
    "gpu": {"steps": 12000, "batch": 64, "size": 64, "rate": 1e-3, "precision": "mixed_float16", "xla": True},
}


def profile(name=None):
    """Return the name and the settings of a training profile.

    Parameters
    ----------
    name : {"smoke", "cpu", "gpu"}, optional
        By default what the environment variable BLOCKCNN_PROFILE says, else "gpu" if Keras sees a GPU, else "cpu".

    Returns
    -------
    name : str
    settings : dict
        steps (parameter updates), batch (pairs per step), size (side of a target, pixels), rate (highest learning rate), precision
        (Keras' dtype policy), xla (compile the step with XLA; on a CPU it gains little or nothing).

    Examples
    --------
    >>> name, settings = profile("smoke")
    >>> settings["steps"] * settings["batch"]
    192
    """
    name = name or os.environ.get("BLOCKCNN_PROFILE") or ("gpu" if gpus() else "cpu")
    if name not in PROFILES:
        raise ValueError(f"a profile is one of {', '.join(PROFILES)}, got {name!r}; is BLOCKCNN_PROFILE set?")
    return name, dict(PROFILES[name])


def gpus():
    """Return how many GPUs Keras' backend can use."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return len(tf.config.list_physical_devices("GPU"))
    return len([name for name in keras.distribution.list_devices() if "cpu" not in name.lower()])


def grow_memory():
    """Let TensorFlow take a GPU's memory as it needs it, not all of it at once; return how many GPUs do so.

    It has to be said before the first GPU is used. Without a GPU, or with another backend, it changes nothing and returns 0 (JAX reads
    the environment variable XLA_PYTHON_CLIENT_PREALLOCATE instead).
    """
    if keras.backend.backend() != "tensorflow":
        return 0
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    for gpu in found:
        tf.config.experimental.set_memory_growth(gpu, True)
    return len(found)
