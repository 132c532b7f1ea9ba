"""Short constructors for the syntax nodes that the emitter makes, so that only this file names gast's classes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeAlias

import gast

Expression: TypeAlias = Any  # gast has no types of its own
Statement: TypeAlias = Any

_LOAD, _STORE = gast.Load(), gast.Store()

BINARY = {
    operator.add: gast.Add, operator.sub: gast.Sub, operator.mul: gast.Mult, operator.matmul: gast.MatMult,
    operator.truediv: gast.Div, operator.floordiv: gast.FloorDiv, operator.mod: gast.Mod, operator.pow: gast.Pow,
    operator.lshift: gast.LShift, operator.rshift: gast.RShift, operator.or_: gast.BitOr, operator.xor: gast.BitXor,
    operator.and_: gast.BitAnd,
}  # fmt: skip
INPLACE = {
    operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul,
    operator.imatmul: operator.matmul, operator.itruediv: operator.truediv, operator.ifloordiv: operator.floordiv,
    operator.imod: operator.mod, operator.ipow: operator.pow, operator.ilshift: operator.lshift,
    operator.irshift: operator.rshift, operator.ior: operator.or_, operator.ixor: operator.xor,
    operator.iand: operator.and_,
}  # fmt: skip
UNARY = {
    operator.neg: gast.USub, operator.pos: gast.UAdd, operator.invert: gast.Invert, operator.inv: gast.Invert,
    operator.not_: gast.Not,
}  # fmt: skip
COMPARE = {
    operator.eq: gast.Eq, operator.ne: gast.NotEq, operator.lt: gast.Lt, operator.le: gast.LtE,
    operator.gt: gast.Gt, operator.ge: gast.GtE, operator.is_: gast.Is, operator.is_not: gast.IsNot,
}  # fmt: skip
_NEGATED = {
    gast.Eq: gast.NotEq,
    gast.NotEq: gast.Eq,
    gast.Is: gast.IsNot,
    gast.IsNot: gast.Is,
    gast.In: gast.NotIn,
    gast.NotIn: gast.In,
}  # fmt: skip  (not of < is not >=: nan)


def name(text: str) -> Expression:
    """``a`` or ``a.b.c``"""
    first, *rest = text.split(".")
    node = gast.Name(first, _LOAD, None, None)
    for part in rest:
        node = attribute(node, part)
    return node


def constant(value: Any) -> Expression:
    return gast.Constant(value, None)


def attribute(value: Expression, attr: str) -> Expression:
    return gast.Attribute(value, attr, _LOAD)


def subscript(value: Expression, index: Expression) -> Expression:
    return gast.Subscript(value, index, _LOAD)


def slice_(lower: Expression | None, upper: Expression | None, step: Expression | None) -> Expression:
    return gast.Slice(lower, upper, step)


def call(function: Expression | str, /, *args: Expression, **keywords: Expression) -> Expression:
    function = name(function) if isinstance(function, str) else function
    return gast.Call(function, list(args), [gast.keyword(k, v) for k, v in keywords.items()])


def starred(value: Expression) -> Expression:
    return gast.Starred(value, _LOAD)


def splice(target: Expression, mapping: Expression) -> Expression:
    """Add ``**mapping`` to a call."""
    target.keywords.append(gast.keyword(None, mapping))
    return target


def binary(op: Any, left: Expression, right: Expression) -> Expression:
    return gast.BinOp(left, BINARY[op](), right)


def unary(op: Any, operand: Expression) -> Expression:
    return gast.UnaryOp(UNARY[op](), operand)


def negative(operand: Expression) -> Expression:
    """``-operand``; the number that a product begins with gets the sign."""
    return _turned(operand) or gast.UnaryOp(gast.USub(), operand)


def without_sign(product: Expression) -> Expression | None:
    """``2 * x`` for ``-2 * x``; None for what does not begin with a negative number."""
    return _turned(product, negative_only=True)


def _turned(product: Expression, negative_only: bool = False) -> Expression | None:
    """A product with the sign of the number that it begins with turned."""
    if isinstance(product, gast.BinOp) and isinstance(product.op, (gast.Mult, gast.Div)):
        left = product.left
        if isinstance(left, gast.Constant) and type(left.value) in (int, float):
            turned = gast.Constant(-left.value, None) if left.value < 0 or not negative_only else None
        else:
            turned = _turned(left, negative_only)
        return turned and gast.BinOp(turned, product.op, product.right)
    return None


def compare(op: Any, left: Expression, right: Expression) -> Expression:
    return gast.Compare(left, [COMPARE[op]()], [right])


def contains(container: Expression, element: Expression) -> Expression:
    return gast.Compare(element, [gast.In()], [container])


def negate(test: Expression, used_as: str = "condition") -> Expression:
    """``not test``, without two ``not`` where nothing but its truth counts.

    As a ``"value"``, ``not not n`` is a bool, and so is ``not a == b`` of NumPy's numbers.
    """
    as_condition = used_as == "condition"
    if as_condition and isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    if isinstance(test, gast.Compare) and len(test.ops) == 1:
        opposite = _NEGATED.get(type(test.ops[0]))
        if opposite is not None and (as_condition or not isinstance(test.ops[0], (gast.Eq, gast.NotEq))):
            return gast.Compare(test.left, [opposite()], test.comparators)
    return gast.UnaryOp(gast.Not(), test)


def both(left: Expression, right: Expression) -> Expression:
    """``left and right``"""
    return gast.BoolOp(gast.And(), [*_values(left, gast.And), *_values(right, gast.And)])


def either(left: Expression, right: Expression) -> Expression:
    """``left or right``"""
    return gast.BoolOp(gast.Or(), [*_values(left, gast.Or), *_values(right, gast.Or)])


def _values(node: Expression, op: type) -> list[Expression]:
    return node.values if isinstance(node, gast.BoolOp) and isinstance(node.op, op) else [node]


def conditional(test: Expression, then: Expression, otherwise: Expression) -> Expression:
    return gast.IfExp(test, then, otherwise)


def tuple_(elements: Sequence[Expression]) -> Expression:
    return gast.Tuple(list(elements), _LOAD)


def list_(elements: Sequence[Expression]) -> Expression:
    return gast.List(list(elements), _LOAD)


def set_(elements: Sequence[Expression]) -> Expression:
    return gast.Set(list(elements)) if elements else call("set")


def dict_(keys: Sequence[Expression | None], values: Sequence[Expression]) -> Expression:
    return gast.Dict(list(keys), list(values))


def fstring(parts: Sequence[Expression]) -> Expression:
    return gast.JoinedStr(list(parts))


def formatted(value: Expression, conversion: int, spec: str) -> Expression:
    return gast.FormattedValue(value, conversion, fstring([constant(spec)]) if spec else None)


def same(a: Any, b: Any) -> bool:
    """Whether two expressions are written alike."""
    return gast.dump(a) == gast.dump(b)


# Statements


def assign(target: Expression, value: Expression) -> Statement:
    return gast.Assign([_stored(target)], value, None)


def augment(target: Expression, op: Any, value: Expression) -> Statement:
    return gast.AugAssign(_stored(target), BINARY[op](), value)


def _stored(target: Expression) -> Expression:
    if isinstance(target, gast.Name):
        return gast.Name(target.id, _STORE, None, None)
    if isinstance(target, gast.Tuple):
        return gast.Tuple([_stored(t) for t in target.elts], _STORE)
    if isinstance(target, gast.Starred):
        return gast.Starred(_stored(target.value), _STORE)
    if isinstance(target, gast.Attribute):
        return gast.Attribute(target.value, target.attr, _STORE)
    return gast.Subscript(target.value, target.slice, _STORE)


def statement(value: Expression) -> Statement:
    return gast.Expr(value)


def return_(value: Expression | None) -> Statement:
    return gast.Return(value)


def raise_(error: Expression | None, cause: Expression | None) -> Statement:
    return gast.Raise(error, cause)


def break_() -> Statement:
    return gast.Break()


def pass_() -> Statement:
    return gast.Pass()


def leaves_block(body: Sequence[Statement]) -> bool:
    """Whether what stands after these statements is never reached."""
    return bool(body) and isinstance(body[-1], (gast.Return, gast.Raise, gast.Break, gast.Continue))


def if_(test: Expression, then: list[Statement], otherwise: list[Statement]) -> Statement:
    return gast.If(test, then, otherwise)


def for_(target: Expression, iterable: Expression, body: list[Statement]) -> Statement:
    return gast.For(_stored(target), iterable, body, [], None)


def while_(test: Expression, body: list[Statement]) -> Statement:
    return gast.While(test, body, [])


def with_(manager: Expression, body: list[Statement]) -> Statement:
    return gast.With([gast.withitem(manager, None)], body, None)


def try_(body: list[Statement], handlers: list[tuple[Expression, str | None, list[Statement]]],
         otherwise: list[Statement]) -> Statement:  # fmt: skip
    """Handlers are ``(classes, name or None, body)``."""
    made = [gast.ExceptHandler(cls, text and _stored(name(text)), inner or [pass_()]) for cls, text, inner in handlers]
    return gast.Try(body or [pass_()], made, otherwise, [])


def parameters(entries: Sequence[tuple[str, str, Expression | None]]) -> Any:
    """Parameters from ``(name, kind, default)``; kinds as in `ir.core.Parameter`."""
    named: dict[str, list[Any]] = {kind: [] for kind in ("positional_only", "plain", "args", "keyword_only", "kwargs")}
    defaults, keyword_defaults = [], []
    for text, kind, default in entries:
        named[kind].append(gast.Name(text, gast.Param(), None, None))
        if kind == "keyword_only":
            keyword_defaults.append(default)
        elif default is not None:
            defaults.append(default)
    return gast.arguments(
        named["plain"],
        named["positional_only"],
        named["args"][0] if named["args"] else None,
        named["keyword_only"],
        keyword_defaults,
        named["kwargs"][0] if named["kwargs"] else None,
        defaults,
    )


def function(text: str, arguments: Any, body: list[Statement], doc: str | None) -> Statement:
    body = [statement(constant(doc)), *body] if doc else body
    return gast.FunctionDef(text, arguments, body or [pass_()], [], None, None, [])


def module(body: list[Statement]) -> Any:
    return gast.Module(body, [])
