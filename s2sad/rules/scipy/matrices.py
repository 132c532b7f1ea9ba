"""Sparse matrices that hold what is differentiated, as recorded runs follow them: in terms of their stored values.

A matrix is SciPy's own, whose ``data`` is an array that is followed.  Each function here does what one of
``scipy.sparse`` does; the places are SciPy's, found by running it on numbers instead of values (`moved`), the values
are computed from the stored values with NumPy.  A stored zero may stay where SciPy drops it.

`METHODS` are by their names, `MAKERS` (which make matrices of arrays) by themselves.  `matrix_algebra` has linear
algebra.
"""

import numpy as np
from scipy import sparse

from ...runtime import index_add, no_derivative
from ..table import present, zero_derivative

base = sparse._base._spbase

# Functions that only move stored values


def labelled(x, start, label):
    """A copy of an argument with labels of the numbers from ``start`` on in place of floats, and the next number.

    Between them stands the list of pairs of what was labelled: the array of labels, and the floats.
    """
    if isinstance(x, (list, tuple)):
        copies, pairs = [], []
        for e in x:
            copy, found, start = labelled(e, start, label)
            copies.append(copy)
            pairs += found
        return tuple(copies) if isinstance(x, tuple) else copies, pairs, start
    if isinstance(x, base):
        numbers = labels(start, np.shape(x.data), label)
        return with_data(x, numbers), [(numbers, x.data)], start + np.size(x.data)
    if isinstance(x, float) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"):
        numbers = labels(start, np.shape(x), label)
        return (numbers if np.ndim(x) else float(numbers)), [(numbers, x)], start + np.size(x)
    return x, [], start


def labels(start, shape, label):
    return label(np.reshape(np.arange(start, start + np.prod(shape, dtype=int)) * 1.0, shape))


def itself(numbers):
    return numbers


def scrambled(numbers):
    """Labels that no sum or multiple of others is."""
    return np.where(numbers > 0, 1 + numbers * 0.6180339887498949 % 1, 0.0)


def emptied(x):
    """A copy of a matrix with zeros for its values."""
    made = x.copy()
    made.data = np.zeros(np.shape(x.data))
    return made


zero_derivative(emptied)


def with_data(x, data):
    """A matrix with the places of another."""
    made = emptied(x)
    made.data = data
    return made


def moved(f, *args, **kwargs):
    """``f(*args, **kwargs)``, a matrix or array of numbers that are stored in the arguments, be it several times.

    Where SciPy's result is an argument, or shares the memory of its values, so it is here.
    """
    copies, pairs, _ = labelled(args, 1, itself)
    others, _, _ = labelled(args, 1, scrambled)
    x, other = f(*copies, **kwargs), f(*others, **kwargs)
    if x is copies[0]:
        return args[0]
    if isinstance(x, np.matrix):
        raise no_derivative("an np.matrix is not differentiated: use sparse arrays, or toarray")
    values = [np.ravel(v) for _, v in pairs]
    stored = np.concatenate([np.zeros(1, np.result_type(*values)), *values])
    numbers = numbers_of(x, other, len(stored))
    if not isinstance(x, base):
        return stored[numbers]
    for label, value in pairs:
        if isinstance(value, np.ndarray) and np.shape(label) == np.shape(x.data) and shares(x.data, label):
            return with_data(x, value)
    return with_data(x, stored[numbers])


def shares(a, b):
    return np.shares_memory(a, b)


def numbers_of(x, other, count):
    """The numbers that a result of labelled arguments holds; ``other``: of others, which shows sums and products."""
    places, seen = (x.data, other.data) if isinstance(x, base) else (x, other)
    numbers = np.asarray(places).astype(int)
    known = np.all(numbers == places) and np.all((numbers >= 0) & (numbers < count))
    if not known or not np.array_equal(scrambled(numbers), seen):
        raise no_derivative("this function of a sparse matrix computes with its values: it has no derivative rule")
    return numbers if np.ndim(places) else int(numbers)


zero_derivative(numbers_of, shares)


def mover(f):
    """A function that does what ``f`` does with what is stored, be it several times at one place."""

    def move(*args, **kwargs):
        return moved(f, *[single(a) for a in args], **kwargs)

    return move


def method(name):
    """A method that moves stored values."""

    def move(self, *args, **kwargs):
        return moved(getattr(type(self), name), single(self), *args, **kwargs)

    return move


def conjugate(self, copy=True):
    return with_data(self, np.conj(self.data))


def adjoint(self):
    return conjugate(attribute_T(self))


def transpose(self, axes=None, copy=False):
    return moved(type(self).transpose, self)


def attribute_T(self):
    return moved(type(self).transpose, self)


def single(x):
    """A matrix in which no place is stored twice; other arguments as they are."""
    if isinstance(x, (list, tuple)):
        return type(x)([single(e) for e in x])
    if isinstance(x, base) and x.ndim != 2:
        raise no_derivative("a sparse array of another rank than 2 has no derivative rule")
    if not isinstance(x, base) or x.format != "coo":
        return x
    key = x.row.astype(int) * x.shape[1] + x.col
    places, first, of_place = np.unique(key, return_index=True, return_inverse=True)
    if len(places) == len(key):
        return x
    data = index_add(np.zeros(len(places), x.data.dtype), of_place, x.data)
    return of_places(type(x), x.row[first], x.col[first], data, x.shape)


def whole(places):
    """Indices; those that are floats, SciPy cuts off."""
    places = np.asarray(places)
    return places.astype(int) if places.dtype.kind == "f" else places


def of_places(cls, rows, columns, data, shape):
    """A matrix of the class of another, of coordinates and values."""
    made = cls((np.zeros(len(rows)), (rows, columns)), shape=shape)
    made.data = data
    return made


def entries(x):
    """The rows, columns and values of a matrix."""
    found = single(moved(type(x).tocoo, x)) if x.format != "coo" else x
    return found.row, found.col, found.data


def coordinates(x):
    return sparse.coo_array if isinstance(x, sparse.sparray) else sparse.coo_matrix


def built(rows, columns, data, shape, like, form):
    """A matrix of the family of ``like``, in the format ``form``; what is given twice for a place is added."""
    made = single(of_places(coordinates(like), np.ravel(rows), np.ravel(columns), np.ravel(data), shape))
    return made if form in (None, "coo") else moved(type(made).asformat, made, form)


# Making matrices


def compressed(cls):
    """What a class makes of its arguments; values at one place are added."""

    def make(arg1, shape=None, dtype=None, copy=False):
        if isinstance(arg1, tuple) and len(arg1) == 2 and isinstance(arg1[1], tuple):
            data, (rows, columns) = arg1
            rows, columns = whole(rows), whole(columns)
            shape = (np.max(rows) + 1, np.max(columns) + 1) if shape is None else shape
            family = sparse.coo_array if issubclass(cls, sparse.sparray) else sparse.coo_matrix
            made = of_places(family, rows, columns, np.asarray(data), shape)
            form = cls.__name__[:3]
            return made if form == "coo" else moved(type(made).asformat, single(made), form)
        return moved(cls, single(arg1) if isinstance(arg1, base) else floats(arg1), shape)

    return make


def floats(x):
    """An argument with arrays in place of lists of floats."""
    if isinstance(x, tuple):
        return tuple([floats(e) for e in x])
    return np.asarray(x) if isinstance(x, list) else x


def stored(x, *others):
    """An argument as a matrix: all elements of an array are stored, in a matrix of the family of `others`."""
    if isinstance(x, base):
        return x
    arrays = any(map(is_array, others))
    return single(moved(sparse.coo_array if arrays else sparse.coo_matrix, floats(x)))


def is_array(x):
    return isinstance(x, sparse.sparray)


def ones(x):
    """`plain`, also of an array: with zeros where it has zeros."""
    return plain(x) if isinstance(x, base) else (np.asarray(x) != 0) * 1.0


def find(A):
    A = stored(A)
    found = single(moved(type(A).tocoo, A))
    rows, columns, numbers = sparse.find(with_data(found, labels(0, np.shape(found.data), itself) + 1))
    values = found.data[numbers.astype(int) - 1]
    kept = values != 0
    return rows[kept], columns[kept], values[kept]


# Arithmetic


def multiplied(self, other):
    """Element by element."""
    if np.ndim(other) == 0 and not isinstance(other, base):
        return with_data(self, self.data * other)
    native = plain(self).multiply(plain(other) if isinstance(other, base) else np.ones(np.shape(other)))
    if isinstance(other, base) and other.shape != self.shape:
        raise no_derivative("the product of sparse matrices that are broadcast has no derivative rule")
    rows, columns, data = entries(single(self))
    if not isinstance(other, base):
        if np.shape(np.broadcast_to(np.ones(np.shape(other)), self.shape)) != native.shape:
            raise no_derivative("a sparse matrix that is broadcast in a product has no derivative rule")
        values = data * np.broadcast_to(other, self.shape)[rows, columns]
        return built(rows, columns, values, self.shape, self, native.format)
    others = entries(single(other))
    width = self.shape[1]
    _, mine, theirs = np.intersect1d(
        rows.astype(int) * width + columns, others[0].astype(int) * width + others[1], True, True
    )
    return built(rows[mine], columns[mine], data[mine] * others[2][theirs], self.shape, self, native.format)


def plain(x):
    """A matrix of ones at the places of another."""
    return with_data(x, np.ones(np.shape(x.data)))


def divided(self, other):
    if isinstance(other, base):
        raise no_derivative("the quotient of sparse matrices has no derivative rule")
    return multiplied(self, 1 / other)


def scaled_in_place(self, other):
    if np.ndim(other):
        raise no_derivative("a sparse matrix that is multiplied in place by an array has no derivative rule")
    self.data *= other
    return self


def divided_in_place(self, other):
    return scaled_in_place(self, 1 / other)


def negative(self):
    return with_data(self, -self.data)


def added(self, other, sign=1):
    if not isinstance(other, base) and np.ndim(other) == 0:
        raise no_derivative("the sum of a sparse matrix and a number has no derivative rule")
    if not isinstance(other, base):
        return moved(type(self).toarray, single(self)) + sign * other
    rows, columns, data = entries(self)
    others = entries(other)
    values = np.concatenate([data, sign * others[2]])
    form = (plain(self) + plain(other)).format
    places = np.concatenate([rows, others[0]]), np.concatenate([columns, others[1]])
    return built(*places, values, self.shape, self, form)


def subtracted(self, other):
    return added(self, other, -1)


def subtracted_from(self, other):
    return added(negative(self), other)


def power(self, n, dtype=None):
    found = single(self)
    return with_data(found, found.data**n)


def powered(self, n):
    if isinstance(self, sparse.sparray):
        return power(self, n)
    return matrix_power(self, n)


def matrix_power(A, power):
    if power < 1:
        raise no_derivative("a power of a sparse matrix has a derivative rule for positive numbers only")
    result = A
    for _ in range(power - 1):
        result = product(result, A)
    return result


def of_values(name):
    """A method that takes a function, zero at zero, of each value."""

    def apply(self):
        found = single(self)
        return with_data(found, getattr(np, name)(found.data))

    return apply


def sum_of(self, axis=None, dtype=None, out=None):
    rows, columns, data = entries(self)
    if axis is None:
        return np.sum(data)
    if not isinstance(self, sparse.sparray):
        raise no_derivative("an np.matrix is not differentiated: use sparse arrays, or toarray")
    by = columns if axis in (0, -2) else rows
    return index_add(np.zeros(self.shape[1 if axis in (0, -2) else 0], data.dtype), by, data)


def mean_of(self, axis=None, dtype=None, out=None):
    count = self.shape[0] * self.shape[1] if axis is None else self.shape[axis]
    return sum_of(self, axis) / count


def dense(A):
    return moved(type(A).toarray, single(A))


def trace(self, offset=0):
    return np.sum(moved(type(self).diagonal, single(self), offset))


def product(self, other):
    """The product with an array or matrix."""
    rows, columns, data = entries(self)
    if isinstance(other, base):
        return sparse_product(self, other)
    other = np.asarray(other)
    values = (data if np.ndim(other) == 1 else data[:, None]) * other[columns]
    start = np.zeros((self.shape[0], *np.shape(other)[1:]), values.dtype)
    return index_add(start, rows, values)


def sparse_product(self, other):
    """Of each value of one with the row of the other that its column meets."""
    rows, columns, data = entries(self)
    right = moved(type(other).tocsr, single(other))
    counts = np.diff(right.indptr)[columns]
    mine = np.repeat(np.arange(len(rows)), counts)
    ends = np.cumsum(counts)
    theirs = np.arange(len(mine)) - np.repeat(ends - counts, counts) + right.indptr[columns][mine]
    shape, form = (self.shape[0], other.shape[1]), (plain(self) @ plain(other)).format
    return built(rows[mine], right.indices[theirs], data[mine] * right.data[theirs], shape, self, form)


def reflected_product(self, other):
    return np.transpose(product(attribute_T(self), np.transpose(np.asarray(other))))


def star(self, other):
    """``*``: the product of matrices, element by element for arrays and numbers."""
    if isinstance(self, sparse.sparray) or (np.ndim(other) == 0 and not isinstance(other, base)):
        return multiplied(self, other)
    return product(self, other)


def reflected_star(self, other):
    if isinstance(self, sparse.sparray) or np.ndim(other) == 0:
        return multiplied(self, other)
    return reflected_product(self, other)


def kron(A, B, format=None):
    form = sparse.kron(ones(A), ones(B), format).format
    A, B = stored(A, B), stored(B, A)
    a, b = entries(A), entries(B)
    shape = (A.shape[0] * B.shape[0], A.shape[1] * B.shape[1])
    rows = a[0].astype(int)[:, None] * B.shape[0] + b[0]
    columns = a[1].astype(int)[:, None] * B.shape[1] + b[1]
    return built(rows, columns, np.outer(a[2], b[2]), shape, A if isinstance(A, sparse.sparray) else B, form)


def kronsum(A, B, format=None):
    form = sparse.kronsum(ones(A), ones(B), format).format
    A, B = stored(A, B), stored(B, A)
    eye = sparse.eye_array if isinstance(A, sparse.sparray) else sparse.eye
    total = added(kron(eye(B.shape[0]), A), kron(B, eye(A.shape[0])))
    return moved(type(total).asformat, total, form)


METHODS = {
    **{n: method(n) for n in ("toarray", "tocsr", "tocsc", "tocoo", "tobsr", "todia", "asformat", "diagonal",
                              "copy", "reshape", "__getitem__", "getrow", "getcol", "todense")},
    **{n: of_values(n) for n in ("sin", "tan", "arcsin", "arctan", "sinh", "tanh", "arcsinh", "arctanh", "sqrt",
                                 "expm1", "log1p", "deg2rad", "rad2deg")},
    "transpose": transpose, "T": attribute_T, "multiply": multiplied, "__mul__": star, "__rmul__": reflected_star,
    "__imul__": scaled_in_place, "__itruediv__": divided_in_place, "__truediv__": divided, "__div__": divided,
    "__neg__": negative, "__add__": added, "__radd__": added, "__sub__": subtracted, "__rsub__": subtracted_from,
    "power": power, "__pow__": powered, "sum": sum_of, "mean": mean_of, "trace": trace, "__abs__": of_values("abs"),
    "conj": conjugate, "conjugate": conjugate, "getH": adjoint, "H": adjoint, "__iadd__": added, "__isub__": subtracted,
    "__matmul__": product, "dot": product, "__rmatmul__": reflected_product,
}  # fmt: skip
MAKERS = {
    **{cls: compressed(cls) for n in ("csr", "csc", "coo", "bsr", "dia") for k in ("array", "matrix")
       for cls in (getattr(sparse, f"{n}_{k}"),)},
    **{f: mover(f) for f in (
        sparse.hstack, sparse.vstack, sparse.bmat, sparse.block_diag, sparse.diags, sparse.spdiags, sparse.tril,
        sparse.triu, *present(sparse, "block_array", "diags_array", "expand_dims", "permute_dims", "swapaxes"))},
    sparse.kron: kron, sparse.kronsum: kronsum, sparse.find: find,
}  # fmt: skip
