"""Self-tests: every choice is answered, the right one alone is marked right, and nothing on paper gives it away."""

import re
import statistics

import ipywidgets as widgets
import pytest

from blockcnn_helpers import quiz

LESSONS = sorted(path.stem for path in quiz.FOLDER.glob("*.json"))


@pytest.fixture(params=LESSONS)
def asked(request):
    return quiz.ask(request.param)


def test_a_lesson_asks_three_to_five_questions(asked):
    assert 3 <= len(asked.questions) <= 5
    for question in asked.questions:
        assert 3 <= len(question.choices) <= 4 and len(set(question.choices)) == len(question.choices)
        assert all(len(words.split()) >= 4 for words in question.feedback), "each choice is told why"
        assert len(set(question.feedback)) == len(question.feedback)


def test_only_the_right_choice_is_marked_right(asked):
    for question, radio, said in zip(asked.questions, asked.radios, asked.said):
        assert isinstance(radio, widgets.RadioButtons) and radio.value is None
        for number, choice in enumerate(question.choices):
            radio.value = choice
            assert ("✓" in said.value) == (number == question.right)
            assert ("✗" in said.value) == (number != question.right)
            assert quiz._code(question.feedback[number]) in said.value


def test_first_tries_are_counted():
    asked = quiz.ask(LESSONS[0])
    for number, (question, radio) in enumerate(zip(asked.questions, asked.radios)):
        wrong = next(choice for place, choice in enumerate(question.choices) if place != question.right)
        for choice in (wrong, question.choices[question.right])[number == 1 :]:
            radio.value = choice
    assert f"{len(asked.questions)} of {len(asked.questions)} answered, 1 right at the first try" in asked.score.value


def test_paper_shows_questions_and_choices_and_no_answers(asked):
    shown = repr(asked)
    for question in asked.questions:
        assert question.text in shown and all(f"( ) {choice}" in shown for choice in question.choices)
        assert not any(words in shown for words in question.feedback)
    assert not re.search("[✓✗]", shown)


def test_the_right_choice_does_not_stand_out():
    """Over all lessons the right choice is not the first, and not the longest, more often than chance makes likely."""
    questions = [question for lesson in LESSONS for question in quiz.load(lesson)]
    first = statistics.mean(question.right == 0 for question in questions)
    longest = statistics.mean(max(map(len, question.choices)) == len(question.choices[question.right]) for question in questions)
    assert first <= 0.45 and longest <= 0.45


def test_an_unknown_lesson_is_named_with_those_there_are():
    for lesson in ("77", "../x", 3):
        with pytest.raises(ValueError, match=rf"no questions for lesson {re.escape(repr(lesson))}.*{LESSONS[0]}"):
            quiz.ask(lesson)


def test_text_is_escaped_and_code_has_its_face():
    assert quiz._code("is `a < b` & *c*?") == "is <code>a &lt; b</code> &amp; <i>c</i>?"
