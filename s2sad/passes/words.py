"""Words for what the user gave no name: ``describe(function)`` sets `Value.word`, from which variables get their names.

    np.tanh(z)  tanh     x - y  difference     a[i, j]  a_ij     x**2  x_squared     x < 0  test     self.rate  rate
    what goes back  g

A word says what a value is where it becomes a variable, or a list of what is saved (``tanh_saved``); a name of the
user's comes first.
"""

from __future__ import annotations

import builtins
import keyword
import operator
from typing import Any

import numpy as np

from .. import runtime
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import module_of
from ..rules.table import rule_for
from .build import type_of_operand

WORDS: dict[Any, str] = {
    operator.add: "total", operator.sub: "difference", operator.mul: "product", operator.truediv: "ratio",
    operator.matmul: "product", operator.floordiv: "quotient", operator.mod: "rest", operator.pow: "power",
    operator.lt: "test", operator.le: "test", operator.gt: "test", operator.ge: "test", operator.eq: "test",
    operator.ne: "test", operator.not_: "test", operator.is_: "test", operator.is_not: "test",
    operator.contains: "test", len: "count", np.shape: "shape", np.size: "size", prims.make_tuple: "index",
    slice: "index", np.sum: "total", sum: "total", np.mean: "mean", np.max: "largest", np.min: "smallest",
    max: "larger", min: "smaller", np.dot: "product", np.outer: "product", np.linalg.norm: "norm",
    np.linalg.solve: "solution", np.linalg.inv: "inverse", np.linalg.det: "determinant", np.cumsum: "sums",
    np.where: "chosen", np.concatenate: "joined", np.stack: "stacked", np.eye: "identity",
    np.zeros: "zeros", np.ones: "ones", prims.make_list: "items",
}  # fmt: skip
_ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod)
_FUNCTIONS: dict[str, str] = {  # of NumPy, math and SciPy, where the name of the function is not the best
    "sqrt": "root", "absolute": "size", "fabs": "size", "add": "total", "subtract": "difference",
    "multiply": "product", "divide": "ratio", "matmul": "product", "power": "power", "square": "square",
    "abs": "size", "maximum": "larger", "minimum": "smaller", "negative": "opposite",
}  # fmt: skip


def describe(function: Function) -> Function:
    """Set the words of the values in a functional program; the function is returned."""
    defs: dict[Value, Op] = {}
    _describe(function.body, defs)
    return function


def _describe(block: Block, defs: dict[Value, Op]) -> None:
    for op in block.ops:
        for inner in op.blocks:
            if op.prim == "for":
                for p in inner.params[: len(inner.params) - len(op.outs)]:
                    if p.hint is None and p.type.kind == "int":
                        p.word = "i"
            _describe(inner, defs)
        for k, out in enumerate(op.outs):
            if out.hint is None and out.word is None and not op.blocks:
                out.word = _word(op, out, k, defs)
            defs[out] = op


def _word(op: Op, out: Value, k: int, defs: dict[Value, Op]) -> str | None:
    made_zero = op.prim in (np.zeros_like, runtime.zeros_like) if hashable(op.prim) else False
    back = made_zero or any(map(_goes_back, op.operands())) or out.type.kind == "list"
    if op.attrs.get("backward") and back and (out.type.is_numeric or out.type.kind in ("list", "tuple", "dict")):
        return "g"
    if op.prim == "call" and k == 0:
        name = op.attrs["function"].name
        return "g" if name.endswith("_backward") else name.removesuffix("_forward") if name.isidentifier() else None
    if isinstance(op.prim, str) or not hashable(op.prim):
        return None
    if "field" in op.attrs:  # of a named tuple
        return _plain(op.attrs["field"])
    if op.prim is operator.getitem:
        return _item(op.args[0], op.args[1], out, defs)
    if op.prim is getattr and isinstance(op.args[1], Const) and _has_attributes(op.args[0]):
        return _plain(op.args[1].value)
    if op.prim is operator.pow and isinstance(op.args[1], Const) and op.args[1].value == 2:
        base = op.args[0].hint if isinstance(op.args[0], Value) else None
        return f"{base}_squared" if base else "square"
    if op.prim in _ARITHMETIC and out.type.kind == "int":
        return "n"
    if op.prim is np.arange:
        return "indices" if out.type.dtype is not None and out.type.dtype.kind == "i" else "numbers"
    name = getattr(op.prim, "__name__", "")
    prim = getattr(np, name, None) if getattr(op.prim, "__objclass__", None) is np.ndarray else op.prim
    if hashable(prim) and prim in WORDS:
        return WORDS[prim]
    rule = rule_for(op.prim)
    named = isinstance(op.prim, np.ufunc) or module_of(op.prim).startswith("numpy.fft")
    if rule is None or (rule.kind != "elementwise" and not named):
        return None
    return _plain(_FUNCTIONS.get(name, name))


def _plain(name: Any) -> str | None:
    """A name as a word, where it can be one."""
    free = isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
    return name if free and not hasattr(builtins, name) else None


def _has_attributes(x: Operand) -> bool:
    """Whether it is an object or class of the user's."""
    return type_of_operand(x).kind == "object" or (isinstance(x, Const) and isinstance(x.value, type))


def _goes_back(x: Operand) -> bool:
    """Whether it is a cotangent."""
    return isinstance(x, Value) and (x.word == "g" or (x.hint is not None and x.hint.endswith("_bar")))


def _item(base: Operand, index: Operand, out: Value, defs: dict[Value, Op]) -> str | None:
    """``a_ij`` for ``a[i, j]`` where the indices are names, or numbers from 0; ``:`` is left out."""
    made = defs.get(index) if isinstance(index, Value) else None
    parts: list[Any] = list(made.args) if made is not None and made.prim is prims.make_tuple else [index]
    if isinstance(index, Const) and isinstance(index.value, tuple):
        parts = [Const(e) for e in index.value]
    words = [_index_word(p, defs) for p in parts]
    if isinstance(base, Value) and base.type.kind == "dict":
        return words[0] if len(words) == 1 else None
    if not isinstance(base, Value) or not base.hint or base.type.kind not in ("array", "list", "tuple"):
        return None
    if None in words or not any(words):
        several = out.type.kind == "array" or any(type_of_operand(p).kind == "slice" for p in parts)
        return f"{base.hint}_{'part' if several else 'item'}"
    return f"{base.hint}_{('' if max(map(len, filter(None, words))) == 1 else '_').join(filter(None, words))}"


def _index_word(x: Operand, defs: dict[Value, Op]) -> str | None:
    """A letter, a digit or a key; nothing for ``:``."""
    if isinstance(x, Value) and x.type.kind == "int" and x.hint is not None and len(x.hint) == 1:
        return x.hint
    if isinstance(x, Const) and isinstance(x.value, str):
        return _plain(x.value)
    if isinstance(x, Const) and type(x.value) is int and 0 <= x.value <= 9:
        return str(x.value)
    if isinstance(x, Const) and type(x.value) is int and x.value == -1:
        return "last"
    made = defs.get(x) if isinstance(x, Value) else None
    bounds = made.args if made is not None and made.prim is slice else None
    if isinstance(x, Const) and isinstance(x.value, slice):
        bounds = [Const(b) for b in (x.value.start, x.value.stop, x.value.step)]
    return "" if bounds and all(isinstance(b, Const) and b.value is None for b in bounds) else None
