"""``match`` -> ``if``: each pattern is a condition, and what it binds are assignments.

    match shape:                           <subject 1> = shape
        case [a, b] if a > b:              <taken 1> = False
            y = a - b             ->       if is_sequence(<subject 1>) and len(<subject 1>) == 2:
        case None:                             a = <subject 1>[0]; b = <subject 1>[1]; <taken 1> = a > b
            y = 0.0                        if <taken 1>: y = a - b
                                           elif <subject 1> is None: y = 0.0

In and out goes the syntax tree of a function; one without ``match`` stays itself.  Patterns that bind names in one of
several alternatives, ``**rest``, and patterns within that of a class are left as they are: they are refused.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

import gast

from ..ir import prims

_LOAD = gast.Load()


def without_matches(tree: Any) -> Any:
    """The tree with conditions for patterns, as a copy where it has any."""
    return _Rewriter().visit(copy.deepcopy(tree)) if _has_match(tree) else tree


def _has_match(node: Any) -> bool:
    """Whether there is one among the statements of a node, which is cheaper than to look at everything."""
    blocks = [getattr(node, name, None) for name in ("body", "orelse", "handlers", "finalbody")]
    inside = [s for block in blocks if isinstance(block, list) for s in block]
    return isinstance(node, gast.Match) or any(map(_has_match, inside))


class _Unsupported(Exception):
    """A pattern that is left as it is."""


class _Rewriter(gast.NodeTransformer):
    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def visit_Match(self, node: Any) -> Any:
        node = self.generic_visit(node)
        number = next(self.numbers)
        subject, taken = f"<subject {number}>", f"<taken {number}>"
        try:
            cases = [self.case(c, subject, taken) for c in node.cases]
        except _Unsupported:
            return node
        rest: list[Any] = []
        for before, test, body in reversed(cases):
            rest = [*before, *body] if test is None else [*before, _at(gast.If(test, body, rest), node)]
        return [_at(gast.Assign([_name(subject, gast.Store())], node.subject, None), node), *rest]

    def case(self, case: Any, subject: str, taken: str) -> tuple[list[Any], Any, list[Any]]:
        """What stands before the test of a case, the test (None: always), and what the case does."""
        tests: list[Any] = []
        bound: list[tuple[str, Any]] = []
        place = case.pattern if hasattr(case.pattern, "lineno") else case.body[0]
        _match(case.pattern, _name(subject), tests, bound)
        binding = [_assign(name, value) for name, value in bound]
        test = _all(tests)
        if case.guard is None:
            if test is None:
                return [_at(s, place) for s in binding], None, case.body
            return [], _at(test, place), [*(_at(s, place) for s in binding), *case.body]
        decided = [*binding, _assign(taken, case.guard)]
        before = [_assign(taken, gast.Constant(False, None))]
        before += decided if test is None else [gast.If(test, decided, [])]
        return [_at(s, place) for s in before], _at(_name(taken), place), case.body


def _match(pattern: Any, x: Any, tests: list[Any], bound: list[tuple[str, Any]]) -> None:
    """Add what a pattern asks of ``x``, an expression without effects, and what it binds."""
    kind = type(pattern).__name__
    if kind == "MatchValue":
        tests.append(gast.Compare(x, [gast.Eq()], [pattern.value]))
    elif kind == "MatchSingleton":
        tests.append(gast.Compare(x, [gast.Is()], [gast.Constant(pattern.value, None)]))
    elif kind == "MatchAs":
        if pattern.pattern is not None:
            _match(pattern.pattern, x, tests, bound)
        if pattern.name is not None:
            bound.append((pattern.name, x))
    elif kind == "MatchOr":
        tests.append(gast.BoolOp(gast.Or(), [_alternative(p, x) for p in pattern.patterns]))
    elif kind == "MatchSequence":
        _match_sequence(pattern.patterns, x, tests, bound)
    elif kind == "MatchMapping" and pattern.rest is None:
        tests.append(_call(prims.is_mapping, x))
        for key, value in zip(pattern.keys, pattern.patterns, strict=True):
            tests.append(gast.Compare(key, [gast.In()], [copy.deepcopy(x)]))
            _match(value, gast.Subscript(x, copy.deepcopy(key), _LOAD), tests, bound)
    elif kind == "MatchClass":
        tests.append(_call(isinstance, x, pattern.cls))
        for k, inner in enumerate(pattern.patterns):
            _match_once(inner, _call(prims.matched_part, x, pattern.cls, gast.Constant(k, None)), tests, bound)
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            tests.append(_call(hasattr, x, gast.Constant(name, None)))
            _match_once(inner, gast.Attribute(x, name, _LOAD), tests, bound)
    else:
        raise _Unsupported


def _match_once(pattern: Any, x: Any, tests: list[Any], bound: list[tuple[str, Any]]) -> None:
    """`_match` of an attribute, which Python asks for once: a property may do something."""
    kind = type(pattern).__name__
    if kind not in ("MatchValue", "MatchSingleton") and not (kind == "MatchAs" and pattern.pattern is None):
        raise _Unsupported
    _match(pattern, x, tests, bound)


def _match_sequence(patterns: list[Any], x: Any, tests: list[Any], bound: list[tuple[str, Any]]) -> None:
    star = next((k for k, p in enumerate(patterns) if isinstance(p, gast.MatchStar)), None)
    length = gast.Constant(len(patterns) - (star is not None), None)
    tests.append(_call(prims.is_sequence, x))
    tests.append(gast.Compare(_call(len, x), [gast.Eq() if star is None else gast.GtE()], [length]))
    for k, inner in enumerate(patterns):
        if k != star:
            place = k if star is None or k < star else k - len(patterns)
            _match(inner, gast.Subscript(x, gast.Constant(place, None), _LOAD), tests, bound)
        elif inner.name is not None:
            stop = gast.Constant(k + 1 - len(patterns), None) if k + 1 < len(patterns) else None
            part = gast.Slice(gast.Constant(k, None), stop, None)
            bound.append((inner.name, _call(list, gast.Subscript(x, part, _LOAD))))


def _alternative(pattern: Any, x: Any) -> Any:
    tests: list[Any] = []
    bound: list[tuple[str, Any]] = []
    _match(pattern, x, tests, bound)
    if bound:
        raise _Unsupported
    return _all(tests) or gast.Constant(True, None)


def _all(tests: list[Any]) -> Any:
    return None if not tests else tests[0] if len(tests) == 1 else gast.BoolOp(gast.And(), tests)


def _name(name: str, context: Any = _LOAD) -> Any:
    return gast.Name(name, context, None, None)


def _assign(name: str, value: Any) -> Any:
    return gast.Assign([_name(name, gast.Store())], value, None)


def _call(function: Any, *args: Any) -> Any:
    """A call of a function itself, whatever its name means to the program."""
    return gast.Call(gast.Constant(function, None), [copy.deepcopy(a) for a in args], [])


def _at(node: Any, place: Any) -> Any:
    """A made node, and what is in it, in a place of the program."""
    for inner in gast.walk(node):
        if getattr(inner, "lineno", None) is None:
            gast.copy_location(inner, place)
    return node
