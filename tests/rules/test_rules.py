"""Every rule has a row, and every row agrees with differences."""

from __future__ import annotations

import collections
import inspect
from typing import Any

import pytest

from s2sad.rules import table
from s2sad.rules.draws import not_read_off

from . import harness

RULES = harness.load_rules()
ROWS = harness.load_rows("ROWS")
POINTS = harness.load_rows("POINTS")


@pytest.mark.parametrize("row, engine", harness.parameters(ROWS))
def test_row(row: harness.Row, engine: Any) -> None:
    harness.check_row(row, engine)


# A variant, and how many rows of NumPy take it at least: none that NumPy stops to take goes unseen.
ASKED = {
    "real": 1300, "strided": 1300, "float32": 1200, "complex": 750, "float": 300, "numpy scalar": 300, "0-d": 300,
    "size 1": 1000, "size 0": 600, "reversed": 1100, "fortran": 1100, "size 3 -> 1": 800, "size 3 -> 0": 600,
    "float32 scalar": 300, "complex64": 700, "float at 0": 100, "0-d at 1": 100, "float32 at 0": 200,
    "integers at 0": 200, "integers at 1": 200, "booleans at 0": 200,
}  # fmt: skip


def test_variants_are_asked() -> None:
    found = collections.Counter(name for row in ROWS if row.derived for name, _ in harness.variants(row))
    assert {name: least for name, least in ASKED.items() if found[name] < least} == {}


@pytest.mark.parametrize("point, engine", harness.parameters(POINTS))
def test_point(point: harness.Point, engine: Any) -> None:
    harness.check_point(point, engine)


def is_own(rule: table.Rule) -> bool:
    """Whether it belongs to a helper of generated code or of other rules, which differentiating twice tests."""
    module = getattr(rule.functions[0], "__module__", "") or ""
    return module == "s2sad.runtime" or (rule.kind == "definition" and module.startswith("s2sad.rules"))


def is_tested_by_methods(rule: table.Rule) -> bool:
    """Whether what it makes only has methods with rules of their own, as frozen distributions do."""
    return rule.kind == "maker" and all(table.rule_for(f) is not None for f, *_ in rule.methods.values())


def refuses(rule: table.Rule) -> bool:
    """Whether it refuses every derivative: tests/programs/random_draws.py has such calls."""
    return rule.pullback is not_read_off


def names(rules: list[table.Rule]) -> list[Any]:
    return [pytest.param(rule, id=harness.function_name(rule.functions[0])) for rule in rules]


@pytest.mark.parametrize(
    "rule",
    names([r for r in RULES if not (r.kind == "zero" or is_own(r) or is_tested_by_methods(r) or refuses(r))]),
)
def test_rule_has_a_row(rule: table.Rule) -> None:
    assert any(is_tested(rule, table.rule_for(row.function)) for row in ROWS)


def is_tested(rule: table.Rule, by: table.Rule | None) -> bool:
    """Whether the rows of a rule test another one: of the moments of distributions, which differ by shapes alone."""
    if by is None or rule.pullback is None or rule.pullback.__module__ != "s2sad.rules.scipy.stats.moments":
        return by is rule
    return getattr(by.pullback, "__code__", None) is rule.pullback.__code__


def test_zero_rules() -> None:
    zeros = [r for r in RULES if r.kind == "zero"]
    assert len(zeros) > 300
    for rule in zeros:
        (function,) = rule.functions
        assert callable(function)
        assert rule.pullback is None and not rule.pushforwards


def signature_of(function: Any) -> list[inspect.Parameter] | None:
    """The parameters of a function; None where Python does not know them (some builtins, wrappers)."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    return None if any(p.kind is p.VAR_KEYWORD for p in found) else found


@pytest.mark.parametrize("rule", names([r for r in RULES if r.kind not in ("zero", "maker") and not refuses(r)]))
def test_options_are_real(rule: table.Rule) -> None:
    """An option that no function of the rule has would never be bound: a slip of the pen."""
    arguments, _, options = rule.signature()
    known = [s for s in map(signature_of, rule.functions) if s is not None]
    if not known:
        pytest.skip("no function of the rule has a signature")
    real = {p.name for s in known for p in s}
    assert set(options) <= real
    keywords = {p.name for p in known[0] if p.kind is p.POSITIONAL_OR_KEYWORD}
    positional_only = sum(p.kind is p.POSITIONAL_ONLY for p in known[0])
    if keywords:  # what can be passed by name must have that name
        assert set(arguments[positional_only:]) <= real
