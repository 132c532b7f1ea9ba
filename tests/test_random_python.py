"""Random programs in everyday Python: right or refused, compiled and in a recorded run."""

import collections
import random

import pytest

from tests.random_python import Writer, main, verdicts


@pytest.mark.parametrize("part", range(3))
def test_right_or_refused(part):
    found = collections.Counter()
    for seed in range(part, 90, 3):
        text = Writer(random.Random(seed)).text()
        for way, kind, why in verdicts(text):
            assert kind in ("right", "refused"), f"{seed}, {way}, {kind}: {why}\n{text}"
            found[way, kind] += 1
    assert found["recorded", "right"] > 20
    assert found["compiled", "right"] > 3


def test_verdicts_can_fail(monkeypatch, capsys):
    """A step function says that its slope is zero, which is not its value over its argument."""
    steps = "def program(x):\n    return x * 0.0 + round(x * 2.0) / 2.0\n"
    assert {kind for _, kind, _ in verdicts(steps)} == {"wrong"}
    assert {kind for _, kind, _ in verdicts(steps.replace("round", "float"))} == {"right"}
    monkeypatch.setattr(Writer, "text", lambda self: steps)
    assert main(2, 0) == 4
    assert "--- 0, compiled: wrong" in capsys.readouterr().out
