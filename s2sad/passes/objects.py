"""Objects of users' classes that a function makes: what their ``__init__`` stores is known, attribute by attribute.

    p = Particle(x, 1.5)     ->     p = make_object(Particle, x=x, mass=1.5)
    p.x = p.x + dt                  setattr(p, 'x', t)

The body of ``__init__`` stands in place of the call.  The attributes that it stores there, one after another, are those
that the object has; a later store into one of them becomes a new version of the object (see `memory`), and any other
store is refused.  Classes that do something of their own when objects are made or written are left alone.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import dis
import inspect
import operator
import types as python_types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Const, Function, Op, Operand, Value, hashable
from ..ir.types import UNKNOWN, Type, in_class, module_of
from .bind import bind
from .build import type_of_operand
from .callees import inline
from .containers import extended, moved_behind, widen
from .effects import all_ops

if TYPE_CHECKING:
    from .types import Walker

# What a class may have in place of what every object has only if we do not make its objects, or do not write them.
_MAKING = ("__new__", "__getattribute__", "__del__")


def made_object(walker: Walker, cls: type, args: list[Operand], params: dict[str, Operand]) -> Operand | None:
    """A call of a user's class; None for a class whose objects are made in another way."""
    init: Any = cls.__init__ if is_plain(cls) else None  # type: ignore[misc]
    empty = init is object.__init__ and not args and not params
    if not empty and not isinstance(init, python_types.FunctionType):
        return None
    walker.session.guard(cls, cls, "__init__", init)
    walker.session.makes_objects = True
    out = Value(None, Type("object", cls=cls, keys=(), value=frozenset([walker.session.place])))
    walker.builder.append(Op(runtime.make_object, [Const(cls, cls.__name__)], {}, [out]))
    for name in _first_of_class(cls):
        extended(walker, out, name, walker.getattr(Const(cls, cls.__name__), name, []))
    if empty:
        return out
    fields = _generated_fields(init, cls)
    if fields is not None:
        _by_fields(walker, fields, out, args, params)
        return out
    lowered = walker.session.lowered(init)
    walker.session.guard(init, init, "__code__", init.__code__)
    walker.session.guard(init, init, "__defaults__", init.__defaults__)
    with _unfinished(walker, out):
        inline(walker, lowered, bind(walker, lowered, [out, *args], params, init), init)
    return out


@contextlib.contextmanager
def _unfinished(walker: Walker, obj: Value) -> Iterator[None]:
    """While it lasts, an object gets its attributes; what it is made of comes before it."""
    walker.session.unfinished.add(obj)
    yield
    walker.session.unfinished.discard(obj)
    moved_behind(walker, obj, walker.builder.defs[obj])


def is_plain(cls: type) -> bool:
    """Whether objects of a class are made, read and deleted as Python's plain ones are."""
    users = [c for c in cls.__mro__ if c is not object]
    return (
        type(cls) in (type, abc.ABCMeta)
        and not getattr(cls, "__abstractmethods__", None)
        and all(c.__flags__ & 1 << 9 and module_of(c).partition(".")[0] not in ("numpy", "scipy") for c in users)
        and all(name not in vars(c) for c in users for name in _MAKING)
    )


def _first_of_class(cls: type) -> tuple[str, ...]:
    """Attributes that the class gives a number or text, and that a method stores in its object."""
    functions = [f for c in cls.__mro__ for f in vars(c).values() if isinstance(f, python_types.FunctionType)]
    stored = {i.argval for f in functions for i in dis.get_instructions(f) if i.opname == "STORE_ATTR"}
    values = {name: in_class(cls, name, object) for name in sorted(stored)}
    return tuple(name for name, v in values.items() if isinstance(v, (bool, int, float, complex, str, type(None))))


def _generated_fields(init: Any, cls: type) -> list[dataclasses.Field] | None:
    """The fields of a data class whose ``__init__`` was generated; None of any other class."""
    owner = next(c for c in cls.__mro__ if "__init__" in vars(c))
    if "__dataclass_fields__" not in vars(owner) or init.__code__.co_filename != "<string>":
        return None
    return list(dataclasses.fields(owner))


def _by_fields(
    walker: Walker, fields: list[dataclasses.Field], out: Value, args: list[Operand], params: dict[str, Operand]
) -> None:
    """What the generated ``__init__`` of a data class does."""
    cls = out.type.cls
    name = cls.__name__
    if set(inspect.signature(cls.__init__).parameters) - {"self"} != {f.name for f in fields if f.init}:
        raise walker.refuse(f"{name} has fields that are for its making only (InitVar)")
    by_place = [f.name for f in fields if f.init and not f.kw_only]
    given = dict(zip(by_place, args, strict=False))
    if len(args) > len(by_place) or params.keys() & given.keys() or params.keys() - {f.name for f in fields if f.init}:
        raise walker.refuse(f"{name}() gets other arguments than {', '.join(by_place)}")
    given.update(params)
    for f in fields:
        value = given[f.name] if f.name in given else _default(walker, name, f)
        if value is not None:
            _check_store(walker, cls, f.name, value)
            extended(walker, out, f.name, value)
    if hasattr(cls, "__post_init__"):
        with _unfinished(walker, out):
            walker.call(walker.getattr(out, "__post_init__", []), [], {})


def _default(walker: Walker, name: str, field: dataclasses.Field) -> Operand | None:
    """The default of a field; None where it has none and is not an argument."""
    if field.default_factory is not dataclasses.MISSING:
        return walker.call_const(field.default_factory, [], {}, getattr(field.default_factory, "__name__", None))
    if field.default is dataclasses.MISSING:
        if field.init:
            raise walker.refuse(f"{name}() misses the argument {field.name!r}")
        return None
    if not isinstance(field.default, (bool, int, float, complex, str, type(None))):
        raise walker.refuse(f"the default of {name}.{field.name} is an object: pass the argument")
    return Const(field.default)


def store(walker: Walker, obj: Operand, name: Operand, value: Operand) -> None:
    """``obj.name = value``

    Raises:
        UnsupportedError: for an object that was not made here, or another attribute than it has.
    """
    t = type_of_operand(obj)
    if not isinstance(obj, Value) or t.kind != "object" or not t.value or not isinstance(name, Const):
        raise walker.refuse("writing an attribute of an object is not supported: return the new value instead")
    cls, key = t.cls, name.value
    if cls.__setattr__ is not object.__setattr__:
        raise walker.refuse(f"{cls.__name__} stores {key!r} in a way of its own")
    walker.session.guard(cls, cls, "__setattr__", cls.__setattr__)
    _check_store(walker, cls, key, value)
    if extended(walker, obj, key, value):
        return
    if key not in (t.keys or ()):
        raise walker.refuse(
            f"the attribute {key!r} is not stored by __init__ itself: store it there, before the object is used"
        )
    widen(walker, t, type_of_operand(value), key)
    walker.builder.effect(setattr, obj, name, value)


def _check_store(walker: Walker, cls: type, key: str, value: Operand) -> None:
    """Refuse what is no plain attribute of a class, and what has no form outside of the compiler."""
    found = in_class(cls, key)
    if hasattr(found, "__set__") and not isinstance(found, python_types.MemberDescriptorType):  # a slot is plain
        raise walker.refuse(f"{cls.__name__} stores {key!r} in a way of its own")
    if isinstance(value, Value) and value.type.holds_function:
        raise walker.refuse(f"the attribute {key!r} is a function that is defined here: define it outside")


# What may be done with an object that is made here, or with a list or tuple of such: its class has no part in it.
_PASSING = {prims.make_tuple, prims.make_list, prims.make_dict, runtime.make_object, prims.concat_sequences,
            prims.unpack_tuple, prims.check_length, operator.getitem, operator.setitem, getattr, setattr, list.append,
            list.insert, list.extend, list.pop}  # fmt: skip
_OF_LISTS = {operator.add, operator.iadd, operator.mul, len, list, tuple, zip, enumerate, reversed}


def check_objects(function: Function) -> None:
    """Refuse what asks an object that is made here for anything else than its attributes and methods.

    Python may call methods of its class then, unasked and unseen (``sorted``, ``==``, ``print``), or see that it is
    another object after it was written (``is``).
    """
    for op in all_ops(function.body):
        conditions = [r for b in op.blocks[:1] for r in b.results] if op.prim == "while" else []
        if op.prim == "for":
            conditions = op.args[: len(op.args) - len(op.blocks[0].results) + bool(op.attrs.get("stops"))]
        elif op.prim == "if" or op.prim in ("raise", "with", "try"):
            conditions = op.args
        if any(_is_made(type_of_operand(x)) for x in conditions):
            raise UnsupportedError("what this does with an object is up to its class", op.span)
        if isinstance(op.prim, str) or not any(type_of_operand(x).made_here for x in op.operands()):
            continue
        if hashable(op.prim) and op.prim in _PASSING and not _is_strange(op):
            continue
        whole = any(_is_made(type_of_operand(x)) for x in op.operands())
        if hashable(op.prim) and op.prim in _OF_LISTS and not whole:
            continue
        if op.prim in (operator.is_, operator.is_not) and any(isinstance(x, Const) for x in op.args):
            continue
        reason = op.attrs.get("reason")  # why its code is not known
        if isinstance(reason, UnsupportedError):
            raise reason
        name = getattr(op.prim, "__name__", op.prim)
        raise UnsupportedError(f"{name}() of an object that is made here is up to its class", op.span)


def _is_made(t: Type) -> bool:
    return t.made_here and t.kind in ("object", "closure")


def _is_strange(op: Op) -> bool:
    """Whether an op reads something of an object that it was not given: ``__dict__``; or an element of it."""
    t = type_of_operand(op.args[0]) if op.args else UNKNOWN
    if op.prim is getattr:
        return _is_made(t) and not (isinstance(op.args[1], Const) and op.args[1].value in (t.keys or ()))
    return op.prim in (operator.getitem, operator.setitem) and _is_made(t)


def known_attribute(walker: Walker, obj: Value, name: str) -> Operand | None:
    """The value of an attribute, of which it is certain that it still is what it was made with."""
    made = walker.builder.defs.get(obj)
    if made is None or made.prim is not runtime.make_object or name not in made.params:
        return None
    written = any((site, name) in walker.session.mutated for site in obj.type.value or ())
    if obj in walker.session.unfinished and (not written or moved_behind(walker, obj, made)):
        return made.params[name]
    if written or type_of_operand(made.params[name]).mutable:  # what writes it must know that the object holds it
        return None
    return made.params[name]
