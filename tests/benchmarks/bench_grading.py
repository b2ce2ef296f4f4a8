"""What grading costs: a class of 30 for assignment 1, and the wall and the judge against plain execution of the same notebooks.

python tests/benchmarks/bench_grading.py [students]
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from classrooms import course, fill, read, sample_class, submit
from nbclient import NotebookClient

from blockcnn_helpers.classroom.grade import grade
from blockcnn_helpers.classroom.kernels import walls_stand
from blockcnn_helpers.classroom.release import release

NAME = "a1_dct_and_quantisation"


def main(students=30):
    """Print the class's time and, for one good submission, plain and guarded seconds."""
    work = sample_class(NAME)
    with tempfile.TemporaryDirectory() as place:
        root, handed_in = course(Path(place, "course"), [NAME]), Path(place, "handed in")
        release(root=root)
        student = read(root / "release" / NAME / f"{NAME}.ipynb")
        samples = list(work)
        for number in range(students):  # all kinds of submissions, one endless loop among every dozen
            sample = samples[number % len(samples)]
            submit(handed_in, f"{number:02}_{sample}", NAME, fill(student, work[sample]["cells"]))
        start = time.perf_counter()
        rows = grade(handed_in, root=root, say=lambda line: None)
        whole = time.perf_counter() - start
        points = sum(row["points"] for row in rows)
        wall = "with" if walls_stand() else "without"
        print(f"{len(rows)} submissions in {whole:.0f} s ({whole / len(rows):.1f} s each), {points:g} points; limit 600 s; {wall} a wall")

        one = Path(place, "one")
        submit(one, "good", NAME, fill(student, work["perfect_vectorised"]["cells"]))
        start = time.perf_counter()
        grade(one, root=root, say=lambda line: None)
        guarded = time.perf_counter() - start
        start = time.perf_counter()
        NotebookClient(read(one / "good" / f"{NAME}.ipynb"), timeout=300, allow_errors=True).execute()
        plain = time.perf_counter() - start
        print(f"one good submission: executed {plain:.1f} s; graded with feedback {guarded:.1f} s: {guarded / plain:.1f} times")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
