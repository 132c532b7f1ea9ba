"""Loops that narrow an interval onto a root: what they find moves by the implicit function theorem.

    while high - low > 1e-9:                   while high - low > 1e-9:
        middle = (low + high) / 2                  ...
        value = f(middle, p)                   root = <root>(middle)
        if value > 0:                   ->     value_2 = f(root, p)
            high = middle                      middle = <found>(middle, low, high, root, value_2)
        else:                                  return middle
            low = middle
    return middle

What the decision asks is asked once more, at the root, behind the loop and before each ``return`` in it.  The value of
``<found>`` is its first argument; its derivative is that of the root of the last one, as a function of the one before
(`autodiff/roots.py`).  Only what such a search hands on may depend on it: other loops are left alone (`brackets`).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import gast

from .intervals import called, kind, place_of, statements_in

ROOT, FOUND = "<root>", "<found>"  # the names that stand for `runtime.as_root` and `runtime.found` in a tree
_ASSIGNMENTS = {"Assign", "AnnAssign", "AugAssign"}
_JUMPS = {"Return", "Break", "Continue", "Raise"}
_PLAIN = _ASSIGNMENTS | _JUMPS | {"Expr", "Assert", "Pass", "If", "While", "For", "Try"}
_SIGNS = {"sign", "signbit", "copysign", "bool"}
_COMPREHENSIONS = {"ListComp", "SetComp", "DictComp", "GeneratorExp"}
_CONDITIONAL = _COMPREHENSIONS | {"IfExp", "BoolOp", "Lambda"}


class Search(NamedTuple):
    """A loop that narrows an interval.

    Attributes:
        loop: the statement.
        ends: the names of the ends of the interval.
        middle: the name of what the ends move to.
        copies: the names of what else the loop sets to one of these.
        asked: the statements that compute what the decision asks of the middle.
        residual: the expression that is zero at the root.
        needed: the names of what they read besides, which the loop does not change.
    """

    loop: Any
    ends: tuple[str, str]
    middle: str
    copies: frozenset[str]
    asked: list[Any]
    residual: Any
    needed: set[str]


class _Unclear(Exception):
    """It is not certain what a loop finds, or what becomes of it."""


def attach(function: Any, loop: Any, moves: Sequence[Any], condition: Any, fresh: Callable[[str], str]) -> bool:
    """Let what a loop finds be a root, if it certainly is one and nothing else depends on the search; in place.

    Args:
        function: the function around, of ``ast`` or ``gast``.
        moves: (name, name of the other end, value, statement) of each assignment that moves an end, in order.
        condition: the expression that decides.
        fresh: a name that nothing else has, from one like it.
    """
    try:
        search = _search(function, loop, moves, condition)
        places = [*_behind(function, search), *_returns(function, search)]
    except _Unclear:
        return False
    for body, k, names, at in reversed(places):  # from the last one: positions stay
        body[k:k] = _written(search, names, at, fresh)
    return True


def _search(function: Any, loop: Any, moves: Sequence[Any], condition: Any) -> Search:
    ends = {name for move in moves for name in move[:2]}
    middles = {getattr(value, "id", None) for _, _, value, _ in moves}
    _certain(len(ends) == 2 and len(middles) == 1 and None not in middles and not loop.orelse)
    _certain(all(name.isidentifier() and name != other for name, other, *_ in moves))
    middle: Any = middles.pop()
    _certain(middle not in ends and not _divides_integers(loop))
    before = _straight(loop.body, moves[0][3])
    _certain(before is not None)
    made = [k for k, s in enumerate(before or []) if middle in _stores(s)]
    _certain(all(kind(before[k]) in ("Assign", "AnnAssign") for k in made))  # type: ignore[index]
    behind = before[made[-1] + 1 :] if made else list(before or [])  # type: ignore[index]
    residual = _residual(condition, middle, behind)
    asked, needed = _asked(residual, middle, behind, loop)
    first, second = sorted(ends, key=[getattr(n, "id", "") for n in ast.walk(loop)].index)
    search = Search(loop, (first, second), middle, _copies(function, loop, {middle, *ends}), asked, residual, needed)
    _check_escapes(function, search, [statement for *_, statement in moves])
    return search


def _certain(condition: bool) -> None:
    if not condition:
        raise _Unclear


# ------------------------------------------------------------ what is read and stored


def _names(node: Any, context: set[str], hidden: frozenset[str] = frozenset()) -> set[str]:
    """The variables in a node that are loaded or stored there, those of comprehensions and lambdas left out."""
    if kind(node) == "Name":
        return {node.id} if kind(node.ctx) in context and node.id not in hidden else set()
    if kind(node) in _COMPREHENSIONS:
        targets = {name for g in node.generators for name in _names(g.target, {"Store"})}
        hidden = hidden | frozenset(targets)
    elif kind(node) == "Lambda":
        hidden = hidden | {getattr(a, "arg", getattr(a, "id", "")) for a in ast.walk(node.args)}
    return set().union(*(_names(child, context, hidden) for child in ast.iter_child_nodes(node)))


def _loads(node: Any) -> set[str]:
    found = _names(node, {"Load"})
    if kind(node) == "AugAssign":
        found |= _names(node.target, {"Store"})
    return found


def _stores(node: Any) -> set[str]:
    return _names(node, {"Store", "Del"})


def _header(s: Any) -> list[Any]:
    """The parts of a statement that are no statements."""
    return [c for c in ast.iter_child_nodes(s) if not isinstance(c, (ast.stmt, ast.excepthandler, ast.match_case))]


def _is_print(s: Any) -> bool:
    return kind(s) == "Expr" and kind(s.value) == "Call" and getattr(s.value.func, "id", "") == "print"


def _divides_integers(loop: Any) -> bool:
    """Whether it may be a search among integers, as in a table."""
    whole = {"int", "round", "floor", "ceil", "trunc", "rint", "fix", "around"}
    names = ({getattr(n, "id", ""), getattr(n, "attr", "")} for n in ast.walk(loop))
    return any(kind(n) in ("FloorDiv", "RShift") for n in ast.walk(loop)) or any(map(whole.intersection, names))


def _straight(body: list[Any], statement: Any) -> list[Any] | None:
    """The statements that run before one, in the same turn of a loop; None if it may be that they do not."""
    for k, s in enumerate(body):
        if s is statement:
            return body[:k]
        for branch in (s.body, s.orelse) if kind(s) == "If" else ():
            inside = _straight(branch, statement)
            if inside is not None:
                return body[:k] + inside
    return None


# ------------------------------------------------------------ what the decision asks


def _residual(condition: Any, middle: str, behind: list[Any]) -> Any:
    """The expression whose sign a condition asks for, as far as it depends on the middle."""
    moving = {middle}
    for s in behind:
        if _loads(s) & moving:
            moving |= _stores(s)

    def depends(node: Any) -> bool:
        return bool(_loads(node) & moving)

    def the_one(nodes: list[Any]) -> Any:
        found = [n for n in nodes if depends(n)]
        _certain(len(found) == 1)
        return found[0]

    def asked(node: Any) -> Any:
        """Of a condition."""
        if kind(node) == "UnaryOp" and kind(node.op) == "Not":
            return asked(node.operand)
        if kind(node) == "BoolOp":
            return asked(the_one(node.values))
        if kind(node) == "Name":
            return asked(maker(node.id))
        if kind(node) == "Call" and called(node) in ("bool", "signbit") and len(node.args) == 1:
            return asked(node.args[0]) if called(node) == "bool" else signed(node.args[0])
        _certain(kind(node) == "Compare" and len(node.ops) == 1)
        left, right, op = node.left, node.comparators[0], kind(node.ops[0])
        if op in ("Eq", "NotEq"):  # of two signs
            one = the_one([left, right])
            if kind(one) == "Name":
                one = maker(one.id)
            _certain(kind(one) == "Compare" or (kind(one) == "Call" and called(one) in _SIGNS))
            return signed(one)
        _certain(op in ("Lt", "LtE", "Gt", "GtE"))
        for side, other in ((left, right), (right, left)):
            if kind(other) == "Constant" and other.value == 0:
                return signed(side)
        return ast.copy_location(_like(node, ast.BinOp)(left, _like(node, ast.Sub)(), right), node)

    def signed(node: Any) -> Any:
        """Of a number whose sign is asked for."""
        if kind(node) == "UnaryOp" and kind(node.op) == "USub":
            return signed(node.operand)
        if kind(node) == "BinOp" and kind(node.op) == "Mult":
            return signed(the_one([node.left, node.right]))
        if kind(node) == "BinOp" and kind(node.op) == "Div":
            _certain(not depends(node.right))
            return signed(node.left)
        if kind(node) == "Call" and called(node) in _SIGNS and node.args:
            return signed(node.args[-1])
        if kind(node) == "Compare":
            return asked(node)
        _certain(depends(node))
        made = [s.value for s in behind if kind(node) == "Name" and kind(s) == "Assign" and node.id in _stores(s)]
        if len(made) == 1 and kind(made[0]) == "BinOp" and kind(made[0].op) in ("Mult", "Div"):
            return signed(maker(node.id))
        return node

    def maker(name: str) -> Any:
        made = [s for s in behind if name in _stores(s)]
        _certain(len(made) == 1 and kind(made[0]) == "Assign" and len(made[0].targets) == 1)
        _certain(kind(made[0].targets[0]) == "Name")
        return made[0].value

    return asked(condition)


def _like(node: Any, cls: Any) -> Any:
    """A class of ``ast``, or of the library that a node is of."""
    return cls if type(node) is getattr(ast, kind(node), None) else getattr(gast, cls.__name__)


def _asked(residual: Any, middle: str, behind: list[Any], loop: Any) -> tuple[list[Any], set[str]]:
    """The statements that compute the residual from the middle, and the names of what the loop does not change.

    Raises:
        _Unclear: it depends on more, or they do more.
    """
    needed = _loads(residual)
    found: list[Any] = []
    for s in reversed(behind):
        stored = _stores(s)
        if kind(s) in _ASSIGNMENTS and _targets_are_names(s):
            if not stored & needed:
                continue
            found.insert(0, s)
            needed = (needed if kind(s) == "AugAssign" else needed - stored) | _loads(s)
            continue
        if kind(s) in ("If", "For", "While") and stored & needed:
            _certain(all(kind(i) in _PLAIN - _JUMPS for i in statements_in(s)))
            found.insert(0, s)
            every_turn = set().union(*(_stores(i) for i in s.body if kind(i) in _ASSIGNMENTS and kind(s) != "If"))
            needed = (needed - every_turn) | _exposed([s])  # a loop without a turn would leave them as they were
            continue
        _certain(not stored & needed)  # of what may have left the loop
    _certain(not (needed - {middle}) & (_stores(loop) | _written_into(loop)))
    _certain(not any(kind(n) in ("Lambda", "NamedExpr", "Yield", "YieldFrom", "Await")
                     for s in (*found, residual) for n in ast.walk(s)))  # fmt: skip
    return found, needed - {middle}


def _exposed(statements: list[Any]) -> set[str]:
    """The variables that statements may read before they set them."""
    found: set[str] = set()
    known: set[str] = set()
    for s in statements:
        inside = [_exposed(body) for body in _fields(s)]
        own = _stores(s.target) if kind(s) == "For" else set()
        found |= (_loads_of_header(s) | set().union(*(i - own for i in inside))) - known
        known |= _stores(s) if kind(s) in _ASSIGNMENTS else set()
    return found


def _written_into(loop: Any) -> set[str]:
    """The names of what a statement may change, or hands to what is called for that."""
    found: set[str] = set()
    for s in (loop, *statements_in(loop)):
        if kind(s) in _ASSIGNMENTS and not _targets_are_names(s):
            found |= set().union(*map(_loads, s.targets if kind(s) == "Assign" else [s.target]))
        elif kind(s) == "Expr" and not _is_print(s):
            found |= _loads(s)
    return found


def _targets_are_names(s: Any) -> bool:
    targets = s.targets if kind(s) == "Assign" else [s.target]
    return all(kind(n) in ("Name", "Tuple", "List", "Starred", "Store", "Load") for t in targets for n in ast.walk(t))


def _goes_on(s: Any) -> bool:
    """Whether a statement has no jump in it."""
    return not any(kind(i) in _JUMPS for i in statements_in(s))


# ------------------------------------------------------------ what becomes of what is found


def _copies(function: Any, loop: Any, known: set[str]) -> frozenset[str]:
    """The names that a loop sets to the middle or an end, and nothing else sets to more than a constant."""
    found: set[str] = set()
    for s in statements_in(loop):
        if kind(s) == "Assign" and kind(s.value) == "Name" and s.value.id in known and _targets_are_names(s):
            found |= {t.id for t in s.targets if kind(t) == "Name"}
    found -= known
    for s in statements_in(function):
        for name in _stores_of_header(s) & found:
            copied = kind(s) == "Assign" and all(kind(t) == "Name" for t in s.targets)
            if not copied or (getattr(s.value, "id", None) not in known and kind(s.value) != "Constant"):
                found.discard(name)
    parameters = {getattr(a, "arg", getattr(a, "id", None)) for a in ast.walk(function.args)}
    return frozenset(found - parameters)  # type: ignore[arg-type]


def _stores_of_header(s: Any) -> set[str]:
    return set().union(*map(_stores, _header(s)))


def _loads_of_header(s: Any) -> set[str]:
    found = set().union(*map(_loads, _header(s)))
    return found | (_names(s.target, {"Store"}) if kind(s) == "AugAssign" else set())


def _tainted(search: Search) -> set[str]:
    """The names of what depends on the search."""
    found, before = {search.middle, *search.ends}, 0
    while len(found) > before:
        before = len(found)
        for s in statements_in(search.loop):
            if _loads_of_header(s) & found:
                found |= _stores_of_header(s)
    return found


def _is_harmless(s: Any) -> bool:
    """Whether a statement only decides, fails or shows."""
    return kind(s) in ("If", "While", "Assert", "Raise") or _is_print(s)


def _check_escapes(function: Any, search: Search, moved: list[Any]) -> None:
    """Raise `_Unclear` unless all that goes on from the search are its middle, its ends, and copies of these.

    Args:
        moved: the statements that move the ends, which may put numbers into arrays.
    """
    tainted = _tainted(search)
    roots = {search.middle, *search.ends, *search.copies}
    inside = list(statements_in(search.loop))
    for s in inside:
        _certain(kind(s) in _PLAIN | {"ExceptHandler"})
        if not _loads_of_header(s) & tainted:
            continue
        if kind(s) in _ASSIGNMENTS:
            _certain(_targets_are_names(s) or s in moved)
        elif kind(s) == "Expr":
            _certain(_is_print(s))
        elif kind(s) == "Return":
            _certain(_loads(s) & tainted <= roots)
    _certain(not any(kind(n) in ("Yield", "YieldFrom", "Await") for n in ast.walk(search.loop)))
    known = {id(s) for s in inside}
    for s in statements_in(function):
        if kind(s) in ("Global", "Nonlocal"):
            _certain(not tainted & set(s.names))
        if id(s) not in known and s is not search.loop and not _is_harmless(s):
            _certain(not _loads_of_header(s) & (tainted - roots))
    for node in ast.walk(function):
        if node is not function and kind(node) in ("FunctionDef", "AsyncFunctionDef", "ClassDef", "Lambda"):
            own = {getattr(a, "arg", getattr(a, "id", "")) for a in ast.walk(getattr(node, "args", node))}
            _certain(not tainted & (_loads(node) - own))


def _behind(function: Any, search: Search) -> Iterator[tuple[list[Any], int, list[str], str | None]]:
    """Where roots are read behind a loop: a list of statements, the place in it, the names, and the one to look at."""
    roots = [search.middle, *search.ends, *sorted(search.copies)]
    inside = {id(s) for s in statements_in(search.loop)}
    outside = [s for s in statements_in(function) if id(s) not in inside and s is not search.loop]
    read = set().union(*(_loads_of_header(s) for s in outside if kind(s) in ("If", "While") or not _is_harmless(s)))
    names = [n for n in roots if n in read]
    if not names:
        return
    body, k = place_of(function, search.loop)
    bound = _bound_before(function, search.loop)
    _certain(set(search.ends) <= bound)
    late = [n for n in names if n not in bound]
    place = k + 1
    if late and not _runs_once(search):
        place = next((j for j in range(k + 1, len(body)) if _mentions(body[j], set(late))), -1)
        _certain(place > 0 and set(late) <= _read_for_sure(body[place]))
        passed = body[k + 1 : place]
        _certain(all(map(_goes_on, passed)) and not any(_mentions(s, {*names, *search.ends}) for s in passed))
        _certain(not search.needed & set().union(*(_stores(s) | _written_into(s) for s in passed)))
    yield body, place, names, search.middle if search.middle in names else None


def _runs_once(search: Search) -> bool:
    """Whether the loop certainly sets its middle, before it may end."""
    loop = search.loop
    if kind(loop) == "For":
        call = loop.iter
        counted = kind(call) == "Call" and called(call) == "range" and len(call.args) == 1
        if not counted or kind(call.args[0]) != "Constant" or not call.args[0].value >= 1:
            return False
    elif kind(loop.test) != "Constant" or not loop.test.value:
        return False
    for s in loop.body:
        if kind(s) in ("Assign", "AnnAssign") and search.middle in _stores(s):
            return not search.copies
        if not _goes_on(s) or kind(s) not in _ASSIGNMENTS:
            return False
    return False


def _bound_before(function: Any, loop: Any) -> set[str]:
    """The names that have values where a loop begins."""
    found = {getattr(a, "arg", getattr(a, "id", "")) for a in ast.walk(function.args)}
    body = function.body
    while True:
        for s in body:
            if s is loop:
                return found
            around = [f for f in _fields(s) if any(loop is i for x in f for i in (x, *statements_in(x)))]
            if around:
                break
            found |= _stores(s) if kind(s) in _ASSIGNMENTS else set()
        found |= _stores(s.target) if kind(s) == "For" else set()
        (body,) = around


def _fields(s: Any) -> list[list[Any]]:
    found = [getattr(s, f, None) for f in ("body", "orelse", "finalbody")]
    return [f for f in found if isinstance(f, list)] + [h.body for h in getattr(s, "handlers", [])]


def _mentions(s: Any, names: set[str]) -> bool:
    return any(getattr(n, "id", None) in names for n in ast.walk(s))


def _read_for_sure(s: Any) -> set[str]:
    """The names that a statement reads, whatever happens."""
    if kind(s) == "If":
        return _read_for_sure(s.test)
    if kind(s) in ("For", "While", "Try", "With") or any(kind(n) in _CONDITIONAL for n in ast.walk(s)):
        return set()
    return _loads(s)


def _returns(function: Any, search: Search) -> Iterator[tuple[list[Any], int, list[str], str | None]]:
    """Where roots are returned from within a loop; as `_behind`."""
    roots = [search.middle, *search.ends, *sorted(search.copies)]
    for s in statements_in(search.loop):
        names = [n for n in roots if kind(s) == "Return" and n in _loads(s)]
        if names:
            _certain(set(names) <= _read_for_sure(s) | set(search.ends))
            yield *place_of(function, s), names, search.middle if search.middle in names else None


# ------------------------------------------------------------ what is written


def _written(search: Search, names: list[str], at: str | None, fresh: Callable[[str], str]) -> list[Any]:
    """The statements that make roots of ``names``.

    Args:
        at: the name of the root to look at; None: what is between the ends.
    """
    residual, low, high = search.residual, *search.ends
    make = _Maker(residual)
    root = fresh("root")
    renamed = {search.middle: root}
    for s in search.asked:
        renamed.update({n: fresh(n) for n in sorted(_stores(s)) if n not in renamed})
    if at is None:
        looked = make.node(ast.BinOp, make.constant(0.5), make.operator(ast.Mult), make.node(
            ast.BinOp, make.name(low), make.operator(ast.Add), make.name(high)))  # fmt: skip
    else:
        looked = make.name(at)
    made = [make.assign(root, make.call(ROOT, looked))]
    made += [_renamed(s, renamed) for s in search.asked]
    value = fresh("residual")
    made.append(make.assign(value, _renamed(residual, renamed)))
    rest = [*map(make.name, (low, high, root, value)), make.constant(True)]
    held = {n: fresh(n) for n in names if n in search.ends and len(names) > 1}  # the others need the ends as they are
    found = {n: make.call(FOUND, make.name(n), *map(copy.deepcopy, rest)) for n in names}
    made += [make.assign(held.get(n, n), call) for n, call in found.items()]
    return made + [make.assign(n, make.name(h)) for n, h in held.items()]


class _Maker:
    """Makes nodes, of the library of a node that stands where they will."""

    def __init__(self, place: Any):
        self.place = place

    def node(self, cls: Any, *fields: Any) -> Any:
        return ast.copy_location(_like(self.place, cls)(*fields), self.place)

    def name(self, text: str, context: Any = ast.Load) -> Any:
        more = () if _like(self.place, ast.Name) is ast.Name else (None, None)
        return self.node(ast.Name, text, _like(self.place, context)(), *more)

    def operator(self, cls: Any) -> Any:
        return _like(self.place, cls)()

    def constant(self, value: Any) -> Any:
        return self.node(ast.Constant, value, None)

    def call(self, function: str, *args: Any) -> Any:
        return self.node(ast.Call, self.name(function), list(args), [])

    def assign(self, name: str, value: Any) -> Any:
        return self.node(ast.Assign, [self.name(name, ast.Store)], value, None)


def _renamed(node: Any, names: dict[str, str]) -> Any:
    node = copy.deepcopy(node)
    everything: Iterator[Any] = ast.walk(node)
    for n in everything:
        if kind(n) == "Name":
            n.id = names.get(n.id, n.id)
    return node
