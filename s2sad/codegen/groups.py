"""Values that belong together: groups that are joined pair by pair (union-find, Tarjan 1975)."""

from __future__ import annotations

from ..ir.core import Value


class Groups:
    """Each value is a group of its own until it is joined with another."""

    def __init__(self) -> None:
        self._leader: dict[Value, Value] = {}

    def find(self, v: Value) -> Value:
        """The value that stands for the group of ``v``."""
        leader = self._leader
        while leader.setdefault(v, v) is not v:
            leader[v] = leader[leader[v]]
            v = leader[v]
        return v

    def join(self, a: Value, b: Value) -> None:
        self._leader[self.find(a)] = self.find(b)

    def all(self) -> dict[Value, Value]:
        """For each value that was met, the one that stands for its group."""
        return {v: self.find(v) for v in list(self._leader)}
