"""``sorted``, ``max`` and ``min`` by a key, or of tuples: an order decides which elements, and has no derivative.

sorted(rows, key=f)   ->   [rows[i] for i in places_in_order([f(row) for row in rows], False)]
min(rows, key=f)      ->   rows[place_of_extreme([f(row) for row in rows], False)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ir import prims
from ..ir.core import Const, Operand, Value
from ..ir.types import element
from ..rules.scalar import place_of_extreme, places_in_order
from .build import type_of_operand
from .callees import in_place_of
from .containers import make_container

if TYPE_CHECKING:
    from .types import Walker


def in_order(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
    """``sorted(items, key=key, reverse=reverse)``"""
    params = dict(params)
    key, reverse = params.pop("key", Const(None)), params.pop("reverse", Const(False))
    if params or len(args) != 1 or not _is_ours(walker, args[0], key):
        return NotImplemented
    items = _listed(walker, args[0])
    if _is_none(key):
        return in_place_of(walker, sorted_items, [items, reverse])
    return in_place_of(walker, sorted_by, [items, key, reverse])


def extreme(greatest: bool) -> Any:
    """What ``max`` or ``min`` means: ``max(items, key=key)``, ``max(a, b, key=key)``"""

    def handle(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Any:
        params = dict(params)
        key = params.pop("key", Const(None))
        if params or not args:
            return NotImplemented
        if len(args) > 1 and _is_none(key) and not all(type_of_operand(a).kind == "tuple" for a in args):
            return NotImplemented
        items = args[0] if len(args) == 1 else make_container(walker, prims.make_list, args)
        if not _is_ours(walker, items, key):
            return NotImplemented
        items = _listed(walker, items)
        if _is_none(key):
            return in_place_of(walker, extreme_item, [items, Const(greatest)])
        return in_place_of(walker, extreme_by, [items, key, Const(greatest)])

    return handle


def _is_none(key: Operand) -> bool:
    return isinstance(key, Const) and key.value is None


def _is_ours(walker: Walker, items: Operand, key: Operand) -> bool:
    """Whether it is known what is walked, and there is a key, or the elements are tuples."""
    t = type_of_operand(items)
    if not _is_none(key):
        return t.kind in ("list", "tuple", "range", "dict", "iterator") or (t.kind == "array" and t.rank == 1)
    made = walker.builder.defs.get(items) if isinstance(items, Value) else None
    pairs = made is not None and made.prim in (zip, enumerate, dict.items)
    return pairs or (t.kind in ("list", "tuple") and element(t).kind == "tuple")


def _listed(walker: Walker, items: Operand) -> Operand:
    """What can be read by places."""
    sequence = type_of_operand(items).kind in ("list", "array")
    return items if sequence else walker.call_const(list, [items], {})


def sorted_by(given: Any, key: Any, reverse: Any) -> Any:
    return [given[i] for i in places_in_order([key(x) for x in given], reverse)]


def sorted_items(given: Any, reverse: Any) -> Any:
    return [given[i] for i in places_in_order(given, reverse)]


def extreme_by(given: Any, key: Any, greatest: Any) -> Any:
    return given[place_of_extreme([key(x) for x in given], greatest)]


def extreme_item(given: Any, greatest: Any) -> Any:
    return given[place_of_extreme(given, greatest)]
