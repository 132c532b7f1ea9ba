"""Derivatives of derivatives that were recorded: a plain function that is recorded in its turn."""

from __future__ import annotations

import inspect
import types
from typing import Any, cast

from .copying import substituted


def again(transformed: Any) -> types.FunctionType:
    """A function that calls a transformation, with the parameters of the function that is transformed.

    It does not pass on the function's own defaults: what is written into one stays, as the function takes it itself.
    """
    signature = inspect.signature(transformed.fun)
    plain = [p for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}

    def call(*args: Any, **kwargs: Any) -> Any:
        count = len(args) if len(args) > len(plain) else 0
        while count < len(args) and args[count] is not plain[count].default:
            count += 1
        named = {plain[k].name: args[k] for k in range(count, len(args)) if args[k] is not plain[k].default}
        others = {k: v for k, v in kwargs.items() if not (k in defaults and v is defaults[k])}
        return transformed(*args[:count], **named, **others)

    call.__signature__ = signature  # type: ignore[attr-defined]
    return cast(types.FunctionType, call)


def with_arguments(function: Any, leaves: list[Any], before: int, after: int, apart: bool) -> types.FunctionType:
    """A function that takes the values of ``leaves`` as arguments; see `handing`."""
    count = before + len(leaves) + after

    def call(*args: Any) -> Any:
        given = args[len(args) - count :]
        mine = substituted(function, leaves, given[before : before + len(leaves)], apart)
        return mine(*args[: len(args) - count])

    return cast(types.FunctionType, call)


def followed_by(function: Any, extra: tuple[Any, ...]) -> types.FunctionType:
    """A function that hands further arguments over, after those that it gets."""

    def call(*args: Any) -> Any:
        return function(*args, *extra)

    return cast(types.FunctionType, call)
