"""Self-test questions at the end of a lesson: choose an answer, read at once why it is right or what it mixes up.

The questions lie in ``quizzes/NN.json``, one file a lesson: a list of ``{"question": ..., "right": [choice, feedback], "wrong":
[[choice, feedback], ...]}``. Choices are shown in an order of their own, the same each time.
"""

import html
import json
import random
import re
from pathlib import Path
from typing import NamedTuple

import ipywidgets as widgets

FOLDER = Path(__file__).parent / "quizzes"
STYLE = """<style>
.blockcnn-quiz .widget-radio-box label {height: auto; white-space: normal; line-height: 1.4; margin: 3px 0; font-size: 14px}
.blockcnn-quiz .widget-radio, .blockcnn-quiz .widget-radio-box {width: auto; max-width: 100%; height: auto}
.blockcnn-quiz code {font-size: 13px}
.blockcnn-right {color: #00664b; font-weight: bold}
.blockcnn-wrong {color: #a33f00; font-weight: bold}
[data-jp-theme-light=false] .blockcnn-right {color: #5fd3a8}
[data-jp-theme-light=false] .blockcnn-wrong {color: #ff9c6a}
</style>"""


WORDS = "line-height:1.5;max-width:800px"


class Question(NamedTuple):
    """One question, its choices in the order shown, what each is answered, and which one is right."""

    text: str
    choices: tuple
    feedback: tuple
    right: int


class Quiz(widgets.VBox):
    """The questions of one lesson with their radio buttons; on paper it is the questions and choices, without answers."""

    def __init__(self, asked):
        self.questions = tuple(asked)
        self.first = {}  # number of the question to whether the first try was right
        self.score = widgets.HTML(_line(f"{len(self.questions)} questions; choose an answer to each"))
        self.radios, self.said, parts = [], [], []
        for number, question in enumerate(self.questions):
            radio = widgets.RadioButtons(options=list(question.choices), value=None, layout=widgets.Layout(width="auto"))
            said = widgets.HTML(_line("&nbsp;"))
            radio.observe(lambda change, number=number: self.answer(number, change["new"]), names="value")
            parts += [widgets.HTML(f'<div style="{WORDS}"><b>{number + 1}. {_code(question.text)}</b></div>'), radio, said]
            self.radios.append(radio)
            self.said.append(said)
        super().__init__([widgets.HTML(STYLE), *parts, self.score])
        self.add_class("blockcnn-quiz")

    def answer(self, number, choice):
        """React to a choice: say what there is to say of it, and count first tries."""
        if choice is None:
            return
        question = self.questions[number]
        at = question.choices.index(choice)
        right = at == question.right
        self.first.setdefault(number, right)
        mark = '<span class="blockcnn-right">✓</span>' if right else '<span class="blockcnn-wrong">✗</span>'
        self.said[number].value = _line(f"{mark} {_code(question.feedback[at])}")
        done = f"{len(self.first)} of {len(self.questions)} answered"
        self.score.value = _line(f"{done}, {sum(self.first.values())} right at the first try")

    def __repr__(self):
        lines = ["Self-test: run the cell to choose answers and be told why."]
        for number, question in enumerate(self.questions, start=1):
            lines += ["", f"{number}. {question.text}", *(f"   ( ) {choice}" for choice in question.choices)]
        return "\n".join(lines)


def ask(lesson):
    """Show the self-test of a lesson.

    Parameters
    ----------
    lesson : str
        Its two digits, such as "03".

    Returns
    -------
    Quiz (an ipywidgets.VBox)
        ``.radios`` (one RadioButtons a question), ``.said`` (one HTML each), ``.score`` (HTML), ``.questions``.

    Raises
    ------
    ValueError
        If there are no questions for that lesson.

    Examples
    --------
    >>> quiz = ask("00")
    >>> question = quiz.questions[0]
    >>> quiz.radios[0].value = question.choices[question.right]
    >>> "1 right at the first try" in quiz.score.value
    True
    """
    return Quiz(load(lesson))


def load(lesson):
    """Read the questions of a lesson; see `ask`. Returns a list of `Question`."""
    path = FOLDER / f"{lesson}.json"
    if not re.fullmatch(r"\d\d", str(lesson)) or not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.json")))
        raise ValueError(f"no questions for lesson {lesson!r}: there are some for {known}")
    return [_question(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _question(entry):
    order = [entry["right"], *entry["wrong"]]
    random.Random(entry["question"]).shuffle(order)
    choices, feedback = zip(*order)
    return Question(entry["question"], choices, feedback, order.index(entry["right"]))


def _line(text):
    return f'<div role="status" style="{WORDS};min-height:21px">{text}</div>'


def _code(text):
    """Escape a text for HTML, with `code` and *stress* in their own faces."""
    return re.sub(r"\*([^*`]+)\*", r"<i>\1</i>", re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False)))
