"""Methods of dicts whose keys are known when compiling: what they mean in entries that are read and written.

p.update(w=v)            ->   p['w'] = v
p.setdefault('n', 0)     ->   p['n']                    (or a new entry, while p is being filled)
dict.fromkeys('ab', 0.0) ->   {'a': 0.0, 'b': 0.0}
dict(p, w=v), p.copy()   ->   {'b': p['b'], 'w': v}
{**p, 'w': v}, p | q     ->   the same
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from ..ir import prims
from ..ir.core import Const, Operand, hashable
from .build import type_of_operand
from .containers import as_constant, known_elements, make_container, store

if TYPE_CHECKING:
    from .types import Walker


def _keys(x: Operand) -> tuple[Any, ...] | None:
    """The keys of a dict, where they are known."""
    t = type_of_operand(x)
    return t.keys if t.kind == "dict" and t.cls is None else None


def _read(walker: Walker, mapping: Operand, key: Any) -> Operand:
    return walker.apply(operator.getitem, [mapping, Const(key)], {})


def _given(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> dict[Any, Operand] | None:
    """The entries that ``dict(*args, **params)`` has; None where they are not known."""
    if len(args) > 1 or any(_keys(a) is None for a in args):
        return None
    found = {key: _read(walker, a, key) for a in args for key in _keys(a) or ()}
    return {**found, **params}


def made(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``dict(a=x)``, ``dict(p)``, ``p.copy()``"""
    entries = _given(walker, args, params)
    if entries is None:
        return NotImplemented
    return make_container(walker, prims.make_dict, [x for key, v in entries.items() for x in (Const(key), v)])


def merged(walker: Walker, parts: list[Operand]) -> Operand | None:
    """``{**p, **q}``, ``p | q``; None where the keys are not known."""
    if any(_keys(p) is None for p in parts):
        return None
    entries = {key: _read(walker, p, key) for p in parts for key in _keys(p) or ()}
    return make_container(walker, prims.make_dict, [x for key, v in entries.items() for x in (Const(key), v)])


def from_keys(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``dict.fromkeys(keys, value)``"""
    value = args[1] if len(args) > 1 else Const(None)
    keys = _known_keys(walker, args[0]) if 0 < len(args) < 3 and not params else None
    if keys is None or type_of_operand(value).mutable:  # one object under all of them
        return NotImplemented
    return make_container(walker, prims.make_dict, [x for key in keys for x in (key, value)])


def _known_keys(walker: Walker, x: Operand) -> list[Operand] | None:
    """What a dict, or a list or tuple of constants, gives as keys."""
    found: list[Operand] | None = [Const(key) for key in _keys(x) or ()]
    if _keys(x) is None:
        found = known_elements(walker, x)
    plain = found is not None and all(isinstance(key, Const) and hashable(key.value) for key in found)
    return found if plain else None


def update(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``p.update(q)``"""
    entries = _given(walker, args[1:], params)
    if entries is None or _keys(args[0]) is None:
        return NotImplemented
    for key, v in entries.items():
        store(walker, operator.setitem, [args[0], Const(key), v])
    return Const(None)


def setdefault(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``p.setdefault(key, value)``"""
    keys, known = _keys(args[0]), len(args) > 1 and isinstance(args[1], Const) and hashable(args[1].value)
    if keys is None or not known or params:
        return NotImplemented
    key = args[1].value  # type: ignore[union-attr]
    if key not in keys:
        store(walker, operator.setitem, [args[0], args[1], args[2] if len(args) > 2 else Const(None)])
    return _read(walker, args[0], key)


def get(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``p.get(key, default)``"""
    args = [*args[:1], *[as_constant(walker, x) for x in args[1:2]], *args[2:]]
    keys, known = _keys(args[0]), len(args) > 1 and isinstance(args[1], Const) and hashable(args[1].value)
    if keys is None or not known or params:
        return NotImplemented
    key = args[1].value  # type: ignore[union-attr]
    return _read(walker, args[0], key) if key in keys else args[2] if len(args) > 2 else Const(None)
