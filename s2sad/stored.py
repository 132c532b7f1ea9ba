"""What the text of a function tells of what it stores, where names alone (`stores`) say too much.

In: a code object and the globals it runs with.  Out: whether it only fills what it has made itself, as ``out`` in

    out = np.zeros(2); out[0] = x; return out

and the values that stand in the text where it stores a name, as in ``self.heights = np.array([0.0, 1000.0])``.  Where
there is no text, or it may do more than is known here, the answer is that of names alone.
"""

from __future__ import annotations

import ast
import builtins
import types
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from .source import node_of

# What gives memory of its own, whatever it is given.
_MAKERS = ("zeros", "empty", "ones", "full", "zeros_like", "empty_like", "ones_like", "full_like", "arange", "linspace")
_LITERAL = ("array", "asarray", "zeros", "ones", "arange", "linspace")  # whose values are known from numbers
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_STATEMENTS = (ast.Expr, ast.Return, ast.If, ast.While, ast.Assert)
_RESULTS = (ast.BinOp, ast.UnaryOp, ast.Compare)
# What gives back nothing of what it is given; so do universal functions.
_APART = (*_MAKERS, "array", "sum", "mean", "max", "min", "any", "all", "dot", "interp", "searchsorted")
_BUILTINS = (len, range, float, int, abs)
_MOST = 10_000  # numbers that a literal may have

_Calls = frozenset[ast.Call]
_KNOWN: weakref.WeakKeyDictionary[types.CodeType, tuple[str, _Calls | None]] = weakref.WeakKeyDictionary()


def fills_its_own(code: types.CodeType, names: dict[str, Any], changing: set[str]) -> bool:
    """Whether code that changes elements changes those of lists, dicts and arrays alone that it has made.

    These must not get anywhere else meanwhile but into operations, functions of NumPy, and what it returns.

    Args:
        names: its globals.
        changing: the names of the methods and functions that change something.
    """
    known = _KNOWN.get(code)
    if known is None or known[0] != code.co_filename:  # equal code may stand in two files
        node = node_of(code, names)
        known = _KNOWN[code] = code.co_filename, None if node is None else _calls_relied_on(code, node, changing)
    return known[1] is not None and all(_is_numpys(call.func, names) for call in known[1])


def literals(code: types.CodeType, names: dict[str, Any], name: str) -> list[Any] | None:
    """The values that code stores under a name; None where one of them does not stand in its text."""
    node = node_of(code, names)
    if node is None or name in _otherwise_bound(node):
        return None
    given = {id(target): value for target, value in _single(node)}
    stores = [n for n in ast.walk(node) if _name_of(n) == name and not isinstance(n.ctx, ast.Load)]  # type: ignore
    try:
        return [_value(given[id(n)], names) for n in stores] or None
    except (KeyError, TypeError, ValueError):
        return None


def _name_of(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _single(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of assignments to one target, and what is assigned: nothing else gets that very object."""
    for s in ast.walk(node):
        if isinstance(s, ast.Assign) and len(s.targets) == 1:
            yield s.targets[0], s.value
        elif isinstance(s, ast.AnnAssign) and s.value is not None:
            yield s.target, s.value


def _otherwise_bound(node: ast.AST) -> set[str]:
    """Names that parameters, imports, handlers, functions inside and the like bind, or that are of a scope around."""
    found: set[str] = set()
    for n in ast.walk(node):
        if isinstance(n, (ast.Global, ast.Nonlocal)):
            continue
        if not isinstance(n, (ast.Name, ast.Attribute, ast.Constant, ast.keyword)):
            texts = [value for _, value in ast.iter_fields(n) if isinstance(value, str)]
            found.update(part for text in texts for part in (text, text.partition(".")[0]))
    return found


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """The value of an expression of numbers.

    Raises:
        TypeError, ValueError: it is another one.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, names)
    if isinstance(node, (ast.List, ast.Tuple)):
        made = [_value(e, names) for e in node.elts]
        return made if isinstance(node, ast.List) else tuple(made)
    if isinstance(node, ast.Call) and not node.keywords and _is_numpys(node.func, names, _LITERAL):
        given = [_value(e, names) for e in node.args]
        function = getattr(np, _name_of(node.func) or "")
        if given and all(isinstance(n, (int, float)) and abs(n) <= _MOST for n in given):
            return function(*given)
        if len(given) == 1 and function in (np.array, np.asarray):
            return function(*given)
    raise ValueError


def _is_numpys(f: ast.expr, names: dict[str, Any], among: tuple[str, ...] | None = None) -> bool:
    """Whether a callee is a function of NumPy's (one of those named), or ``len``, ``float`` and such."""
    if isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name):
        return names.get(f.value.id) is np and (among is None or f.attr in among)
    if isinstance(f, ast.Name) and among is None:
        found = names.get(f.id, getattr(builtins, f.id, None))
        return any(found is b for b in _BUILTINS)
    return False


def _calls_relied_on(code: types.CodeType, node: ast.AST, changing: set[str]) -> _Calls | None:
    """The calls that must be those of NumPy for code to fill its own alone; None where it may fill something else."""
    parents = {child: n for n in ast.walk(node) for child in ast.iter_child_nodes(n)}
    if any(isinstance(n, ast.ClassDef) for n in ast.walk(node)):
        return None  # whose names are attributes
    own = set(code.co_varnames) - _captured(code) - _otherwise_bound(node)
    own -= {name for n in ast.walk(node) if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
    made = {id(target): value for target, value in _single(node)}
    relied: set[ast.Call] = set()
    changed: set[str] = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Name) and n.id in changing:
            return None
        method = isinstance(n, ast.Attribute) and n.attr in changing
        if method or (isinstance(n, ast.Subscript) and not isinstance(n.ctx, ast.Load)):
            base = n.value  # type: ignore[attr-defined]
            if not isinstance(base, ast.Name) or base.id not in own:
                return None
            changed.add(base.id)
    for n in ast.walk(node):
        if not isinstance(n, ast.Name) or n.id not in changed:
            continue
        if isinstance(n.ctx, ast.Load):
            if not _stays(n, parents, relied, changed):
                return None
            continue
        value = made.get(id(n))
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _MAKERS:
            relied.add(value)
        elif not isinstance(value, _DISPLAYS):
            return None
    return frozenset(relied)


def _captured(code: types.CodeType) -> set[str]:
    """The variables that functions inside share with those around them."""
    inner = [_captured(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return {*code.co_cellvars, *code.co_freevars}.union(*inner)


def _stays(node: ast.AST, parents: dict[ast.AST, ast.AST], relied: set[ast.Call], own: set[str]) -> bool:
    """Whether the value of an expression, which may share memory with what code fills, gets nowhere to stay."""
    while True:
        child, node = node, parents[node]
        if isinstance(node, (*_STATEMENTS, *_RESULTS)):
            return True
        if isinstance(node, ast.Subscript) and child is node.value:
            if not isinstance(node.ctx, ast.Load):
                return True  # it is filled
        elif isinstance(node, ast.Call) and child is not node.func:
            relied.add(node)  # a function of NumPy's, most of which may give it back
            name = _name_of(node.func) or ""
            if isinstance(node.func, ast.Name) or name in _APART or isinstance(getattr(np, name, None), np.ufunc):
                return True
        elif isinstance(node, ast.Assign) and child is node.value:
            bases = [t.value for t in node.targets if isinstance(t, ast.Subscript)]
            return len(bases) == len(node.targets) and all(isinstance(b, ast.Name) and b.id in own for b in bases)
        elif not isinstance(node, (ast.Attribute, ast.Call, ast.Tuple, ast.List, ast.IfExp)):
            return False
