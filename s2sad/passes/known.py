"""What a function is specialised to: the types of its arguments by form, and those arguments that are known."""

from __future__ import annotations

import dataclasses
import types as python_types
from typing import Any

import numpy as np

from ..ir.core import Function, Operand
from ..ir.types import Dim, Type, fresh_dim
from . import effects
from .instances import InstanceType


@dataclasses.dataclass(frozen=True)
class Elements:
    """What is known of the elements of an argument that is a tuple."""

    known: tuple[Any, ...]


def canonical(types: list[Type]) -> tuple[list[Type], Any]:
    """Types with their sizes renamed in order of appearance, so that calls of the same form share one callee."""

    names: dict[Dim, Dim] = {}

    def rename(t: Type) -> Type:
        dims, value = t.dims, t.value
        if isinstance(t, InstanceType) or not (dims or t.elems or isinstance(value, Dim)):
            return t
        if dims is not None:
            dims = tuple(
                d if d.one or isinstance(d.key, int) else names.setdefault(d, Dim(("p", len(names)), d.one))
                for d in dims
            )
        if isinstance(value, Dim):
            value = value if isinstance(value.key, int) else names.setdefault(value, Dim(("p", len(names)), value.one))
        elems = tuple(map(rename, t.elems))
        return dataclasses.replace(t, dims=dims, elems=elems, value=value)

    renamed = [rename(t) for t in types]
    back = {v: k for k, v in names.items()}

    def restore(t: Type) -> Type:
        if isinstance(t, InstanceType):
            return t
        dims = t.dims
        if dims is not None:
            dims = tuple(back.get(d, d if d.one or isinstance(d.key, int) else fresh_dim(d.one)) for d in dims)
        value = t.value
        if isinstance(value, Dim):
            value = back.get(value, value if isinstance(value.key, int) else None)
        return dataclasses.replace(t, dims=dims, elems=tuple(map(restore, t.elems)), value=value)

    return renamed, restore


class _NoKey:
    def __repr__(self) -> str:
        return "NO_KEY"


NO_KEY = _NoKey()


def is_option(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(is_option, value))
    return isinstance(value, (bool, str, type(None), type, np.dtype, python_types.ModuleType))


def axes_of(function: Function) -> set[Operand]:
    """The parameters of a lowered function that name an axis: ranks and sizes depend on their values."""
    found = function.attrs.get("axes")
    if found is None:
        own = set(function.params)
        read = [x for op in effects.all_ops(function.body) for k, x in op.params.items() if k in ("axis", "axes")]
        found = function.attrs["axes"] = {x for x in read if x in own}
    return found
