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
from typing import Any

import gast

FUNCTIONS = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
LEAVES = (gast.Constant, gast.expr_context, gast.operator, gast.unaryop, gast.cmpop, gast.boolop)  # without names

_WITHOUT = {"id", "attr", "kind", "ctx", "op", "ops", "type_comment"}  # fields with text, or with one of `LEAVES`
# Expressions and statements that neither bind nor read names themselves: most nodes are one of these.
_PLAIN = {gast.BinOp, gast.UnaryOp, gast.BoolOp, gast.Compare, gast.Call, gast.Attribute, gast.Subscript, gast.Tuple,
          gast.keyword, gast.Expr, gast.Return, gast.If, gast.IfExp, gast.Slice, gast.List}  # fmt: skip
_fields: dict[type, list[str]] = {}


def children(node: Any) -> list[Any]:
    """The nodes right inside a node, in the order of the text, without those that carry no names (`LEAVES`)."""
    cls = type(node)
    fields = _fields.get(cls)
    if fields is None:
        fields = _fields[cls] = [f for f in node._fields if f not in _WITHOUT]
    found: list[Any] = []
    for field in fields:
        part = getattr(node, field, None)
        if type(part) is list:
            found += [n for n in part if isinstance(n, gast.AST) and type(n) is not gast.Constant]
        elif type(part) is not gast.Constant and isinstance(part, gast.AST):
            found.append(part)
    return found


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

    kind: ``bind`` (``name`` gets a value, or loses it), ``function`` (``node`` is defined, and sees the scope) or
    ``declare`` (``name`` is global or nonlocal).
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
    _events(body_of(function), found)
    return found


def _events(nodes: Any, found: list[Event], loops: tuple[Any, ...] = (), hidden: frozenset[str] = frozenset()) -> None:
    """Append what happens in nodes, within ``loops`` and comprehensions whose names are ``hidden``."""
    for node in nodes:
        if type(node) in _PLAIN:
            _events(children(node), found, loops, hidden)
        elif isinstance(node, gast.Name):
            if not isinstance(node.ctx, gast.Load):
                found.append(Event("bind", node, node.id, loops))
        elif isinstance(node, FUNCTIONS):
            _events(outside_of(node), found, loops, hidden)
            found.append(Event("function", node, getattr(node, "name", ""), loops, hidden))
            if not isinstance(node, gast.Lambda):
                found.append(Event("bind", node, node.name, loops))
        elif isinstance(node, gast.ClassDef):
            found.append(Event("bind", node, node.name, loops))
        elif isinstance(node, COMPREHENSIONS):
            _events([node.generators[0].iter], found, loops, hidden)
            own = hidden | {n for g in node.generators for n in targets(g.target)}
            inner = [c for g in node.generators for c in g.ifs]
            inner += [*(g.iter for g in node.generators[1:]), *_elements(node)]
            _events(inner, found, (*loops, node), own)
        elif isinstance(node, (gast.For, gast.AsyncFor)):
            _events([node.iter], found, loops, hidden)
            _events([node.target, *node.body], found, (*loops, node), hidden)
            _events(node.orelse, found, loops, hidden)
        elif isinstance(node, gast.While):
            _events([node.test, *node.body], found, (*loops, node), hidden)
            _events(node.orelse, found, loops, hidden)
        elif isinstance(node, (gast.Import, gast.ImportFrom)):
            found += [Event("bind", node, imported(alias), loops) for alias in node.names]
        elif isinstance(node, (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.NamedExpr)):
            own_targets = node.targets if isinstance(node, gast.Assign) else [node.target]
            _events([n for n in (node.value, *own_targets) if n is not None], found, loops, hidden)
        elif isinstance(node, (gast.Global, gast.Nonlocal)):
            found += [Event("declare", node, name, loops) for name in node.names]
        elif not isinstance(node, LEAVES):
            _events(children(node), found, loops, hidden)


def _elements(comprehension: Any) -> list[Any]:
    if isinstance(comprehension, gast.DictComp):
        return [comprehension.key, comprehension.value]
    return [comprehension.elt]


def binds(function: Any, happened: list[Event] | None = None) -> set[str]:
    """The local variables of a function, parameters included; ``happened``: its `events`, where they are known."""
    happened = events(function) if happened is None else happened
    declared = {e.name for e in happened if e.kind == "declare"}
    return {e.name for e in happened if e.kind == "bind"} - declared


def binds_within(*nodes: Any) -> dict[str, None]:
    """The names that statements or expressions bind, in order of appearance (the keys of a dict)."""
    found: list[Event] = []
    _events(nodes, found)
    return {e.name: None for e in found if e.kind == "bind"}


def reads(*nodes: Any) -> dict[str, None]:
    """The names that nodes read from the scope around them, in order of appearance (the keys of a dict)."""
    found: dict[str, None] = {}
    _reads(nodes, found)
    return found


def _reads(nodes: Any, found: dict[str, None]) -> None:
    for node in nodes:
        if type(node) in _PLAIN:
            _reads(children(node), found)
        elif isinstance(node, gast.Name):
            if not isinstance(node.ctx, gast.Store):  # del needs a value, too
                found[node.id] = None
        elif isinstance(node, FUNCTIONS):
            own = binds(node)
            _reads(outside_of(node), found)
            found.update({n: None for n in reads(*body_of(node)) if n not in own})
        elif isinstance(node, COMPREHENSIONS):
            own = {n for g in node.generators for n in targets(g.target)}
            inner = [n for g in node.generators for n in (g.target, *g.ifs)]
            inner += [g.iter for g in node.generators[1:]]
            _reads([node.generators[0].iter], found)
            found.update({n: None for n in reads(*inner, *_elements(node)) if n not in own})
        elif isinstance(node, gast.AnnAssign):
            _reads([n for n in (node.value, node.target) if n is not None], found)
        elif not isinstance(node, LEAVES):
            _reads(children(node), found)
            if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                found[node.target.id] = None
