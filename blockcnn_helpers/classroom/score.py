"""Score open projects on photos held back: every submission repairs the same JPEG files, and what comes back is measured out here.

A submission's code runs in a guarded kernel, with nothing but its notebook, its weights and the JPEG files, numbered. Originals, weights
of the course and other submissions are out of its reach. PSNR, the number of weights and the points are found in this process.
"""

import argparse
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell

from blockcnn_helpers import images, jpeg, metrics
from blockcnn_helpers.classroom import project, standings, submitted
from blockcnn_helpers.classroom.guard import Rules
from blockcnn_helpers.classroom.kernels import COURSE, closed_places, run_notebook
from blockcnn_helpers.classroom.submitted import NAME, WEIGHTS, Failed

SECONDS = 120  # for a cell, and for a photo
START = 300  # seconds for all that is no training when a network is trained again
COMPRESSED = (".jpg", ".jpeg", ".jpe", ".jfif")


def main(argv=None):
    """Run ``score SUBMISSIONS IMAGES``; return 0, or 2 after an error of use."""
    parser = argparse.ArgumentParser(prog="blockcnn classroom score", description="Score open projects on photos held back.")
    parser.add_argument("submissions", metavar="SUBMISSIONS", help=f"holds STUDENT/{NAME}.ipynb or STUDENT/{NAME}/{NAME}.ipynb")
    parser.add_argument("images", metavar="IMAGES", help="folder of photos held back that never were JPEG files; kodak24 to try it out")
    parser.add_argument("--out", metavar="FILE", default="score.csv", help="table to write (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help="limit for a cell, and for a photo (%(default)s)")
    parser.add_argument("--retrain", action="store_true", help="leave the weights aside and train again, within the minutes allowed")
    given = parser.parse_args(argv)
    try:
        rows = score(given.submissions, given.images, given.seconds, given.retrain, say=print)
        standings.write(rows, given.out)
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(f"\n{standings.table(rows)}\n\n{given.out}: {len(rows) - 2} submissions")
    return 0


def score(submissions, folder, seconds=SECONDS, retrain=False, say=lambda line: None):
    """Let every submission repair the photos, and measure.

    Parameters
    ----------
    submissions : path-like
        One folder for each student.
    folder : path-like
        Photos held back: a folder, or the name of a set of images.
    seconds : float
        Limit for each cell of a notebook, and for each photo.
    retrain : bool
        Train each network again, from the notebook alone.
    say : callable
        Gets a line about each submission.

    Returns
    -------
    list of dict
        One for each submission, and for JPEG and BlockCNN: `standings.COLUMNS`, None where there is nothing to say. JPEG comes first, then
        by gain; then what has no rank: over a budget, with the course's weights, or without a result.

    Raises
    ------
    FileNotFoundError, ValueError
        If there are no submissions or no photos, they lie in one another, or photos were JPEG files already.
    """
    students = submitted.found(submissions)
    photos = held_back(folder)
    closed = out_of_reach(submissions, folder)
    with tempfile.TemporaryDirectory(prefix="blockcnn-score-") as place:
        files, base, reference = Path(place), {}, []
        originals = {f"{number:03}": original for number, original in enumerate(photos.values(), 1)}
        for (name, original), called in zip(originals.items(), photos):
            data = jpeg.encode(original, project.QUALITY)
            (files / f"{name}.jpg").write_bytes(data)
            base[name] = metrics.psnr(original, jpeg.decode(data))
            if not math.isfinite(base[name]):
                raise ValueError(f"JPEG does not change photo {called}: there is nothing to gain")
            reference.append(_blockcnn(original, data))
        shipped = submitted.count(images.shipped("weights", "blockcnn.weights.h5"))
        rows = [standings.row(standings.JPEG), standings.row(standings.BLOCKCNN) | {"weights": shipped}]
        for row, levels in zip(rows, (list(base.values()), reference)):
            row |= {"psnr": float(np.mean(levels)), "gain": float(np.mean(levels) - np.mean(list(base.values())))}
            row |= {"over_blockcnn": float(np.mean(levels) - np.mean(reference))}
        for number, (student, notebook) in enumerate(students.items(), 1):
            row = _judged(student, notebook, files, originals, base, rows[1]["gain"], closed, seconds, retrain)
            told = f"{row['gain']:+.2f} dB" if row["gain"] is not None else "no result"
            say(f"{number:3} of {len(students)}  {student}  {told}  {row['remark']}".rstrip())
            rows.append(row)
    return [rows[0], *standings.ranked(rows[1:])]


def held_back(folder):
    """Return the photos of a folder, or of a set of images by its name: {name: image}.

    Raises
    ------
    FileNotFoundError, ValueError
        If there are none, or some of a folder's are JPEG files.
    """
    photos = images.image_set(folder)
    known = str(folder) in images.SPLITS
    if not known and any(path.suffix.lower() in COMPRESSED for path in photos.paths.values()):
        raise ValueError(f"{folder} holds JPEG files: what was compressed before is no original. Save them at half size as PNG files")
    return dict(photos)


def out_of_reach(submissions, folder):
    """Return what no submission may read: the others, the originals, the course's weights, and what a grader closes anyway.

    Raises
    ------
    ValueError
        If originals and submissions lie in one another.
    """
    named = str(folder) in images.SPLITS
    inbox, secret = Path(submissions).resolve(), images.data_folder() / str(folder) if named else Path(folder).resolve()
    if inbox == secret or inbox in secret.parents or secret in inbox.parents:
        raise ValueError(f"{secret} and {inbox} lie in one another: keep the photos held back away from submissions")
    own = [inbox, secret, COURSE / "data" / "weights"]
    return (*closed_places(), *(str(path) for path in own if path.exists()))


def _blockcnn(original, data):
    from blockcnn_helpers.restoration import restore

    return metrics.psnr(original, restore(jpeg.decode(data)))


def _judged(student, notebook, files, originals, base, reference, closed, seconds, retrain):
    """Run one submission and return its row."""
    row = standings.row(student)
    try:
        if notebook is None:
            raise Failed("no notebook")
        code = submitted.code_of(notebook)
        with tempfile.TemporaryDirectory(prefix="blockcnn-score-") as place:
            folder = Path(place)
            if not retrain:
                submitted.copy_weights(notebook.parent, folder)
                row["weights"] = submitted.count(notebook.parent / WEIGHTS)
            shutil.copytree(files, folder / "jpeg")
            took = _run(code, folder, list(originals), closed, seconds, retrain)
            weights = (folder if retrain else notebook.parent) / WEIGHTS  # the kernel could have changed its copy
            card = project.read_card(weights)
            row |= {"weights": submitted.count(weights), "minutes": card.get("minutes"), "device": card.get("device")}
            repaired = {name: submitted.picture(folder / "repaired" / f"{name}.png", original) for name, original in originals.items()}
            levels = [metrics.psnr(original, repaired[name]) for name, original in originals.items()]
            row |= {"psnr": float(np.mean(levels)), "gain": float(np.mean(levels) - np.mean(list(base.values())))}
            row |= {"over_blockcnn": row["gain"] - reference, "points": project.points(row["gain"], reference)}
            pixels = sum(original.shape[0] * original.shape[1] for original in originals.values())
            row["seconds_per_megapixel"] = None if took is None else 1e6 * took / pixels
            row["remark"] = "; ".join(_objections(row, weights))
    except Failed as failure:
        row["remark"] = str(failure)
    return row | {"points": 0} if row["remark"] else row


def _run(notebook, folder, names, closed, seconds, retrain):
    """Run a notebook and let it repair the files; return the seconds that its function took, as the kernel tells them.

    Raises
    ------
    Failed
        With the reason, if it does not come to its end.
    """
    repair = '_project.repair(_restore, _network, "jpeg/{0}.jpg", "repaired/{0}.png")'
    first = "from blockcnn_helpers.classroom import project as _project\n_restore, _network = restore, network\n"
    sources = [first + repair.format(names[0]), *(f"print({repair.format(name)})" for name in names)]  # a first call may compile
    last = [new_code_cell(source) for source in sources]
    words, longest = {"NBGRADER_EXECUTION": "score"}, seconds
    if retrain:
        words |= {key: os.environ[key] for key in ("BLOCKCNN_DATA",) if key in os.environ}
        longest = 60 * max(project.MINUTES.values()) * project.GRACE + START
    else:
        words |= {"BLOCKCNN_PROFILE": "smoke", project.TRAINING: "never"}
    limits = {"cell_seconds": longest, "notebook_seconds": 2 * longest + (len(names) + 1) * seconds + START}
    rules = Rules(closed=closed, switched_off=switched_off(notebook), words=words)

    def hopeless(cell):
        """Tell whether another photo has brought the submission down already."""
        return any(cell is one for one in last) and any(output.output_type == "error" for one in last for output in one.get("outputs", ()))

    run_notebook(notebook, folder, rules=rules, hidden=last, unwanted=hopeless, **limits)
    told = []
    for cell in last:
        error = next((output for output in cell.outputs if output.output_type == "error"), None)
        if error:
            raise Failed(_reason(notebook, error))
        told.append("".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout"))
    try:
        return sum(float(text.split()[-1]) for text in told[1:])
    except (ValueError, IndexError):
        return None


def switched_off(notebook):
    """Return the functions that are switched off: as the instructor version says if it is here, else as the notebook does."""
    source = COURSE / "notebooks" / "assignments" / "source" / NAME / f"{NAME}.ipynb"
    known = nbformat.read(source, as_version=4) if source.is_file() else notebook
    return tuple(known.metadata.get("blockcnn", {}).get("write_yourself", ()))


def _reason(notebook, error):
    """Return why a submission has no result: the notebook's own first error, if a name is missing because of it."""
    causes = [output for cell in notebook.cells for output in cell.outputs if output.output_type == "error"]
    cause = causes[0] if causes and error.ename in ("NameError", "NotRun") else error
    return f"{cause.ename}: {submitted.one_line(cause.evalue)}"


def _objections(row, weights):
    """Yield why a submission gets no rank."""
    if row["weights"] > project.LARGEST:
        yield f"over budget: {row['weights']:,} weights, {project.LARGEST:,} at most"
    if row["minutes"] is None:
        yield "no card says how long it was trained"
    elif project.over_time(row["minutes"], row["device"]):
        yield f"over budget: {project.over_time(row['minutes'], row['device'])}"
    names = submitted.borrowed(weights)
    if names:
        yield f"holds the course's weights: {', '.join(names)}"
