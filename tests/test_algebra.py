"""Simplification while ops are made: the same numbers as without it, and the forms that are wanted."""

from __future__ import annotations

import builtins
import operator
import random

import numpy as np
import pytest

from s2sad import runtime
from s2sad.ir.core import Block, Const, Function, Value
from s2sad.ir.run import run
from s2sad.ir.text import text
from s2sad.ir.types import FLOAT, ONE, Dim, array
from s2sad.ir.verify import verify
from s2sad.passes.algebra import algebra
from s2sad.passes.build import Builder, type_of_operand
from s2sad.passes.simplify import simplify

N, M = Dim("n", False), Dim("m", False)
PARAMS = {
    "a": (FLOAT, 1.3),
    "v": (array(float, (M,)), np.array([0.3, -1.2, 2.0])),
    "c": (array(float, (N, ONE)), np.array([[0.7], [-0.4]])),
    "x": (array(float, (N, M)), np.array([[1.5, -0.2, 0.9], [0.4, 3.0, -1.1]])),
    "y": (array(float, (N, M)), np.array([[-0.5, 0.8, 1.9], [2.4, -1.0, 0.1]])),
}


class Formula:
    """Builds one function; ``simplified`` says whether its ops are simplified."""

    def __init__(self, simplified: bool):
        self.params = [Value(name, t) for name, (t, _) in PARAMS.items()]
        self.builder = Builder(Block(list(self.params)))
        self.builder.algebra = algebra if simplified else None
        self.builder.attrs = {"backward": True}

    def function(self, result):
        made = Function("f", self.builder.block)
        made.body.results = [result]
        verify(made)
        return made


def value(function):
    return run(
        function, [np.copy(v) if isinstance(v, np.ndarray) else v for _, v in PARAMS.values()], vars(builtins).get
    )


def shape(x):
    t = type_of_operand(x)
    return () if t.is_number else tuple(t.dims)


def random_op(build, values, rng):
    """One op on some of the values; the same choices whether or not it is simplified, as types are the same."""
    kind = rng.choice(
        ["mul", "mul", "mul", "div", "neg", "add", "add", "accumulate", "sum", "spread", "number", "index"]
    )
    x = rng.choice(values)
    if kind == "number":
        return build.op(operator.mul, Const(rng.choice([2, -2, 0.5, -1, 1, 3.0])), x)
    if kind == "neg":
        return build.op(operator.neg, x)
    if kind == "div":
        y = rng.choice(values[:5])
        return build.op(operator.truediv, x, y)
    if kind == "sum" and len(shape(x)) == 2:
        return build.op(np.sum, x, axis=Const(1), keepdims=Const(True))
    if kind == "spread" and shape(x) != (N, M):
        return build.op(np.broadcast_to, x, build.op(np.shape, values[3]))
    if kind == "index" and shape(x) == (M,):
        zeros = build.op(np.zeros_like, x)
        first = build.op(runtime.index_add, zeros, Const(slice(0, 2)), Const(0.5))
        return build.op(runtime.index_add, first, Const(slice(1, 3)), Const(2.0))
    same = [y for y in values if shape(y) == shape(x)]
    if kind == "accumulate" and shape(x):
        return build.op(runtime.accumulate, x, rng.choice(same))
    if kind == "add":
        return build.op(operator.add, x, rng.choice(same))
    return build.op(operator.mul, x, rng.choice(values))


@pytest.mark.parametrize("seed", range(150))
def test_same_numbers(seed):
    results = []
    for simplified in (False, True):
        rng = random.Random(seed)
        formula = Formula(simplified)
        values = list(formula.params)
        for _ in range(10):
            values.append(random_op(formula.builder, values, rng))
        total = formula.builder.op(np.sum, values[-1]) if shape(values[-1]) else values[-1]
        results.append((value(formula.function(values[-1])), value(formula.function(total))))
    for plain, simple in zip(*results, strict=True):
        assert np.shape(plain) == np.shape(simple)
        np.testing.assert_allclose(simple, plain, rtol=1e-11, atol=1e-11 * (1 + np.max(np.abs(plain))))


def lines(make):
    formula = Formula(True)
    result = make(formula.builder, *formula.params)
    return [line.strip() for line in text(simplify(formula.function(result))).splitlines()[1:]]


def product(build, *factors):
    result = factors[0]
    for f in factors[1:]:
        result = build.op(operator.mul, result, f)
    return result


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda b, a, v, c, x, y: product(b, Const(2), product(b, Const(3.0), x)), ["t = mul(6.0, x)", "-> t"]),
        (
            lambda b, a, v, c, x, y: b.op(runtime.accumulate, product(b, x, y), product(b, x, y)),
            ["t = mul(2, x)", "t_1 = mul(t, y)", "-> t_1"],
        ),
        (
            lambda b, a, v, c, x, y: product(b, b.op(np.broadcast_to, c, b.op(np.shape, x)), x),
            ["t = mul(c, x)", "-> t"],
        ),
        (
            lambda b, a, v, c, x, y: b.op(np.sum, b.op(operator.neg, product(b, a, x))),
            ["t = sum(x)", "t_1 = mul(a, t)", "t_2 = neg(t_1)", "-> t_2"],
        ),
        (
            lambda b, a, v, c, x, y: b.op(operator.add, a, product(b, Const(-2.0), a)),
            ["t = mul(2.0, a)", "t_1 = sub(a, t)", "-> t_1"],
        ),
        (
            lambda b, a, v, c, x, y: b.op(runtime.index_add, b.op(np.zeros_like, v), Const(slice(0, 2)), a),
            ["t = zeros_like(v)", "t_1 = setitem(t, <slice>, a)", "-> t_1"],
        ),
        (  # the user's formula is left as it is
            lambda b, a, v, c, x, y: product(b, Const(2), users(b, Const(3.0), x)),
            ["t = mul(3.0, x)", "t_1 = mul(2, t)", "-> t_1"],
        ),
    ],
)
def test_forms(make, expected):
    assert lines(make) == expected


def users(build, *factors):
    build.attrs, attrs = {}, build.attrs
    try:
        return product(build, *factors)
    finally:
        build.attrs = attrs
