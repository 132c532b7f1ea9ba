"""Every rule has a row, and every row agrees with differences."""

from __future__ import annotations

import collections
import inspect
from typing import Any

import pytest

from s2sad.rules import table
from s2sad.rules.draws import not_read_off
from s2sad.rules.signatures import parameters

from . import harness

RULES = harness.load_rules()
ROWS = harness.load_rows("ROWS")
POINTS = harness.load_rows("POINTS")


@pytest.mark.parametrize("row", harness.parameters(ROWS))
def test_row(row: harness.Row) -> None:
    for engine in harness.engines(row):
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


@pytest.mark.parametrize("point", harness.parameters(POINTS))
def test_point(point: harness.Point) -> None:
    for engine in harness.engines(point):
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


def test_every_rule_has_a_row() -> None:
    tested = {table.rule_for(row.function) for row in ROWS}
    codes = {getattr(rule.pullback, "__code__", None) for rule in tested if rule is not None}
    asked = [r for r in RULES if not (r.kind == "zero" or is_own(r) or is_tested_by_methods(r) or refuses(r))]
    assert len(asked) > 1500
    assert [r.name for r in asked if r not in tested and not (is_moment(r) and r.pullback.__code__ in codes)] == []


def is_moment(rule: table.Rule) -> bool:
    """Whether the rows of one rule test others: of the moments of distributions, which differ by shapes alone."""
    return rule.pullback is not None and rule.pullback.__module__ == "s2sad.rules.scipy.stats.moments"


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
        found = list(parameters(function).values())
    except (TypeError, ValueError):
        return None
    return None if any(p.kind is p.VAR_KEYWORD for p in found) else found


def test_options_are_real() -> None:
    """An option that no function of the rule has would never be bound: a slip of the pen."""
    asked = [r for r in RULES if r.kind not in ("zero", "maker") and not refuses(r)]
    assert {r.name: unreal for r in asked if (unreal := unreal_names(r))} == {}
    assert sum(any(map(signature_of, r.functions)) for r in asked) > 700


# What logm, signm and sqrtm have before SciPy 1.18, and np.asarray says from NumPy 2.4 on
NOT_ALWAYS = {"disp", "blocksize", "copy", "device"}


def unreal_names(rule: table.Rule) -> set[str]:
    """The names in a rule that no function of it has, as far as their signatures are known."""
    arguments, _, options = rule.signature()
    known = [s for s in map(signature_of, rule.functions) if s is not None]
    if not known:
        return set()
    real = {p.name for s in known for p in s}
    by_name = any(p.kind is p.POSITIONAL_OR_KEYWORD for p in known[0])
    positional_only = sum(p.kind is p.POSITIONAL_ONLY for p in known[0])
    named = arguments[positional_only:] if by_name else []  # what can be passed by name must have that name
    return {*options, *named} - real - NOT_ALWAYS
