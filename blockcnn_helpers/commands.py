"""What each command of ``blockcnn`` does: take the parsed options, call what the lessons call, say what came of it.

Nothing heavy is imported before it is needed, so that help and errors come at once.
"""

import json
import sys
from pathlib import Path

PROG = "blockcnn"


def deblock(arguments):
    """Repair photos that were compressed as JPEG. Each one becomes a PNG file of the same name and size."""
    from tqdm import tqdm

    from blockcnn_helpers import restoration

    pairs = restoration.plan(arguments.photos, arguments.output)
    model = arguments.model or restoration.network_of(arguments.weights)
    restoration.find_weights(model, arguments.weights)
    settings = {"model": model, "strength": arguments.strength, "ensemble": arguments.ensemble}
    made = make_folder(arguments.output)
    bad = []
    layout = "{percentage:3.0f}%|{bar}| {n:.1f}/{total} photos [{elapsed}<{remaining}]"
    with tqdm(total=len(pairs), disable=None, leave=False, bar_format=layout) as bar:
        for done, (source, target) in enumerate(pairs):
            try:
                notes = restoration.restore_file(source, target, arguments.weights, arguments.force, bar.update, **settings)
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

    print(job.run(**options(arguments, name="images")))


def create_data(arguments):
    """Compress images and cut them into pairs: 24x24 decoded pixels, and the 8x8 original ones in the middle."""
    from tqdm import tqdm

    from blockcnn_helpers import images, patches

    to_train_on = "train" if "train" in images.SPLITS.get(arguments.images, ()) else None
    chosen = images.image_set(arguments.images, arguments.split or to_train_on)

    def bar(names):
        return tqdm(names, disable=None, leave=False, unit="image")

    index = patches.create(chosen, arguments.output, arguments.quality, arguments.size, arguments.force, progress=bar)
    print(f"{index['count']:,} pairs of {len(chosen)} images at quality {arguments.quality} in {arguments.output}")


def train(arguments):
    """Train a network from random weights and write them to a file, with notes on the run beside it."""
    from blockcnn_helpers import recipe

    given = options(arguments, name="images", qualities="quality")
    notes = recipe.train(**given)
    last = notes["history"][-1]
    gains = "".join(f", {gain:+.2f} dB at quality {level}" for level, gain in last.get("gain", {}).items())
    print(f"{arguments.output}: {last['step']:,} steps in {last['seconds']:.0f} s, mean error {last['loss']:.2f} grey levels{gains}")


def ablate(arguments):
    """Train networks that differ in one thing each, from the same pairs, and measure what that thing brings."""
    from blockcnn_helpers import ablation, files

    given = options(arguments, name="images", folder="output")
    path, force = Path(given.pop("json") or Path(given["folder"]) / "ablation.json"), given.pop("force")
    unknown = set(given["only"] or ()) - set(ablation.variants())
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: the networks are {', '.join(ablation.variants())}")
    if not given["only"]:
        files.check_absent(path, force)
    given["steps"] = given["steps"] or ablation.STEPS
    ablation.train(**given)
    if given["only"]:
        return
    chosen = {key: given[key] for key in ("steps", "profile", "rate", "seed", "precision") if given[key]}
    command = " ".join(["blockcnn ablate", Path(given["name"]).name, *(f"--{key} {value}" for key, value in chosen.items())])
    ablation.write(given["folder"], given["name"], path, command, force)
    print(ablation.table(json.loads(path.read_text())["rows"]))


def evaluate(arguments):
    """Compress originals, repair them by each method, and print how far the results are from the originals."""
    from tqdm import tqdm

    from blockcnn_helpers import evaluation, files, images, methods
    from blockcnn_helpers.weights import network_of

    to_terminal = arguments.json == "-"
    if arguments.json and not to_terminal:
        files.check_absent(arguments.json, arguments.force)
        make_folder(Path(arguments.json).parent)
    names, model = methods.choose(arguments.methods), arguments.model or network_of(arguments.weights)
    weights = {model: arguments.weights}
    used = methods.weights_of(names, weights)  # if they are missing, then before the work
    if arguments.weights and model not in used:
        raise ValueError(f"the weights are for the network {model}, and none of the methods is: {', '.join(names)}")
    if "all" in arguments.methods and methods.PROGRAM not in names:
        print(f"{PROG}: note: {methods.PROGRAM} is not installed and left out", file=sys.stderr)
    split = {"bundled": "test", "bsds500": "val"}.get(arguments.images)  # never what was trained on
    chosen = images.image_set(arguments.images, split)
    with tqdm(total=len(chosen) * len(arguments.quality), disable=None, leave=False, unit="image") as bar:
        rows = evaluation.evaluate(chosen, arguments.quality, names, bar.update, arguments.jobs, weights)
    if not to_terminal:
        print(evaluation.table(rows, arguments.per_image, seconds=arguments.more, luma=arguments.more))
    if arguments.json:
        report = evaluation.report(rows, weights, _repeat_evaluation(arguments), arguments.jobs)
        if to_terminal:
            print(report)
        else:
            with files.new_file(arguments.json, arguments.force) as file:
                file.write(report.encode() + b"\n")


def _repeat_evaluation(arguments):
    """Return the command that measures the same again; files are named without their folders."""
    parts = ["blockcnn evaluate", Path(arguments.images).name, "--quality", *arguments.quality, "--methods", *arguments.methods]
    parts += ["--weights", Path(arguments.weights).name] if arguments.weights else []
    parts += ["--model", arguments.model] if arguments.model else []
    parts += ["--jobs", arguments.jobs] if arguments.jobs > 1 else []
    return " ".join(map(str, parts))


def doctor(arguments):
    """Say what this machine has got: Python, packages, processor, GPU, data sets, weights."""
    from blockcnn_helpers.doctor import examine, exit_code, report

    findings = examine()
    print(report(findings))
    return exit_code(findings)


def options(arguments, **renamed):
    """Return the parsed options as keyword arguments, some of them under another name (new="old")."""
    given = {name: value for name, value in vars(arguments).items() if name not in ("function", "go_on")}
    return {new: given.pop(old) for new, old in renamed.items()} | given


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
