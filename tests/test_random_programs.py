"""Random programs: their gradients are right, or refused; never wrong, and the compiler neither crashes nor hangs."""

import collections
import random
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


RIGHT = "def program(x, u, n):\n    return x * x * np.sum(u)\n"
REFUSED = "def program(x, u, n):\n    return eval('x') * np.sum(u)\n"


@pytest.mark.parametrize("seed", [*range(5000, 5100), 12019671])
def test_fixed_seeds(seed):
    text = write(Choices(random.Random(seed).randrange))
    kind, why = verdict(text)
    assert kind in ("right", "refused", "skipped"), f"{kind}: {why}\n{text}"


@pytest.mark.parametrize(("text", "kind"), [(RIGHT, "right"), (REFUSED, "refused")])
def test_verdicts(text, kind):
    assert verdict(text)[0] == kind


def test_texts_are_found():
    import inspect

    assert inspect.getsource(load(RIGHT)) == RIGHT


def test_wrong_number_is_seen(monkeypatch):
    import s2sad

    honest = s2sad.value_and_grad

    def spoiled(*args, **kwargs):
        gradient = honest(*args, **kwargs)

        def call(*args):
            value, (x_bar, u_bar) = gradient(*args)
            return value, (x_bar * 1.001, u_bar)

        return call

    monkeypatch.setattr(s2sad, "value_and_grad", spoiled)
    assert verdict(RIGHT)[0] == "wrong"


def test_hang_is_seen(monkeypatch):
    import s2sad

    def hanging(*args, **kwargs):
        while True:
            pass

    monkeypatch.setattr(s2sad, "value_and_grad", hanging)
    monkeypatch.setattr("tests.random_programs.SECONDS", 1)
    assert verdict(RIGHT)[0] == "hangs"
