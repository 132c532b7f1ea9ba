"""Random programs: their gradients are right, or refused; never wrong, and the compiler neither crashes nor hangs."""

import collections
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.random_programs import Choices, load, verdict, write

FOUND: collections.Counter[str] = collections.Counter()


@st.composite
def texts(draw):
    return write(Choices(lambda n: draw(st.integers(0, n - 1))))


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts())
def check_text(text):
    note(text)
    kind, why = verdict(text)
    FOUND[kind] += 1
    assert kind in ("right", "refused", "skipped"), f"{kind}: {why}"


def test_right_or_refused(record_property):
    FOUND.clear()
    try:
        check_text()
    finally:
        tried = FOUND["right"] + FOUND["refused"]
        print(dict(FOUND), f"refused {FOUND['refused'] / max(tried, 1):.0%}")
        record_property("refused", FOUND["refused"])
    assert FOUND["right"] > FOUND["refused"]


WRONG = """
import s2sad

def program(x, u, n):
    return s2sad.stop_gradient(x) * x + u[0]
"""
RIGHT = "def program(x, u, n):\n    return x * x * np.sum(u)\n"
REFUSED = "def program(x, u, n):\n    b = u.reshape(-1)\n    b[0] = x\n    return np.sum(u) * x\n"


@pytest.mark.parametrize(("text", "kind"), [(RIGHT, "right"), (WRONG, "wrong"), (REFUSED, "refused")])
def test_verdicts(text, kind):
    assert verdict(text)[0] == kind


def test_texts_are_found():
    import inspect

    assert inspect.getsource(load(RIGHT)) == RIGHT
