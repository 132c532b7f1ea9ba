"""The derivatives of functions: importing this package fills the table."""

from . import basic, complexes, constant, cumulative, elementwise, reductions, scalar  # noqa: F401
