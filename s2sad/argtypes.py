"""Types of arguments without arguments: from ``--arg x:f8[3, n]``, annotations and default values; and back to text.

f8[3, n]            an array: dtype, a size each; a symbol is a size that is not 1, equal symbols are equal sizes
f8[...]  ?[n]       any rank; any dtype of numbers
float  int  complex  bool  str  number or array
= 'fast'            this very value
"""

from __future__ import annotations

import ast
import inspect
import re
import types as python_types
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from .arguments import argument_type
from .ir.core import Const
from .ir.types import BOOL, COMPLEX, FLOAT, INT, NUMERIC, ONE, STR, Dim, Type, array, fresh_dim, tuple_of, type_of
from .targets import UsageError

_NAMED = {"float": FLOAT, "int": INT, "complex": COMPLEX, "bool": BOOL, "str": STR, "number or array": NUMERIC}
_ARRAY = re.compile(r"(\?|[a-z]\w*)\[([^\[\]]*)\]")
_ANY_ARRAY = array(None, None)
LITERALS = (bool, str, type(None), int, float, complex)


def parse_type(text: str) -> Type | Const:
    """The type that a text stands for.

    Raises:
        UsageError: it stands for none.
    """
    text = text.strip()
    if text.startswith("="):
        try:
            return Const(ast.literal_eval(text[1:].strip()))
        except (ValueError, SyntaxError):
            raise UsageError(f"{text!r} is not a literal value") from None
    if text in _NAMED:
        return _NAMED[text]
    match = _ARRAY.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{text!r} is not a type: write float, int, complex, an array such as f8[3, n] or f8[...], "
            "or a value such as ='fast'"
        )
    dtype, dims = _dtype(match[1]), match[2].strip()
    if dims == "...":
        return array(dtype, None)
    return array(dtype, tuple(_dim(d.strip()) for d in dims.split(",")) if dims else ())


def _dtype(text: str) -> np.dtype | None:
    if text == "?":
        return None
    try:
        dtype = np.dtype(text)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.kind not in "biufc":
        raise UsageError(f"{text!r} is not a dtype of numbers: write f8, f4, c16, i8")
    return dtype


def _dim(text: str) -> Dim:
    if text.isdigit():
        return ONE if int(text) == 1 else Dim(int(text), False)
    if text == "?":
        return fresh_dim()
    if not text.isidentifier():
        raise UsageError(f"{text!r} is not a size: write a number, a name, or ?")
    return Dim(text, False)


def parameter_types(
    function: python_types.FunctionType, given: Mapping[str, Any] | None = None, owner: type | None = None
) -> list[Type | Const]:
    """What is known of each parameter.

    Args:
        function: the function.
        given: by name of the parameter: a type as text, a Type, a Const, or an example value; for ``owner``'s object
            also of attributes, as ``self.w``.
        owner: the class of which the first parameter is an object.

    Raises:
        UsageError: a name that is no parameter, a text that is no type.
    """
    given = dict(given or {})
    known = []
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    for number, p in enumerate(parameters):
        if p.name in given:
            known.append(_given(given.pop(p.name), p.name))
        elif owner is not None and number == 0:
            attributes = {k.partition(".")[2]: given.pop(k) for k in list(given) if k.startswith(f"{p.name}.")}
            elems = tuple(_of(_given(v, k)) for k, v in attributes.items())
            known.append(Type("object", cls=owner, keys=tuple(attributes), elems=elems))
        else:
            known.append(_unasked(p))
    if given:
        names = ", ".join(p.name for p in parameters)
        raise UsageError(f"no parameter {next(iter(given))!r}; the parameters are {names}")
    return known


def _given(value: Any, name: str) -> Type | Const:
    if isinstance(value, (Type, Const)):
        return value
    return parse_type(value) if isinstance(value, str) else argument_type(value, name)


def _of(t: Type | Const) -> Type:
    return type_of(t.value) if isinstance(t, Const) else t


def _unasked(p: inspect.Parameter) -> Type | Const:
    """From the annotation, or else the default value."""
    if p.kind is p.VAR_POSITIONAL:
        return tuple_of(())
    if p.kind is p.VAR_KEYWORD:
        return Type("dict", keys=())
    default = p.default is not p.empty
    constant = default and isinstance(p.default, (bool, str, type(None)))
    annotated = _annotated(p.annotation)
    if annotated is not None and not (constant and annotated in (BOOL, STR)):
        return annotated
    return argument_type(p.default, p.name) if default else NUMERIC


def _annotated(annotation: Any) -> Type | Const | None:
    """The type that an annotation names; None where it says nothing that we know."""
    if annotation is np.ndarray or typing.get_origin(annotation) is np.ndarray:
        return _ANY_ARRAY
    if isinstance(annotation, type):
        return _NAMED.get(annotation.__name__) if annotation.__module__ == "builtins" else None
    if not isinstance(annotation, str):
        return None
    text = annotation.strip().strip("'\"")
    if re.fullmatch(r"(np\.|numpy\.)?ndarray|(\w+\.)*NDArray\b.*", text):
        return _ANY_ARRAY
    try:
        return parse_type(text)
    except UsageError:
        return None


def type_text(t: Type | Const) -> str:
    """A type as text, the same in every process; what `parse_type` reads, it writes."""
    if isinstance(t, Const):
        return f"= {t.value!r}" if isinstance(t.value, LITERALS) else "= ..."
    if t.kind == "numeric":
        return "number or array"
    if t.kind == "array":
        dtype = "?" if t.dtype is None else t.dtype.str[1:]
        return f"{dtype}[{'...' if t.dims is None else ', '.join(map(dim_text, t.dims))}]"
    if t.elems and t.kind != "object":
        inside = ", ".join(map(type_text, t.elems))
        return f"{t.kind}[{inside}]"
    return repr(t)


def dim_text(dim: Dim) -> str:
    """A size: a number, a name for one that is not 1, ``?`` for any."""
    if dim.one:
        return "1"
    if isinstance(dim.key, tuple) and dim.one is False and dim.key[0] != "fresh":
        found = re.sub(r"\W+", "_", "_".join(map(str, _flat(dim.key)))).strip("_")
        return found if found.isidentifier() else f"n{found}"
    return str(dim.key) if isinstance(dim.key, (str, int)) else "?"


def _flat(key: Any) -> list[Any]:
    return [x for part in key for x in _flat(part)] if isinstance(key, tuple) else [key]
