"""The rule of ``np.einsum``: the cotangent of an operand is an einsum of ``z_bar`` with the other operands.

    z = np.einsum("ij,jk->ik", a, b)        a_bar = np.einsum("ik,jk->ij", z_bar, b)

A label that only one operand has was summed over: its cotangent is constant along that axis, which the table's
broadcasting does.  A label that one operand has twice is a diagonal, and so is its cotangent.
"""

import numpy as np

from ..runtime import index_add
from .table import multilinear

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order in which NumPy sorts labels


@multilinear(np.einsum)
def einsum(z_bar, z, *operands, dtype=None, order="K", casting="safe", optimize=False):
    if isinstance(operands[0], str):
        arrays = operands[1:]
        terms = labels(operands[0], tuple([np.ndim(x) for x in arrays]))
    else:
        arrays = operands[: len(operands) // 2 * 2 : 2]
        terms = labels(written(operands[1::2], operands[len(arrays) * 2 :]), tuple([np.ndim(x) for x in arrays]))
    bars = [
        spread(
            np.einsum(
                transposed(terms, k), z_bar, *[1 * a for i, a in enumerate(arrays) if i != k], optimize=len(arrays) > 1
            ),
            x,
            terms,
            k,
        )
        for k, x in enumerate(arrays)
    ]
    if isinstance(operands[0], str):
        return tuple([None if i == 0 else bars[i - 1] for i, _ in enumerate(operands)])
    return tuple([bars[i // 2] if i % 2 == 0 and i // 2 < len(bars) else None for i, _ in enumerate(operands)])


def transposed(terms, k):
    """The subscripts of ``z_bar`` with all operands but one; ``terms``: the labels of the operands and the result."""
    inputs = (terms[-1], *terms[:k], *terms[k + 1 : -1])
    known = "".join(inputs)
    return ",".join(inputs) + "->" + "".join([letter for letter in distinct(terms[k]) if letter in known])


def spread(bar, x, terms, k):
    """The cotangent of the operand ``x`` from that with each of its labels once, and without those of its own."""
    missing, axes = own(terms, k), distinct(terms[k])
    if len(missing) > 0:
        bar = np.expand_dims(bar, missing)
    if len(axes) == len(terms[k]):
        return bar
    return on_diagonals(bar, x, terms[k])


def own(terms, k):
    """The places of those labels of operand ``k`` that neither the result nor another operand has."""
    known = "".join((*terms[:k], *terms[k + 1 :]))
    return tuple([i for i, letter in enumerate(distinct(terms[k])) if letter not in known])


def on_diagonals(bar, x, label):
    """``bar``, which has each label once, in the shape of ``x``, which has labels twice: zero off the diagonals."""
    axes = distinct(label)
    places = []
    for i, letter in enumerate(label):
        size = np.shape(x)[i]
        places += [np.reshape(np.arange(size), [size if axis == letter else 1 for axis in axes])]
    return index_add(np.zeros_like(x), tuple(places), bar)


def distinct(label):
    """Each letter once, in the order in which they come."""
    return "".join([letter for i, letter in enumerate(label) if letter not in label[:i]])


def labels(subscripts, ranks):
    """The labels of each operand and of the result, one letter an axis: an ellipsis spelled out, no arrow left out."""
    subscripts = subscripts.replace(" ", "")
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    dots = [ranks[i] - len(term.replace("...", "")) for i, term in enumerate(terms) if "..." in term]
    free = [letter for letter in LETTERS if letter not in subscripts]
    ellipsis = "".join(free[: max(dots, default=0)])
    if not arrow:
        letters = inputs.replace("...", "").replace(",", "")
        output = "..." + "".join([label for label in sorted(set(letters)) if letters.count(label) == 1])
    full = []
    for i, term in enumerate(terms):
        count = ranks[i] - len(term.replace("...", ""))
        full += [term.replace("...", ellipsis[len(ellipsis) - count :])]
    return (*full, output.replace("...", ellipsis))


def written(lists, result):
    """The subscripts of the form ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` as a text."""
    if len(result) == 0:
        return ",".join([spelled(numbers) for numbers in lists])
    return ",".join([spelled(numbers) for numbers in lists]) + "->" + spelled(result[0])


def spelled(numbers):
    """The labels that stand for numbers."""
    return "".join(["..." if i is Ellipsis else LETTERS[i] for i in numbers])
