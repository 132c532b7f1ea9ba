"""Rules of ``scipy.linalg``.

- `solving`: inverses, determinants, systems of equations and the factorisations that solve them
- `banded`: systems and eigenvalues of matrices given by their diagonals; `banded_cholesky`: their factors
- `factorisations`: QR, singular values, polar decomposition, subspaces
- `eigen`: eigenvalues, with their vectors
- `functions`: exponential, logarithm, root and other functions of matrices
- `equations`: equations for matrices: Sylvester, Lyapunov, Riccati
- `structured`: matrices made of few numbers: Toeplitz, block diagonal, companion
- `reduced`: forms by similarity and congruence: Hessenberg, Schur, `L D L^T`
- `stacks`: which of them are for one matrix only
- `results`: what is known of results when compiling

Conventions and the small words are those of `rules.linalg`: cotangents of complex matrices pull back without
conjugation, and a function that reads one triangle of a matrix gives it the cotangent of its Hermitian part.
"""

from . import (  # noqa: F401
    banded,
    banded_cholesky,
    eigen,
    equations,
    factorisations,
    functions,
    reduced,
    results,
    solving,
    stacks,
    structured,
)
