"""Arrays that NumPy's functions get by the names of their parameters: views of them, and what writes them."""

import collections
import itertools

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

A = np.array([[0.7, -0.4, 1.1], [0.2, 1.5, -0.8]])
S = np.array([[0.7, -0.4, 1.1], [0.2, 1.5, -0.8], [0.9, 0.1, -1.3]])


@corner(S)
def transposes_by_name(x):
    a, b, c = x * 2, x * 3, x * 4
    across, swapped, rolled = np.transpose(a=a), np.swapaxes(a=b, axis1=0, axis2=1), np.rollaxis(a=c, axis=1)
    a[0] = x[1]
    b[1] *= x[2]
    rolled[2] = x[0] * 5
    moved = np.moveaxis(a=c, source=0, destination=1)
    moved[0] *= 2
    return np.sum(across[0] ** 2) + np.sum(swapped[1] ** 3) + np.sum(c**2)


@corner(A)
def shapes_by_name(x):
    a = x * 2
    line, deeper, flat = np.ravel(a=a), np.expand_dims(a=a, axis=0), np.squeeze(a=a)
    line[0] = x[1, 1] ** 2
    deeper[0, 1] += x[0]
    flat[1, 2] *= 3
    return np.sum(a**2)


@corner(A)
def the_array_itself_by_name(x):
    a, b, c, d = x * 2, x * 3, x * 4, x * 5
    same, kept, needed, part = np.asarray(a=a), np.ascontiguousarray(a=b), np.require(a=c), np.real(val=d)
    same[0] = x[1]
    kept[1] = x[0] * x[1]
    needed[0, 0] = 7.0
    part[:, 1] = x[:, 2]
    return np.sum(a**2) + np.sum(b**2) + np.sum(c**2) + np.sum(d**2)


@corner(S)
def mirrored_by_name(x):
    a, b = x * 2, x * 3
    flipped, turned = np.flip(m=a), np.rot90(m=b)
    flipped[0] = x[1]
    turned[2] *= x[0]
    return np.sum(a**2 * x) + np.sum(b**3)


@corner(A)
def parts_by_name(x):
    a, b = x * 2, x * 3
    first, second = np.split(ary=a, indices_or_sections=2)
    columns = np.array_split(ary=b, indices_or_sections=2, axis=1)
    first[0] = x[1]
    second *= 3
    columns[0][1] = x[0, 1:] ** 2
    return np.sum(a**2) + np.sum(b**2)


@corner(S)
def parts_that_are_only_read(x):
    a = x * 2
    diagonal = np.diagonal(a=a)
    often = np.broadcast_to(array=a[0], shape=(2, 3))
    windows = np.lib.stride_tricks.sliding_window_view(x=a, window_shape=(2, 2))
    a[0, 0] = x[1, 2] ** 2
    return np.sum(diagonal**2) + np.sum(-often * 2) + np.sum(windows**2)


@corner(A)
def copies_by_name(x):
    a = x * 2
    b, c = np.array(object=a), np.copy(a=a)
    b[0] = x[1]
    a[1] = 1.0
    return np.sum(a**2) + np.sum(b**2) + np.sum(c**2)


@corner(S)
def written_by_name(x):
    a, b, c = x * 2, x * 3, x * 4
    np.copyto(dst=a, src=x**2, where=x > 0)
    np.fill_diagonal(a=b, val=x[0, 0] ** 3)
    np.put(c, ind=[0, 5], v=x[1, :2])
    np.put(a=c, ind=[3], v=x[2, 2] ** 2)
    return np.sum(a * b) + np.sum(c**2)


@corner(S)
def written_in_part_by_name(x):
    a, b = x * 2, x * 3
    np.place(arr=a, mask=x > 1, vals=[1.0, 2.0])
    np.put_along_axis(arr=b, indices=np.array([[0], [1], [2]]), values=x[:, :1] ** 2, axis=1)
    np.clip(a=a, a_min=-1.0, a_max=2.0, out=b[:, :])
    return np.sum(a**2) + np.sum(b**2)


@corner(S)
def mask_by_position(x):
    a = x * 2
    np.copyto(a, x**2, "same_kind", x > 0)
    return np.sum(a**2)


@corner(S)
def copy_by_position(x):
    a = x * 5
    b = a.astype(float, "K", "unsafe", True, False)
    b[0] = x[1] * x[2]
    return np.sum(a**2)


@corner(S)
def options_by_position(x):
    b, c = x * 3, x * 4
    np.fill_diagonal(b, x[0, 0] ** 3, True)
    np.put(c, [0, 10], x[1, :2], "wrap")
    c.sort(0, "stable")
    b.partition(1, 0)
    return np.sum(b**2 * x) + np.sum(c**3 * x)


@corner(A)
def made_elsewhere_by_name(x):
    def first_row(of):
        return np.asarray(a=of)[0]

    a = x * 2
    row = first_row(of=a)
    row *= x[1]
    return np.sum(a**2) + pow(base=x[0, 0], exp=x[1, 0]) * pow(x[0, 2], exp=3) * np.gradient(f=x[0])[1]


@corner(A)
def elements_of_flat_one_by_one(x):
    a = x * 2
    flat = a.flat
    first, second = next(flat), next(flat)
    a[0] = 1.0
    return first * second**2 + next(flat) * flat.index + next(iter([]), x[1, 1])


@corner(A)
def what_is_walked_over_by_name(x):
    total = sum(i * v for i, v in enumerate(iterable=x[0], start=2))
    total += sum(itertools.accumulate(iterable=x[1], func=lambda a, b: a * b))
    total += sum(a * b for a, b in itertools.combinations(iterable=x[0], r=2))
    total += sum(itertools.compress(data=x[1], selectors=[1, 0, 1]))
    return total * collections.deque(iterable=x[0], maxlen=2)[0]


@corner(A, refused="writes into one of its arguments|out=")
def draws_into_an_array_by_position(x):
    a = x * 2
    np.random.default_rng(0).random((2, 3), float, a)
    return np.sum(a * x)


@corner(A, refused="choose")
def choices_one_by_one(x):
    places = np.array([0, 1, 0])
    return np.sum(places.choose(x[0], x[1]) ** 2)
