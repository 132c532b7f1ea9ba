"""Which values of a functional program depend on what is differentiated, and which of those the result depends on.

``varied(function, params)``: the values that may change when the parameters change.
``useful(function, varied, results)``: those of them that the results depend on.  Both are upper bounds: a value outside
has derivative zero for certain.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Function, Op, Operand, Value, hashable
from ..ir.types import PLAIN, Type
from ..passes.build import type_of_operand
from ..passes.instances import InstanceType
from ..rules.table import rule_for

# No derivative flows through these, whatever their arguments are.
_BARRIERS = {len, isinstance, bool, int, str, range, slice, operator.not_, operator.is_, operator.is_not,
             operator.contains, prims.format_string, prims.check_length, hasattr, callable, id, hash, repr, type,
             np.shape, np.ndim, np.size, print}  # fmt: skip

# No derivative flows from but the first operands of these.
_FIRST = {np.copysign: 1, math.copysign: 1, runtime.unless_found: 1}


def may_vary(t: Type) -> bool:
    """Whether a value of a type can have a derivative."""
    if t.kind in ("bool", "int", *PLAIN):
        return False
    if t.kind in ("scalar", "array", "number"):
        return t.dtype is None or t.dtype.kind in "fcO"
    if isinstance(t, InstanceType):  # nothing that is compiled writes into it
        return False
    if t.kind in ("tuple", "list", "dict", "object", "function") and (t.elems or t.kind in ("tuple", "function")):
        return any(map(may_vary, t.elems))
    return True


def varied(function: Function, params: list[bool], without: frozenset[Value] = frozenset()) -> set[Value]:
    """The values that depend on the parameters that ``params`` marks, other than through those ``without``."""
    marked = {p for p, active in zip(function.params, params, strict=True) if active and may_vary(p.type)}
    return dependent(function, marked, without)


def dependent(function: Function, values: set[Value], without: frozenset[Value] = frozenset()) -> set[Value]:
    """Those values, and what depends on them."""
    seen = set(values)
    while _forward(function.body, seen, without):
        pass
    return seen


def _forward(block: Block, seen: set[Value], without: frozenset[Value]) -> bool:
    """Add what depends on ``seen``; whether anything was new."""
    before = len(seen)

    def on(x: Operand) -> bool:
        return isinstance(x, Value) and x in seen

    def add(x: Value) -> None:
        if may_vary(x.type) and x not in without:
            seen.add(x)

    for op in block.ops:
        if op.prim == "call":
            for out, active in zip(op.outs, results_of_call(op, tuple(map(on, op.args))), strict=True):
                if active:
                    add(out)
        elif op.prim in ("for", "while"):
            body = op.blocks[-1]
            stops = bool(op.attrs.get("stops"))
            count = len(body.results) - stops
            inits = op.args[len(op.args) - count :]
            if any(map(on, op.args[: len(op.args) - count])):
                for p in body.params[: len(body.params) - count]:
                    add(p)
            for inner in op.blocks:
                for p, init, r in zip(
                    inner.params[len(inner.params) - count :], inits, body.results[stops:], strict=True
                ):
                    if on(init) or on(r):
                        add(p)
                _forward(inner, seen, without)
            for out, init, r in zip(op.outs[stops:], inits, body.results[stops:], strict=True):
                if on(init) or on(r):
                    add(out)
        elif op.blocks:
            for inner in op.blocks:
                _forward(inner, seen, without)
                for out, r in zip(op.outs, inner.results, strict=False):
                    if on(r):
                        add(out)
        elif op.prim is runtime.settled or any(map(on, flowing(op))):
            for out in op.outs:
                add(out)
            if op.prim is runtime.found and on(op.args[4]):  # the root moves with its equation
                add(op.args[3])  # type: ignore[arg-type]
    return len(seen) > before


def passes(op: Op) -> bool:
    """Whether a derivative can flow through a plain op."""
    if isinstance(op.prim, str):
        return False
    try:
        if op.prim in _BARRIERS:
            return False
    except TypeError:
        return True
    rule = rule_for(op.prim)
    return rule is None or rule.kind != "zero"


def flowing(op: Op) -> list[Operand]:
    """The operands of a plain op that a derivative may flow from."""
    if not passes(op):
        return []
    if op.prim is np.sign and all(map(_is_real, op.args)):  # of complex numbers, it is their direction
        return []
    if op.prim is runtime.by_root:
        return [op.args[0], op.args[6]]
    count = _FIRST.get(op.prim) if hashable(op.prim) else None
    return op.operands() if count is None else op.args[:count]


def _is_real(x: Operand) -> bool:
    """Whether it is certainly real: a number or an array of real numbers."""
    t = type_of_operand(x)
    if t.kind in ("scalar", "array"):
        return t.dtype is not None and t.dtype.kind in "biuf"
    return t.kind in ("bool", "int", "float", "number")


def results_of_call(op: Op, params: tuple[bool, ...]) -> tuple[bool, ...]:
    """Which results of a call depend on the marked arguments; with a derivative of the user's own, all may."""
    if "custom" in op.attrs:
        return (any(params),) * len(op.outs)
    return varied_results(op.attrs["function"], params)


def varied_results(function: Function, params: tuple[bool, ...]) -> tuple[bool, ...]:
    """Which results of a callee depend on the marked parameters; of one that is under way, all."""
    cache = function.attrs.setdefault("varied_results", {})
    if params not in cache:
        cache[params] = (any(params),) * len(function.results)
        seen = varied(function, list(params))
        cache[params] = tuple(isinstance(r, Value) and r in seen for r in function.results)
    return cache[params]


def useful(function: Function, varied: set[Value], results: list[bool]) -> set[Value]:
    """Those of the varied values that the marked results depend on."""
    seen = {r for r, on in zip(function.results, results, strict=True) if on and isinstance(r, Value) and r in varied}
    while _backward(function.body, seen, varied):
        pass
    return seen


def _backward(block: Block, seen: set[Value], varied: set[Value]) -> bool:
    before = len(seen)

    def add(x: Operand) -> None:
        if isinstance(x, Value) and x in varied:
            seen.add(x)

    for op in reversed(block.ops):
        wanted = [o in seen for o in op.outs]
        if op.prim is runtime.found and op.args[3] in seen:
            add(op.outs[0])
            wanted = [op.outs[0] in seen]
        if op.prim in ("for", "while"):
            body = op.blocks[-1]
            stops = bool(op.attrs.get("stops"))
            count = len(body.results) - stops
            inits = op.args[len(op.args) - count :]
            params = body.params[len(body.params) - count :]
            for out, init, r, p in zip(op.outs[stops:], inits, body.results[stops:], params, strict=True):
                if out in seen or p in seen:
                    add(r)
                    add(init)
            _backward(body, seen, varied)
            if any(p in seen for p in body.params[: len(body.params) - count]):
                for x in op.args[: len(op.args) - count]:
                    add(x)
        elif op.blocks:
            for inner in op.blocks:
                for on, r in zip(wanted, inner.results, strict=False):
                    if on:
                        add(r)
                _backward(inner, seen, varied)
        elif any(wanted):
            for x in op.operands() if op.prim == "call" else flowing(op):
                add(x)
    return len(seen) > before
