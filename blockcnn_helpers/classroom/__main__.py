"""The teacher's commands: ``python -m blockcnn_helpers.classroom``, by name in the Makefile."""

import argparse
import os
import sys
from pathlib import Path

from blockcnn_helpers.classroom.course import ROOT
from blockcnn_helpers.classroom.kernels import walls_stand

PROG = "blockcnn classroom"
BEHIND_WALLS = "Submissions run behind a wall (bubblewrap): own folder, no network, no other files of yours."
WITHOUT_WALLS = (
    "Submissions run with limits but WITHOUT a wall: install bubblewrap (Linux), or grade on a machine or account with nothing to lose."
)


def main(argv=None):
    """Run a command; errors of use end with status 2 and one line."""
    parser = argparse.ArgumentParser(prog=PROG, description=__doc__.split(":")[0] + ".")
    commands = parser.add_subparsers(dest="command", required=True)
    release = commands.add_parser("release", help="student versions of the assignments, and zips to hand out")
    release.add_argument("assignments", nargs="*", help="beginnings of names, such as a1; none: all")
    grade = commands.add_parser("grade", help="grade a folder of submissions")
    grade.add_argument("submissions", type=Path, help="holds STUDENT/NAME.ipynb or STUDENT/NAME/NAME.ipynb")
    grade.add_argument("assignments", nargs="*", help="beginnings of names; none: all")
    grade.add_argument("--again", action="store_true", help="also what was graded and has not changed")
    commands.add_parser("score", help="score open projects on photos held back", add_help=False)
    teach = commands.add_parser("teach", help="JupyterLab with nbgrader's pages; takes JupyterLab's options as well")
    for command in (release, grade, teach):
        command.add_argument("--root", type=Path, default=ROOT, help="the folder with source/ and nbgrader_config.py")
    given, rest = parser.parse_known_args(argv)
    if rest and given.command not in ("score", "teach"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return COMMANDS[given.command](given, rest) or 0
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        print(f"{PROG}: {error}", file=sys.stderr)
        return 2


def _release(given, rest):
    from blockcnn_helpers.classroom.release import course_for_students, release

    for path in release(given.assignments, given.root):
        print(f"{_short(path.with_suffix(''))}/  {_short(path)}")
    course = course_for_students(given.root)
    if course:
        print(f"{_short(course)}  the course without assignments, solutions and tests of them")


def _grade(given, rest):
    from blockcnn_helpers.classroom.grade import grade

    print(BEHIND_WALLS if walls_stand() else WITHOUT_WALLS)
    rows = grade(given.submissions, given.assignments, given.root, given.again)
    tables = [_short(given.root / name) for name in ("grades.csv", "grades_by_task.csv")]
    print(f"{tables[0]} and {tables[1]}: {len(rows)} submissions; pages in {_short(given.root / 'feedback')}/")


def _score(given, rest):
    from blockcnn_helpers.classroom import score

    return score.main(rest)


def _teach(given, rest):
    from blockcnn_helpers.workspace import lab_arguments

    root = given.root.resolve()
    os.chdir(root)  # nbgrader looks for its settings there
    if "NBGRADER_EXCHANGE" not in os.environ:
        (root / "exchange").mkdir(exist_ok=True)
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    command = lab_arguments(root, rest)
    print(f"Opening {root} in JupyterLab: the Formgrader is in the menu Nbgrader. Stop it with Ctrl-C.", flush=True)
    os.execv(command[0], command)


def _short(path):
    path = Path(path).resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


COMMANDS = {"release": _release, "grade": _grade, "score": _score, "teach": _teach}

if __name__ == "__main__":
    sys.exit(main())
