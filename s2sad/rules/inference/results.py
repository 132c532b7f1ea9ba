"""The type of a call's result: ``infer(prim, args, params)``, from the rules of types, or by trying the function."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ir.core import hashable
from ...ir.types import BOTTOM, UNKNOWN, Type, array, module_of
from ..table import rule_for
from ..trial import try_small, typed
from .elementwise import broadcast, elementwise_result, is_elementwise
from .registry import INFER


def infer(prim: Any, args: list[Any], params: dict[str, Any]) -> Type:
    """The type of ``prim(*args, **params)``; ``UNKNOWN`` is always right."""
    types = [typed(a) for a in [*args, *params.values()]]
    for t in types:
        if t.kind == "bottom":
            return BOTTOM
    known = INFER.get(prim) if hashable(prim) else None
    rule = rule_for(prim)
    if rule is not None and rule.infer is not None:
        known = rule.infer
    if known is not None:
        try:
            result = known(*args, **params)
            if result is not NotImplemented:
                return result
        except (TypeError, LookupError, ValueError, AttributeError, ArithmeticError):  # it does not know these options
            pass
    try:
        elementwise = is_elementwise(prim, rule)
        if elementwise and not params and all(t.kind != "none" for t in types):
            return elementwise_result(prim, types)
        if rule is not None and not rule.effect and not _is_by_value(prim):
            if any(t.kind in ("list", "tuple") and BOTTOM in t.elems for t in types):
                return BOTTOM  # of a value that is not known yet, in a recursion
            tried = try_small(prim, args, params)
            return _of_sizes(tried, types) if elementwise else tried
    except (TypeError, LookupError, ValueError, AttributeError, ArithmeticError):
        pass
    return UNKNOWN


def _of_sizes(tried: Type, types: list[Type]) -> Type:
    """The type of an elementwise result, with the sizes of its arguments."""
    arrays = [t.dims for t in types if t.kind == "array"]
    if tried.kind != "array" or any(dims is None for dims in arrays):
        return tried
    dims = broadcast(*(dims for dims in arrays if dims is not None))
    return array(tried.dtype, dims) if len(dims) == tried.rank else tried


# The kind or dtype of their results depends on values, or on sizes beyond small ones; SciPy's by name.
_BY_VALUE = {np.real_if_close, np.roots, np.poly,
             "scipy.linalg.lstsq", "scipy.integrate.simpson", "scipy.special.multigammaln", "scipy.ndimage.rotate",
             "scipy.ndimage.zoom", "scipy.signal.freqz", "scipy.signal.freqz_sos", "scipy.signal.sosfreqz"}  # fmt: skip


def _is_by_value(prim: Any) -> bool:
    module = module_of(prim).partition("._")[0]
    return prim in _BY_VALUE or f"{module}.{getattr(prim, '__name__', '')}" in _BY_VALUE
