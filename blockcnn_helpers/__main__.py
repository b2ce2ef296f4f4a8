"""The command line: ``blockcnn`` or ``python -m blockcnn_helpers``. Every command calls functions that the lessons call too."""

import argparse
import contextlib
import os
import sys

from blockcnn_helpers import __version__, commands
from blockcnn_helpers.commands import PROG, fail

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
  blockcnn deblock scan.jpg --strength 0.5    half of the change
  blockcnn deblock beach.jpg --model blockcnn the smaller network that the lessons are about

Grey, palette, transparent, 16-bit grey, four-ink (CMYK), turned and progressive files are fine; EXIF, ICC profile and
transparency are kept, and a JPEG file's picture stays within what the file allows.

The wide network was trained on JPEG qualities from 5 to 95 and on photos that were never compressed: fine photos come back
hardly changed. It expects the 8x8 grid where the camera or program left it, so give it the file you got, not a cropped,
enlarged or re-compressed copy; where the grid was moved it leaves all as it is, and --model blockcnn does more. It knows
photos: in drawings, screenshots and text it may take a fine pattern for damage. Look at the result; if too much has gone,
--strength 0.5 makes half of the change, or keep the file as it is. BlockCNN was trained for qualities from 10 to 40; it smooths
finer photos, and you will be told.""",
    "run": """examples:
  blockcnn run                                the bundled photos at quality 25: minutes on a laptop
  blockcnn run --images kodak24 --comparison --output kodak
  blockcnn run --images my_photos --quality 10 --profile gpu""",
    "create-data": """examples:
  blockcnn create-data                        the bundled photos at quality 25, in pairs/
  blockcnn create-data my_photos -o my_pairs --quality 10
  blockcnn create-data bsds500 --split train -o bsds --size 64""",
    "train": """examples:
  blockcnn train -o my.weights.h5             on the bundled photos, by the profile that suits this machine
  blockcnn train --images bsds500 --profile gpu -o my.weights.h5
  blockcnn train --model wide --images bsds500 --steps 9000 -o my_wide.weights.h5
  blockcnn train --data pairs --steps 300 -o my.weights.h5
  blockcnn deblock beach.jpg --weights my.weights.h5""",
    "evaluate": """examples:
  blockcnn evaluate bundled                   the course's three photos
  blockcnn evaluate kodak24 --quality 10 20 30 40 --json results.json
  blockcnn evaluate kodak24 --methods all --jobs 2
  blockcnn evaluate my_photos --methods Wide Wide+ --weights my_wide.weights.h5
  blockcnn evaluate my_photos --quality 25 --per-image
  blockcnn evaluate my_photos --json -        JSON alone, for the next program

Give it originals that were never JPEG files: they are compressed here, and the results are compared with them. Methods with a +
are held to what the JPEG file allows; Wide+ is what `blockcnn deblock` does, Wide+x4 with --ensemble. Bilateral and TV are filters,
jpegqs is a program of that name, if it is installed.""",
    "ablate": """examples:
  blockcnn ablate                             trains seven networks on BSDS500 one after the other, then measures
  blockcnn ablate bundled --steps 100         a quick look, on the photos that come with the course
  blockcnn ablate --only wide told            two of them; without --only the same command does the rest and the table""",
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
        fail(f"stopped; no file is half-written. {str(stop) or getattr(arguments, 'go_on', 'The same command starts again.')}")
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
    top.add_argument("--version", action="version", version=f"{PROG} {__version__}")
    group = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)

    def command(function, summary):
        name = function.__name__.replace("_", "-")
        sub = group.add_parser(name, help=summary, description=function.__doc__, epilog=EXAMPLES[name], **formatter)
        sub.set_defaults(function=function)
        return sub

    sub = command(commands.deblock, "repair photos: one PNG for each")
    sub.add_argument("photos", nargs="+", metavar="FILE", help="photo file, or folder of photos")
    sub.add_argument("-o", "--output", default="deblocked", metavar="DIR", help="folder for the PNG files (default: deblocked)")
    sub.add_argument("--force", action="store_true", help="replace files that are there already")
    sub.add_argument("--strength", type=share, default=1.0, metavar="S", help="how much of the change to make, 0 to 1 (default: 1)")
    sub.add_argument("--ensemble", action="store_true", help="mean over four mirror images: four times the work for a little more")
    add_model(sub, default=None, note="wide, or with --weights what their notes say")
    sub.add_argument("--weights", metavar="FILE", help="weights of your own training in place of the course's")

    sub = command(commands.run, "the whole job: data set, training, restored photos, table")
    sub.add_argument("--images", default="bundled", metavar="SET", help="bundled, kodak24, bsds500 or a folder (default: bundled)")
    sub.add_argument("--quality", type=quality, default=25, metavar="Q", help="JPEG quality, 1 to 100 (default: 25)")
    add_profile(sub)
    sub.add_argument("--comparison", action="store_true", help="also write original, JPEG and repaired side by side")
    sub.add_argument("-o", "--output", default="output", metavar="DIR", help="folder for the results (default: output)")
    sub.add_argument("--force", action="store_true", help="replace results that are there already")

    sub = command(commands.create_data, "cut images into pairs of patches to train on")
    sub.add_argument("images", nargs="?", default="bundled", metavar="IMAGES", help="bundled, kodak24, bsds500 or a folder")
    sub.add_argument("-o", "--output", default="pairs", metavar="DIR", help="folder for the pairs (default: pairs)")
    sub.add_argument("--split", choices=("train", "val", "test"), help="which part of bundled or bsds500 (default: train)")
    sub.add_argument("--quality", type=quality, default=25, metavar="Q", help="JPEG quality, 1 to 100 (default: 25)")
    sub.add_argument("--size", type=int, default=8, metavar="N", help="side of what is to be repaired, a multiple of 8 (default: 8)")
    sub.add_argument("--force", action="store_true", help="replace pairs that are there already")

    sub = command(commands.train, "train a network from random weights")
    source = sub.add_mutually_exclusive_group()
    source.add_argument("--images", default="bundled", metavar="SET", help="bundled, bsds500 or a folder (default: bundled)")
    source.add_argument("--data", metavar="DIR", help="pairs from create-data, in place of images")
    sub.add_argument("-o", "--output", default="blockcnn.weights.h5", metavar="FILE", help="weights file (default: %(default)s)")
    low_high = {"type": quality, "nargs": 2, "metavar": ("LOW", "HIGH")}
    sub.add_argument("--quality", **low_high, help="range (default: 10 40, for the wide network 5 95)")
    add_model(sub)
    add_training(sub)
    sub.add_argument("--force", action="store_true", help="replace weights that are there already")

    sub = command(commands.ablate, "what does each idea bring? train networks that differ in one thing")
    sub.add_argument("images", nargs="?", default="bsds500", metavar="IMAGES", help="bsds500, bundled or a folder (default: bsds500)")
    sub.add_argument("-o", "--output", default="ablation", metavar="DIR", help="folder for the networks (default: ablation)")
    sub.add_argument("--only", nargs="+", metavar="NAME", help="train these alone, and make no table: for work in parallel")
    add_training(sub)
    sub.add_argument("--json", metavar="FILE", help="write the table to FILE, not to DIR/ablation.json")
    sub.add_argument("--force", action="store_true", help="replace a table that is there already")

    sub = command(commands.evaluate, "measure methods on your own originals")
    sub.add_argument("images", metavar="IMAGES", help="folder of originals, or bundled, kodak24, bsds500")
    sub.add_argument("--quality", type=quality, nargs="+", default=[10, 20, 30, 40], metavar="Q", help="qualities (default: 10 20 30 40)")
    known = "JPEG, Bilateral, Bilateral+, TV, jpegqs, BlockCNN, BlockCNN+, Wide, Wide+, Wide+x4, or all"
    usual = ["JPEG", "Bilateral", "BlockCNN", "Wide+"]
    sub.add_argument("--methods", nargs="+", default=usual, metavar="NAME", help=f"{known} (default: {' '.join(usual)})")
    sub.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes that share the work (default: 1)")
    sub.add_argument("--per-image", action="store_true", help="a row for each image, not the means alone")
    sub.add_argument("--more", action="store_true", help="two more columns: PSNR of luma alone, and seconds")
    sub.add_argument("--json", metavar="FILE", help="write all rows, means, versions and hashes as JSON; - for the terminal")
    sub.add_argument("--force", action="store_true", help="replace a JSON file that is there already")
    sub.add_argument("--weights", metavar="FILE", help="weights of your own training in place of the course's")
    sub.add_argument("--model", choices=("blockcnn", "wide"), help="whose --weights they are (default: what their notes say)")

    command(commands.doctor, "what has this machine got?")
    return top


def add_model(sub, default="blockcnn", note="%(default)s"):
    sub.add_argument("--model", choices=("blockcnn", "wide"), default=default, help=f"which network (default: {note})")


def add_training(sub):
    add_profile(sub)
    sub.add_argument("--steps", type=positive, metavar="N", help="how many updates of the weights (default: the profile's)")
    sub.add_argument("--rate", type=rate, metavar="R", help="highest learning rate (default: the profile's)")
    sub.add_argument("--seed", type=int, default=0, metavar="N", help="of the random numbers (default: 0)")
    kinds = ("float32", "mixed_bfloat16", "mixed_float16")
    sub.add_argument("--precision", choices=kinds, help="of the sums (default: the profile's); bfloat16 suits processors that have it")
    sub.set_defaults(go_on="The same command goes on from the last checkpoint.")


def add_profile(sub):
    help_text = "smoke (seconds), cpu (minutes) or gpu; default: BLOCKCNN_PROFILE, else what suits this machine"
    sub.add_argument("--profile", choices=("smoke", "cpu", "gpu"), help=help_text)


def rate(text):
    """Read a learning rate from the command line.

    Examples
    --------
    >>> rate("1e-3")
    0.001
    """
    return _number(text, lambda value: 0 < value < 1, "a learning rate")


def share(text):
    """Read a share from 0 to 1 from the command line.

    Examples
    --------
    >>> share("0.5")
    0.5
    """
    return _number(text, lambda value: 0 <= value <= 1, "a strength")


def _number(text, fits, name):
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not fits(value):
        raise argparse.ArgumentTypeError(f"{name} lies between 0 and 1, got {text!r}")
    return value


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


def positive(text):
    """Read a whole number above zero from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0 is needed, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
