"""Refuse programs that note what may vary in a list outside, and may read that list.

    LOSSES.append(loss)
    return LOSSES[-1] * rate   # nobody follows what has gone outside

In: a function with types, and through it all that it calls.  It stays as it is, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Block, Const, Function, Op, Operand, Value
from ..ir.types import Type
from .build import type_of_operand
from .effects import all_ops, functions_in
from .text import has_floats


def check_logs(function: Function) -> None:
    """Look for lists outside that are appended to, and for what else may be such a list.

    Raises:
        UnsupportedError: there are both.
    """
    functions = functions_in(function)
    ops = [op for f in functions for op in all_ops(f.body)]
    outside = {out for op in ops if op.prim is getattr and isinstance(op.args[0], Const) for out in op.outs}
    logs = [op for op in ops if _is_log(op, outside) and has_floats(type_of_operand(op.args[1]))]
    if not logs:
        return
    read = [x.type for f in functions for x in (*f.params, *_read(f.body, outside))]
    for log in logs:
        kept = type_of_operand(log.args[0])
        if any(_may_hold(t, kept) for t in read) or any(op.prim is prims.call_dynamic for op in ops):
            raise UnsupportedError("appending numbers to a list outside that may be read is not supported", log.span)


def _is_log(op: Op, outside: set[Value]) -> bool:
    return op.prim is list.append and op.args[0] in outside


def _read(block: Block, outside: set[Value]) -> Iterator[Value]:
    """What is read of the world around, other than to append to it or to ask for its length.

    What a function value carries along is among the parameters of the function.
    """

    def among(operands: list[Operand]) -> Iterator[Value]:
        return (x for x in operands if isinstance(x, Value) and x in outside)

    yield from among(block.results)
    for op in block.ops:
        carried = op.prim is prims.make_tuple and op.out.type.kind == "function"
        if op.prim is not len and not carried:
            yield from among(list(op.operands())[1:] if _is_log(op, outside) else list(op.operands()))
        for inner in op.blocks:
            yield from _read(inner, outside)


def _may_hold(t: Type, kept: Type) -> bool:
    """Whether something of type ``t`` may be, or hold, a list of type ``kept``."""
    if t.kind == "unknown":
        return True
    return (t.kind == "list" and _may_be_same(t, kept)) or any(_may_hold(e, kept) for e in t.elems)


def _may_be_same(a: Type, b: Type) -> bool:
    """Whether two lists may be one; of an empty one that is not known."""
    vague = ("unknown", "number", "numeric")
    pairs = [(x.kind, y.kind) for x in a.elems for y in b.elems]
    return not pairs or any(x == y or x in vague or y in vague for x, y in pairs)
