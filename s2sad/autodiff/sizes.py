"""Sizes that are equal because the program got past an operation that needs them equal.

    z = x + y        neither has size 1, so the backward part, which runs later, takes x[1:] and y[1:] for equally long

What is learned in a block holds for the backward code of that block, and of the blocks inside.
"""

from __future__ import annotations

import operator
from collections import ChainMap
from typing import Any

import numpy as np

from ..ir.core import Block, Op
from ..ir.types import Dim
from ..passes.build import type_of_operand
from ..rules.table import rule_for


class Sizes:
    """Which keys of sizes (see `Dim`) are equal."""

    def __init__(self, outer: Sizes | None = None):
        self._leader: ChainMap[Any, Any] = outer._leader.new_child() if outer is not None else ChainMap()

    def inside(self) -> Sizes:
        """For a block inside."""
        return Sizes(self)

    def equal(self, a: Dim, b: Dim) -> bool:
        return a.key == b.key or self._find(a.key) == self._find(b.key)

    def learn(self, block: Block) -> None:
        """Take note of the ops of a block that was executed."""
        for op in block.ops:
            for sizes in _needed_equal(op):
                for other in sizes[1:]:
                    self._join(sizes[0].key, other.key)

    def _join(self, a: Any, b: Any) -> None:
        simple, other = sorted((self._find(a), self._find(b)), key=_depth)  # so that no size is found within itself
        if simple != other:
            self._leader[other] = simple

    def _find(self, key: Any) -> Any:
        while key in self._leader:
            key = self._leader[key]
        if not isinstance(key, tuple):
            return key
        if key[0] == "both":  # of equal sizes is one of them
            several = frozenset(map(self._find, key[1]))
            found = next(iter(several)) if len(several) == 1 else ("both", several)
        else:
            found = tuple([self._find(part) if isinstance(part, tuple) else part for part in key])
        return self._find(found) if found != key else key


def _depth(key: Any) -> int:
    return 1 + max(map(_depth, key), default=0) if isinstance(key, (tuple, frozenset)) else 0


def _needed_equal(op: Op) -> list[list[Dim]]:
    """Groups of sizes that an op needs equal."""
    dims = [t.dims for t in map(type_of_operand, op.args) if t.kind == "array" and t.dims]
    if isinstance(op.prim, str) or len(dims) < 2:
        return []
    if op.prim in (operator.matmul, np.matmul) and len(dims) == 2:
        first, second = dims
        return [[first[-1], second[-2] if len(second) > 1 else second[-1]]]
    rule = rule_for(op.prim)
    if rule is None or rule.kind != "elementwise":
        return []
    rank = max(map(len, dims))
    axes = [[d[k - rank + len(d)] for d in dims if k - rank + len(d) >= 0] for k in range(rank)]
    return [[d for d in sizes if d.one is False] for sizes in axes]
