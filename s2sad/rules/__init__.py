"""The derivatives of functions: importing this package fills the table."""

from . import (  # noqa: F401
    calculus,
    complexes,
    constant,
    creation,
    cumulative,
    einsum,
    elementwise,
    fft,
    indexing,
    interpolation,
    joining,
    linalg,
    norms,
    own,
    padding,
    products,
    reductions,
    scalar,
    shaping,
    spectral,
)
