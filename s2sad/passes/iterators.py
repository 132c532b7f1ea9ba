"""Iterators are walked once: ``for`` takes one apart only where it is made, and nobody else can walk it.

for a, b in zip(u, v): ...                taken apart: a loop over indices of u and v
pairs = zip(u, v)
for a, b in pairs: ...                    so, too, where this is all that is done with ``pairs``
for a, b in pairs: ...                    refused: in Python this loop finds nothing more
for y in map(f, u): ...                   taken apart: a loop over u, whose body begins with a call of f

What goes through others by code that is not compiled, an iterator that was made outside or an object with an
``__iter__`` of the user's, is refused: nobody sees what it reads.
"""

from __future__ import annotations

import io
import operator
import types
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import UnsupportedError
from ..ir.core import Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import UNKNOWN
from .build import type_of_operand
from .effects import all_ops, functions_in

if TYPE_CHECKING:
    from .types import Walker

ONCE = "an iterator that is kept is walked once: make it where it is walked, or make a list of it"


def is_iterator(walker: Walker, x: Operand) -> bool:
    """Whether an operand is one of those whose elements are gone when they were walked."""
    made = walker.builder.defs.get(x) if isinstance(x, Value) else None
    return made is not None and made.prim in (zip, enumerate, reversed, map)


def calling(walker: Walker, x: Operand) -> Op | None:
    """The op that makes an operand which calls a function for each element: ``map(f, u)``, ``filter(f, u)``."""
    made = walker.builder.defs.get(x) if isinstance(x, Value) else None
    return made if made is not None and made.prim in (map, filter) else None


def lazily(prim: Any) -> Callable[..., Operand]:
    """A call of ``map`` or ``filter``: whoever walks it takes it apart (`taken`), and nobody else may take it."""

    def handle(walker: Walker, args: list[Operand], params: dict[str, Operand]) -> Operand:
        if params or len(args) < 2 or type_of_operand(args[0]).kind != "function":
            return NotImplemented
        reason = walker.refuse(f"{prim.__name__}() with a function that is defined here must be made a list at once")
        out = Value(None, UNKNOWN)
        walker.builder.append(Op(prim, args, {}, [out], attrs={"opaque": True, "reason": reason}))
        return out

    return handle


def taken(walker: Walker, made: Op) -> list[Operand]:
    """The arguments of a ``map`` or ``filter`` that is walked here; the op itself calls nothing any more."""
    count = len(made.args) - 1
    if made.params or count < 1 or (made.prim is filter and count > 1):
        raise walker.refuse(f"{made.prim.__name__}() with other arguments than a function and what it walks over")
    check_ends(walker, made)
    args, made.prim, made.attrs = made.args, zip, {}
    made.args = args[1:]
    return args


def check_walked_once(walker: Walker, op: Op) -> None:
    """Refuse a lowered ``for`` over an iterator that may be walked elsewhere, or again."""
    if walker.session.unroll or not is_iterator(walker, walker.read(op.args[0])):
        return
    uses, homes = _lowered(walker.function)
    x = op.args[0]
    if uses[x] != 1 or homes.get(x) is not homes.get(op):
        raise walker.refuse(ONCE)


def check_ends(walker: Walker, made: Op) -> None:
    """Refuse to walk a ``map`` beside what may end before it: it has called its function once more then."""
    if any(calling(walker, x) for x in made.args[:-1]):
        raise walker.refuse("a map beside another sequence, which may end before it: make it a list")


def check_parts(walker: Walker, parts: list[Operand]) -> None:
    """Refuse iterators within an iterator that have a name, or stand there twice."""
    found = [p for p in parts if is_iterator(walker, p)]
    if not walker.session.unroll and any(p.hint is not None or found.count(p) > 1 for p in found):  # type: ignore[union-attr]
        raise walker.refuse(ONCE)


def check_handed_over(walker: Walker, operands: list[Operand]) -> None:
    """Refuse an iterator as an argument of a function that is put in place of its call, or kept in an object.

    A definition walks it once: there it may stand if nobody else can, as it has no name.
    """
    found = [x for x in operands if is_iterator(walker, x)]
    if not walker.session.unroll and any(not walker.quoted or x.hint is not None for x in found):  # type: ignore[union-attr]
        raise walker.refuse(ONCE)


def walks_unseen(x: Any) -> bool:
    """Whether a value goes through others, or makes them, step by step, by code that is not compiled."""
    return not isinstance(x, type) and _walks(type(x))


def _walks(cls: Any) -> bool:
    own = isinstance(getattr(cls, "__iter__", None), types.FunctionType)
    return own or (hasattr(cls, "__next__") and not issubclass(cls, io.IOBase))


def check_unseen(function: Function) -> None:
    """Look through a typed function, and all that it calls, for loops and calls that go through others unseen.

    Raises:
        UnsupportedError: there is one.
    """
    for op in [op for f in functions_in(function) for op in all_ops(f.body)]:
        for x in _gone_through(op):
            if walks_unseen(x.value) if isinstance(x, Const) else x.type.cls and _walks(x.type.cls):
                raise UnsupportedError("what goes through others by code that is not seen is not compiled", op.span)


_LOOKING = {getattr, hasattr, setattr, isinstance, callable, type, id, hash, operator.is_, operator.is_not}
_OURS = ("s2sad.runtime", "s2sad.ir.prims")


def _gone_through(op: Op) -> list[Operand]:
    """The operands that an op may go through: of a loop, of a function that is called as it is."""
    if op.prim == "for":
        return op.args[: op.attrs["iter"].operands()]
    return [] if looks_only(op.prim) else op.args


def looks_only(prim: Any) -> bool:
    """Whether it takes an object as it is, and lets no code of its class run."""
    looking = isinstance(prim, str) or (hashable(prim) and prim in _LOOKING)
    return looking or getattr(prim, "__module__", None) in _OURS


def _lowered(function: Function) -> tuple[Counter[Any], dict[Any, Block]]:
    """How often each value of a lowered function is used, and the block where it is made (and of each op)."""
    if "uses" not in function.attrs:
        uses: Counter[Any] = Counter()
        homes: dict[Any, Block] = dict.fromkeys(function.params, function.body)

        def walk(block: Block) -> None:
            uses.update(block.results)
            for op in block.ops:
                homes[op] = block
                homes.update((out, block) for out in op.outs)
                uses.update(op.operands())
                for inner in op.blocks:
                    walk(inner)

        walk(function.body)
        function.attrs["uses"] = uses, homes
    return function.attrs["uses"]
