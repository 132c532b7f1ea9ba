"""Which loops are taken for bisection, and what forward mode says of what they find."""

import ast
import sys
import textwrap
from pathlib import Path

import gast
import pytest

import s2sad
from s2sad.frontend.brackets import DECIDED, marked

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import brackets

HALVES = """
    def f(p, g, low, high):
        while high - low > 1e-9:
            middle = (low + high) / 2
            {}
        return middle
"""

MARKED = {
    "a statement": "if g(middle, p) > 0: high = middle\n            else: low = middle",
    "a condition that is turned": "if not g(middle, p) > 0: low = middle\n            else: high = middle",
    "expressions": "low, high = (middle, high) if g(middle) < p else (low, middle)",
    "one expression each": "low = middle if g(low) < p else low; high = high if g(low) < p else middle",
    "np.where": "c = g(middle) > p; high = np.where(c, middle, high); low = np.where(c, low, middle)",
    "signs": "if np.sign(g(middle)) == np.sign(p): low = middle\n            else: high = middle",
    "an arm that goes on": "if g(middle) > p:\n                high = middle; continue\n            low = middle",
    "a question": "if g(middle, p): high = middle\n            else: low = middle",
    "without a name": "if g((low + high) / 2) > p: high = (low + high) / 2\n            else: low = (low + high) / 2",
}
MARKED_TWICE = {
    "several conditions": "if g(middle) > p and not g(low) < 0: high = middle\n            else: low = middle",
}
ELEMENTS = {
    "elements": "m = (low[0] + low[1]) / 2\n            if g(m) > 0: low[1] = m\n            else: low[0] = m",
    "at an index": "m = (low[p] + high[p]) / 2\n            if g(m) > 0: high[p] = m\n            else: low[p] = m",
    "by names": "m = p['a'] + p['b']\n            if g(m) > 0: p['a'] = m\n            else: p['b'] = m",
    "further in": "m = p.a[-1, 0] + p.b\n            if g(m) > 0: p.a[-1, 0] = m\n            else: p.b = m",
}
PLAIN = {
    "a halved step": "p = p / 2\n            if g(middle) > 0: low = low + p",
    "a shorter step": "p *= 0.3\n            if g(middle) > 0: low = p + low",
    "an augmented assignment": "p /= 2\n            if g(middle) > 0: low += p",
    "a step back": "p = 0.5 * p\n            if g(middle) > 0: low -= p",
    "a step under a name": "trial = low + p\n            if g(trial) > 0: low = trial\n            else: p *= 0.5",
    "a step that grows": "p = 2 * p\n            if g(middle) > 0: low = low + p",
    "a step that is scaled": "p = 0.5 * p\n            if g(middle) > 0: low = low + p * g(low)",
    "a step that is taken always": "p = 0.5 * p\n            low = low + p",
    "one end": "if g(middle) > p: high = middle",
    "steps": "if g(high) > p: high = high / 2\n            else: low = low + 2 * high",
    "both ends": "if g(middle) > p: low = high = middle\n            else: low = middle",
    "no comparison": "if p: high = middle\n            else: low = middle",
    "no choice": "low = middle; high = middle",
}


def calls(tree):
    return [n for n in ast.walk(tree) if type(n).__name__ == "Name" and n.id == DECIDED]


@pytest.mark.parametrize("library", [ast, gast])
def test_which_loops(library):
    for texts, count in ((MARKED, 2), (ELEMENTS, 2), (MARKED_TWICE, 4), (PLAIN, 0)):
        for name, text in texts.items():
            tree = library.parse(textwrap.dedent(HALVES.format(text))).body[0]
            before = ast.dump(tree)
            made = marked(tree)
            assert len(calls(made)) == count, name
            assert ast.dump(tree) == before
            assert (ast.dump(made) == before) == (count == 0)


def test_operands_are_asked_once_and_in_order():
    """The condition's operands get names; the function says what it said, as often and in the same order."""
    said = []

    def g(name, value):
        said.append(name)
        return value

    def f(p):
        low, high = 0.0, 4.0
        for _ in range(3):
            middle = (low + high) / 2
            if g("left", middle) < g("right", p):
                low = middle
            else:
                high = middle
        return p * s2sad.stop_gradient(low)

    value, once = f(3.0), said[:]
    for run in (lambda: s2sad.jvp(f, (3.0,), (1.0,))[0], lambda: s2sad.value_and_grad(f)(3.0)[0]):
        said.clear()
        assert run() == value
        assert said == once


def test_forward_mode():
    """It can't tell whether a step follows that makes up for it: refused, unless the interval is wide."""
    found = {p.function.__name__: p for p in brackets.PROGRAMS}
    for name in ("minimum_by_golden_sections", "root_by_recursion"):
        program = found[name]
        with pytest.raises(s2sad.MissingRuleError, match="bisection"):
            s2sad.jvp(program.function, program.args[0], (1.0,))
    for name in ("chord_of_a_wide_interval", "newton_in_an_interval", "place_in_a_table"):
        program = found[name]
        (x,) = program.args[0]
        assert s2sad.jvp(program.function, (x,), (1.0,))[1] == pytest.approx(s2sad.grad(program.function)(x), rel=1e-12)


def test_the_reason_is_told():
    with pytest.raises(s2sad.MissingRuleError, match="x - f\\(x\\) / slope") as caught:
        s2sad.grad(brackets.root_by_a_question)(2.0)
    assert caught.value.filename == brackets.__file__
    line = caught.value.text.strip()
    assert (line, caught.value.end_offset - caught.value.offset) in (("high = middle", 6), ("low = middle", 6))


def by_words(p, wanted, keep):
    low, high, state, before, seen = 0.0, p + 3.0, "begun", None, []
    for k in range(60):
        middle = (low + high) / 2
        seen = keep(seen, middle)
        if state == wanted or before == 0:
            return middle
        if middle * middle > 2.0:
            high = middle
        else:
            low = middle
        state = "ended" if k == 1 else state
    return low


def remember(seen, middle):
    by_words.last = middle  # which is for recorded runs alone
    return [*seen, middle]


@pytest.mark.parametrize("keep", [lambda seen, middle: seen, remember])
def test_what_is_equal_may_be_no_number(keep):
    """A search ends where texts are equal, or what may be None is zero: it runs as it did."""
    for wanted, slope in (("begun", 0.5), ("ended", 0.375)):
        assert s2sad.value_and_grad(by_words)(1.0, wanted, keep) == (by_words(1.0, wanted, keep), slope)
