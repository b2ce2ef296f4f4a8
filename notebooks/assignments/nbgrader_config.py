"""How nbgrader treats this course. Read by `make release` and `make grade`, and by JupyterLab's nbgrader extension (`make teach`)."""

import os
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, GetGrades, LimitOutput, SaveAutoGrades

from blockcnn_helpers.classroom.nbgrading import HideTests, Judge

HERE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821 (nbgrader hands it in)
c.CourseDirectory.root = str(HERE)
c.CourseDirectory.course_id = "blockcnn"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.zip", ".DS_Store"]
# Where the Assignment List of JupyterLab fetches from and submits to: on a server, a folder that all students can write to.
c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", str(HERE / "exchange"))

BLANK = """# Write your code in the place of the next line.
raise NotImplementedError("not written yet: put your code here, then run the check below")"""
c.ClearSolutions.code_stub = {"python": BLANK}
c.ClearSolutions.text_stub = "Write your answer here, in the place of this line."

# Submissions run in guarded kernels, and are judged outside of them (blockcnn_helpers/classroom/verdicts.py).
c.Autograde.autograde_preprocessors = [
    Judge,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.OverwriteCells.add_missing_cells = True  # a test cell that a student has deleted comes back
c.LimitOutput.max_lines = 200
c.GenerateFeedback.preprocessors = [GetGrades, HideTests, CSSHTMLHeaderPreprocessor]
