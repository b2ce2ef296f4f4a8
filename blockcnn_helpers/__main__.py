"""The command line: ``blockcnn`` or ``python -m blockcnn_helpers``. Every command calls functions that the lessons call too."""

import argparse
import contextlib
import os
import sys
from pathlib import Path

PROG = "blockcnn"
DESCRIPTION = "Repair blocky JPEG photos with BlockCNN, and redo every step of the course that leads there."
EXAMPLES = {
    "": """examples:
  blockcnn deblock beach.jpg -o repaired      repair a photo: repaired/beach.png
  blockcnn run --comparison                   data set, training, restored photos in output/, a table
  blockcnn evaluate bundled --quality 10 25   how much better than doing nothing?
  blockcnn COMMAND --help                     all about one command""",
    "deblock": """examples:
  blockcnn deblock beach.jpg                  makes deblocked/beach.png
  blockcnn deblock *.jpg -o repaired          all of them; a bad file is named at the end and stops none of the others
  blockcnn deblock holiday/ -o repaired       every photo in a folder

Grey, palette, transparent, 16-bit grey, four-ink (CMYK), turned and progressive files are fine; EXIF, ICC profile and
transparency are kept. Photos are not resized: the network knows the 8x8 grid only as the camera or program left it, so
give it the file you got, not a cropped, enlarged or re-compressed copy.""",
    "run": """examples:
  blockcnn run                                the bundled photos at quality 25: minutes on a laptop
  blockcnn run --images kodak24 --comparison --output kodak
  blockcnn run --images my_photos --quality 10 --profile gpu""",
    "create-data": """examples:
  blockcnn create-data                        the bundled photos at quality 25, in pairs/
  blockcnn create-data my_photos -o my_pairs --quality 10
  blockcnn create-data bsds500 --split train -o bsds --size 64""",
    "train": """examples:
  blockcnn train                              on the bundled photos, by the profile that suits this machine
  blockcnn train --data pairs -o my.weights.h5
  blockcnn deblock beach.jpg --weights my.weights.h5""",
    "evaluate": """examples:
  blockcnn evaluate bundled                   the course's three photos
  blockcnn evaluate kodak24 --quality 10 20 30 40 --json results.json
  blockcnn evaluate my_photos --quality 25 --per-image
  blockcnn evaluate my_photos --json -        JSON alone, for the next program

Give it originals that were never JPEG files: they are compressed here, and the results are compared with them.""",
    "doctor": "",
}


class Parser(argparse.ArgumentParser):
    """Argparse, with errors of one line like all the others."""

    def error(self, message):
        fail(f"{message} (see: {self.prog} --help)")
        self.exit(2)


def main(argv=None):
    """Run one command and return its exit code: 0 all done, 1 something failed, 2 wrong call, 130 stopped by Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # any file name can be printed
    arguments = parser().parse_args(argv)
    try:
        return arguments.function(arguments) or 0
    except KeyboardInterrupt as stop:
        fail(f"stopped; no file is half-written. {stop or 'The same command starts again.'}")
        return 130
    except BrokenPipeError:  # the reader of a pipe has gone: nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ImportError, MemoryError) as error:
        fail(error)
        return 1


def parser():
    """Return the argument parser of all commands."""
    formatter = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    top = Parser(prog=PROG, description=DESCRIPTION, epilog=EXAMPLES[""], **formatter)
    top.add_argument("--version", action="version", version=f"{PROG} {version()}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)

    def command(function, summary):
        name = function.__name__.replace("_", "-")
        sub = commands.add_parser(name, help=summary, description=function.__doc__, epilog=EXAMPLES[name], **formatter)
        sub.set_defaults(function=function)
        return sub

    sub = command(deblock, "repair photos: one PNG for each")
    sub.add_argument("photos", nargs="+", metavar="FILE", help="photo file, or folder of photos")
    sub.add_argument("-o", "--output", default="deblocked", metavar="DIR", help="folder for the PNG files (default: deblocked)")
    sub.add_argument("--force", action="store_true", help="replace files that are there already")
    sub.add_argument("--weights", metavar="FILE", help="weights of your own training in place of the course's")

    sub = command(run, "the whole job: data set, training, restored photos, table")
    sub.add_argument("--images", default="bundled", metavar="SET", help="bundled, kodak24, bsds500 or a folder (default: bundled)")
    sub.add_argument("--quality", type=quality, default=25, metavar="Q", help="JPEG quality, 1 to 100 (default: 25)")
    add_profile(sub)
    sub.add_argument("--comparison", action="store_true", help="also write original, JPEG and repaired side by side")
    sub.add_argument("-o", "--output", default="output", metavar="DIR", help="folder for the results (default: output)")
    sub.add_argument("--force", action="store_true", help="replace results that are there already")

    sub = command(create_data, "cut images into pairs of patches to train on")
    sub.add_argument("images", nargs="?", default="bundled", metavar="IMAGES", help="bundled, kodak24, bsds500 or a folder")
    sub.add_argument("-o", "--output", default="pairs", metavar="DIR", help="folder for the pairs (default: pairs)")
    sub.add_argument("--split", choices=("train", "val", "test"), help="one part of the images, where they come in parts")
    sub.add_argument("--quality", type=quality, default=25, metavar="Q", help="JPEG quality, 1 to 100 (default: 25)")
    sub.add_argument("--size", type=int, default=8, metavar="N", help="side of what is to be repaired, a multiple of 8 (default: 8)")
    sub.add_argument("--force", action="store_true", help="replace pairs that are there already")

    sub = command(train, "train BlockCNN from random weights")
    sub.add_argument("--data", metavar="DIR", help="pairs from create-data (default: drawn fresh from the bundled photos)")
    sub.add_argument("-o", "--output", default="blockcnn.weights.h5", metavar="FILE", help="weights file (default: %(default)s)")
    add_profile(sub)
    sub.add_argument("--force", action="store_true", help="replace weights that are there already")

    sub = command(evaluate, "measure methods on your own originals")
    sub.add_argument("images", metavar="IMAGES", help="folder of originals, or bundled, kodak24, bsds500")
    sub.add_argument("--quality", type=quality, nargs="+", default=[10, 20, 30, 40], metavar="Q", help="qualities (default: 10 20 30 40)")
    sub.add_argument("--per-image", action="store_true", help="a row for each image, not the means alone")
    sub.add_argument("--json", metavar="FILE", help="write all rows, means, versions and hashes as JSON; - for the terminal")
    sub.add_argument("--force", action="store_true", help="replace a JSON file that is there already")
    sub.add_argument("--weights", metavar="FILE", help="weights of your own training in place of the course's")

    command(doctor, "what has this machine got?")
    return top


def add_profile(sub):
    help_text = "smoke (seconds), cpu (minutes) or gpu; default: BLOCKCNN_PROFILE, else what suits this machine"
    sub.add_argument("--profile", choices=("smoke", "cpu", "gpu"), help=help_text)


def deblock(arguments):
    """Repair photos that were compressed as JPEG. Each one becomes a PNG file of the same name and size."""
    from tqdm import tqdm

    from blockcnn_helpers import restoration

    pairs = restoration.plan(arguments.photos, arguments.output)
    restoration.find_weights(weights=arguments.weights)
    made = make_folder(arguments.output)
    bad = []
    layout = "{percentage:3.0f}%|{bar}| {n:.1f}/{total} photos [{elapsed}<{remaining}]"
    with tqdm(total=len(pairs), disable=None, leave=False, bar_format=layout) as bar:
        for done, (source, target) in enumerate(pairs):
            try:
                notes = restoration.restore_file(source, target, arguments.weights, arguments.force, bar.update)
                tqdm.write("; ".join([f"{source} -> {target}", *notes]))
            except KeyboardInterrupt:
                raise KeyboardInterrupt(f"{done} of {len(pairs)} photos are done: the same command goes on with the others.") from None
            except (ValueError, OSError, MemoryError) as error:
                bad.append(source)
                with tqdm.external_write_mode():
                    fail(error)
    if bad:
        fail(f"{len(bad)} of {len(pairs)} not repaired: {', '.join(map(str, bad))}")
    if made and len(bad) == len(pairs):
        Path(arguments.output).rmdir()
    return 1 if bad else 0


def run(arguments):
    """Do the whole job: make pairs of patches, train from random weights, restore every image, print a table."""
    from blockcnn_helpers import job

    print(job.run(**options(arguments)))


def create_data(arguments):
    """Compress images and cut them into pairs: 24x24 decoded pixels, and the 8x8 original ones in the middle."""
    from tqdm import tqdm

    from blockcnn_helpers import images, patches

    chosen = images.image_set(arguments.images, arguments.split)

    def bar(names):
        return tqdm(names, disable=None, leave=False, unit="image")

    index = patches.create(chosen, arguments.output, arguments.quality, arguments.size, arguments.force, progress=bar)
    print(f"{index['count']:,} pairs of {len(chosen)} images at quality {arguments.quality} in {arguments.output}")


def train(arguments):
    """Train BlockCNN from random weights and write them to a file."""
    from blockcnn_helpers import job

    print(job.train(**options(arguments)))


def evaluate(arguments):
    """Compress originals, repair them by each method, and print how far the results are from the originals."""
    from tqdm import tqdm

    from blockcnn_helpers import evaluation, files, images, restoration

    to_terminal = arguments.json == "-"
    if arguments.json and not to_terminal:
        files.check_absent(arguments.json, arguments.force)
    split = {"bundled": "test", "bsds500": "val"}.get(arguments.images)  # never what was trained on
    chosen = images.image_set(arguments.images, split)
    model = restoration.load_model(weights=arguments.weights)
    methods = evaluation.METHODS | {"BlockCNN": lambda image: restoration.restore(image, model)}
    with tqdm(total=len(chosen) * len(arguments.quality), disable=None, leave=False, unit="image") as bar:
        rows = evaluation.evaluate(chosen, arguments.quality, methods, bar.update)
    if not to_terminal:
        print(evaluation.table(rows, arguments.per_image))
    if arguments.json:
        report = evaluation.report(rows, weights=arguments.weights)
        if to_terminal:
            print(report)
        else:
            with files.new_file(arguments.json, arguments.force) as file:
                file.write(report.encode() + b"\n")


def doctor(arguments):
    """Say what this machine has got: Python, packages, processor, GPU, data sets, weights."""
    from blockcnn_helpers.doctor import examine, exit_code, report

    findings = examine()
    print(report(findings))
    return exit_code(findings)


def options(arguments):
    """Return the parsed options as keyword arguments."""
    return {name: value for name, value in vars(arguments).items() if name != "function"}


def quality(text):
    """Read a JPEG quality from the command line.

    Examples
    --------
    >>> quality("25")
    25
    """
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"a JPEG quality is a whole number from 1 to 100, got {text!r}")
    return int(text)


def make_folder(path):
    """Make a folder for results unless it is there, and find out now, not after the work, whether it takes files; return True if made."""
    import tempfile

    made = not Path(path).exists()
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise OSError(f"can't write to the folder {path}: {error.strerror}") from error
    return made


def fail(error):
    """Write an error to standard error, in one line, without a traceback."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        error = f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        error = "not enough memory"
    print(f"{PROG}: error:", " ".join(str(error).split()), file=sys.stderr)


def version():
    """Return the package's version."""
    from blockcnn_helpers import __version__

    return __version__


if __name__ == "__main__":
    sys.exit(main())
