"""Derivatives of derivatives that were recorded: a plain function that is recorded in its turn."""

from __future__ import annotations

import inspect
import types
from typing import Any, cast

from .copying import substituted


def again(transformed: Any) -> types.FunctionType:
    """A function that calls a transformation, with the parameters of the function that is transformed."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return transformed(*args, **kwargs)

    call.__signature__ = inspect.signature(transformed.fun)  # type: ignore[attr-defined]
    return cast(types.FunctionType, call)


def with_arguments(function: Any, leaves: list[Any], before: int, after: int, apart: bool) -> types.FunctionType:
    """A function that takes the values of ``leaves`` as arguments; see `handing`."""
    count = before + len(leaves) + after

    def call(*args: Any) -> Any:
        given = args[len(args) - count :]
        mine = substituted(function, leaves, given[before : before + len(leaves)], apart)
        return mine(*args[: len(args) - count])

    return cast(types.FunctionType, call)
