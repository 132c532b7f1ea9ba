"""The cotangents that a loop or branch carries: one for each value from outside, or for each element of a container.

    for x in xs:  h = np.tanh(p["hidden"] @ h + p["bias"])      carries      hidden_bar, bias_bar     and not    p_bar

A container is taken apart where its elements are known and the blocks read them one by one, so that what is added to
one of them touches no other.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..ir.core import Block, Op, Operand, Value
from ..ir.types import Type
from ..passes.build import Builder
from ..passes.effects import all_ops
from ..rules.inference import cotangent_type
from .bars import Parts, part, part_key, part_type, zero

if TYPE_CHECKING:
    from .reverse import Reverse


@dataclasses.dataclass(frozen=True)
class Piece:
    """What has a cotangent of its own: ``value``, or its element ``key``."""

    value: Value
    key: Any = None

    @property
    def type(self) -> Type:
        return self.value.type if self.key is None else part_type(self.value.type, self.key)

    def bar(self) -> Value:
        """A new value for its cotangent."""
        own = self.key if isinstance(self.key, str) and self.key.isidentifier() else self.value.hint
        return Value(f"{own}_bar" if own else None, cotangent_type(self.type))

    def zero(self, build: Builder) -> Operand:
        if self.key is None:
            return zero(build, self.value)
        return zero(build, part(build, self.value, self.key, self.value.type))

    def of(self, walk: Reverse) -> Operand | None:
        """The cotangent so far; None for zero."""
        bar = walk.bars.get(self.value)
        if self.key is None:
            return walk.take(self.value)
        if isinstance(bar, Parts):
            return bar.bars.get(self.key)
        return None if bar is None else part(walk.builder, bar, self.key, cotangent_type(self.value.type))

    def put(self, walk: Reverse, bar: Operand) -> None:
        if self.key is None:
            walk.bars[self.value] = bar
            return
        parts = walk.bars.get(self.value)
        if not isinstance(parts, Parts):
            parts = walk.bars[self.value] = Parts()
        parts.bars[self.key] = bar


def pieces(walk: Reverse, values: Iterable[Value], blocks: list[Block]) -> list[Piece]:
    """What of the values, which the blocks read, has a cotangent of its own."""
    found: list[Piece] = []
    for x in values:
        whole = (x in walk.bars and not isinstance(walk.bars[x], Parts)) or x in walk.builder.absent.values
        keys = None if whole or x.type.kind not in ("tuple", "list", "dict", "object") else _keys(walk, x, blocks)
        found += [Piece(x)] if keys is None else [Piece(x, key) for key in keys]
    return found


def _keys(walk: Reverse, x: Value, blocks: list[Block]) -> list[Any] | None:
    """The elements of ``x`` that the blocks read; None where they also read it in another way."""
    keys: dict[Any, None] = {}
    for block in blocks:
        inner = [b for op in all_ops(block) for b in op.blocks]
        if any(x in b.results for b in [block, *inner]):
            return None
        for op in all_ops(block):
            if x in op.operands() and any(map(walk.is_active, op.outs)):
                key = _key(x, op)
                if key is None:
                    return None
                keys[key] = None
            elif x in op.operands() and op.blocks:
                return None
    return list(keys)


def _key(x: Value, op: Op) -> Any:
    reads = op.prim is (getattr if x.type.kind == "object" else operator.getitem)
    return part_key(x.type, op.args[1]) if reads and op.args[0] is x else None
