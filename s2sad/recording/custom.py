"""A call of a function with a derivative of the user's own (`s2sad.extend.custom_vjp`) in a recorder.

``call(recorder, f, args, kwargs)`` runs the forward half as it is, and leaves a record whose adjoint is the backward
half.
"""

from __future__ import annotations

import inspect
from typing import Any

from .. import runtime
from ..errors import UnsupportedError
from ..wrapper import CustomVjp
from .instrument import place
from .records import Bars, Operation


def call(recorder: Any, f: CustomVjp, args: tuple, kwargs: dict[str, Any], snapshot: Any) -> Any:
    """The value of a call; ``snapshot`` makes a copy of an operand that later writes do not reach.

    Raises:
        UnsupportedError: the function has no derivative yet, or arguments that stand for several.
    """
    bound = inspect.signature(f.fun).bind(*args, **kwargs)
    bound.apply_defaults()
    if f.forward is None or any(
        p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in bound.signature.parameters.values()
    ):
        raise recorder.refuse(f"{f!r} needs a plain Python function, and its defvjp(forward, backward)")
    operands = [snapshot(x) for x in bound.arguments.values()]
    found = recorder.do.call(f.forward, *map(runtime.detached, operands))
    if not isinstance(found, tuple) or len(found) != 2:
        raise recorder.refuse(f"the forward function of {f.fun.__name__}() must return the tuple (value, saved)")
    y, made = recorder.results(recorder.left(found[0]), operands, True)
    each = [recorder.follows(x) for x in operands]
    if made is not None and any(each):
        recorder.happened(CustomOperation(f, snapshot(y), snapshot(made), operands, found[1], each, recorder.here()))
    return y


class CustomOperation(Operation):
    """The record of such a call."""

    __slots__ = ("saved",)

    def __init__(self, f: CustomVjp, y: Any, made: Any, arguments: list[Any], saved: Any, followed: list[bool],
                 where: Any):  # fmt: skip
        super().__init__(f, None, y, made, arguments, {}, followed, where)  # type: ignore[arg-type]
        self.saved = saved

    def pull(self, bars: Bars) -> None:
        if not bars.any(self.made):
            return
        y_bar = bars.conjugate(bars.of(self.made))
        gs = bars.do.call(self.function.backward, self.saved, y_bar)
        if not isinstance(gs, tuple) or len(gs) != len(self.arguments):
            name, count = self.function.fun.__name__, len(self.arguments)
            message = f"the backward function of {name}() must return a tuple of {count}: a cotangent for each argument"
            raise UnsupportedError(message, place(self.place))
        bars.forget(self.made)
        for x, g, followed in zip(self.arguments, gs, self.followed, strict=True):
            if followed and g is not None:
                bars.add(x, bars.conjugate(bars.do.call(runtime.unbroadcast, g, x)))

    def push(self, dots: Bars) -> None:
        name = self.function.fun.__name__
        message = f"{name}() has a derivative by custom_vjp, which is for reverse mode only"
        raise UnsupportedError(message, place(self.place))
