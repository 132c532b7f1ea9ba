"""The rule of ``np.einsum``: the cotangent of an operand is an einsum of ``z_bar`` with the other operands.

    z = np.einsum("ij,jk->ik", a, b)        a_bar = np.einsum("ik,jk->ij", z_bar, b)

A label that only one operand has was summed over: its cotangent is constant along that axis, which the table's
broadcasting does.  A label that one operand has twice is a diagonal: its cotangent is on the diagonal of zeros.
"""

import numpy as np

from .table import multilinear

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order in which NumPy sorts labels


@multilinear(np.einsum)
def einsum(z_bar, z, *operands, dtype=None, order="K", casting="safe", optimize=False):
    if isinstance(operands[0], str):
        arrays = operands[1:]
        terms = labels(operands[0], [np.ndim(x) for x in arrays])
        return None, *[operand_bar(z_bar, terms, arrays, k) for k in range(len(arrays))]
    count = len(operands) // 2
    arrays = operands[: 2 * count : 2]
    terms = labels(written(operands), [np.ndim(x) for x in arrays])
    bars = []
    for k in range(count):
        bars += [operand_bar(z_bar, terms, arrays, k), None]
    return *bars, *[None for _ in operands[2 * count :]]


def operand_bar(z_bar, terms, arrays, k):
    """The cotangent of operand ``k``; ``terms`` are the labels of the operands and of the result."""
    others = [i for i in range(len(arrays)) if i != k]
    inputs = [terms[-1], *[terms[i] for i in others]]
    factors = [z_bar, *[arrays[i] for i in others]]
    seen, distinct = "", ""
    for axis, label in enumerate(terms[k]):
        if label in seen:  # an identity matrix ties the axis to the one that has the label
            tied = unused("".join(terms) + distinct)
            inputs += [label + tied]
            factors += [np.eye(np.shape(arrays[k])[axis])]
            label = tied
        seen += terms[k][axis]
        distinct += label
    available = "".join(inputs)
    found = "".join([label for label in distinct if label in available])
    bar = np.einsum(",".join(inputs) + "->" + found, *factors, optimize=len(factors) > 1)
    if len(found) == len(distinct):
        return bar
    return np.expand_dims(bar, tuple([i for i in range(len(distinct)) if distinct[i] not in available]))


def unused(labels):
    """A letter that is no label yet."""
    return min([letter for letter in LETTERS if letter not in labels])


def labels(subscripts, ranks):
    """The labels of each operand and of the result, one letter an axis: an ellipsis spelled out, no arrow left out."""
    subscripts = subscripts.replace(" ", "")
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    dots = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True) if "..." in term]
    free = [letter for letter in LETTERS if letter not in subscripts]
    ellipsis = "".join(free[: max(dots, default=0)])
    if not arrow:
        letters = inputs.replace("...", "").replace(",", "")
        output = "..." + "".join([label for label in sorted(set(letters)) if letters.count(label) == 1])
    spelled = []
    for term, rank in zip(terms, ranks, strict=True):
        count = rank - len(term.replace("...", ""))
        spelled += [term.replace("...", ellipsis[len(ellipsis) - count :])]
    return [*spelled, output.replace("...", ellipsis)]


def written(operands):
    """The subscripts of the form ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` as a text."""
    count = len(operands) // 2
    terms = ["".join([letter(i) for i in operands[2 * k + 1]]) for k in range(count)]
    if len(operands) % 2:
        return ",".join(terms) + "->" + "".join([letter(i) for i in operands[-1]])
    return ",".join(terms)


def letter(i):
    """The label that stands for a number."""
    if i is Ellipsis:
        return "..."
    return LETTERS[i]
