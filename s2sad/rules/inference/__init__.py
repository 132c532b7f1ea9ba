"""What is known of results when compiling: the type rules of functions whose result's sizes matter.

An inference function takes the arguments of a call as the function does.  Each is a ``Value`` (its ``type`` is what is
known of it), or what is known when compiling: a plain object; tuples and slices may hold Values.  It returns a Type.
A function without one is tried on small arrays, which tells kind, dtype and rank, and leaves its sizes open.
"""

from ...ir.types import UNKNOWN, Type, array, fresh_dim, same_dtype, tuple_of
from ..trial import typed
from . import creation, draws, products, reductions, sets, shapes  # noqa: F401  (they register what they know)
from .answers import (
    an_integer,
    float64_of_broadcast,
    in_precision_of,
    integers,
    knots_and_coefficients,
    like_floats,
    list_of_integers,
    matrix_of_floats,
    number,
    object_of,
    parts_with_derivative,
    product_of_object,
    result_of,
    same_object,
    simplices,
    some_floats,
    two_numbers,
    unknown,
)
from .indexing import getitem
from .ours import cotangent_type
from .registry import INFER, infers
from .results import infer

__all__ = [
    "INFER",
    "UNKNOWN",
    "Type",
    "an_integer",
    "array",
    "cotangent_type",
    "float64_of_broadcast",
    "fresh_dim",
    "getitem",
    "in_precision_of",
    "infer",
    "infers",
    "integers",
    "knots_and_coefficients",
    "like_floats",
    "list_of_integers",
    "matrix_of_floats",
    "number",
    "object_of",
    "parts_with_derivative",
    "product_of_object",
    "result_of",
    "same_dtype",
    "same_object",
    "simplices",
    "some_floats",
    "tuple_of",
    "two_numbers",
    "typed",
    "unknown",
]
