"""Rules that refuse: ``refusal(function)`` says why, where a typed rule certainly does.

    if type != 1:
        raise no_derivative(f"eigh has no derivative with type={type}")

is decided when compiling, and so is an error at the call; what is known only when the program runs is one then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import runtime
from ..ir.core import Const, Function, Op, Value


def refusal(ops: Iterable[Op], _seen: tuple[Function, ...] = ()) -> str | None:
    """What straight code says where it gets to `runtime.no_derivative`; None where it does not, as far as is known."""
    made: dict[Any, Op] = {}
    for op in ops:
        made.update(dict.fromkeys(op.outs, op))
        if op.prim == "call" and op.attrs["function"] not in _seen:
            function = op.attrs["function"]
            found = refusal(function.body.ops, (*_seen, function))
            if found is not None:
                return found
        elif op.prim == "raise":
            error = made.get(op.args[0])
            return _text(error.args[0], made) if error and error.prim is runtime.no_derivative else None
    return None


def _text(x: Any, made: dict[Any, Op]) -> str | None:
    """A text that is known, also one with values in it."""
    if isinstance(x, Const):
        return x.value
    op = made.get(x) if isinstance(x, Value) else None
    if op is None or isinstance(op.prim, str) or not all(isinstance(a, Const) for a in op.args):
        return None
    return op.prim(*[a.value for a in op.args if isinstance(a, Const)])
