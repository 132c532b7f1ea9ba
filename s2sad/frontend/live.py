"""Which variables are still needed at each point of a function.

In: the structured statements of ``control``.  Out: a ``Liveness``, whose ``after`` says what is read later than a
statement, and whose ``carried`` says what a loop hands from one turn to the next (or to what follows it): so that the
temporaries of a loop's body stay inside it.

One walk backwards.  A loop's head needs no iteration: with ``live(body, out) = gen | (out - kill)`` the least solution
of ``head = out | live(body, head)`` is ``out | live(body, {})``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import gast

from .control import RESULT, Flag, For, If, Set, Simple, Statement, Try, While, With
from .scope import binds_within, imported, reads, targets

Names = frozenset[str]


class Liveness:
    """The answer for one function's body."""

    def __init__(self, body: Sequence[Statement]):
        self.after: dict[int, Names] = {}
        self.visible: dict[Any, Names] = {}  # node of a ``try`` -> what its handlers, and what follows them, read
        self._after_body: dict[int, Names] = {}
        self._around: Names = frozenset()  # what the handlers of every ``try`` around read
        self._carried: dict[int, list[str]] = {}
        self._before(body, frozenset([RESULT]))

    def live_after(self, s: Statement) -> Names:
        return self.after[id(s)]

    def after_body(self, s: Try) -> Names:
        """What is read where the body of a ``try`` ends."""
        return self._after_body[id(s)]

    def carried(self, s: For | While) -> list[str]:
        """The variables that a loop's body assigns and a later turn, or what follows the loop, reads."""
        return self._carried[id(s)]

    def _before(self, statements: Sequence[Statement], out: Names) -> Names:
        for s in reversed(statements):
            self.after[id(s)] = out
            out = self._through(s, out) | self._around
        return out

    def _through(self, s: Statement, out: Names) -> Names:
        if isinstance(s, Simple):
            rest = frozenset() if isinstance(s.node, gast.Raise) else out - frozenset(kills(s.node))
            return rest | frozenset(reads(s.node))
        if isinstance(s, Set):
            return (out - {s.name}) | _needs(s.value)
        if isinstance(s, If):
            return _needs(s.test) | self._before(s.then, out) | self._before(s.orelse, out)
        if isinstance(s, With):
            # The manager may swallow an exception halfway, so nothing is sure to have been assigned.
            return out | self._before(s.body, out) | _needs(s.item.context_expr)
        if isinstance(s, Try):
            return self._try(s, out)
        return self._loop(s, out)

    def _try(self, s: Try, out: Names) -> Names:
        handled = frozenset().union(*(self._before(h.body, out) - set(h.names) for h in s.handlers))
        if s.note is not None:
            handled = frozenset(name for name in handled if name in s.seen or is_flag(name))
        self.visible[s.node] = self.visible.get(s.node, frozenset()) | handled
        after = self._after_body[id(s)] = self._before(s.orelse, out)
        around, self._around = self._around, self._around | handled
        before = self._before(s.body, after | handled)
        self._around = around
        return before | handled | frozenset().union(*(_needs(h.types) for h in s.handlers))

    def _loop(self, s: For | While, out: Names) -> Names:
        flag = frozenset([s.stop]) if s.stop else frozenset()
        target = frozenset(targets(s.node.target)) if isinstance(s, For) else frozenset()
        test = frozenset() if isinstance(s, For) else _needs(s.test)
        start = _needs(s.node.target) if isinstance(s, For) else frozenset()
        once = self._before(s.body, flag) - target
        head = out | test | start | once
        self._before(s.body, head | flag)
        self._carried[id(s)] = [n for n in assigned([s]) if n in head and n not in flag]
        return (head - flag) | (_needs(s.node.iter) if isinstance(s, For) else frozenset())


def is_flag(name: str) -> bool:
    """Whether it is a variable of ours."""
    return name.startswith("<")


def _needs(value: Any) -> Names:
    """The names that an expression, a flag or a constant reads."""
    if isinstance(value, Flag):
        return frozenset([value.name])
    return frozenset(reads(value)) if isinstance(value, gast.AST) else frozenset()


def kills(node: Any) -> list[str]:
    """The variables that a simple statement is sure to assign or delete."""
    if isinstance(node, gast.Assign):
        return [n for t in node.targets for n in targets(t)]
    if isinstance(node, gast.AugAssign) or (isinstance(node, gast.AnnAssign) and node.value is not None):
        return targets(node.target)
    if isinstance(node, gast.FunctionDef):
        return [node.name]
    if isinstance(node, (gast.Import, gast.ImportFrom)):
        return [imported(a) for a in node.names]
    if isinstance(node, gast.Delete):
        return [n.id for t in node.targets for n in gast.walk(t) if isinstance(n, gast.Name) and not _loads(n)]
    return []


def _loads(name: Any) -> bool:
    return isinstance(name.ctx, gast.Load)


def assigned(statements: Iterable[Statement]) -> dict[str, None]:
    """The variables that statements may assign, in order of appearance."""
    names: dict[str, None] = {}
    for s in statements:
        if isinstance(s, Simple):
            names.update(binds_within(s.node))
        elif isinstance(s, Set):
            names[s.name] = None
            names.update(_bound_by(s.value))
        elif isinstance(s, If):
            names.update(_bound_by(s.test) | assigned(s.then) | assigned(s.orelse))
        elif isinstance(s, With):
            names.update(binds_within(s.item) | assigned(s.body))
        elif isinstance(s, Try):
            names.update(assigned(s.body) | assigned(s.orelse) | ({s.note: None} if s.note else {}))
            for h in s.handlers:
                names.update(dict.fromkeys(h.names) | assigned(h.body))
        elif isinstance(s, For):
            names.update(binds_within(s.node.iter, s.node.target) | assigned(s.body))
        else:
            names.update(_bound_by(s.test) | assigned(s.body))
    return names


def _bound_by(value: Any) -> dict[str, None]:
    return binds_within(value) if isinstance(value, gast.AST) else {}
