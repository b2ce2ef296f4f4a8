"""BlockCNN: repair blocky JPEG photos. The lessons of the course import this package."""

__version__ = "0.1.0"


def __getattr__(name):
    if name == "deblock":  # late, so that importing the package costs nothing
        from blockcnn_helpers.restoration import deblock

        return deblock
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
