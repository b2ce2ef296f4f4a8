"""A kernel for other people's code: limits on time and memory, closed folders, no network, no other programs, some functions off.

It runs in the kernel's own process, before the first cell: ``python -m blockcnn_helpers.classroom.guard -f CONNECTION``. What it
must know comes in the environment variable BLOCKCNN_GUARD (see `Rules`). This stops accidents and ordinary curiosity. It is no
sandbox: code that looks for a way round Python's audit hooks finds one. The wall is `kernels.walls`, outside of this process.
"""

import importlib
import json
import os
import sys
import types
from dataclasses import asdict, dataclass, field

from blockcnn_helpers.quiet import deaf

VARIABLE = "BLOCKCNN_GUARD"
LIBRARIES = ("scipy", "skimage", "blockcnn_helpers")  # may go on using what is switched off
PASSING_ON = ("blockcnn_helpers.answers", "blockcnn_helpers.classroom")  # call the student's function: no excuse for what it is
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
FILES = (
    "open",
    "os.listdir",
    "os.scandir",
    "os.chdir",
    "os.rename",
    "os.remove",
    "os.link",
    "os.symlink",
    "sqlite3.connect",
    "shutil.copyfile",
)


@dataclass(frozen=True)
class Rules:
    """What a guarded kernel may do. Sizes in bytes, times in seconds of processor time; 0 is no limit."""

    folder: str = "."  # the only folder it may write to
    closed: tuple = ()  # folders and files that it may not even list; ``folder`` stays open
    switched_off: tuple = ()  # "package.module:function"
    memory: int = 6 * 2**30
    seconds: int = 0
    largest_file: int = 512 * 2**20
    words: dict = field(default_factory=dict)  # environment variables that the notebook may read

    def text(self):
        """Return the rules as the environment variable holds them."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text):
        """Return the rules that `text` wrote."""
        rules = json.loads(text)
        return cls(**rules | {"closed": tuple(rules["closed"]), "switched_off": tuple(rules["switched_off"])})


def limit(rules):
    """Set the limits of this process: memory, processor time, size of a file, no core dumps. Does nothing where there are none."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_DATA": rules.memory,
        "RLIMIT_CPU": rules.seconds,
        "RLIMIT_FSIZE": rules.largest_file,
    }
    for name, most in wanted.items():
        if most and hasattr(resource, name):
            kind = getattr(resource, name)
            ceiling = resource.getrlimit(kind)[1]
            most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
            resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def watch(rules):
    """Refuse closed folders, the network and other programs from now on. It cannot be taken back."""
    folder = os.path.realpath(rules.folder)
    closed = tuple(os.path.realpath(path) for path in rules.closed)

    def inside(path, places):
        return any(path == place or path.startswith(place + os.sep) for place in places)

    def refuse(event, given):
        if event in FILES:
            for path in given[:2]:
                if not isinstance(path, (str, bytes, os.PathLike)):
                    continue
                path = os.path.realpath(os.fsdecode(path))
                if inside(path, closed) and not inside(path, (folder,)) and not folder.startswith(path + os.sep):
                    raise PermissionError(f"{os.path.basename(path)} belongs to the grader: a submission reads its own folder")
        elif event in NETWORK:
            address = given[1] if event in ("socket.connect", "socket.sendto") else given[0]
            if not isinstance(address, (str, bytes)) or event not in ("socket.connect", "socket.sendto"):
                raise PermissionError("no network while a submission is graded")
        elif event in PROGRAMS:
            raise PermissionError("no other programs while a submission is graded")
        elif event == "os.kill" and given[0] not in (os.getpid(), 0):
            raise PermissionError("no signals to other programs while a submission is graded")

    sys.addaudithook(refuse)


def switch_off(name):
    """Switch a function off for the notebook: cells that call it are refused, the package itself goes on using it.

    Parameters
    ----------
    name : str
        "package.module:function". The function is switched off under every name, by whatever import it came.

    Raises
    ------
    ValueError
        If there is no such function.
    """
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        raise ValueError(f"no function {name!r} to switch off; write package.module:function") from None
    if f"_stand_in_{attribute}" in getattr(function, "__globals__", ()) or getattr(function, "switched_off", False):
        return
    home = module.partition(".")[0]
    plain = isinstance(function, types.FunctionType) and not function.__code__.co_freevars
    original = _copied(function) if plain else function

    def stand_in(given, named):
        caller = sys._getframe(2).f_globals.get("__name__", "")
        if caller.partition(".")[0] in (home, *LIBRARIES) and not caller.startswith(PASSING_ON):
            return original(*given, **named)
        raise SwitchedOff(f"{attribute} of {home} is switched off: this assignment asks you to write it yourself")

    if plain:  # new code in the same object: switched off wherever it was imported
        place = f"_stand_in_{attribute}"
        function.__globals__[place] = stand_in
        code = compile(f"def {attribute}(*given, **named): return {place}(given, named)", "<switched off>", "exec")
        function.__defaults__ = function.__kwdefaults__ = None
        function.__code__ = next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
        return

    def refused(*given, **named):
        return stand_in(given, named)

    refused.switched_off = True
    for loaded in list(sys.modules.values()):
        for key, value in list(vars(loaded).items()) if isinstance(loaded, types.ModuleType) else ():
            if value is function:
                setattr(loaded, key, refused)


def switch_off_answers():
    """Switch off what the checks compare with: every function of their modules but the checks themselves."""
    importlib.import_module("blockcnn_helpers.checks")
    for module in [name for name in sys.modules if name.startswith("blockcnn_helpers.checks_")]:
        for name, value in list(vars(sys.modules[module]).items()):
            if isinstance(value, types.FunctionType) and value.__module__ == module and not name.startswith(("check_", "_stand_in_")):
                switch_off(f"{module}:{name}")


class SwitchedOff(RuntimeError):
    """A notebook called what it was to write."""


def _copied(function):
    copy = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def main():
    """Start a guarded kernel."""
    rules = Rules.read(os.environ.pop(VARIABLE))
    limit(rules)
    if os.getppid() == 1:  # behind the wall the parent is process 1, which ipykernel takes for an orphan's
        os.environ.pop("JPY_PARENT_PID", None)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.log_connection_info = lambda: None
    app.initialize()
    with deaf():  # TensorFlow's start-up lines
        for name in rules.switched_off:
            switch_off(name)
        if rules.switched_off:
            switch_off_answers()
    sys.path.append(rules.folder)  # helper files of the submission, after everything that is installed
    watch(rules)
    app.start()


if __name__ == "__main__":
    main()
