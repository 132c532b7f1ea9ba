"""``try``: which exceptions its handlers catch, which ops of its body may raise, what of a body a handler may see.

``try_(walker, op)`` types the op.  ``check_exceptions(function)`` refuses whatever could take a number out of an
exception.  ``settled(...)`` says whether a store of the body is its last deed, so that no handler sees it.
``mark(function)`` gives the ops that decide which way a ``try`` goes ``attrs["raises"]``: they stay where they are.
"""

from __future__ import annotations

import functools
import logging
import operator
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import UNDEFINED, Block, Const, Function, Op, Operand, Value, hashable
from ..ir.types import BOTTOM, INT, Type, join
from .build import Builder, type_of_operand
from .control import _hint, _loose
from .effects import all_ops
from .session import Cells, Globals
from .unbound import catches_unbound, check_bound

if TYPE_CHECKING:
    from .types import Walker

EXCEPTION = Type("exception")
_NEVER_THE_SAME = (RecursionError, MemoryError)  # the derivative needs other frames, and other memory


def try_(walker: Walker, op: Op) -> Any:
    """A ``try``: its body in its own block, or without one where nothing in it can raise."""
    classes = [_classes(walker, walker.read(a)) for a in op.args]
    builder = walker.builder.nested()
    results = walker.nested(builder).block(op.blocks[0])
    calm = not any(map(may_raise, builder.block.ops))
    if results is not None and calm and not (any(map(catches_unbound, classes)) and _reads_merged(walker, builder)):
        for inner in builder.block.ops:
            walker.builder.append(inner)
        for out, r in zip(op.outs, results, strict=True):
            walker.env[out] = r
        return None
    walker.session.catches = True
    blocks = [Block([], builder.block.ops)]
    for handler in op.blocks[1:]:
        blocks.append(Block([Value(p.hint, EXCEPTION, p.span) for p in handler.params]))
    new = Op("try", classes, {}, [], blocks, attrs=dict(op.attrs))  # type: ignore[arg-type]

    def add(hint: str | None, t: Type, column: list[Operand]) -> Value:
        new.outs.append(Value(hint, t))
        for block, r in zip(new.blocks, column, strict=True):
            block.results.append(r)
        return new.outs[-1]

    def merged(r: Operand, others: list[Operand]) -> Callable[[], Operand]:
        """How to have, behind the op, what is ``r`` where the body ends, and one of ``others`` where it does not."""
        if all(x is UNDEFINED or x is r for x in others) and r not in builder.own:
            return lambda: r
        parts, t = builder.elements(r), type_of_operand(r)
        if parts is None or t.kind not in ("tuple", "function") or any(x is not UNDEFINED for x in others):
            known = [_loose(type_of_operand(x)) for x in (r, *others) if x is not UNDEFINED]
            out = add(_hint(r, *others), functools.reduce(join, known, BOTTOM), [r, *others])
            return lambda: out
        made = [merged(p, others) for p in parts]
        return lambda: walker.builder.op(prims.make_tuple, *[p() for p in made], type=t)

    wanted: list[tuple[Value, Callable[[], Operand]]] = []
    for k, lowered in enumerate(op.outs):
        own = [walker.env.get(x, x) if isinstance(x, Value) else x for x in (b.results[k] for b in op.blocks[1:])]
        body = UNDEFINED if results is None else results[k]
        if k == 0:
            walker.define(lowered, add("caught", Type("bool") if len(op.args) == 1 else INT, [body, *own]))
        elif any(b.results[k] in b.params for b in op.blocks[1:]):  # the exception
            column = [
                UNDEFINED if results is None else body,
                *(b.params[0] if b.params else Const(None) for b in blocks[1:]),
            ]
            walker.define(lowered, add(lowered.hint, EXCEPTION, column))
        else:
            wanted.append((lowered, merged(body, own)))
    walker.builder.append(new)
    for lowered, rebuild in wanted:
        walker.define(lowered, rebuild())
    return None


def _reads_merged(walker: Walker, body: Builder) -> bool:
    """Whether a body reads what a branch or loop gives, which may have no value: that is found out later."""
    sure = {walker.env.get(p) for p in walker.function.params}
    own = {v for op in all_ops(body.block) for v in (*op.outs, *(p for b in op.blocks for p in b.params))}
    for op in all_ops(body.block):
        for x in op.operands():
            if isinstance(x, Value) and x not in own and x not in sure:
                made = body.defs.get(x)
                if made is None or made.blocks:
                    return True
    return False


def _classes(walker: Walker, x: Operand) -> Const:
    """The exceptions that an ``except`` names, as a constant."""
    found = walker.builder.expand(x)
    parts = found if isinstance(found, tuple) else (found,)
    for cls in parts:
        if not (isinstance(cls, type) and issubclass(cls, BaseException)):
            raise walker.refuse("except needs classes of exceptions that are known when compiling")
        if issubclass(cls, _NEVER_THE_SAME):
            raise walker.refuse(
                f"catching {cls.__name__} is not supported: the derivative needs more frames and memory"
            )
    return x if isinstance(x, Const) else Const(found)


# ---------------------------------------------------------------- exceptions as values


_READERS = {print, prims.format_string, str, repr, isinstance, type, operator.is_, operator.is_not, operator.not_}
_CURRENT = {sys.exc_info, traceback.format_exc, traceback.print_exc, logging.exception, logging.Logger.exception,
            getattr(sys, "exception", sys.exc_info)}  # fmt: skip


def check_exceptions(function: Function) -> None:
    """Refuse what reads more of an exception than its text and its class: it may hold what is differentiated."""
    for op in all_ops(function.body):
        if isinstance(op.prim, str) and op.prim not in ("call", "closure"):
            continue
        known = hashable(op.prim)
        if known and op.prim in _CURRENT:
            raise UnsupportedError(
                "what reads the present exception is not supported: name it, except ... as e", op.span
            )
        if not (known and op.prim in _READERS) and any(_holds_exception(type_of_operand(x)) for x in op.operands()):
            message = (
                "of a caught exception only its text and its class can be used: it may hold what is differentiated"
            )
            raise UnsupportedError(message, op.span)
    if any(_holds_exception(type_of_operand(r)) for r in function.results):
        raise UnsupportedError("returning a caught exception is not supported", function.span)


def _holds_exception(t: Type) -> bool:
    return t.kind == "exception" or any(map(_holds_exception, t.parts))


# ---------------------------------------------------------------- what may raise


_SAFE = {prims.make_tuple, prims.make_list, slice, operator.is_, operator.is_not, prims.copy, runtime.list_append,
         list.append, np.shape, np.ndim}  # fmt: skip
_EXACT = {
    operator.add,
    operator.sub,
    operator.mul,
    operator.neg,
    operator.pos,
    operator.iadd,
    operator.isub,
    operator.imul,
}
_COMPARED = {operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, operator.not_}


def may_raise(op: Op) -> bool:
    """Whether an op might raise an exception, as far as is known."""
    kinds = [type_of_operand(a).kind for a in op.operands()]
    if op.blocks:
        decides = op.prim in ("if", "while") or "any" in _walked(op)
        return (decides and not _is_sure(op)) or any(may_raise(o) for b in op.blocks for o in b.ops)
    if isinstance(op.prim, str) or not hashable(op.prim) or op.attrs.get("opaque"):
        return True
    if op.prim in _SAFE:
        return False
    if op.prim in _COMPARED:
        return not all(k in ("int", "float", "bool") for k in kinds)
    if op.prim in _EXACT:
        whole = [a for a in op.args if type_of_operand(a).kind != "float"]
        return not (all(k in ("int", "bool") for k in kinds) or all(map(_is_small, whole)))
    if op.prim is getattr:
        return not (isinstance(op.args[0], Const) and isinstance(op.args[0].value, (Globals, Cells)))
    if op.prim is range:
        return len(kinds) > 2 or any(k not in ("int", "bool") for k in kinds)
    return not (op.prim is len and kinds[0] in ("list", "tuple", "str", "dict"))


def _is_small(x: Operand) -> bool:
    """Whether it is a number that a float can certainly hold."""
    return isinstance(x, Const) and isinstance(x.value, int) and abs(x.value) < 1 << 53


def _walked(op: Op) -> list[str]:
    return [kind for kind, _ in op.attrs["iter"].leaf_operands(list(op.args))] if op.prim == "for" else []


def _is_sure(op: Op) -> bool:
    """Whether what decides a branch or loop certainly has a truth value."""
    decides = op.args[0] if op.prim == "if" else op.blocks[0].results[0] if op.prim == "while" else UNDEFINED
    return type_of_operand(decides).kind in ("int", "float", "bool", "str", "none", "list", "tuple", "dict")


def mark(function: Function) -> None:
    """Mark what may raise inside of every ``try``, and in the functions that are called there.

    Raises:
        UnsupportedError: an op there may raise what only generated code raises, and so a handler of the user's could
            catch it.
    """
    seen: set[Function] = set()
    found: set[Function] = set()  # those with a `try`
    marked: set[Function] = set()  # those that are called in one

    def visit(f: Function) -> None:
        if f not in seen:
            seen.add(f)
            for op in all_ops(f.body):
                if op.prim == "try":
                    found.add(f)
                    inside(op.blocks[0])
                elif op.prim == "call":
                    visit(op.attrs["function"])

    def inside(block: Block) -> None:
        for op in all_ops(block):
            if may_raise(op):
                op.attrs["raises"] = True
            if op.prim in (prims.present, runtime.check_index):
                raise UnsupportedError("what may be None is read in a try: its error could be caught", op.span)
            if op.prim is getattr and type_of_operand(op.args[0]).kind in ("number", "numeric"):
                raise UnsupportedError("whether this is an array, with its attributes, is known only in a run", op.span)
            if op.prim is prims.call_dynamic:
                raise UnsupportedError("what is called inside of a try must be known when compiling", op.span)
            if op.prim == "call" and op.attrs["function"] not in marked:
                callee = op.attrs["function"]
                marked.add(callee)
                callee.attrs["tried"] = True
                inside(callee.body)

    visit(function)
    for f in seen if found else ():
        check_bound(f)


def settled(op: Op, block: Block, final: Operand, start: Operand) -> bool:
    """Whether the store that makes ``final`` of ``start`` is the last thing in a block of a ``try`` that may raise.

    NumPy writes, and raises FloatingPointError then: where that is caught, a handler sees what ``a /= b`` has written.
    """
    if final is start:
        return True
    k = next((k for k, op in enumerate(block.ops) if final in op.outs), None)
    if k is None or any(map(may_raise, block.ops[k + 1 :])):
        return False
    made = block.ops[k]
    if made.prim in ("if", "try"):
        place = made.outs.index(final)  # type: ignore[arg-type]
        return all(settled(op, b, b.results[place], start) for b in made.blocks)
    late = hashable(made.prim) and made.prim in prims.AUGMENTED and not op.attrs.get("reraises")
    if late and any(map(_catches_floating_point, op.args)):
        return False
    return not made.blocks and made.args[:1] == [start]


def _catches_floating_point(classes: Operand) -> bool:
    found = classes.value if isinstance(classes, Const) else Exception
    return any(issubclass(FloatingPointError, c) for c in (found if isinstance(found, tuple) else (found,)))
