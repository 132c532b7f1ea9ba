"""Checks the second derivative that the compiler makes of a row's rule: the rule itself, differentiated again.

Of the scalar ``Re(sum(w * function(*args)))`` with fixed random weights the compiler makes the gradient, and of the
gradient, again, the tangent (forward over reverse) or, for one rule in three, the pullback (reverse over reverse);
both where the table does not know the rule. They are compared with differences of the first derivative that the table
gives on real arrays, which `harness.check_row` checks.
"""

from __future__ import annotations

import itertools
import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad import runtime
from s2sad.rules import table

from . import harness
from .harness import Row, difference, direction, inner, tree_map
from .share import one_in, rest_of

_programs = itertools.count()


def check_refused(row: Row) -> None:
    """Check that there is no second derivative, rather than a wrong one."""
    with pytest.raises((s2sad.UnsupportedError, RuntimeWarning)):
        check_second(row)


def check_second(row: Row) -> None:
    """Check a row; AssertionError says what is wrong."""
    args = next(args for name, args in harness.variants(row) if name == "real")
    argnums = harness.differentiable(args) if row.argnums is None else row.argnums
    rng = np.random.default_rng(11)
    y = row.called(*args, **row.kwargs)
    weights = direction(rng, y)
    u, v = (tuple(direction(rng, args[k]) for k in argnums) for _ in range(2))
    fun, given = weighted_program(row, args, argnums, y, weights)
    gradient = s2sad.grad(fun, argnums=tuple(given.index(k) for k in argnums))
    first_args = [args[k] for k in given]
    rule = None if row.program else table.rule_for(row.function)

    def bars(moving: Any) -> Any:
        """The first derivative, by the table, as a function of what is differentiated by."""
        x = tuple(moving[argnums.index(k)] if k in argnums else a for k, a in enumerate(args))
        if rule is None or not harness.TableEngine.takes(row):  # which the table does not run
            return tuple(gradient(*[x[k] for k in given]))
        found = harness.TableEngine.vjp(row.function, x, row.kwargs, weights, argnums)
        return tuple(runtime.zeros_like(x[k]) if found[k] is None else found[k] for k in argnums)

    moving = tuple(args[k] for k in argnums)
    reference = difference(bars, moving, u)
    if rule is None or rest_of(3, row.id):
        dots = tuple(u[argnums.index(k)] if k in argnums else None for k in given)
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            first, tangent = s2sad.jvp(gradient, tuple(first_args), dots)
        tree_map(lambda d, r: harness.check_close(d, r, row.exact, "forward over reverse"), tuple(tangent), reference)
    if rule is None or one_in(3, row.id):
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            first, pullback = s2sad.vjp(gradient, *first_args, argnums=tuple(given.index(k) for k in argnums))
            second = pullback(v)
        (ours, size), (theirs, other) = inner(tuple(second), u), inner(v, reference)
        assert abs(ours - theirs) <= row.exact * max(1.0, size + other), f"reverse over reverse: {ours} is not {theirs}"
    tree_map(lambda a, b: harness.check_close(a, b, row.tolerance, "gradient"), tuple(first), reals(bars(moving)))


def reals(tree: Any) -> Any:
    """The numbers of a tree; None for what is none."""
    return tree_map(lambda x: x if harness.is_inexact(x) else None, tree)


def weighted_program(
    row: Row, args: tuple[Any, ...], argnums: tuple[int, ...], y: Any, weights: Any
) -> tuple[Callable[..., Any], list[int]]:
    """``def program(x0): y = function(x0, axis=0); return np.real(np.sum(w0 * y))``, and what it takes, by position."""
    call, given, space = harness.call_text(row.called, args, row.kwargs, argnums)
    terms = []
    for k, (path, e, w) in enumerate(parts("y", y, weights)):
        space[f"w{k}"] = w
        text = f"w{k} * {path}" if isinstance(e, (float, complex)) else f"np.sum(w{k} * {path})"
        terms.append(f"np.real({text})" if np.iscomplexobj(e) else text)
    taken = ", ".join(f"x{k}" for k in given)
    text = f"def program({taken}):\n    y = {call}\n    return {' + '.join(terms)}\n"
    file = f"<second {harness.function_name(row.function)} {next(_programs)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space["np"] = np
    exec(compile(text, file, "exec"), space)
    return space["program"], given


def parts(path: str, y: Any, weights: Any) -> list[tuple[str, Any, Any]]:
    """The floats of a result: the text that selects each, its value and its weight."""
    if isinstance(y, (list, tuple)):
        pairs = enumerate(zip(y, weights, strict=True))
        return [part for i, (e, w) in pairs for part in parts(f"{path}[{i}]", e, w)]
    return [(path, y, weights)] if weights is not None else []
