"""Wrong answers to a lesson's exercises, as test cases."""

import pytest


def not_started(*given):
    raise NotImplementedError


STUBS = {"stub": (not_started, "Not yet"), "ellipsis": (lambda *given: ..., "Not yet"), "nothing": (lambda *given: None, "Not yet")}
STUBS["crash"] = (lambda *given: 1 // 0, "ZeroDivisionError")


def cases(wrong, stubs):
    """Return one case for each check and each wrong answer: {check: {name: (answer, hint)}}, with the stubs that every check gets."""
    named = [(check, name, case) for check, own in wrong.items() for name, case in (stubs | own).items()]
    return [pytest.param(check, *case, id=f"{check.__name__}-{name}") for check, name, case in named]
