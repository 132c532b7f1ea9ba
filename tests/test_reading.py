"""Generated gradients, read as a reviewer would: what has no place in them."""

import numpy as np
import pytest

import s2sad
from s2sad.ir.core import Value
from s2sad.ir.types import Dim, array
from s2sad.rules import trial

HELPERS = ("unbroadcast(", "sum_to(", "match(", "accumulate(")
X, Y = np.array([0.3, -0.4, 1.2, 0.7, -0.1]), np.array([1.0, 2.0, 3.0, 4.0])


def read(fun, *args, argnums=0):
    """The text of the gradient, which is right."""
    gradient = s2sad.grad(fun, argnums=argnums)
    gradient(*args)
    s2sad.check_grads(fun, args)
    return gradient.source


def lines(fun, *args, argnums=0):
    return [line.strip() for line in read(fun, *args, argnums=argnums).splitlines()]


# ---------------------------------------------------------------- lists of numbers


def written_list(x):
    values = [x, 2.0, x * x]
    values[1] = values[0] * values[2]
    values[0] += values[1]
    return values[0] + values[1] * values[2]


def appended(x):
    terms = [x]
    for k in range(2, 5):
        terms.append(terms[-1] * x / k)
    return sum(terms)


def slices_of_lists(x, y):
    items = [x, x * y, y]
    total = 0.0
    for k in range(2):
        items.append(items[k] * x)
        for item in items[1:]:
            total = total + item * item
    return total


def rows(a, b):
    kept = []
    for k in range(3):
        kept.append(a * b[k])
    return np.sum(kept[0] * kept[2]) + np.sum(kept[1])


def test_cotangents_of_lists_of_numbers_are_added_and_cleared_plainly():
    text = lines(written_list, 1.5)
    assert "values_bar[2] += values[1]" in text
    assert "values_bar[1] = 0.0" in text
    assert not any(h in line for line in text for h in (*HELPERS, "zeros_like("))


def test_a_list_of_ones_is_the_cotangent_of_a_list_of_numbers():
    text = lines(appended, 1.5)
    assert "terms_bar = [1.0] * len(terms)" in text
    assert not any(h in line for line in text for h in HELPERS)


def floats_and_integers(x):
    pairs = [[x * x, 1], [x, x]]
    pairs[0][0] = 2 * x
    return pairs[0][1] * x + pairs[1][1] * pairs[0][0]


def test_integers_in_lists_have_no_cotangent_to_add_to():
    read(floats_and_integers, 1.5)


def test_slices_of_lists_are_added_element_by_element():
    read(slices_of_lists, 1.5, 0.7, argnums=(0, 1))


def test_arrays_in_lists_are_added_by_an_operator():
    assert not any("accumulate(" in line for line in lines(rows, X, np.array([1.0, 2.0, 3.0]), argnums=(0, 1)))


# ---------------------------------------------------------------- sizes


def square_grid(value, n, steps):
    u, v = np.zeros((n, n)), np.zeros((n, n))
    u[-1, :] = value
    for _ in range(steps):
        v[1:-1, 1:-1] = u[2:, 1:-1] * (u[:-2, 1:-1] - v[1:-1, 2:])
        u[1 : n - 1, 1 : n - 1] += 0.1 * v[1:-1, 1:-1] + u[1:-1, 1:-1] ** 2
    return np.sum(u**2)


def padded(x):
    n = len(x)
    wide = np.zeros(n + 2)
    wide[1:-1] = x
    inner = np.zeros(n - 1)
    inner += x[1:] * x[:-1]
    return np.sum(wide[1:-1] * x * wide[2:]) + np.sum(inner * wide[1:n])


def masked(x):
    mask = x > 0
    return np.sum(x[mask] * np.exp(x[mask]) / (1 + x[mask]))


def shaped_by_trial(x, y):
    return np.sum(np.sort(x) * x + np.roll(x, 1) * np.flip(x)) + np.sum(np.triu(np.outer(y, y)) @ y)


@pytest.mark.parametrize(
    ("fun", "args"),
    [(square_grid, (1.3, 6, 2)), (square_grid, (1.3, 3, 2)), (padded, (Y,)), (padded, (X[:2],)), (masked, (X,)),
     (shaped_by_trial, (X, Y))],
)  # fmt: skip
def test_equal_sizes_need_no_check(fun, args):
    assert not any(h in line for line in lines(fun, *args) for h in HELPERS)


def clamped(x, y):
    # len(x[2:]) + 1 is len(x) - 1 for two elements or more, and 1 for one
    n = len(x[2:]) + 1
    return np.sum(np.ones(n) * x[1:]) + np.sum(y[: n - 2])


def wrapped(x):
    n = len(x)
    return np.sum(x[: n - 3] * x[:1])


def test_sizes_that_are_computed_are_right_where_they_are_small():
    for fun, args in [
        (clamped, (X[:1], Y)),
        (clamped, (X[:2], Y)),
        (clamped, (X, Y)),
        (wrapped, (X[:2],)),
        (wrapped, (Y,)),
    ]:
        s2sad.check_grads(fun, args)


def size_of(fun, *dims, **options):
    return trial.try_small(fun, [Value(None, array("f8", dims))], options).dims


def test_a_size_is_that_of_an_argument_only_where_it_always_is():
    n, m = Dim("n", False), Dim("m", False)
    assert size_of(np.sort, n, m) == (n, m)
    assert size_of(np.rot90, n, m) == (m, n)
    for fun in (np.unique, np.flatnonzero, np.trim_zeros):
        assert size_of(fun, n) != (n,)
    vectors = [Value(None, array("f8", (n,))), Value(None, array("f8", (m,)))]
    assert trial.try_small(np.convolve, vectors, {"mode": "same"}).dims[0] not in (n, m)
    assert trial.try_small(lambda a, k: np.zeros(max(len(a), k)), [vectors[0], 4], {}).dims != (n,)


# ---------------------------------------------------------------- copies


def shifted(u, edge):
    a = np.zeros(6)
    a[1:-1] = u * 2
    a[0] = np.sum(edge)
    a[2:4] = edge[:2] ** 2 + a[1:3]
    return np.sum(a**2)


def test_what_is_only_read_is_not_copied():
    text = lines(shifted, Y, X, argnums=(0, 1))
    assert "u_bar = a_bar[1:-1] * 2" in text
    assert "g = a_bar[2:4].copy()" in text  # which is then cleared


# ---------------------------------------------------------------- helpers


def logsumexp(x, axis):
    top = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(top, axis=axis) + np.log(np.sum(np.exp(x - top), axis=axis))


def two_axes(x, y):
    return np.sum(logsumexp(x, 1) ** 2) + logsumexp(y, 0) * 3


def test_helpers_know_a_literal_axis():
    text = [line for line in lines(two_axes, np.outer(X, Y), Y, argnums=(0, 1)) if not line.startswith("#")]
    assert "total = np.sum(exp, axis=0)" in text and "total = np.sum(exp, axis=1)" in text
    assert "return result_bar / total * exp" in text  # a number
    assert not any(h in line for line in text for h in HELPERS)


def test_results_of_helpers_are_not_copied():
    assert "return x_bar, y_bar" in lines(two_axes, np.outer(X, Y), Y, argnums=(0, 1))


def same(x):
    return x


def handed_on(x, y):
    return np.sum(same(x) * y)


def test_results_that_may_be_somebody_elses_are_copied():
    gradient = s2sad.grad(handed_on, argnums=(0, 1))
    x, y = X.copy(), 2 * X
    x_bar, y_bar = gradient(x, y)
    x_bar += 1
    y_bar += 1
    np.testing.assert_array_equal((x, y), (X, 2 * X))


# ---------------------------------------------------------------- writes


def added_to_slices(x, w):
    a = w * x
    a[1:] += w[1:] * x[:-1]
    a[0] -= x[1]
    return np.sum(a * a[::-1])


def test_sums_into_slices_stay_as_they_were_written():
    text = lines(added_to_slices, X, X + 1, argnums=(0, 1))
    assert "a[1:] += w_part * x_part" in text and "a[0] -= x[1]" in text


def two_arrays(x, y):
    z = x * y  # so they are equally long
    return np.sum(z) + np.sum(np.exp(x[1:-1]) * y[1:-1] * z[:-2])


def two_arrays_in_a_branch(x, y, together):
    s = 0.0
    if together:
        s = np.sum(x * y)
    return s + np.sum(np.exp(x[1:]) * y[1:])


def test_operations_tell_which_sizes_are_equal():
    assert not any(h in line for line in lines(two_arrays, X, X + 1, argnums=(0, 1)) for h in HELPERS)
    s2sad.check_grads(two_arrays_in_a_branch, (X, X + 1, True))
    s2sad.check_grads(two_arrays_in_a_branch, (X, X[:2], False))
    assert any("sum_to" in line for line in lines(two_arrays_in_a_branch, X, X[:2], False, argnums=(0, 1)))


# ---------------------------------------------------------------- what is saved


def same_row_twice(a, dx, n):
    s = 0.0
    for i in range(n):
        s += np.dot(a[i, :i], a[i, :i]) / dx**2
        a[i, i] *= s
    return s


def test_equal_views_are_saved_once_and_powers_of_numbers_never():
    text = lines(same_row_twice, np.outer(X, X + 1), 0.7, 4, argnums=(0, 1))
    assert sum(".append(" in line and ".copy()" in line for line in text) == 1
    assert not any("dx" in line and "append" in line for line in text)


def copied_stencil(u, steps):
    for _ in range(steps):
        v = u.copy()
        v[1:-1] = u[1:-1] + 0.1 * (u[2:] + u[:-2] - 2 * u[1:-1])
        u = v
    return np.sum(u**2)


def test_a_linear_stencil_saves_nothing_for_the_shape_of_an_array():
    assert not any("append" in line for line in lines(copied_stencil, X, 3))


# ---------------------------------------------------------------- what is said at once


def of_layers(layers, x):
    for w, b in layers[:-1]:
        x = np.tanh(w @ x + b)
    w, b = layers[-1]
    return np.sum((w @ x + b) ** 2)


def of_point(p):
    x, y, z = p
    return x * y * z + np.sin(x)


def apart(pairs):
    total = 0.0
    for pair in pairs:
        a = pair[0]
        b = pair[1]
        total = a * b * np.sin(total) + a
    return total


def test_what_was_unpacked_is_unpacked():
    matrix = np.outer(Y, Y) / 10
    text = lines(of_layers, [(matrix, Y), (matrix, Y)], Y)
    assert "for w, b in layers_part:" in text and "w, b = layers[-1]" in text
    assert "x, y, z = p" in lines(of_point, X[:3])
    with pytest.raises(ValueError, match="unpack"):
        s2sad.grad(of_point)(X)
    assert "a = pair[0]" in lines(apart, [(1.0, 2.0), (3.0, 4.0)])  # as it was written


def added_in_place(a, steps):
    a = a.copy()
    for _ in range(steps):
        for i in range(1, len(a)):
            a[i] += a[i - 1] ** 2
        a[1:] = a[1:] * a[:-1] + a[1:]
    return np.sum(a)


def written_again(a, i, j):
    b = a.copy()
    b[i] = 2 * b[i] + b[j]
    b[j] = b[i]
    return np.sum(b**2)


def same_place(a, places):
    b = a * 1.0
    b[places] = b[places] + 3 * b[places]
    return np.sum(b**3)


def test_what_is_added_to_stays_in_its_cotangent():
    text = lines(added_in_place, X, 2)
    assert not any(line.endswith("= 0.0") for line in text)
    assert "a_bar[i - 1] += a_bar[i] * (2 * a_i_1)" not in text
    for i, j in ((0, 1), (1, 1), (0, -5)):  # in one place, too
        read(written_again, X, i, j)
    for places in (np.array([0, 1]), np.array([1, 1]), X > 0, slice(1, 3)):
        read(same_place, X, places)


def test_names_say_what_is_saved():
    text = lines(of_layers, [(np.outer(Y, Y) / 10, Y)] * 3, Y)
    assert not any(line.startswith(("t_saved", "t =")) for line in text)


def asked_for_its_size(x):
    y = x * 2.0
    s = np.mean(y + 1.0)
    y[0] = 5.0
    return s + np.sum(y**3)


def mean_of_squares(x, w):
    return np.mean((x - w) ** 2)


def test_sizes_cost_nothing():
    text = lines(asked_for_its_size, X)
    assert "size = y.size" in text and not any(".copy()" in line for line in text)
    assert any(line.endswith("/ x.size") for line in lines(mean_of_squares, X, 2.0))
    assert any(line.endswith("/ difference.size") for line in lines(mean_of_squares, X, X + 1))


# ---------------------------------------------------------------- powers


def gravity(x):
    return 3.0 * (1.0 + x * x) ** -1.5


def cube_roots(x):
    return np.sum(np.abs(x) ** (1 / 3) + np.power(x * x, 0.75))


def any_power(x, p):
    return np.sum(np.exp(x) ** p)


def root_of_a_number(x):
    return x**0.25


def test_powers_by_literals():
    assert "x_bar = -9.0 * (1.0 + x * x) ** -2.5 * x" in lines(gravity, 0.7)
    text = read(cube_roots, X)
    assert "ratio * np.abs(x) ** (ratio - 1)" in text and "** -0.25" in text and "np.where" not in text
    assert "power * 0.25 / x" in read(root_of_a_number, 0.7)
    assert s2sad.grad(root_of_a_number)(0.0) == np.inf


def test_powers_by_variables():
    text = read(any_power, X, 1.5)
    assert "** ((p - 1) * (p != 0))" in text and "np.where" not in text
    zeros = np.array([0.0, 2.0])
    assert np.array_equal(s2sad.grad(lambda x, p: np.sum(x**p))(zeros, 0.0), [0.0, 0.0])
    mask = np.array([True, False])
    assert np.array_equal(s2sad.grad(lambda x, p: np.sum(x**p))(zeros + 1.0, mask), [1.0, 0.0])
    assert s2sad.grad(lambda x, p: np.sum(x**p))(zeros.astype("f4"), 1.5).dtype == np.float32


# ---------------------------------------------------------------- objects


class Layer:
    def __init__(self):
        self.weights, self.rate, self.names = np.array([[0.5, -0.2], [0.1, 0.8]]), 0.9, {"scale": 2.0}

    def step(self, x):
        return np.tanh(self.weights @ x * self.rate)

    def loss(self, x):
        for _ in range(3):
            x = self.step(x) * self.names["scale"]
        return np.sum(x * self.rate)


def test_attributes_are_read_where_they_are_needed():
    text = read(Layer().loss, np.array([0.3, -0.4]))
    assert text.count("_saved = []") == 1 and "tanh_saved = []" in text
    assert "self.weights.T @" in text and "np.broadcast_to(1.0" not in text


# ---------------------------------------------------------------- what is computed twice


def decay_twice(p, t):
    total = 0.0
    for _ in range(2):
        model = p[0] * np.exp(-p[1] * t)
        slope = -p[1] * np.exp(-p[1] * t)
        total = total + np.sum(model * slope)
        p = p * 0.9
    return total


def draws(x, rng):
    total = 0.0
    for _ in range(3):
        total = total + x * rng.normal() * x * rng.normal()
    return total


def test_what_is_computed_twice_is_saved_once():
    text = read(decay_twice, np.array([0.3, 0.4]), np.array([0.5, 1.0]))
    assert text.count("exp_saved") == 3  # made, filled and emptied
    x, rng = 1.5, np.random.default_rng(3)
    expected = sum(2 * x * rng.normal() * rng.normal() for _ in range(3))
    assert s2sad.grad(draws)(x, np.random.default_rng(3)) == pytest.approx(expected)


def sines(a):
    return np.sum(np.sin(a) * np.cos(a) * np.sqrt(a))


def sines_in_a_loop(a):
    for _ in range(3):
        s = np.sin(a)
        c = np.cos(a)
        a = s * c
    return np.sum(a)


def test_the_backward_part_uses_what_the_forward_part_has_computed():
    for f in (sines, sines_in_a_loop):
        text = read(f, np.abs(X) + 0.1)
        computed = "\n".join(line for line in text.splitlines() if "#" not in line)
        assert computed.count("np.sin(") == computed.count("np.cos(") == 1
        assert "a_saved" not in text


def steady(x, p, n, m):
    for j in range(n):
        for _ in range(m):
            w = np.outer(p, p) * j
            x = np.tanh(w @ x) * np.exp(p)
    return np.sum(x)


def steady_in_a_while(x, p):
    k = 0
    while np.sum(x) < 50 and k < 20:
        d = np.sqrt(p * p + 1)
        x = x * d + d
        k += 1
        if np.sum(x) > 30:
            break
    return np.sum(x)


def test_what_each_turn_computes_in_the_same_way_is_not_saved():
    p = np.array([0.2, 0.4])
    for n, m in ((2, 3), (2, 0), (0, 2)):
        text = read(steady, X[:2], p, n, m, argnums=(0, 1))
    for line in ("        w_saved.append(w)", "        exp_saved.append(exp)"):  # once for each turn of the outer loop
        assert line in text.splitlines()
    _, pullback = s2sad.vjp(steady, X[:2], p, 2, 0)
    assert np.array_equal(pullback(1.0)[0], [1.0, 1.0])
    assert read(steady_in_a_while, X[:2], p, argnums=(0, 1)).count("_saved = []") == 1


def sinc(x):
    if x == 0:
        return 1.0
    return np.sin(x) / x


def test_a_guarded_singularity():
    text = read(sinc, 0.7)
    assert "UNDEFINED" not in text and "    if not test:" in text.splitlines()
    assert s2sad.grad(sinc)(0.0) == 0.0


class Heavy:
    def __init__(self):
        self.rate, self.table = 0.9, np.zeros(1000)

    def scaled(self, x):
        for _ in range(3):
            x = np.sin(x * self.rate)
        return x


def test_a_pullback_keeps_what_it_needs_and_no_whole_object():
    heavy = Heavy()
    _, pullback = s2sad.vjp(heavy.scaled, 0.7)
    before = pullback(1.0)
    heavy.rate, heavy.table = 3.0, None
    assert pullback(1.0) == before
    kept = [c.cell_contents for c in pullback.__closure__ if isinstance(c.cell_contents, (tuple, list))]
    assert kept and not any(isinstance(x, (Heavy, np.ndarray)) for k in kept for x in k)


def sum_of_rows(a, b):
    wide = np.reshape(a, (len(a), 1)) + b
    for k in range(len(a)):
        wide[k, :1] = 2 * wide[k, 1:2]
    return wide


def swept(x):
    t = x.copy()
    for k in range(3):
        t[:] = sum_of_rows(t[:, k], t[k, :])
    return np.sum(t * t)


def test_a_pullback_keeps_the_size_of_an_array_and_not_the_array():
    """What it would keep is a view of what the loop writes: it would have to be copied in each turn."""
    text = read(swept, np.arange(9.0).reshape(3, 3) / 7)
    (saved,) = [line for line in text.splitlines() if line.strip().startswith("saved = ")]
    assert "shape" in saved and ", a" not in saved and "= a," not in saved
    assert "t = t.copy()" not in text


def indexed(x):
    y = np.zeros((3, 2))
    y[1:, 0] = x
    y[:, 1] += y[:, 0] * y[0, 0]
    return np.sum(y**3)


def with_indexed(x):
    return indexed(x) * indexed(2 * x) + indexed(x + 1)


def test_a_pullback_keeps_no_index_that_is_written_in_the_program():
    _, pullback = s2sad.vjp(with_indexed, np.array([0.5, 1.5]))
    assert "slice(" not in read(with_indexed, np.array([0.5, 1.5]))
    kept = [c.cell_contents for c in pullback.__closure__ if isinstance(c.cell_contents, (tuple, list))]
    assert kept and not any(isinstance(x, slice) for k in kept for x in k)


def moved_down(A, n):
    B = A.copy()
    for _ in range(n):
        B[1:] = B[:-1] * 2
    return np.sum(Y * B)


def test_a_gradient_that_is_made_here_is_not_copied_again():
    text = read(moved_down, Y, 3)
    assert text.splitlines()[-1] == "    return B_bar"
    for n in (0, 2):
        gradient = s2sad.grad(moved_down)(Y.copy(), n)
        assert not np.shares_memory(gradient, Y)
    given = s2sad.grad(lambda x: np.sum(Y * x))(Y.copy())  # it is the cotangent itself, and the caller's to change
    assert np.array_equal(given, Y) and not np.shares_memory(given, Y)


def heated(A, B, n):
    B = B.copy()
    for _ in range(n):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[2:, 1:-1] + A[1:-1, :-2])
    return np.sum(B * B)


def grown(a, n):
    b = np.zeros((4, 4))
    for k in range(1, n):
        b[:k, 1:] += np.sin(a[:k, :1])
    return np.sum(b * b)


def test_a_size_that_lasts_is_not_saved_in_each_turn():
    """A may have rows of one element here, where those of B have more; in `grown` the size moves."""
    x, y = np.arange(12.0).reshape(4, 3) / 9, np.arange(16.0).reshape(4, 4) / 9
    text = read(heated, x, y, 2, argnums=(0, 1))
    assert "shape" in text and "_saved" not in text
    for n in (0, 1, 3):
        s2sad.check_grads(heated, (x, y, n))
        s2sad.check_grads(grown, (y, n))
