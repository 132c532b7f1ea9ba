"""Sparse matrices whose values are lists or dicts of Python's, which are filled entry by entry (``lil``, ``dok``).

What is differentiated stays beside such a matrix, by its places, as long as a recorded run lasts; the matrix itself
gets the plain numbers.  Whoever reads it gets a matrix of the same entries whose values are an array (`with_array`).
"""

import numpy as np
from scipy import sparse

from ...runtime import no_derivative
from ..table import zero_derivative

CLASSES = (sparse.lil_array, sparse.lil_matrix, sparse.dok_array, sparse.dok_matrix)
FORMATS = ("lil", "dok")
BESIDE = "_followed_entries"


def entries_beside(matrix):
    """What is kept beside a matrix: its entries by their places."""
    return vars(matrix).setdefault(BESIDE, {})


def assigned(self, key, x):
    """``self[key] = x``"""
    if self.format not in FORMATS:
        raise no_derivative("__setitem__ of a sparse matrix of this format has no derivative rule: use lil_array")
    if isinstance(x, sparse._base._spbase) or self.dtype.kind != "f":
        raise no_derivative(
            "__setitem__ of a lil or dok matrix has a derivative rule for floats and arrays of them only"
        )
    rows, columns, numbers = places_of(self, key, np.shape(x))
    store(self, key, x)
    beside, values = entries_beside(self), np.ravel(x)
    for row, column, number in zip(rows, columns, numbers, strict=True):
        beside[row, column] = values[number]


def places_of(matrix, key, shape):
    """The rows and columns that an assignment writes, and which element of the values each gets."""
    made = type(matrix)(matrix.shape)
    made[key] = np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape) if shape else 1.0
    found = made.tocoo()
    return found.row.tolist(), found.col.tolist(), (found.data.astype(int) - 1).tolist()


def is_place(key):
    """Whether an index is that of a single entry."""
    return isinstance(key, tuple) and len(key) == 2 and all(isinstance(k, (int, np.integer)) for k in key)


def entry(self, key):
    """``self[row, column]``"""
    plain = read(self, key)
    row, column = int(key[0]) % self.shape[0], int(key[1]) % self.shape[1]
    return entries_beside(self).get((row, column), plain)


def read(matrix, key):
    return matrix[key]


def forget(matrix):
    """The run is over."""
    vars(matrix).pop(BESIDE, None)


def store(matrix, key, x):
    matrix[key] = x


def plain_entries(matrix):
    found = matrix.tocoo()
    return found.row.tolist(), found.col.tolist(), found.data.tolist()


zero_derivative(places_of, plain_entries, read)
zero_derivative(store, effect=True)


def with_array(self):
    """The same matrix by rows, with an array of values."""
    rows, columns, values = plain_entries(self)
    beside = dict(entries_beside(self))
    entries = {**dict(zip(zip(rows, columns, strict=True), values, strict=True)), **beside}
    places = np.array(sorted(entries), int).reshape(-1, 2)
    family = sparse.csr_array if isinstance(self, sparse.sparray) else sparse.csr_matrix
    data = np.array([entries[row, column] for row, column in places.tolist()], float)
    return family((data, (places[:, 0], places[:, 1])), shape=self.shape)
