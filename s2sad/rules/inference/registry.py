"""The type rules of functions, by function: `infers` registers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ir.types import Type

INFER: dict[Any, Callable[..., Type]] = {}


def infers(*functions: Any) -> Callable[[Callable[..., Type]], Callable[..., Type]]:
    """Register what is known of the result of functions."""

    def decorate(result: Callable[..., Type]) -> Callable[..., Type]:
        for function in functions:
            INFER[function] = result
        return result

    return decorate
