"""The derivatives of functions: importing this package fills the table."""

from . import basic  # noqa: F401, I001
from . import (  # noqa: F401
    complexes,
    constant,
    creation,
    cumulative,
    einsum,
    elementwise,
    indexing,
    joining,
    padding,
    products,
    reductions,
    scalar,
    shaping,
)
