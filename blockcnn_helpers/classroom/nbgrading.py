"""What nbgrader calls: preprocessors that run submissions in guarded kernels and keep hidden tests out of feedback."""

from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

from blockcnn_helpers.classroom.verdicts import grade_id, judge, visible


class Judge(NbGraderPreprocessor):
    """Runs a submission and judges it, in the place of nbgrader's `Execute`."""

    cell_seconds = Float(30, help="Seconds that a cell may take.").tag(config=True)
    notebook_seconds = Float(600, help="Seconds that a whole submission may take.").tag(config=True)
    gigabytes = Float(6, help="Memory that a submission may take.").tag(config=True)

    def preprocess(self, nb, resources):
        own, folder = resources["nbgrader"], Path(resources["metadata"]["path"]).resolve()
        root = folder.parents[2]  # root/autograded/student/assignment
        source = root / "source" / own["assignment"] / f"{own['notebook']}.ipynb"
        limits = {"cell_seconds": self.cell_seconds, "notebook_seconds": self.notebook_seconds, "memory": int(self.gigabytes * 2**30)}
        return judge(nb, source, folder, **limits), resources


class HideTests(NbGraderPreprocessor):
    """Takes the hidden tests out of the test cells, for the feedback."""

    def preprocess_cell(self, cell, resources, index):
        if grade_id(cell):
            cell.source = visible(cell.source)
        return cell, resources
