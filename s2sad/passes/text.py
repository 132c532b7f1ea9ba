"""Refuse numbers that are made from text where text is made of what may be differentiated.

In: a function with types.  It stays as it is, or it is refused: nobody could follow a number through its digits.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Block, Function, Op, Value
from ..ir.types import Type
from .build import type_of_operand
from .session import Session

TEXT = (prims.format_string, str, repr, ascii, format, str.format, np.array2string, np.array_repr, np.array_str)
NUMBERS = (float, complex, np.float64, np.float32, np.complex128, np.array, np.asarray, np.asanyarray, np.fromstring,
           np.loadtxt, np.genfromtxt)  # fmt: skip


def check_text(function: Function, session: Session) -> None:
    """Note what a function does with text.

    Raises:
        UnsupportedError: it makes numbers of text, or a function before it did, and one of them makes text of numbers.
    """
    for op in _ops(function.body):
        types = list(map(type_of_operand, op.args))
        if _among(op.prim, TEXT) or (op.prim is operator.mod and types[0].kind == "str"):
            session.writes_text = session.writes_text or any(map(_has_floats, types))
        elif op.args and _among(op.prim, NUMBERS) and isinstance(op.args[0], Value) and _may_be_text(types[0]):
            session.reads_text = session.reads_text or op.span
    if session.writes_text and session.reads_text:
        message = "a number that is made from text is not supported: the text may hold what is differentiated"
        raise UnsupportedError(message, session.reads_text)


def _ops(block: Block) -> Iterator[Op]:
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from _ops(inner)


def _among(prim: Any, functions: tuple[Any, ...]) -> bool:
    return any(prim is f for f in functions)


def _has_floats(t: Type) -> bool:
    if t.kind in ("array", "scalar"):
        return t.dtype is None or t.dtype.kind in "fcO"
    return t.kind in ("float", "complex", "number", "numeric", "unknown", "object", "exception") or any(
        map(_has_floats, t.elems)
    )


def _may_be_text(t: Type) -> bool:
    if t.kind == "array":
        return t.dtype is None or t.dtype.kind in "SUO"
    return t.kind in ("str", "unknown") or any(map(_may_be_text, t.elems))
