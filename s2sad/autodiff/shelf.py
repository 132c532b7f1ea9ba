"""Formulas of rules as they were specialised before, on disk.

What a rule becomes for arguments of some types depends on our own files, Python and NumPy, and on nothing that a
program says: a process finds what others have made, and adds its own as it ends.  There is one file for each
environment (`disk.environment`).  It has straight code only, without types, which are found anew where it is spliced
in.  Rules of other packages and of users are not in it, nor anything where a user has registered rules.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import pickle
import threading
import types as python_types
from typing import Any

import numpy as np

from .. import disk
from ..ir.core import UNDEFINED, Block, Function, Op, Operand, Value
from ..ir.types import Dim, Type
from ..passes.known import NO_KEY, Elements
from ..rules.table import RULES

SUFFIX = ".s2sad.rules"
_MAGIC = b"s2sad rules 1\n"
_MOST = 8  # files
_FORMULAS = 8192  # in one
_KINDS = {"bool", "int", "float", "complex", "number", "numeric", "scalar", "array", "none", "str", "tuple"}

_LOCK = threading.Lock()
_found: dict[str, bytes] | None = None  # what the file has; None before somebody asks
_made: dict[str, bytes] = {}
_folder: Any = None  # where they belong


class _Indescribable(Exception):
    """Something has no text that says all of it."""


def key_of(rule: python_types.FunctionType, types: tuple[Type, ...], known: tuple[Any, ...]) -> str | None:
    """What a formula is found by; None where it is not kept.

    Args:
        rule: the function.  types: of its arguments.  known: of each argument a constant, `NO_KEY`, or `Elements`.
    """
    module = rule.__module__ or ""
    ours = module.startswith("s2sad.rules.") and not module.startswith("s2sad.rules.scipy")
    if not ours or rule.__closure__ or "<locals>" in rule.__qualname__ or not disk.is_on():
        return None
    try:
        text = [module, rule.__qualname__, rule.__code__.co_firstlineno, [*map(_type, types)], [*map(_known, known)]]
    except _Indescribable:
        return None
    return hashlib.sha256(repr(text).encode()).hexdigest()


def _type(t: Type) -> list[Any]:
    if t.kind not in _KINDS or t.cls is not None or t.keys is not None or not isinstance(t.value, (Dim, type(None))):
        raise _Indescribable
    if t.dtype is not None and t.dtype.kind == "V":  # whose text does not name the fields
        raise _Indescribable
    dims = [_dim(d) for d in t.dims] if t.dims is not None else None
    value = None if t.value is None else _dim(t.value)
    return [t.kind, t.dtype and t.dtype.str, dims, [*map(_type, t.elems)], t.length, value]


def _read_type(kind: str, dtype: Any, dims: Any, elems: Any, length: Any, value: Any) -> Type:
    assert dims is None and value is None
    return Type(kind, dtype and np.dtype(dtype), elems=tuple([_read_type(*e) for e in elems]), length=length)


def _dim(d: Dim) -> list[Any]:
    return [_known(d.key), d.one]


def _known(x: Any) -> Any:
    if x is NO_KEY:
        return []
    if isinstance(x, Elements):
        return ["elements", *map(_known, x.known)]
    if type(x) in (tuple, slice):
        return [type(x).__name__, *map(_known, x if type(x) is tuple else (x.start, x.stop, x.step))]
    if type(x) in (bool, int, float, complex, str, bytes, type(None), type(Ellipsis)):
        return [type(x).__name__, repr(x)]
    if isinstance(x, type) and (x.__module__ == "builtins" or issubclass(x, np.generic)):
        return ["class", x.__module__, x.__qualname__]
    raise _Indescribable


def take(key: str | None) -> Function | None:
    """The formula that was made before."""
    global _found
    if key is None:
        return None
    with _LOCK:
        if _found is None:
            _found = _read()
        content = _found.get(key)
    try:
        return None if content is None else _formula(*pickle.loads(content))
    except Exception:  # foreign, or damaged in spite of its checksum: it is made again
        return None


def put(key: str | None, formula: Function) -> None:
    """Keep a formula for other processes: straight code, with choices between values of simple types."""
    global _folder
    if key is None:
        return
    numbers: dict[Operand, int] = {p: k for k, p in enumerate(formula.params)}
    try:
        body = _written(formula.body, numbers)
        content = pickle.dumps((formula.name, [p.hint for p in formula.params], body, formula.attrs["numpy"]))
    except (_Indescribable, pickle.PicklingError, AttributeError, TypeError, ValueError):
        return
    with _LOCK:
        if not _made:
            atexit.register(save)
            _folder = disk.folder()
        _made[key] = content


def _written(block: Block, numbers: dict[Operand, int]) -> tuple[list[Any], list[Any]]:
    """The ops and results of a block, with numbers for values, in tuples."""

    def number(x: Operand) -> Any:
        return (numbers[x],) if isinstance(x, Value) else x

    ops = []
    for op in block.ops:
        if (op.prim != "if" and isinstance(op.prim, str)) or len(op.outs) != 1 or UNDEFINED in op.operands():
            raise _Indescribable
        args, params = [*map(number, op.args)], {k: number(x) for k, x in op.params.items()}
        blocks = [_written(b, numbers) for b in op.blocks]
        t = _type(op.out.type) if blocks else None
        if t is not None and not op.out.type.is_number:  # whose sizes have names
            raise _Indescribable
        ops.append((op.prim, args, params, blocks, op.out.hint, t))
        numbers[op.out] = len(numbers)
    if UNDEFINED in block.results:
        raise _Indescribable
    return ops, [*map(number, block.results)]


def _formula(name: str, hints: list[Any], body: Any, of_numpy: bool) -> Function:
    values = [Value(hint) for hint in hints]
    made = Function(name, Block(list(values)))
    _read_into(made.body, values, *body)
    made.attrs.update(numpy=of_numpy, rule=True)
    return made


def _read_into(block: Block, values: list[Value], ops: list[Any], results: list[Any]) -> Block:

    def operand(x: Any) -> Operand:
        return values[x[0]] if isinstance(x, tuple) else x

    for prim, args, params, blocks, hint, t in ops:
        args, params = [*map(operand, args)], {k: operand(x) for k, x in params.items()}
        inner = [_read_into(Block(), values, *b) for b in blocks]
        values.append(Value(hint, _read_type(*t)) if t else Value(hint))
        block.ops.append(Op(prim, args, params, [values[-1]], inner))
    block.results = [*map(operand, results)]
    return block


def _name() -> str:
    return hashlib.sha256(json.dumps(disk.environment()).encode()).hexdigest()[:32] + SUFFIX


def _is_ours() -> bool:
    return all(rule.own for rule in list(RULES.values()))


def _read() -> dict[str, bytes]:
    """What the file of this environment has, if it can be trusted."""
    try:
        content = disk.read(_name()) if _is_ours() else None
        start = len(_MAGIC) + 32
        if content is None or content[:start] != _MAGIC + hashlib.sha256(content[start:]).digest():
            return {}
        found: dict[str, bytes] = pickle.loads(content[start:])
        return found
    except (disk.Unknown, OSError, ValueError, pickle.UnpicklingError):
        return {}


def save() -> None:
    """Write what this process has made, beside what others have."""
    with _LOCK:
        made = dict(_made)
        _made.clear()
    if not made or not disk.is_on() or disk.folder() != _folder or not _is_ours():
        return
    try:
        both = list({**_read(), **made}.items())
        content = pickle.dumps(dict(both[-_FORMULAS:]))
        disk.write(_name(), _MAGIC + hashlib.sha256(content).digest() + content, _MOST)
    except (disk.Unknown, OSError):
        pass
