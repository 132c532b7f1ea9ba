"""How ops are spelled as expressions, and objects as names.

`Globals` gives one module's objects their names: ``np.tanh`` for NumPy's functions, a bare name for what comes from
elsewhere; it collects what a module needs to run.  `Speller` writes the expressions of one function.
"""

from __future__ import annotations

import builtins
import keyword
import math
import operator
import sys
import types
from typing import Any

import numpy as np

from .. import runtime
from ..errors import UnsupportedError
from ..ir import prims
from ..ir.core import Const, Op, Operand, Value
from ..ir.types import is_bunch
from ..rules.binding import OF_GENERATORS
from ..rules.table import public_path
from . import syntax as s
from .fold import Folding
from .memory import among, is_array, operand_type

_SHORT = {"numpy": "np"}
_SPELLED: dict[Any, str] = {np.absolute: "abs", np.conjugate: "conj"}
_RUNTIME, _RULES = runtime.__name__, runtime.__name__.replace("runtime", "rules.")
_MADE = (float, types.MethodType, types.BuiltinMethodType)  # a new object each time it is looked up
_SHARED = ("numpy", "math", "cmath", "operator", "copy", "importlib", "scipy", "functools", "itertools")


class Globals:
    """Names of the objects that a module refers to.

    Attributes:
        namespace: what has to be there when the module runs: name -> object, besides the builtins.
        helpers: the part of it that comes from s2sad: run-time helpers, parts of rules.
    """

    def __init__(self, taken: set[str]):
        self.namespace: dict[str, Any] = {}
        self.helpers: dict[str, Any] = {}
        self.builtins: set[str] = set()
        self._taken = taken

    def names(self) -> set[str]:
        return {*self.namespace, *self.builtins}

    def builtin(self, name: str) -> str:
        """The name of a builtin, another one where the function uses that name for itself."""
        if name in self._taken:
            return self._bind(name, getattr(builtins, name))
        self.builtins.add(name)
        return name

    def spell(self, obj: Any, path: str | None = None) -> str:
        """A dotted name for an object; ``path`` is how the user spelled it."""
        method = public_path(obj)
        root, _, rest = (method or "").partition(".")
        if method is not None and root in _SHARED:
            method = f"{_SHORT.get(root, root)}.{rest}"
            return self._along(method, obj) or self._bind(method.replace(".", "_"), obj)
        if path and all(part.isidentifier() for part in path.split(".")):
            found = self._along(path, obj)
            return found if found else self._bind(path.replace(".", "_"), obj)
        if isinstance(obj, types.ModuleType):
            return self._module(obj)
        name = _SPELLED.get(obj) if isinstance(obj, np.ufunc) else None
        name = name or getattr(obj, "__name__", None) or type(obj).__name__.lower()
        if getattr(builtins, name, None) is obj:
            return self.builtin(name)
        module = getattr(obj, "__module__", None) or ""
        if module.startswith((_RUNTIME, _RULES)):
            bound = self._bind(name, obj)
            self.helpers[bound] = obj
            return bound
        home = _home(obj, name, module)
        if home is not None:
            return f"{self._module(home)}.{name}"
        return self._bind(name, obj)

    def _module(self, module: types.ModuleType) -> str:
        root, *rest = module.__name__.split(".")
        if root not in _SHARED:
            return self._bind(module.__name__.replace(".", "_"), module)
        return ".".join([self._bind(_SHORT.get(root, root), sys.modules[root]), *rest])

    def _along(self, path: str, obj: Any) -> str | None:
        """The user's own dotted path, where its first name is a module that everybody knows."""
        first, *rest = path.split(".")
        if not rest:
            return self.builtin(first) if getattr(builtins, first, None) is obj else None
        root = next((sys.modules.get(m) for m in _SHARED if first in (m, _SHORT.get(m))), None)
        found = root
        for part in rest:
            found = getattr(found, part, None)
        if root is None or (found is not obj and not (type(found) is type(obj) in _MADE and found == obj)):
            return None
        return ".".join([self._bind(first, root), *rest])

    def _bind(self, name: str, obj: Any) -> str:
        base = name if name.isidentifier() and not keyword.iskeyword(name) else "function"
        name, k = base, 0
        while name in self._taken or (name in self.namespace and self.namespace[name] is not obj):
            k += 1
            name = f"{base}_{k}"
        self.namespace[name] = obj
        return name


def _home(obj: Any, name: str, module: str) -> types.ModuleType | None:
    """The well-known module in which an object is found under its name."""
    if isinstance(obj, np.ufunc):
        module = "numpy" if getattr(np, name, None) is obj else "scipy.special"
    parts = module.replace("_operator", "operator").split(".")
    if parts[0] not in _SHARED:
        return None
    public = [p for p in parts if not p.startswith("_")]
    for k in range(1, len(public) + 1):
        home = sys.modules.get(".".join(public[:k]))
        if home is not None and getattr(home, name, None) is obj:
            return home
    return None


class Speller:
    """Expressions of one function, once its values have names."""

    def __init__(self, names: dict[Value, str], folding: Folding, globals_: Globals, functions: dict[Any, str]):
        self.names = names
        self.folding = folding
        self.globals = globals_
        self.functions = functions

    def expression(self, x: Operand) -> Any:
        if isinstance(x, Const):
            return self.const(x)
        op = self.folding.folded(x)
        return self.op(op) if op is not None else s.name(self.names[x])

    def each(self, operands: list[Operand]) -> list[Any]:
        return [self.expression(x) for x in operands]

    def added(self, x: Operand) -> tuple[Any, Any]:
        """``+ x``, or ``- y`` where ``x`` is ``-y``; ``- 2 * y`` for ``-2 * y``."""
        op = self.folding.folded(x)
        if op is not None and op.prim in (operator.neg, np.negative):
            return operator.sub, self.expression(op.args[0])
        value = self.expression(x)
        ours = op.attrs.get("backward") if op is not None else isinstance(x, Const)
        positive = s.without_sign(value) if ours else None
        return (operator.add, value) if positive is None else (operator.sub, positive)

    # Literals and captured objects

    def const(self, x: Const) -> Any:
        value = x.value
        if x.path and not isinstance(value, (bool, type(None), str)):
            return s.name(self.globals.spell(value, x.path))
        if isinstance(value, float) and not math.isfinite(value):
            infinite = s.name(self.globals.spell(np) + (".nan" if value != value else ".inf"))
            return s.unary(operator.neg, infinite) if value < 0 else infinite
        if isinstance(value, complex) and eval(repr(value), {"nan": math.nan, "inf": math.inf}) != value:
            return s.call(self.globals.builtin("complex"), self.const(Const(value.real)), self.const(Const(value.imag)))
        if value is None or value is Ellipsis or type(value) in (bool, int, float, complex, str, bytes):
            return s.constant(value)
        if type(value) is tuple:
            return s.tuple_([self.const(Const(e)) for e in value])
        if isinstance(value, slice):
            return s.call(self.globals.builtin("slice"), *(self.const(Const(b)) for b in _bounds(value)))
        if isinstance(value, np.generic) and type(value.item()) in (bool, int, float, complex):
            return s.call(self.globals.spell(type(value)), self.const(Const(value.item())))
        if isinstance(value, np.dtype) and value.isbuiltin:
            return s.call(self.globals.spell(np) + ".dtype", s.constant(value.name))
        if isinstance(value, (np.finfo, np.iinfo)):
            return s.call(self.globals.spell(type(value)), self.const(Const(value.dtype)))
        if value is type(None):
            return s.call(self.globals.builtin("type"), s.constant(None))
        return s.name(self.globals.spell(value))

    # Ops

    def op(self, op: Op) -> Any:
        """The expression of an op that is one."""
        prim = op.prim
        if prim == "if":
            return self._choice(op)
        if prim == "call":
            return self._call_function(op)
        special = _SPECIAL[prim](self, op) if among(prim, _SPECIAL) else None
        if special is not None:
            return special
        if among(prim, s.INPLACE):
            prim = s.INPLACE[prim]
        if among(prim, s.BINARY) and len(op.args) == 2:
            left, right = self.each(op.args)
            positive = s.without_sign(right) if prim is operator.sub and op.attrs.get("backward") else None
            return s.binary(prim, left, right) if positive is None else s.binary(operator.add, left, positive)
        if among(prim, s.COMPARE):
            return s.compare(prim, *self.each(op.args))
        if prim is operator.neg and op.attrs.get("backward"):
            return s.negative(self.expression(op.args[0]))
        if prim is operator.not_:
            return s.negate(self.expression(op.args[0]), used_as="value")
        if among(prim, s.UNARY):
            return s.unary(prim, self.expression(op.args[0]))
        args, keywords = self._arguments(op)
        method = isinstance(prim, (types.MethodDescriptorType, types.WrapperDescriptorType))
        if (method or among(prim, OF_GENERATORS)) and args:
            return s.call(s.attribute(args[0], prim.__name__), *args[1:], **keywords)
        if getattr(prim, "__name__", "") == "__call__" and args:
            return s.call(args[0], *args[1:], **keywords)
        return s.call(self.globals.spell(prim, op.attrs.get("path")), *args, **keywords)

    def _arguments(self, op: Op) -> tuple[list[Any], dict[str, Any]]:
        return self.each(op.args), {k: self.expression(x) for k, x in op.params.items()}

    def _call_function(self, op: Op) -> Any:
        function = op.attrs["function"]
        args, keywords, mapping = [], {}, None
        entries = parameter_entries(function)
        for x, (name, kind) in zip(op.args, entries, strict=True):
            value = self.expression(x)
            if kind == "keyword_only":
                keywords[name] = value
            elif kind == "kwargs":
                mapping = value
            else:
                args.append(s.starred(value) if kind == "args" else value)
        result = s.call(self.functions[function], *args, **keywords)
        return s.splice(result, mapping) if mapping is not None else result

    def _choice(self, op: Op) -> Any:
        """``a if c else b``, ``a and b``, ``a or b``."""
        condition = op.args[0]
        then, otherwise = (b.results[0] for b in op.blocks)
        test = self.expression(condition)
        if otherwise is condition and isinstance(condition, Value):
            return s.both(test, self.expression(then))
        if then is condition and isinstance(condition, Value):
            return s.either(test, self.expression(otherwise))
        return s.conditional(test, self.expression(then), self.expression(otherwise))

    def index(self, x: Operand) -> Any:
        """What stands between ``[`` and ``]``."""
        op = self.folding.folded(x)
        if op is not None:
            if op.prim is slice:
                return self._slice(op.args)
            if op.prim is prims.make_tuple and op.args:
                return s.tuple_([self.index(a) for a in op.args])
        if isinstance(x, Const) and isinstance(x.value, slice):
            return self._slice([Const(b) for b in _bounds(x.value)])
        if isinstance(x, Const) and type(x.value) is tuple and x.value:
            return s.tuple_([self.index(Const(e)) for e in x.value])
        return self.expression(x)

    def _slice(self, bounds: list[Operand]) -> Any:
        if len(bounds) == 1:
            bounds = [Const(None), *bounds]
        parts = [None if isinstance(b, Const) and b.value is None else self.expression(b) for b in bounds]
        return s.slice_(*parts, *[None] * (3 - len(parts)))

    def subscript(self, base: Operand, index: Operand) -> Any:
        return s.subscript(self.expression(base), self.index(index))


def _bounds(value: slice) -> list[Any]:
    return [value.start, value.stop, value.step]


def parameter_entries(function: Any) -> list[tuple[str, str]]:
    """Name and kind of each parameter of a function."""
    entries = [(name, "plain") for name in function.captured] + [(p.name, p.kind) for p in function.signature]
    if len(entries) != len(function.params):
        used: dict[str, int] = {}
        entries = []
        for k, p in enumerate(function.params):
            name = p.hint or f"x{k}"
            used[name] = used.get(name, 0) + 1
            entries.append((name if used[name] == 1 else f"{name}_{used[name] - 1}", "plain"))
    return entries


# What is not printed as a call: prim -> function of the speller and the op, None where it does not apply


def _getattr(w: Speller, op: Op) -> Any:
    attr = op.args[1]
    if (
        len(op.args) != 2
        or not isinstance(attr, Const)
        or not isinstance(attr.value, str)
        or not attr.value.isidentifier()
    ):
        return None
    return s.attribute(w.expression(op.args[0]), attr.value)


def _attribute(name: str) -> Any:
    """A NumPy function of one argument that arrays have as an attribute."""

    def special(w: Speller, op: Op) -> Any:
        plain = len(op.args) == 1 and not op.params and isinstance(op.args[0], Value) and is_array(op.args[0])
        return s.attribute(w.expression(op.args[0]), name) if plain else None

    return special


def _make_dict(w: Speller, op: Op) -> Any:
    return s.dict_(w.each(op.args[::2]), w.each(op.args[1::2]))


def _format_string(w: Speller, op: Op) -> Any:
    template, *values = op.args
    assert isinstance(template, Const)
    items, parts = iter(values), []
    for part in template.value:
        if isinstance(part, str):
            parts.append(s.constant(part))
        else:
            parts.append(s.formatted(w.expression(next(items)), *part))
    return s.fstring(parts)


def _accumulate(w: Speller, op: Op) -> Any:
    if not all(operand_type(x).is_numeric for x in op.args):
        return None
    sign, added = w.added(op.args[1])
    return s.binary(sign, w.expression(op.args[0]), added)


def _pop(w: Speller, op: Op) -> Any:
    return s.call(s.attribute(w.expression(op.args[0]), "pop"))


def _getitem(w: Speller, op: Op) -> Any:
    field = op.attrs.get("field")  # as the user wrote it
    base = op.args[0]
    if isinstance(base, Const) and isinstance(base.value, (int, float, complex, type(None))):  # where Python would warn
        return s.call(w.globals.spell(operator) + ".getitem", *map(w.expression, op.args))
    return s.attribute(w.expression(op.args[0]), field) if field else w.subscript(*op.args)


def _make_tuple(w: Speller, op: Op) -> Any:
    cls = op.out.type.cls if op.out.type.kind == "tuple" else None
    if cls is not None and is_bunch(cls):
        raise UnsupportedError(f"{cls.__name__} as a whole is not supported here: use its fields", op.span)
    return s.tuple_(w.each(op.args)) if cls is None else s.call(w.globals.spell(cls), *w.each(op.args))


_SPECIAL: dict[Any, Any] = {
    getattr: _getattr,
    operator.getitem: _getitem,
    operator.contains: lambda w, op: s.contains(*w.each(op.args)),
    prims.make_tuple: _make_tuple,
    runtime.decided: lambda w, op: w.expression(op.args[0]),
    runtime.settled: lambda w, op: w.expression(op.args[0]),
    runtime.found: lambda w, op: s.call(w.globals.spell(runtime.found), *w.each(op.args[:5])),
    prims.make_list: lambda w, op: s.list_(w.each(op.args)),
    prims.make_set: lambda w, op: s.set_(w.each(op.args)) if op.args else s.call(w.globals.builtin("set")),
    prims.make_dict: _make_dict,
    prims.concat_sequences: lambda w, op: s.list_([s.starred(x) for x in w.each(op.args)]),
    prims.merge_dicts: lambda w, op: s.dict_([None] * len(op.args), w.each(op.args)),
    prims.copy: lambda w, op: (
        w.expression(op.args[0]) if op in w.folding.bare else s.call(s.attribute(w.expression(op.args[0]), "copy"))
    ),
    prims.format_string: _format_string,
    prims.import_module: lambda w, op: s.call(
        w.globals.spell(sys.modules["importlib"]) + ".import_module", *w.each(op.args)
    ),
    np.transpose: _attribute("T"),
    np.shape: _attribute("shape"),
    np.ndim: _attribute("ndim"),
    np.size: _attribute("size"),
    np.real: _attribute("real"),
    np.imag: _attribute("imag"),
    runtime.accumulate: _accumulate,
    runtime.list_pop: _pop,
}
