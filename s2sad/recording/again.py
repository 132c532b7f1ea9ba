"""Derivatives of derivatives that were recorded: a plain function that is recorded in its turn."""

from __future__ import annotations

import inspect
import types
from typing import Any, cast


def again(transformed: Any) -> types.FunctionType:
    """A function that calls a transformation, with the parameters of the function that is transformed."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return transformed(*args, **kwargs)

    call.__signature__ = inspect.signature(transformed.fun)  # type: ignore[attr-defined]
    return cast(types.FunctionType, call)
