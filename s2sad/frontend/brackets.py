"""Loops (and recursions) that narrow an interval by decisions: bisection, golden sections.

    mid = (low + high) / 2                mid = (low + high) / 2
    if f(mid, p) > 0:                     decision = f(mid, p)
        high = mid                 ->     if decision > 0:
    else:                                     high = decided(mid, low, decision, 0)
        low = mid                         else:
                                              low = decided(mid, high, decision, 0)

Or one end moves by a step that shrinks (``step /= 2``; ``if f(low + step, p) < 0: low += step``); then the other
argument of ``decided`` is where it was.

What such a loop finds moves with ``p``, and no operation says so: all that depends on ``p`` is which way the decisions
go.  `runtime.decided` is its first argument; its rule refuses a derivative that would need to know (`rules/own.py`).

`intervals` finds them.
"""

from __future__ import annotations

import ast
import copy
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gast

from .intervals import (
    ASKING,
    SIZES,
    Hit,
    Update,
    atoms,
    bindings,
    called,
    functions,
    hits_in,
    how_near,
    is_where,
    kind,
    moves_in,
    names_in,
    path_of,
    place_of,
    scopes,
)
from .roots import attach

DECIDED = "<decided>"  # the name that stands for `runtime.decided` in a tree


def marked(tree: Any, roots: bool = False) -> Any:
    """A function (of ``ast`` or ``gast``) in which the ends of such intervals are marked, and in those inside of it.

    A copy, where there are any.  ``roots``: a loop that certainly finds a root has that one marked, and not the ends.
    """
    if not any(moves_in(scope, f) for f in functions(tree) for scope in scopes(f)):
        return tree
    tree = copy.deepcopy(tree)
    everything: Iterator[Any] = ast.walk(tree)
    taken = names_in(tree) | {n.arg for n in everything if kind(n) == "arg"}

    def fresh(name: str) -> str:
        found = next(n for n in map(f"{name}_{{}}".format, itertools.count(1)) if n not in taken)
        taken.add(found)
        return found

    for f in functions(tree):
        by_scope = [(scope, moves_in(scope, f)) for scope in scopes(f)]
        found: list[Any] = []
        for scope, ends in reversed(by_scope) if roots else ():  # inner loops first
            found += _found(scope, ends, f, found, fresh) if scope is not f else []
        for scope, ends in by_scope:
            left = [end for end in ends if not any(end[0].statement is s for s in found) and _is_plain(end[0], f)]
            hits = list(hits_in(scope, left, f))
            for update, other in left:
                _mark(update, other, f, lambda: fresh("decision"))
            for hit in hits:
                _mark_hit(hit, f, lambda: fresh("decision"))
    return tree


def _found(
    loop: Any, ends: list[tuple[Update, str]], function: Any, known: list[Any], fresh: Callable[[str], str]
) -> list[Any]:
    """The decisions of a loop that finds a root, which is marked behind it; ``known``: those of loops inside of it."""
    left = [end for end in ends if not any(end[0].statement is s for s in known)]
    moves = [(u.name, other, u.value, u.statement) for u, other in left]
    if not moves or not attach(function, loop, moves, _condition(moves[0][3]), fresh):
        return []
    return [statement for *_, statement in moves]


def _is_plain(update: Update, function: Any) -> bool:
    """Whether an update has not been marked, with an interval around it or within."""
    return not _is_marked(update.value) and not _follows_mark(update, function)


def _library(function: Any) -> Any:
    return ast if type(function) is ast.FunctionDef else gast


def _follows_mark(update: Update, function: Any) -> bool:
    """Whether an augmented assignment has been marked, by the statement behind it."""
    if not update.augments:
        return False
    body, k = place_of(function, update.holder)
    return any(kind(s) == "Assign" and _is_marked(s.value) for s in body[k + 1 : k + 2])


def _is_marked(value: Any) -> bool:
    return kind(value) == "Call" and getattr(value.func, "id", None) == DECIDED


def _mark_hit(hit: Hit, function: Any, temporary: Callable[[], str]) -> None:
    """Write what is found then as an end that was decided, of an interval as wide as the distance from the root."""
    lib = _library(function)
    places = [how_near(test) for test in atoms(hit.statement.test)]
    asked = _asked(hit.statement.test, hit.statement, function, lib, temporary)
    for name in hit.names:
        value, here = _name(lib, name, hit.statement), functools.partial(_name, lib, name, hit.statement)
        for k, operands in enumerate(asked):
            if hit.near and (k not in hit.near or len(operands) != 2):
                continue
            there = here()
            if hit.near and places[k] != 2:  # equal operands may be no numbers, of which there is no difference
                there = ast.copy_location(lib.BinOp(there, lib.Add(), copy.deepcopy(operands[places[k] or 0])), there)
            known = [copy.deepcopy(o) for o in operands if kind(o) != "Constant"]
            zeros = [ast.copy_location(lib.Constant(0.0, None), value) for _ in (0, 1)]
            met = ast.copy_location(lib.Constant("met", None), value)
            call = lib.Call(_name(lib, DECIDED, value), [value, there, *[*known, *zeros][:2], met], [])
            value = ast.copy_location(call, hit.statement)
        hit.body.insert(0, _assigned(lib, name, value))


def _mark(update: Update, other: str, function: Any, temporary: Callable[[], str]) -> None:
    """Write the end that an update moves as `DECIDED` by the operands of the condition."""
    lib = _library(function)
    asked = _asked(_condition(update.statement), update.statement, function, lib, temporary)
    value, there = update.value, _name(lib, other, update.statement)
    if update.augments:
        value = _name(lib, update.name, value)
        inverse = lib.Sub() if kind(update.holder.op) == "Add" else lib.Add()
        there = ast.copy_location(lib.BinOp(copy.deepcopy(value), inverse, copy.deepcopy(update.value)), value)
    known = {update.name, other, path_of(value)}  # which depend on nothing but decisions, as a rule
    if update.mask is not None:
        value, there = (_taken(lib, x, update.mask) for x in (value, there))
    marked = value
    for operands in asked:
        first = [o for o in operands if kind(o) != "Constant"]
        first.sort(key=lambda o: path_of(o) in known)
        zero = [ast.copy_location(lib.Constant(0.0, None), value) for _ in (0, 1)]
        args = [marked, there, *map(copy.deepcopy, [*first, *zero][:2])]
        if is_where(update.holder) or update.mask is not None:  # which takes the numbers out of an array
            args.append(ast.copy_location(lib.Constant("taken", None), value))
        marked = ast.copy_location(lib.Call(_name(lib, DECIDED, value), args, []), value)
    if not update.augments:
        update.put(marked)
    elif asked:
        body, k = place_of(function, update.holder)
        body.insert(k + 1, _assigned(lib, update.name, marked))


def _taken(lib: Any, array: Any, mask: Any) -> Any:
    return ast.copy_location(lib.Subscript(copy.deepcopy(array), copy.deepcopy(mask), lib.Load()), array)


def _condition(statement: Any) -> Any:
    if kind(statement) == "If":
        return statement.test
    if kind(statement.value) == "Subscript" or _is_marked(statement.value):  # of a mask
        mask = statement.targets[0].slice
        return mask.operand if kind(mask) == "UnaryOp" and kind(mask.op) == "Invert" else mask
    if kind(statement.value) == "IfExp":
        return statement.value.test
    return next(n for n in [statement.value, *getattr(statement.value, "elts", ())] if is_where(n)).args[0]


def _asked(condition: Any, statement: Any, function: Any, lib: Any, temporary: Callable[[], str]) -> list[list[Any]]:
    """The operands of each comparison or question in a condition, as the names that they get there, or constants."""
    asked: list[list[Any]] = []
    for k, test in enumerate(atoms(condition)):
        body, place = place_of(function, statement)
        if kind(test) == "Name":  # of a comparison that stands before, in the same list: whoever asks has compared
            makers = [s for s in body[:place] if any(n == test.id for n, *_ in bindings(s, s, "value"))]
            if makers:
                asked += _asked(makers[-1].value, makers[-1], function, lib, temporary)
            continue
        naming = Naming([], [], lib, temporary, inside=k > 0)
        naming.of(test)
        body[place:place] = naming.hoisted
        asked.append(naming.found)
    return asked


class Naming(NamedTuple):
    """Gives names to operands, by assignments that are ``hoisted``, or ``inside``, where they may not be reached."""

    found: list[Any]
    hoisted: list[Any]
    lib: Any
    temporary: Callable[[], str]
    inside: bool

    def of(self, test: Any) -> None:
        """Those of a comparison, or of a function that compares; of a method, its object is one."""
        if kind(test) == "Call" and not any(kind(a) == "Starred" for a in test.args):
            if kind(test.func) == "Attribute" and kind(test.func.value) == "Name":
                self.found.append(test.func.value)
            test.args = [self.named(a) for a in test.args]
        elif kind(test) == "Compare" and len(test.ops) == 1:
            test.left = self.named(test.left)
            test.comparators = [self.named(c) for c in test.comparators]

    def named(self, node: Any) -> Any:
        """An operand under a name of its own, which ``found`` gets; of a sign, that of what has the sign."""
        if kind(node) in ("Name", "Constant"):
            self.found.append(node)
        elif kind(node) == "Call" and len(node.args) == 1 and called(node) in ASKING | SIZES:
            node.args = [self.named(node.args[0])]
        elif kind(node) == "Compare" and len(node.ops) == 1:
            node.left = self.named(node.left)
            node.comparators = [self.named(c) for c in node.comparators]
        else:
            name, lib = self.temporary(), self.lib
            self.found.append(_name(lib, name, node))
            if self.inside:
                zero = ast.copy_location(lib.Constant(0.0, None), node)
                self.hoisted.append(_assigned(lib, name, zero))
                return ast.copy_location(lib.NamedExpr(_name(lib, name, node, lib.Store()), node), node)
            self.hoisted.append(_assigned(lib, name, node))
            node = _name(lib, name, node)
        return node


def _name(lib: Any, path: str, place: Any, context: Any = None) -> Any:
    if path == DECIDED:
        return ast.copy_location(lib.Name(path, lib.Load(), *((None, None) if lib is gast else ())), place)
    node = lib.parse(path).body[0].value
    for inside in ast.walk(node):
        ast.copy_location(inside, place)
    node.ctx = context or lib.Load()
    return node


def _assigned(lib: Any, name: str, value: Any) -> Any:
    made = lib.Assign([_name(lib, name, value, lib.Store())], value, None)
    return ast.copy_location(made, value)
