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

from .compiled import argument_type
from .errors import UnsupportedError
from .ir.core import Const
from .ir.types import BOOL, COMPLEX, FLOAT, INT, NUMERIC, ONE, STR, Dim, Type, array, fresh_dim, tuple_of

_NAMED = {"float": FLOAT, "int": INT, "complex": COMPLEX, "bool": BOOL, "str": STR, "number or array": NUMERIC}
_ARRAY = re.compile(r"(\?|[a-z]\w*)\[([^\[\]]*)\]")
_ANY_ARRAY = array(None, None)


def parse_type(text: str) -> Type | Const:
    """The type that a text stands for.

    Raises:
        ValueError: it stands for none.
    """
    text = text.strip()
    if text.startswith("="):
        try:
            return Const(ast.literal_eval(text[1:].strip()))
        except (ValueError, SyntaxError):
            raise ValueError(f"{text!r} is not a literal value") from None
    if text in _NAMED:
        return _NAMED[text]
    match = _ARRAY.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not a type: write float, int, complex, an array such as f8[3, n] or f8[...], or a value such as ='fast'"
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
        raise ValueError(f"{text!r} is not a dtype of numbers: write f8, f4, c16, i8")
    return dtype


def _dim(text: str) -> Dim:
    if text.isdigit():
        return ONE if int(text) == 1 else Dim(int(text), False)
    if text == "?":
        return fresh_dim()
    if not text.isidentifier():
        raise ValueError(f"{text!r} is not a size: write a number, a name, or ?")
    return Dim(text, False)


def parameter_types(
    function: python_types.FunctionType, given: Mapping[str, Any] | None = None, owner: type | None = None
) -> list[Type | Const]:
    """What is known of each parameter.

    Args:
        function: the function.
        given: by name of the parameter: a type as text, a Type, a Const, or an example value.
        owner: the class of which the first parameter is an object.

    Raises:
        ValueError: a name that is no parameter, a text that is no type.
    """
    given = dict(given or {})
    known = []
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    for number, p in enumerate(parameters):
        if p.name in given:
            known.append(_given(given.pop(p.name), p.name))
        elif owner is not None and number == 0:
            known.append(Type("object", cls=owner, keys=()))
        else:
            known.append(_unasked(p))
    if given:
        names = ", ".join(p.name for p in parameters)
        raise ValueError(f"no parameter {next(iter(given))!r}; the parameters are {names}")
    return known


def _given(value: Any, name: str) -> Type | Const:
    if isinstance(value, (Type, Const)):
        return value
    return parse_type(value) if isinstance(value, str) else argument_type(value, name)


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
    except ValueError:
        return None


def spec(t: Type | Const, name: str, active: bool = False) -> Any:
    """A type in the form of `entry`: what the argument must be for generated code to hold.

    Args:
        t: the type.
        name: of the parameter, for errors and for symbols.
        active: it is differentiated by, so it can't be an integer.

    Raises:
        UnsupportedError: there is no such form.
    """
    if isinstance(t, Const):
        if isinstance(t.value, (bool, str, type(None), int, float, complex)):
            return f"= {t.value!r}"
        raise UnsupportedError(f"the argument {name!r} is a function or another object, which a module can't be generated for")
    if t.kind == "numeric":
        return "float number or array" if active else "number or array"
    if t.kind in ("float", "int", "complex", "bool", "str"):
        return t.kind
    if t.kind == "none":
        return "= None"
    if t.kind == "scalar":
        return f"np.{t.dtype}"
    if t.kind == "array":
        dtype = "?" if t.dtype is None else t.dtype.str[1:]
        dims = "..." if t.dims is None else ", ".join(_dim_text(d) for d in t.dims)
        return f"{dtype}[{dims}]"
    if t.kind == "tuple" and t.cls is None:
        return tuple(spec(e, f"{name}{i}", active) for i, e in enumerate(t.elems))
    if t.kind == "list" and t.length is not None:
        elems = t.elems if len(t.elems) == t.length else t.elems * t.length
        return [spec(e, f"{name}{i}", active) for i, e in enumerate(elems)]
    if t.kind == "dict" and t.keys is not None and all(isinstance(k, (str, int)) for k in t.keys):
        return {k: spec(e, f"{name}_{k}", active) for k, e in zip(t.keys, t.elems, strict=True)}
    if t.kind == "object" and not t.keys:
        return t.cls
    raise UnsupportedError(f"the argument {name!r} ({t!r}) is of a kind that a module can't be generated for")


def _dim_text(dim: Dim) -> str:
    if dim.one:
        return "1"
    if isinstance(dim.key, tuple) and dim.one is False and dim.key[0] != "fresh":
        return re.sub(r"\W+", "_", "_".join(map(str, _flat(dim.key)))).strip("_")
    return str(dim.key) if isinstance(dim.key, (str, int)) else "?"


def _flat(key: Any) -> list[Any]:
    return [x for part in key for x in _flat(part)] if isinstance(key, tuple) else [key]
