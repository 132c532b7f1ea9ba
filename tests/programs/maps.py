"""``map`` and ``filter``: who walks them, how often and in which order their functions are called."""
# ruff: noqa: B905, C417, E731

import functools
import math

import numpy as np

from .harness import Program, corners

PROGRAMS: list[Program] = []
RECORDED: set[str] = set()
RECORDED_TWICE = {"largest_and_sorted"}
corner = corners(PROGRAMS)

X = np.array([1.3, 0.7, 2.1, 0.4])


def recorded(function):
    RECORDED.add(function.__name__)
    return function


def same(v):
    return v


def loud(v):
    print("called", float(np.sum(v)))
    return v * v


def doubled(v):
    v *= 2.0
    return v


# In a loop


@corner(X)
def between_the_turns(x):
    s = 0.0
    for v in map(loud, x):
        print("turn", float(v))
        s = s + v
        if s > 2.0:
            break
    return s


@corner(X)
def walked_later(x):
    values = [x[0], x[1]]
    walk = map(same, values)
    values.append(x[2])
    s = 0.0
    for v in walk:
        s = s + v * v
    return s


@corner(X)
def written_before_it_is_walked(x):
    a = x * 2
    walk = map(same, a)
    a[0] = 5.0 * x[1]
    s = 0.0
    for v in walk:
        s = s + v * v
    return s


@corner(X)
def rows_that_the_function_writes(x):
    a = np.outer(x, x)
    s = 0.0
    for row in map(doubled, a):
        s = s + row[0]
    return s + np.sum(a * x)


@corner(X)
def numbered(x):
    s = 0.0
    for i, v in enumerate(map(loud, x)):
        s = s + i * v
    return s


@corner(X)
def numbered_from_one(x):
    s = 0.0
    for i, v in enumerate(map(np.sin, x), 1):
        s = s + i * v
    return s


@corner(X)
def last_in_a_zip(x):
    s = 0.0
    for u, v in zip([x[0], x[1]], map(loud, x)):
        s = s + u * v
    return s


@corner(X)
@recorded
def first_in_a_zip(x):
    s = 0.0
    for u, v in zip(map(loud, x), [x[0], x[1]]):
        s = s + u * v
    return s


@corner(X)
@recorded
def never_walked(x):
    walk = map(loud, x)  # noqa: F841
    return x[0] * 2


@corner(X)
@recorded
def walked_twice(x):
    walk = map(same, x)
    return sum(walk) + sum(walk) * 7 + x[0]


@corner(X)
@recorded
def begun_by_next(x):
    walk = map(same, x)
    first = next(walk)
    return first * sum(walk)


# All of it at once


@corner(X)
def before_what_follows(x):
    values = list(map(loud, x))
    print("done")
    return values[0] * values[1] + values[2]


@corner(X)
def arguments_made_arrays(x):
    a, b = list(map(np.asanyarray, (x, x[::-1])))
    c, d = map(np.ravel, (a, b))
    return np.sum(c * d * x)


@corner(X)
def one_array_twice(x):
    a = x * 2
    b, c = map(same, (a, a))
    b[0] = 3.0
    return np.sum(a * c * x)


@corner(X)
def arrays_that_the_function_writes(x):
    a, b = x * 2, x * 3
    values = list(map(doubled, [a, b]))
    return np.sum(a * b * values[0])


@corner(X)
def several_sequences(x):
    return sum(map(lambda a, b: a * b + a, x, x[1:])) + sum(map(lambda a, b: a * b, [x[0], x[1]], (x[2], x[3], x[0])))


@corner(X)
def maps_of_maps(x):
    return sum(map(lambda v: v * v, map(np.sin, x))) + sum(filter(lambda v: v > 1, map(loud, x)), 2.0)


@corner(X)
def function_with_a_captured_number(x):
    k = x[0] * 2
    power = functools.partial(np.power, 2.0)
    return sum(map(lambda v: v * k, x)) * sum(map(power, x))


@corner(X)
def quantified(x):
    some = any(map(lambda v: print("some", float(v)) or v > 1.5, x))
    every = all(map(lambda v: print("every", float(v)) or v > 1.0, x))
    return x[0] * (3 if some else 1) + x[1] * (3 if every else 1)


@corner(X)
def largest_and_sorted(x):
    squares = sorted(map(lambda v: v * v, x))
    return max(map(np.sin, x)) * max(map(np.cos, x), key=lambda v: -v) * squares[1] * math.prod(map(np.exp, x))


@corner(X)
def spread_out(x):
    values = [*map(np.sin, (x[0], x[1])), x[2]]
    a, *rest = map(np.exp, [x[0], x[1], x[2]])
    return np.hypot(*map(np.sin, (x[0], x[1]))) * values[1] * values[2] + a * rest[1]


@corner(X)
def too_few_names(x):
    try:
        a, b = map(np.exp, [x[0], x[1], x[2]])
    except ValueError:
        a, b = x[0], x[1]
    return a * b


@corner(X)
def raised_on_the_way(x):
    def small(v):
        if v > 1.5:
            raise KeyError("big")
        return v * v

    try:
        s = sum(map(small, x))
    except KeyError:
        s = x[0] * 3
    return s


@corner(X)
def chosen(x):
    values = list(filter(None, [x[0], 0.0, x[1]]))
    return values[0] * values[1] + sum(filter(lambda v: v > 1, x))


@corner(X)
@recorded
def chosen_one_by_one(x):
    s = 0.0
    for v in filter(lambda v: v > 0.5, x):
        s = s + v * v
    return s


@corner(X)
def methods_and_values(x):
    d = {"a": x[0], "b": x[1]}
    out = []
    list(map(out.append, x))
    return sum(map(lambda v: v * 2, d.values())) * out[2]


@corner(X)
def numbers_of_text(x):
    print(" ".join(map(str, [1, 2])))
    return x[0] * sum(map(int, "123")) * len(set(map(int, [1, 1, 2])))


@corner(X)
def name_of_its_own(x):
    map = lambda f, v: f(v[0]) * 2
    return map(np.sin, x)


@corner(X)
@recorded
def one_of_two(x):
    walk = map(np.sin, x) if x[0] > 1 else map(np.cos, x)
    return sum(walk)


@corner(X)
@recorded
def kept_in_a_list(x):
    walks = [map(np.sin, x)]
    return sum(walks[0])


@corner(X)
@recorded
def handed_over(x):
    def total(walk):
        return sum(walk)

    return total(map(np.sin, x))


def marked(v):
    v[0] = 5.0
    return 1


@corner(X)
@recorded
def set_of_what_a_function_gives_that_writes(x):
    a = x * 2
    return np.sum(a * x) * len(set(map(marked, [a]))) + np.sum(a * x)


@corner(X)
@recorded
def walked_by_nobody_but_python(x):
    print("".join(map(lambda k: str(k), [1, 2])))
    found = dict(map(lambda k: (k, 2), "ab"))["a"] * len(set(map(lambda k: k % 2, [1, 2, 3])))
    return x[0] * found if any(filter(lambda k: k > 1, [1, 2])) else x[1]


# Comprehensions over what is written out are lists that are written out


@corner(X)
def grows_after_it_was_made(x):
    a = [v * v for v in (x[0], x[1])]
    a.append(x[2])
    b = a
    b[0] = x[3]
    return a[0] * a[1] * a[2]


@corner(X)
def one_array_in_a_comprehension(x):
    y = x * 2
    a = [y for v in (1, 2)]
    a[0][1] = 4.0
    return np.sum(a[1] * x)


@corner(X)
def parts_of_one_array_in_a_comprehension(x):
    y = x * 2
    a = [y[i:] for i in (0, 1)]
    y[1] = 4.0
    return np.sum(a[1]) * a[0][0]


@corner(X)
def lists_in_a_comprehension(x):
    a = [[v] for v in (x[0], x[1])]
    a[0].append(x[2])
    return a[0][1] * a[1][0]


@corner(X)
def grows_in_a_branch(x):
    a = [v * v for v in (x[0], x[1])]
    if x[0] > 1:
        a.append(x[2])
    return sum(a)


@corner(X)
def tuple_of_a_generator(x):
    a, b = tuple(np.asarray(v) for v in (x, x[::-1]))
    return np.sum(a * b * x) * sum(v * v for v in (x, b))[0]
