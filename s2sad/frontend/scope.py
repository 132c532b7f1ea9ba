"""Which names a piece of the syntax tree binds and reads.

Everything here is a question about gast nodes, answered without looking outside them:

- ``binds(function)``: the local variables of a function;
- ``reads(node)``: the names whose values a statement or expression needs from around it;
- ``targets(node)``: the names that an assignment target sets;
- ``events(function)``: bindings and nested functions in the order in which Python meets them, which is what
  decides whether a nested function may capture a variable by value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import gast

FUNCTIONS = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


def parameters(function: Any) -> list[tuple[Any, str, Any]]:
    """``(node, kind, default node or None)`` of each parameter in order; the kinds are those of ``Parameter``."""
    a = function.args
    positional = [*((n, "positional_only") for n in a.posonlyargs), *((n, "plain") for n in a.args)]
    missing = [None] * (len(positional) - len(a.defaults))
    found = [(n, kind, d) for (n, kind), d in zip(positional, missing + a.defaults, strict=True)]
    if a.vararg:
        found.append((a.vararg, "args", None))
    found += [(n, "keyword_only", d) for n, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    if a.kwarg:
        found.append((a.kwarg, "kwargs", None))
    return found


def body_of(function: Any) -> list[Any]:
    return [function.body] if isinstance(function, gast.Lambda) else function.body


def outside_of(function: Any) -> list[Any]:
    """The expressions of a nested function that are evaluated where it is defined: decorators, then defaults."""
    return [*getattr(function, "decorator_list", []), *(d for _, _, d in parameters(function) if d is not None)]


def imported(alias: Any) -> str:
    """The name that ``import alias`` binds."""
    return alias.asname or alias.name.split(".")[0]


def targets(target: Any) -> list[str]:
    """The names that an assignment target sets."""
    return [n.id for n in gast.walk(target) if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)]


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happens to a scope.

    kind: ``bind`` (``name`` gets a value, or loses it) or ``function`` (``node`` is defined, and sees the scope).
    loops: the loops around it, outermost first.
    hidden: names of the comprehensions around it.
    """

    kind: str
    node: Any
    name: str = ""
    loops: tuple[Any, ...] = ()
    hidden: frozenset[str] = frozenset()


def events(function: Any) -> list[Event]:
    """What happens in a function's own scope, in the order in which it happens."""
    found = [Event("bind", node, node.id) for node, _, _ in parameters(function)]
    for node in body_of(function):
        found += _events(node, (), frozenset())
    return found


def _events(node: Any, loops: tuple[Any, ...], hidden: frozenset[str]) -> Iterator[Event]:
    def each(nodes: Any, loops: tuple[Any, ...] = loops, hidden: frozenset[str] = hidden) -> Iterator[Event]:
        for n in nodes:
            yield from _events(n, loops, hidden)

    if isinstance(node, FUNCTIONS):
        yield from each(outside_of(node))
        yield Event("function", node, getattr(node, "name", ""), loops, hidden)
        if not isinstance(node, gast.Lambda):
            yield Event("bind", node, node.name, loops)
    elif isinstance(node, gast.ClassDef):
        yield Event("bind", node, node.name, loops)
    elif isinstance(node, COMPREHENSIONS):
        yield from each([node.generators[0].iter])
        own = hidden | {n for g in node.generators for n in targets(g.target)}
        inner = [*(c for g in node.generators for c in g.ifs), *(g.iter for g in node.generators[1:]), *_elements(node)]
        yield from each(inner, (*loops, node), own)
    elif isinstance(node, (gast.For, gast.AsyncFor)):
        yield from each([node.iter])
        yield from each([node.target, *node.body], (*loops, node))
        yield from each(node.orelse)
    elif isinstance(node, gast.While):
        yield from each([node.test, *node.body], (*loops, node))
        yield from each(node.orelse)
    elif isinstance(node, (gast.Import, gast.ImportFrom)):
        for alias in node.names:
            yield Event("bind", node, imported(alias), loops)
    elif isinstance(node, gast.Name):
        if not isinstance(node.ctx, gast.Load):
            yield Event("bind", node, node.id, loops)
    elif isinstance(node, (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.NamedExpr)):
        own_targets = node.targets if isinstance(node, gast.Assign) else [node.target]
        yield from each(n for n in (node.value, *own_targets) if n is not None)
    else:
        yield from each(gast.iter_child_nodes(node))


def _elements(comprehension: Any) -> list[Any]:
    if isinstance(comprehension, gast.DictComp):
        return [comprehension.key, comprehension.value]
    return [comprehension.elt]


def binds(function: Any) -> set[str]:
    """The local variables of a function, parameters included."""
    declared = {n for s in body_of(function) for g in _declarations(s) for n in g.names}
    return {e.name for e in events(function) if e.kind == "bind"} - declared


def binds_within(*nodes: Any) -> dict[str, None]:
    """The names that statements or expressions bind, in order of appearance (the keys of a dict)."""
    return {e.name: None for n in nodes for e in _events(n, (), frozenset()) if e.kind == "bind"}


def _declarations(node: Any) -> Iterator[Any]:
    """The ``global`` and ``nonlocal`` statements of one scope."""
    if isinstance(node, (gast.Global, gast.Nonlocal)):
        yield node
    elif not isinstance(node, (*FUNCTIONS, gast.ClassDef)):
        for child in gast.iter_child_nodes(node):
            yield from _declarations(child)


def reads(*nodes: Any) -> dict[str, None]:
    """The names that nodes read from the scope around them, in order of appearance (the keys of a dict)."""
    found: dict[str, None] = {}
    for node in nodes:
        found.update(_reads(node))
    return found


def _reads(node: Any) -> dict[str, None]:
    if isinstance(node, FUNCTIONS):
        own = binds(node)
        return reads(*outside_of(node)) | {n: None for n in reads(*body_of(node)) if n not in own}
    if isinstance(node, COMPREHENSIONS):
        own = {n for g in node.generators for n in targets(g.target)}
        inner = [n for g in node.generators for n in (g.target, *g.ifs)]
        inner += [g.iter for g in node.generators[1:]]
        within = reads(*inner, *_elements(node))
        return reads(node.generators[0].iter) | {n: None for n in within if n not in own}
    if isinstance(node, gast.Name):
        return {} if isinstance(node.ctx, gast.Store) else {node.id: None}  # del needs a value, too
    if isinstance(node, gast.AnnAssign):
        return reads(*(n for n in (node.value, node.target) if n is not None))
    found = reads(*gast.iter_child_nodes(node))
    if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
        found[node.target.id] = None
    return found
