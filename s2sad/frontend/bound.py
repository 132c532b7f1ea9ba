"""Variables without a value that are only copied, in a ``try`` that would catch the error of that.

    try:
        best = found          nothing is left of this line but another name for a value: whether there is one
    except NameError:         must be known before
        best = x

In: a function's syntax tree.  Out: the places where that is not certain.  Whatever else is done with a variable is an
op that reads it: `passes.unbound` sees to those.
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Iterator
from typing import Any

import gast

from .scope import body_of, parameters, targets

_CALM = {
    name for name, cls in vars(builtins).items()
    if isinstance(cls, type) and issubclass(cls, Exception) and not issubclass(UnboundLocalError, cls)
}  # fmt: skip
_ENDS = (gast.Return, gast.Raise, gast.Break, gast.Continue)

Names = frozenset[str] | None  # the variables that certainly have a value; None where control does not come


def uncertain_copies(function: Any, local: set[str]) -> list[Any]:
    """The names that such a ``try`` copies, in a function whose local variables are ``local``."""
    finder = _Finder(function, local)
    finder.block(body_of(function), frozenset(node.id for node, _, _ in parameters(function)), False)
    return finder.found


class _Finder:
    def __init__(self, function: Any, local: set[str]):
        self.function = function
        self.local = local
        self.found: list[Any] = []

    @functools.cached_property
    def deleted(self) -> set[str]:
        """What loses its value anywhere: the way that control takes there is not followed."""
        return set(_deleted(self.function))

    def block(self, body: list[Any], names: Names, tried: bool) -> Names:
        """Look at statements, before which ``names`` have values; returns what has one after them."""
        for s in body:
            if names is None:
                return None
            if tried:
                certain = names - self.deleted
                self.found += [n for n in _copied(s) if n.id in self.local and n.id not in certain]
            names = self.after(s, names, tried)
        return names

    def after(self, s: Any, names: frozenset[str], tried: bool) -> Names:
        if isinstance(s, _ENDS):
            return None
        if isinstance(s, gast.If):
            return _both(self.block(s.body, names, tried), self.block(s.orelse, names, tried))
        if isinstance(s, (gast.For, gast.While)):
            own = targets(s.target) if isinstance(s, gast.For) else []
            self.block(s.body, names.union(own), tried)
            self.block(s.orelse, names, tried)
            return names
        if isinstance(s, gast.With):
            own = [name for item in s.items if item.optional_vars is not None for name in targets(item.optional_vars)]
            self.block(s.body, names.union(own), tried)
            return names
        if isinstance(s, gast.Try):
            return self.after_try(s, names, tried)
        if isinstance(s, gast.Assign):
            return names.union(name for target in s.targets for name in targets(target))
        if isinstance(s, gast.AnnAssign) and s.value is not None:
            return names.union(targets(s.target))
        return names | {s.name} if isinstance(s, gast.FunctionDef) else names

    def after_try(self, s: Any, names: frozenset[str], tried: bool) -> Names:
        caught = tried or any(self.may_catch(h.type) for h in s.handlers)
        body = self.block(s.body, names, caught)
        found = self.block(s.orelse, body, tried)
        for h in s.handlers:
            own = [] if h.name is None else [h.name.id if isinstance(h.name, gast.Name) else h.name]
            found = _both(found, self.block(h.body, names.union(own), tried))
        return None if self.block(s.finalbody, names, tried) is None else found

    def may_catch(self, classes: Any) -> bool:
        """Whether a handler may catch the error of a variable without a value."""
        if isinstance(classes, gast.Tuple):
            return any(map(self.may_catch, classes.elts))
        return not (isinstance(classes, gast.Name) and classes.id in _CALM and classes.id not in self.local)


def _deleted(function: Any) -> Iterator[str]:
    """The names that a function takes the values from: by ``del``, or as handlers do at their ends."""
    for node in gast.walk(function):
        if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Del):
            yield node.id
        elif isinstance(node, gast.ExceptHandler) and node.name is not None:
            yield node.name.id if isinstance(node.name, gast.Name) else node.name


def _both(a: Names, b: Names) -> Names:
    return b if a is None else a if b is None else a & b


def _copied(s: Any) -> Iterator[Any]:
    """The names whose values a statement hands on as they are, or only asks for."""
    value = getattr(s, "value", None) if isinstance(s, (gast.Assign, gast.AnnAssign, gast.Expr, gast.Return)) else None
    queue = [value]
    while queue:
        x = queue.pop()
        if isinstance(x, gast.Name):
            yield x
        elif isinstance(x, gast.IfExp):
            queue += [x.body, x.orelse]
        elif isinstance(x, (gast.Tuple, gast.List)):
            queue += x.elts
        elif isinstance(x, gast.BoolOp):
            queue += x.values
        elif isinstance(x, (gast.Starred, gast.NamedExpr)):
            queue.append(x.value)
