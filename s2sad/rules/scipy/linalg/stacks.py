"""Which functions are for one matrix only: SciPy takes stacks of matrices, and numbers for matrices of size 1."""

import numpy as np

from ....runtime import no_derivative


def check_one(name, rank, *arrays):
    """Refuse arrays that have not as many axes as ``rank``."""
    for a in arrays:
        if np.ndim(a) != rank:
            refuse(name)


def check_right_side(name, a, rank, b):
    """Refuse stacks of ``a``, and right sides that are neither a vector nor a matrix."""
    if np.ndim(a) != rank or np.ndim(b) == 0 or np.ndim(b) > 2:
        refuse(name)


def check_matrices(name, *arrays):
    """Refuse numbers that stand for matrices."""
    for a in arrays:
        if np.ndim(a) < 2:
            refuse(name)


def check_stack(name, *arrays):
    """Refuse numbers that stand for matrices, and single matrices beside stacks."""
    for a in arrays:
        if np.ndim(a) < 2 or np.ndim(a) != np.ndim(arrays[0]):
            raise no_derivative(
                f"scipy.linalg.{name} has a derivative rule for matrices, or stacks of equal rank, only"
            )


def refuse(name):
    raise no_derivative(
        f"scipy.linalg.{name} has a derivative rule for a single problem only, not for a stack of them or a number: "
        "call it for each"
    )
