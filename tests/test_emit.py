"""Emitted Python against the IR itself, with every trap that shared memory sets; and the text of some programs."""

import linecache
import operator
import textwrap

import numpy as np
import pytest
from emit_helpers import LIST, MATRIX, VECTOR, Builder, run, unchanged

import s2sad
from s2sad import runtime
from s2sad.codegen.emit import emit
from s2sad.codegen.load import load, unique_filename
from s2sad.ir import prims
from s2sad.ir import types as T
from s2sad.ir.core import UNDEFINED, Const, Function, Iter, Op, Parameter, Span, Value

F, I, B = T.FLOAT, T.INT, T.BOOL
LISTS = T.list_of(VECTOR)


def check(function, *args, text=None, comments=False):
    """The emitted function gives what the IR means, and leaves its arguments alone."""
    emitted = emit(function, name="g", comments=comments)
    assert emitted.text == emit(function, name="g", comments=comments).text
    g = load(emitted.text, emitted.namespace, unique_filename("g"))["g"]
    expected = run(function, *args)
    with unchanged(*args):
        got = g(*args)
    np.testing.assert_equal(got if len(expected) > 1 else (got,), expected)
    if text is not None:
        assert emitted.text == textwrap.dedent(text).lstrip("\n")
    return emitted.text


def vector(n=6, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def values(*specs):
    return [Value(h, t) for h, t in specs]


# ---------------------------------------------------------------- expressions


def test_folding_and_names():
    x, y = values(("x", VECTOR), ("y", VECTOR))
    b = Builder(x, y)
    z = b.op(np.tanh, b.op(operator.add, x, y), hint="z")
    w = b.op(operator.mul, z, b.op(operator.sub, 1.0, b.op(operator.pow, z, 2)))
    check(
        b.function(b.op(np.sum, w, axis=0, type=F)), vector(), vector(seed=1),
        text="""
        def g(x, y):
            z = np.tanh(x + y)
            return np.sum(z * (1.0 - z**2), axis=0)
        """,
    )  # fmt: skip


def test_long_expressions_are_split():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    total = x
    for _ in range(40):
        total = b.op(operator.add, total, b.op(np.tanh, x))
    text = check(b.function(total), vector())
    assert max(map(len, text.splitlines())) < 110


def test_numpy_spellings():
    (x,) = values(("x", MATRIX))
    b = Builder(x)
    t = b.op(operator.matmul, b.op(np.transpose, x, type=MATRIX), x, type=MATRIX)
    u = b.op(np.abs, b.op(np.linalg.inv, t, type=MATRIX), type=MATRIX)
    v = b.op(np.ndarray.sum, u, type=F, axis=0)
    w = b.op(operator.getitem, b.op(np.shape, x, type=T.tuple_of((I, I))), 0, type=I)
    s = b.op(operator.neg, b.op(float, w, type=F), type=F)
    r = b.op(np.random.RandomState, 3, type=T.UNKNOWN)
    text = check(
        b.function(v, s, Const(np.pi, "np.pi"), Const(float("inf")), Const(-0.0), Const(np.float64)), np.eye(3) + 1,
    )  # fmt: skip
    assert "= np.abs(np.linalg.inv(x.T @ x)).sum(axis=0)" in text
    assert "= -float(x.shape[0])" in text
    assert ", np.pi, np.inf, -0.0, np.float64" in text
    assert r and "np.random.RandomState(3)" in text  # not known to be pure: stays


def test_names_that_are_taken():
    args = values(("np", VECTOR), ("len", VECTOR), ("lambda", VECTOR), ("_", VECTOR))[:2]
    b = Builder(*args)
    x = b.op(np.tanh, args[0], hint="sum")
    y = b.op(operator.add, x, b.op(len, args[1], type=I), hint="class")
    z = b.op(operator.add, y, b.op(sum, y, type=F), hint="_")
    text = check(b.function(b.op(operator.add, z, z)), vector(), vector(seed=1))
    assert "np_1.tanh(np)" in text and "len_1(len)" in text


def test_effects_stay_in_order():
    seen = []

    def note(x):
        seen.append(float(np.sum(x)))
        return x

    (x,) = values(("x", VECTOR))
    b = Builder(x)
    first = b.op(Const(note).value, x)
    b.op(note, 2.0, type=F)
    second = b.op(note, b.op(operator.mul, x, 3.0))
    check(b.function(b.op(operator.sub, second, first)), vector())
    assert len(seen) == 6 and seen[:3] == seen[3:]


# ---------------------------------------------------------------- memory


def test_parameter_is_copied_once_before_the_loop():
    u, n = values(("u", VECTOR), ("n", I))
    b = Builder(u, n)

    def body(b, i, u):
        return [b.set(u, b.op(operator.mul, b.item(u, i, type=F), 2.0, type=F), i)]

    (u2,) = b.for_([n], [u], body)
    f = b.function(u2)
    check(
        f, vector(), 4,
        text="""
        def g(u, n):
            u = u.copy()
            for i in range(n):
                u[i] *= 2.0
            return u
        """,
    )  # fmt: skip
    check(f, vector(), 0)


def test_parameter_is_copied_before_the_outermost_loop():
    u, n = values(("u", VECTOR), ("n", I))
    b = Builder(u, n)

    def outer(b, i, u):
        return b.for_([n], [u], lambda b, j, u: [b.set(u, b.op(operator.add, i, j, type=I), i)], elements=(("j", I),))

    f = b.function(*b.for_([n], [u], outer))
    assert check(f, vector(), 3).count("copy") == 1


def test_returned_parameter_and_its_update():
    (u,) = values(("u", VECTOR))
    b = Builder(u)
    check(b.function(b.set(u, 0.0, 0), u), vector())


def test_straight_line_updates_share_one_copy():
    (u,) = values(("u", VECTOR))
    b = Builder(u)
    v = b.set(b.set(b.set(u, 0.0, 0), 1.0, 1), 2.0, 2)
    assert check(b.function(v), vector()).count("copy") == 1


def test_view_read_after_the_write():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")
    g = b.item(u, (1, -1), hint="g")
    u = b.set(u, 0.0, (1, -1))
    u = b.op(runtime.index_add, u, b.index((1, -1)), g, hint="u")
    u = b.op(runtime.index_add, u, b.index((None, -2)), g, hint="u")
    check(
        b.function(u), vector(),
        text="""
        def g(x):
            u = x * 2.0
            g = u[1:-1].copy()
            u[1:-1] = 0.0
            u[1:-1] += g
            u[:-2] += g
            return u
        """,
    )  # fmt: skip


def test_old_version_read_later():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")
    v = b.set(u, 0.0, 0, hint="v")
    check(b.function(b.op(operator.add, u, v)), vector())


def test_number_read_before_the_write_is_not_moved_behind_it():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")
    first = b.item(u, 0, type=F)
    u = b.set(u, 0.0, 0)
    check(b.function(u, b.op(operator.add, first, 1.0, type=F)), vector())


def test_transposed_and_reshaped_views():
    (x,) = values(("x", MATRIX))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=MATRIX)
    t = b.op(np.transpose, u, type=MATRIX)
    r = b.op(np.ravel, u)
    s = b.op(np.reshape, u, (-1,))
    u2 = b.set(u, 7.0, 0, hint="u")
    check(b.function(u2, t, r, s), np.arange(9.0).reshape(3, 3))


@pytest.mark.parametrize(
    "form", [(np.reshape, ((-1,),), VECTOR), (np.transpose, (), MATRIX)], ids=["reshape", "transpose"]
)
def test_view_read_before_a_write_through_a_view_that_is_made_later(form):
    prim, args, t = form
    (x,) = values(("x", MATRIX))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=MATRIX)
    part = b.op(operator.getitem, b.op(prim, u, *args, type=t), Const(slice(1, 3)), type=t)
    new, read = b.op(operator.mul, part, 3.0, type=t), b.op(operator.mul, part, 5.0, type=t)
    written = b.op(runtime.setitem, b.op(prim, u, *args, type=t), Const(slice(0, 2)), new, type=t)
    u2 = b.op(np.reshape, written, (3, 3), type=MATRIX, hint="u")
    check(b.function(b.op(operator.add, b.op(np.sum, read, type=F), 1.0, type=F), u2), np.arange(9.0).reshape(3, 3))


def part_with_an_element(b, u, prim=runtime.setitem, index=1, inside=slice(1, -1), put=slice(1, -1)):
    """``u`` with an element of ``u[1:-1]`` changed, as the compiler makes it; the part before and the part after."""
    view = b.op(operator.getitem, u, Const(inside), type=VECTOR)
    new = b.op(prim, view, Const(index), 7.0, type=VECTOR)
    return view, new, b.op(runtime.setitem, u, Const(put), new, type=VECTOR, hint="u")


def test_element_of_a_view():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=VECTOR)
    _, _, u2 = part_with_an_element(b, u)
    text = """
        def g(x):
            u = x * 2.0
            u[1:-1][1] = 7.0
            return u
    """
    check(b.function(u2), vector(), text=text)


def test_elements_of_a_view_that_repeat():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=VECTOR)
    _, _, u2 = part_with_an_element(b, u, runtime.index_add, [1, 1, 2])
    assert "np.add.at(u[1:-1], " in check(b.function(u2), vector())


@pytest.mark.parametrize("read", ["view", "new", "old", "element"])
def test_element_of_a_view_with_others_that_are_read(read):
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=VECTOR)
    element = b.op(operator.getitem, u, 2)
    view, new, u2 = part_with_an_element(b, u)
    check(b.function(u2, {"view": view, "new": new, "old": u, "element": element}[read]), vector())


def test_element_of_a_view_that_is_stored_elsewhere():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u", type=VECTOR)
    _, _, u2 = part_with_an_element(b, u, put=slice(2, None))
    check(b.function(u2), vector())


def test_broadcast_view_is_not_written():
    (x,) = values(("x", F))
    b = Builder(x)
    u = b.op(np.broadcast_to, x, (4,), hint="u")
    check(b.function(b.set(u, 1.0, 0)), 3.0)
    b = Builder(x)
    u = b.op(np.broadcast_to, x, (4,), hint="u")
    check(b.function(b.op(runtime.accumulate, u, b.op(np.ones, 4))), 3.0)


def test_buffers_swapped_in_a_loop():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    old, new = b.op(operator.mul, x, 1.0, hint="old"), b.op(np.zeros_like, x, hint="new")

    def body(b, i, old, new):
        new = b.set(new, b.op(operator.add, b.item(old, (1, None)), 1.0), (None, -1))
        return [new, old]

    outs = b.for_([n], [old, new], body)
    f = b.function(*outs)
    for n in (0, 1, 2, 5):
        text = check(f, vector(), n)
    assert "copy" not in text and "old, new = new, old" in text


def test_one_array_under_two_names_in_a_loop():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    u = b.op(operator.mul, x, 1.0, hint="u")

    def body(b, i, a, c):
        return [b.set(a, b.op(operator.add, b.item(c, 0, type=F), 1.0, type=F), i), c]

    f = b.function(*b.for_([n], [u, u], body))
    for n in (0, 1, 5):
        check(f, vector(), n)


def test_carried_view_of_what_is_written():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    u = b.op(operator.mul, x, 1.0, hint="u")
    v = b.item(u, (1, None), hint="v")

    def body(b, i, u, v):
        u = b.set(u, b.op(operator.add, b.item(v, 0, type=F), 1.0, type=F), i)
        return [u, b.item(u, (1, None), hint="v")]

    f = b.function(*b.for_([n], [u, v], body))
    for n in (0, 1, 4):
        check(f, vector(), n)


def test_pushed_view_is_copied_and_not_the_array():
    u, n = values(("u", VECTOR), ("n", I))
    b = Builder(u, n)
    saved = b.op(prims.make_list, hint="u_saved", type=LISTS)

    def body(b, i, u, saved):
        saved = b.push(saved, b.item(u, (1, -1)))
        return [b.set(u, b.op(operator.mul, b.item(u, (1, -1)), 2.0), (1, -1)), saved]

    u2, saved = b.for_([n], [u, saved], body)

    def back(b, i, u, saved):
        v, saved = b.pop(saved)
        return [b.set(u, v, (1, -1)), saved]

    u3, saved = b.for_([n], [b.op(operator.add, u2, 0.0, hint="u"), saved], back, reverse=True)
    check(
        b.function(u2, u3), vector(), 3,
        text="""
        def g(u, n):
            u_saved = []
            u = u.copy()
            for _ in range(n):
                u_saved.append(u[1:-1].copy())
                u[1:-1] *= 2.0
            u_1 = u + 0.0
            for _ in range(n):
                u_1[1:-1] = u_saved.pop()
            return u, u_1
        """,
    )  # fmt: skip


def test_pushed_array_is_copied():
    u, n = values(("u", VECTOR), ("n", I))
    b = Builder(u, n)
    saved = b.op(prims.make_list, hint="u_saved", type=LISTS)

    def body(b, i, u, saved):
        saved = b.push(saved, u)
        return [b.set(u, 3.0, i), saved]

    f = b.function(*b.for_([n], [u, saved], body))
    for n in (0, 1, 3):
        text = check(f, vector(), n)
    assert "u_saved.append(u.copy())" in text


def test_arrays_kept_in_a_list_are_not_overwritten():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    kept = b.op(prims.make_list, hint="kept", type=LISTS)

    def body(b, i, kept, w):
        u = b.op(operator.mul, x, 1.0, hint="u")
        kept = b.push(kept, u)
        return [b.push(kept, b.set(u, 5.0, 0)), u]

    f = b.function(*b.for_([n], [kept, x], body))
    for n in (0, 2):
        check(f, vector(), n)


def test_element_taken_from_two_lists_is_copied_before_the_write():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    one, two = (b.op(prims.make_list, hint=h, type=LISTS) for h in ("one", "two"))

    def body(b, i, one, two):
        h = b.op(operator.mul, x, b.op(float, i, type=F), hint="h")
        return [b.push(one, h), b.push(two, h)]

    one, two = b.for_([n], [one, two], body)
    p, one = b.pop(one, hint="p")
    q, two = b.pop(two, hint="q")
    check(b.function(b.set(p, 100.0, 0), q), vector(), 3)


def test_elements_of_a_tuple():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")
    pair = b.op(prims.make_tuple, u, x, hint="pair", type=T.tuple_of((VECTOR, VECTOR)))
    e = b.op(operator.getitem, pair, 0, hint="e")
    e2 = b.set(e, 9.0, 0)
    check(b.function(e2, pair), vector())
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")
    pair = b.op(prims.make_tuple, u, x, type=T.tuple_of((VECTOR, VECTOR)))
    check(b.function(b.set(u, 9.0, 0), pair), vector())


def test_unknown_values_are_never_written():
    x, y = values(("x", T.UNKNOWN), ("y", T.UNKNOWN))
    b = Builder(x, y)
    z = b.op(operator.add, x, y, type=T.UNKNOWN, hint="z")
    w = b.op(runtime.match, z, x, type=T.UNKNOWN, hint="w")
    v = b.op(runtime.setitem, w, 0, 5.0, type=T.UNKNOWN, hint="v")
    s = b.op(runtime.accumulate, v, w, type=T.UNKNOWN)
    s2 = b.op(runtime.index_add, s, 0, 1.0, type=T.UNKNOWN)
    check(b.function(z, w, s, s2, b.op(operator.iadd, x, y, type=T.UNKNOWN)), vector(), vector(seed=1))


def test_same_cotangent_for_two_names():
    (y_bar,) = values(("y_bar", VECTOR))
    b = Builder(y_bar)
    g = b.op(operator.mul, y_bar, 2.0, hint="y_bar")
    a = b.op(runtime.accumulate, g, y_bar, hint="a_bar")
    c = b.op(runtime.accumulate, g, a, hint="c_bar")
    check(b.function(a, c), vector())
    b = Builder(y_bar)
    g = b.op(operator.mul, y_bar, 2.0, hint="y_bar")
    a = b.op(runtime.accumulate, g, y_bar, hint="a_bar")
    check(b.function(a, b.op(runtime.accumulate, a, a)), vector())


def test_accumulate_in_a_loop():
    x, n = values(("x", VECTOR), ("n", I))
    b = Builder(x, n)
    total = b.op(np.zeros_like, x, hint="x_bar")
    (total,) = b.for_([n], [total], lambda b, i, t: [b.op(runtime.accumulate, t, x, hint="x_bar")])
    f = b.function(total)
    check(
        f, vector(), 3,
        text="""
        def g(x, n):
            x_bar = np.zeros_like(x)
            for _ in range(n):
                x_bar += x
            return x_bar
        """,
    )  # fmt: skip
    b = Builder(x, n)  # begins as an alias of a parameter
    (total,) = b.for_([n], [x], lambda b, i, t: [b.op(runtime.accumulate, t, x)])
    check(b.function(total), vector(), 3)


def test_numbers_are_rebound():
    x, n = values(("x", F), ("n", I))
    b = Builder(x, n)
    (y,) = b.for_([n], [x], lambda b, i, y: [b.op(runtime.accumulate, y, x, type=F, hint="x")])
    check(b.function(y, x), 2.0, 3)


def test_augmented_assignment_keeps_the_dtype():
    a = Value("a", T.array("f4", VECTOR.dims))
    v = Value("v", VECTOR)
    b = Builder(a, v)
    f = b.function(b.op(operator.iadd, a, v, hint="a", type=a.type))
    text = check(f, vector().astype("f4"), vector(seed=1))
    assert "a = a.copy()\n    a += v" in text


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_update_of_an_element_keeps_the_cast(dtype):
    a = Value("a", T.array(dtype, VECTOR.dims))
    b = Builder(a)
    item = b.op(operator.getitem, a, 0, type=T.scalar(dtype))
    total = b.op(operator.add, item, 0.7, type=T.scalar("f8"))
    text = check(b.function(b.set(a, total, 0)), np.arange(4).astype(dtype))
    assert ("a[0] += 0.7" in text) == (dtype != "i8")


def test_index_add_with_repeated_indices():
    a, i = values(("a", VECTOR), ("i", T.array("i8", VECTOR.dims)))
    b = Builder(a, i)
    out = b.op(operator.mul, a, 0.0, hint="a")
    out = b.op(runtime.index_add, out, i, 1.0, hint="a")
    text = check(b.function(out), vector(), np.array([0, 0, 2]))
    assert "np.add.at(a, i, 1.0)" in text


def test_lists():
    items, n = values(("items", LIST), ("n", I))
    b = Builder(items, n)
    (new,) = b.for_([n], [items], lambda b, i, l: [b.push(l, i)])
    last, rest = b.pop(new, type=F, hint="last")
    rest = b.op(runtime.index_add, rest, 0, 2.0, hint="rest", type=LIST)
    rest = b.op(runtime.clear_item, rest, 1, hint="rest", type=LIST)
    f = b.function(rest, last)
    check(f, [1.0, 2.0, 3.0], 3)
    check(f, [1.0, 2.0, 3.0], 0)


def test_walking_over_what_is_written():
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    u = b.op(operator.mul, x, 2.0, hint="u")

    def body(b, e, u, s):
        return [b.set(u, 1.0, -1), b.op(operator.add, s, e, type=F)]

    check(b.function(*b.for_([u], [u, 0.0], body, kind="seq", elements=(("e", F),))), vector())


def test_branches_that_write():
    u, c = values(("u", VECTOR), ("c", B))
    b = Builder(u, c)
    w = b.op(operator.mul, u, 2.0, hint="w")
    (w2,) = b.if_(c, lambda b: [b.set(w, 1.0, 0)], lambda b: [w], [("w", VECTOR)])
    (u2,) = b.if_(c, lambda b: [b.set(u, 1.0, 0)], lambda b: [w2], [("u", VECTOR)])
    u3 = b.set(u2, 8.0, 1)
    f = b.function(u3, w2)
    check(f, vector(), True)
    check(f, vector(), False)


def test_array_of_either_of_two_branches():
    x, c = values(("x", VECTOR), ("c", B))
    b = Builder(x, c)
    p, q = b.op(operator.mul, x, 2.0, hint="p"), b.op(operator.mul, x, 3.0, hint="q")
    (r,) = b.if_(c, lambda b: [p], lambda b: [q], [("r", VECTOR)])
    f = b.function(b.set(r, 0.0, 0), p)
    check(f, vector(), True)
    check(f, vector(), False)


# ---------------------------------------------------------------- control flow


def test_recurrence_reads_as_written():
    xs, h = values(("xs", MATRIX), ("h", VECTOR))
    b = Builder(xs, h)

    def body(b, x, h):
        return [b.op(np.tanh, b.op(operator.add, h, x), hint="h")]

    (h2,) = b.for_([xs], [h], body, kind="seq", elements=(("x", VECTOR),))
    check(
        b.function(h2), np.ones((3, 4)), np.ones(4),
        text="""
        def g(xs, h):
            for x in xs:
                h = np.tanh(h + x)
            return h
        """,
    )  # fmt: skip


def test_fibonacci_swaps():
    (n,) = values(("n", I))
    b = Builder(n)
    one = Value("b", I)

    def body(b, i, a, c):
        return [c, b.op(operator.add, a, c, type=I)]

    a = b.op(int, 0, hint="a", type=I)
    c = b.op(int, 1, hint="b", type=I)
    f = b.function(*b.for_([n], [a, c], body))
    for n in (0, 1, 7):
        check(f, n)
    assert one


def test_rotation_of_three():
    n, x, y, z = values(("n", I), ("x", F), ("y", F), ("z", F))
    b = Builder(n, x, y, z)
    f = b.function(*b.for_([n], [x, y, z], lambda b, i, x, y, z: [y, z, x]))
    for n in range(4):
        text = check(f, n, 1.0, 2.0, 3.0)
    assert "x, y, z = y, z, x" in text


def test_enumerate_zip_and_reversed():
    xs, ys, n = values(("xs", VECTOR), ("ys", VECTOR), ("n", I))
    b = Builder(xs, ys, n)
    pairs = Iter("enumerate", (Iter("zip", (Iter("seq"), Iter("seq"))),))
    names = (("i", I), ("x", F), ("y", F))

    def body(b, i, x, y, s):
        return [
            b.op(operator.add, s, b.op(operator.mul, i, b.op(operator.sub, x, y, type=F), type=F), type=F, hint="s")
        ]

    (s,) = b.for_([0, xs, ys], [b.op(float, 0.0, hint="s", type=F)], body, kind=pairs, elements=names)
    step = lambda b, i, s: [b.op(operator.sub, b.op(operator.mul, s, 2.0, type=F), i, type=F, hint="s")]  # noqa: E731
    (s,) = b.for_([1, n, 2], [s], step, reverse=True)
    text = check(b.function(s), vector(), vector(seed=1), 6)
    assert "for i, (x, y) in enumerate(zip(xs, ys)):" in text
    assert "for i in reversed(range(1, n, 2)):" in text


def test_while_and_its_condition():
    x, n = values(("x", F), ("n", I))
    b = Builder(x, n)

    def body(b, x, k):
        return [b.op(operator.mul, x, 2.0, type=F, hint="x"), b.op(operator.add, k, 1, type=I, hint="k")]

    k = b.op(int, 0, hint="k", type=I)
    f = b.function(*b.while_([x, k], lambda b, x, k: [b.op(operator.lt, x, 100.0, type=B)], body))
    check(
        f, 3.0, 0,
        text="""
        def g(x, n):
            k = int(0)
            while x < 100.0:
                x = x * 2.0
                k = k + 1
            return x, k
        """,
    )  # fmt: skip
    check(f, 300.0, 0)


def test_while_with_statements_in_its_condition():
    (x,) = values(("x", F))
    b = Builder(x)

    def condition(b, x):
        y = b.op(operator.mul, x, x, type=F, hint="y")
        return [b.op(operator.lt, b.op(operator.add, y, y, type=F), 100.0, type=B)]

    f = b.function(*b.while_([x], condition, lambda b, x: [b.op(operator.add, x, 1.0, type=F, hint="x")]))
    assert "while True:" in check(f, 3.0)
    check(f, 300.0)


def breaking(read_flag):
    xs, limit = values(("xs", VECTOR), ("limit", F))
    b = Builder(xs, limit)

    def body(b, x, s):
        s = b.op(operator.add, s, x, type=F, hint="s")
        c = b.op(operator.gt, s, limit, type=B)

        def rest(b):
            return [False, b.op(operator.mul, s, 2.0, type=F, hint="s")]

        return b.if_(c, lambda b: [True, s], rest, [(None, B), ("s", F)])

    start = b.op(float, 0.0, hint="s", type=F)
    stop, s = b.for_([xs], [start], body, kind="seq", elements=(("x", F),), stops=True)
    return b.function(s, stop) if read_flag else b.function(s)


def test_break():
    f = breaking(read_flag=False)
    for limit in (-10.0, 2.0, 1000.0):
        check(f, np.arange(5.0), limit)
    check(f, np.zeros(0), 1.0)
    check(
        f, np.arange(5.0), 3.0,
        text="""
        def g(xs, limit):
            s = float(0.0)
            for x in xs:
                s = s + x
                if s > limit:
                    break
                s = s * 2.0
            return s
        """,
    )  # fmt: skip


def test_break_and_whether_it_happened():
    f = breaking(read_flag=True)
    for limit in (-10.0, 2.0, 1000.0):
        check(f, np.arange(5.0), limit)
    check(f, np.zeros(0), 1.0)


def test_break_by_a_computed_flag():
    xs, limit = values(("xs", VECTOR), ("limit", F))
    b = Builder(xs, limit)

    def body(b, x, s, last):
        s = b.op(operator.add, s, x, type=F, hint="s")
        return [b.op(operator.gt, s, limit, type=B), s, x]

    outs = b.for_([xs], [limit, limit], body, kind="seq", elements=(("x", F),), stops=True)
    f = b.function(*outs)
    for limit in (-10.0, 2.0, 1000.0):
        check(f, np.arange(5.0), limit)
    f = b.function(*outs[1:])
    check(f, np.arange(5.0), 2.0)


def test_break_in_a_while_and_in_nested_branches():
    x, limit = values(("x", F), ("limit", F))
    b = Builder(x, limit)

    def body(b, x):
        def inner(b):
            c = b.op(operator.gt, x, 50.0, type=B)
            return b.if_(
                c, lambda b: [True, x], lambda b: [False, b.op(operator.add, x, 7.0, type=F)], [(None, B), ("x", F)]
            )

        c = b.op(operator.gt, x, limit, type=B)
        return b.if_(c, inner, lambda b: [False, b.op(operator.mul, x, 2.0, type=F)], [(None, B), ("x", F)])

    stop, x2 = b.while_([x], lambda b, x: [b.op(operator.lt, x, 1000.0, type=B)], body, stops=True)
    f = b.function(x2)
    for x, limit in ((1.0, 10.0), (1.0, 2000.0), (2000.0, 1.0)):
        text = check(f, x, limit)
    assert "break" in text and stop


def test_returns_in_branches_and_elif():
    (x,) = values(("x", F))
    b = Builder(x)

    def other(b):
        c = b.op(operator.lt, x, 1.0, type=B)
        return b.if_(c, lambda b: [b.op(operator.mul, x, x, type=F)], lambda b: [x], [(None, F)])

    f = b.function(
        *b.if_(b.op(operator.lt, x, 0.0, type=B), lambda b: [b.op(operator.neg, x, type=F)], other, [("y", F)])
    )
    for x in (-1.0, 0.5, 3.0):
        text = check(f, x)
    assert text.count("if") == 2


def test_early_return_becomes_return():
    (x,) = values(("x", F))
    b = Builder(x)

    def then(b):
        y = b.op(np.tanh, x, type=F, hint="y")
        return [b.op(operator.mul, y, y, type=F)]

    def rest(b):
        z = b.op(np.exp, x, type=F, hint="z")
        return [b.op(operator.add, z, z, type=F)]

    f = b.function(*b.if_(b.op(operator.lt, x, 0.0, type=B), then, rest, [(None, F)]))
    check(
        f, 1.0,
        text="""
        def g(x):
            if x < 0.0:
                y = np.tanh(x)
                return y * y
            z = np.exp(x)
            return z + z
        """,
    )  # fmt: skip
    check(f, -1.0)


def test_conditional_expressions():
    x, c, d = values(("x", F), ("c", B), ("d", B))
    b = Builder(x, c, d)
    (y,) = b.if_(c, lambda b: [b.op(operator.neg, x, type=F)], lambda b: [0.0], [(None, F)])
    (both,) = b.if_(c, lambda b: [d], lambda b: [c], [(None, B)])
    (either,) = b.if_(c, lambda b: [c], lambda b: [d], [(None, B)])
    f = b.function(y, both, either)
    for c in (True, False):
        for d in (True, False):
            text = check(f, 2.0, c, d)
    assert "return -x if c else 0.0, c and d, c or d" in text


def test_raise_and_undefined():
    x, c = values(("x", F), ("c", B))
    b = Builder(x, c)

    def then(b):
        error = b.op(ValueError, "no", type=T.UNKNOWN)
        b.add(Op("raise", [error]))
        return [UNDEFINED]

    (y,) = b.if_(c, then, lambda b: [b.op(operator.mul, x, 2.0, type=F)], [("y", F)])
    f = b.function(b.op(operator.add, y, 1.0, type=F))
    text = check(f, 2.0, False)
    assert 'raise ValueError("no")' in text
    emitted = emit(f, name="g")
    with pytest.raises(ValueError, match="no"):
        load(emitted.text, emitted.namespace, "<raising>")["g"](2.0, True)


def test_with():
    (x,) = values(("x", F))
    b = Builder(x)
    inner = Builder()
    y = inner.op(np.log, x, type=F, hint="y")
    inner.block.results = [y]
    out = Value("y", F)
    manager = b.op(np.errstate, divide=Const("ignore"), type=T.UNKNOWN)
    b.add(Op("with", [manager], outs=[out], blocks=[inner.block]))
    text = check(b.function(b.op(operator.add, out, 1.0, type=F)), 2.0)
    assert 'with np.errstate(divide="ignore"):' in text


def test_unpack():
    (p,) = values(("p", T.UNKNOWN))
    b = Builder(p)
    a, rest, c = values(("a", F), ("rest", T.UNKNOWN), ("c", F))
    b.add(Op(prims.unpack, [p, Const(1), Const(1)], outs=[a, rest, c]))
    text = check(b.function(a, rest), [1.0, 2.0, 3.0, 4.0])
    assert "a, *rest, _ = p" in text


def test_formatted_strings_and_containers():
    (x,) = values(("x", F))
    b = Builder(x)
    text = b.op(prims.format_string, ("x = ", (-1, ".2f"), "!"), x, type=T.STR)
    d = b.op(prims.make_dict, "a", x, "b", text, type=T.UNKNOWN)
    e = b.op(prims.merge_dicts, d, d, type=T.UNKNOWN)
    f = b.function(e, b.op(prims.concat_sequences, (1, 2), (3,), type=T.UNKNOWN))
    assert 'f"x = {x:.2f}!"' in check(f, 1.5)


# ---------------------------------------------------------------- several functions


def test_calls():
    x, y = values(("x", VECTOR), ("y", VECTOR))
    b = Builder(y, name="double")
    double = b.function(b.op(operator.mul, y, 2.0), y)
    b = Builder(y, name="double")
    other = b.function(b.op(operator.mul, y, 3.0))
    b = Builder(x)
    one, two, three = values(("one", VECTOR), ("same", VECTOR), ("three", VECTOR))
    b.add(Op("call", [x], outs=[one, two], attrs={"function": double}))
    b.add(Op("call", [one], outs=[three], attrs={"function": other}))
    one2, three2 = b.set(one, 0.0, 0), b.set(three, 0.0, 0)
    f = b.function(one2, three2, b.set(two, 0.0, 1))
    text = check(f, vector())
    assert text.count("def ") == 3 and "one, same = double(x)" in text and text.count(".copy()") == 1


def test_recursion():
    (n,) = values(("n", I))
    b = Builder(n, name="factorial")
    f = Function("factorial", b.block)
    less = Value(None, I)

    def rest(b):
        b.add(Op("call", [b.op(operator.sub, n, 1, type=I)], outs=[less], attrs={"function": f}))
        return [b.op(operator.mul, n, less, type=I)]

    b.block.results = b.if_(b.op(operator.lt, n, 2, type=B), lambda b: [1], rest, [(None, I)])
    check(
        f, 5,
        text="""
        def g(n):
            if n < 2:
                return 1
            return n * g(n - 1)
        """,
    )  # fmt: skip


def test_signature():
    x, rest, k, more = values(("x", F), ("rest", T.UNKNOWN), ("k", F), ("more", T.UNKNOWN))
    b = Builder(x, rest, k, more)
    f = b.function(b.op(operator.add, x, k, type=F), rest, more)
    f.signature = [
        Parameter("x", "positional_only"),
        Parameter("rest", "args"),
        Parameter("k", "keyword_only", Const(2.5)),
        Parameter("more", "kwargs"),
    ]
    f.attrs["doc"] = "Adds."
    emitted = emit(f, name="g")
    assert 'def g(x, /, *rest, k=2.5, **more):\n    """Adds."""\n' in emitted.text
    g = load(emitted.text, emitted.namespace, "<signature>")["g"]
    assert g(1.0, 2, k=3.0, z=4) == (4.0, (2,), {"z": 4})


# ---------------------------------------------------------------- comments, loading


def register(text):
    name = f"<user {len(linecache.cache)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    return name


def test_comments():
    file = register("def f(x):\n    y = np.tanh(x)  # why\n    z = foo(\n        x)\n    return y\n")
    (x,) = values(("x", VECTOR))
    b = Builder(x)
    b.span = Span(file, 2, 4, 2, 17, 2)
    y = b.op(np.tanh, x, hint="y")
    b.span = Span(file, 3, 4, 4, 10, 3)
    z = b.op(np.exp, x, hint="z")
    b.attrs["backward"] = True
    z_bar = b.op(operator.mul, z, z, hint="z_bar")
    b.span = Span(file, 2, 4, 2, 17, 2)
    y_bar = b.op(operator.mul, b.op(operator.add, y, z_bar), z_bar, hint="y_bar")
    check(
        b.function(y, y_bar, z_bar), vector(), comments=True,
        text="""
        def g(x):
            y = np.tanh(x)
            # z = foo( ...
            z = np.exp(x)
            # backward: z = foo( ...
            z_bar = z * z
            # backward: y = np.tanh(x)
            y_bar = (y + z_bar) * z_bar
            return y, y_bar, z_bar
        """,
    )  # fmt: skip


def test_load_shows_the_source():
    filename = unique_filename("f")
    assert filename != unique_filename("f")
    f = load("def f(x):\n    return 1 / x\n", {}, filename)["f"]
    linecache.checkcache()
    with pytest.raises(ZeroDivisionError) as info:
        f(0)
    assert info.traceback[-1].path and linecache.getline(filename, 2) == "    return 1 / x\n"


# ---------------------------------------------------------------- the examples of the design


def test_text_of_a_training_loss():
    lines = [
        "preds = 0.5 * (np.tanh(inputs @ weights) + 1)",
        "label_probabilities = preds * targets + (1 - preds) * (1 - targets)",
        "return -np.sum(np.log(label_probabilities))",
    ]
    file = register("".join(f"    {line}\n" for line in lines))
    weights, inputs, targets = values(("weights", VECTOR), ("inputs", MATRIX), ("targets", VECTOR))
    b = Builder(weights, inputs, targets)
    b.span = Span(file, 1, 4, 1, 40, 1)
    t = b.op(np.tanh, b.op(operator.matmul, inputs, weights))
    preds = b.op(operator.mul, 0.5, b.op(operator.add, t, 1), hint="preds")
    b.span = Span(file, 2, 4, 2, 40, 2)
    left = b.op(operator.mul, preds, targets)
    right = b.op(operator.mul, b.op(operator.sub, 1, preds), b.op(operator.sub, 1, targets))
    labels = b.op(operator.add, left, right, hint="label_probabilities")
    b.attrs["backward"] = True
    b.span = Span(file, 3, 4, 3, 40, 3)
    labels_bar = b.op(operator.truediv, -1.0, labels, hint="label_probabilities_bar")
    b.span = Span(file, 2, 4, 2, 40, 2)
    first = b.op(operator.mul, labels_bar, targets, hint="preds_bar")
    second = b.op(operator.neg, b.op(operator.mul, labels_bar, b.op(operator.sub, 1, targets)))
    preds_bar = b.op(runtime.accumulate, first, second, hint="preds_bar")
    b.span = Span(file, 1, 4, 1, 40, 1)
    t_bar = b.op(operator.mul, 0.5, preds_bar, hint="t_bar")
    slope = b.op(operator.mul, t_bar, b.op(operator.sub, 1, b.op(operator.pow, t, 2)))
    check(
        b.function(b.op(operator.matmul, b.op(np.transpose, inputs, type=MATRIX), slope, hint="weights_bar")),
        vector(3), np.arange(12.0).reshape(4, 3) / 10, np.array([0.0, 1.0, 1.0, 0.0]), comments=True,
        text="""
        def g(weights, inputs, targets):
            # preds = 0.5 * (np.tanh(inputs @ weights) + 1)
            tanh = np.tanh(inputs @ weights)
            preds = 0.5 * (tanh + 1)
            label_probabilities = preds * targets + (1 - preds) * (1 - targets)
            # backward: return -np.sum(np.log(label_probabilities))
            label_probabilities_bar = -1.0 / label_probabilities
            # backward: label_probabilities = preds * targets + (1 - preds) * (1 - targets)
            preds_bar = label_probabilities_bar * targets - label_probabilities_bar * (1 - targets)
            # backward: preds = 0.5 * (np.tanh(inputs @ weights) + 1)
            return inputs.T @ (0.5 * preds_bar * (1 - tanh**2))
        """,
    )  # fmt: skip


def test_text_of_a_recurrent_network():
    W, h, xs = values(("W", MATRIX), ("h", VECTOR), ("xs", MATRIX))
    b = Builder(W, h, xs)
    saved = b.op(prims.make_list, hint="h_saved", type=LISTS)

    def step(b, x, h, saved):
        saved = b.push(saved, h)
        return [b.op(np.tanh, b.op(operator.add, b.op(operator.matmul, W, h), x), hint="h"), saved]

    h2, saved = b.for_([xs], [h, saved], step, kind="seq", elements=(("x", VECTOR),))
    h_bar = b.op(np.ones_like, h2, hint="h_bar")
    W_bar = b.op(np.zeros_like, W, hint="W_bar", type=MATRIX)

    def back(b, i, h, saved, h_bar, W_bar):
        t_bar = b.op(operator.mul, h_bar, b.op(operator.sub, 1, b.op(operator.pow, h, 2)), hint="t_bar")
        h, saved = b.pop(saved, hint="h")
        W_bar = b.op(runtime.accumulate, W_bar, b.op(np.outer, t_bar, h, type=MATRIX), hint="W_bar", type=MATRIX)
        h_bar = b.op(operator.matmul, b.op(np.transpose, W, type=MATRIX), t_bar, hint="h_bar")
        return [h, saved, h_bar, W_bar]

    count = b.op(len, xs, type=I)
    *_, W_bar = b.for_([count], [h2, saved, h_bar, W_bar], back, reverse=True)
    check(
        b.function(W_bar), np.eye(3) / 2, vector(3), vector(12).reshape(4, 3),
        text="""
        def g(W, h, xs):
            h_saved = []
            for x in xs:
                h_saved.append(h)
                h = np.tanh(W @ h + x)
            h_bar = np.ones_like(h)
            W_bar = np.zeros_like(W)
            for _ in range(len(xs)):
                t_bar = h_bar * (1 - h**2)
                h = h_saved.pop()
                W_bar += np.outer(t_bar, h)
                h_bar = W.T @ t_bar
            return W_bar
        """,
    )  # fmt: skip


def test_text_of_burgers_equation():
    u, steps, nu = values(("u", VECTOR), ("steps", I), ("nu", F))
    b = Builder(u, steps, nu)
    saved = b.op(prims.make_list, hint="u_saved", type=LISTS)

    def inner(b, u):
        return b.item(u, (1, -1))

    def step(b, t, u, saved):
        saved = b.push(saved, inner(b, u))
        upwind = b.op(operator.mul, inner(b, u), b.op(operator.sub, inner(b, u), b.item(u, (None, -2))))
        left = b.op(operator.sub, inner(b, u), upwind)
        twice = b.op(operator.mul, 2, inner(b, u))
        second = b.op(operator.add, b.op(operator.sub, b.item(u, (2, None)), twice), b.item(u, (None, -2)))
        return [b.set(u, b.op(operator.add, left, b.op(operator.mul, nu, second)), (1, -1)), saved]

    u, saved = b.for_([steps], [u, saved], step, elements=(("t", I),))
    u_bar = b.op(operator.mul, 2.0, u, hint="u_bar")

    def back(b, t, u, saved, u_bar):
        g = b.item(u_bar, (1, -1), hint="g")
        u_bar = b.op(runtime.clear_item, u_bar, b.index((1, -1)), hint="u_bar")
        before, saved = b.pop(saved)
        u = b.set(u, before, (1, -1))
        slope = b.op(operator.sub, 1, b.op(operator.mul, 2, inner(b, u)))
        slope = b.op(operator.sub, b.op(operator.add, slope, b.item(u, (None, -2))), b.op(operator.mul, 2, nu, type=F))
        u_bar = b.op(runtime.index_add, u_bar, b.index((1, -1)), b.op(operator.mul, g, slope), hint="u_bar")
        left = b.op(operator.mul, g, b.op(operator.add, inner(b, u), nu))
        u_bar = b.op(runtime.index_add, u_bar, b.index((None, -2)), left, hint="u_bar")
        right = b.op(operator.mul, nu, g)
        u_bar = b.op(runtime.index_add, u_bar, b.index((2, None)), right, hint="u_bar")
        return [u, saved, u_bar]

    *_, u_bar = b.for_([steps], [u, saved, u_bar], back, reverse=True)
    check(
        b.function(u_bar), vector(), 3, 0.1,
        text="""
        def g(u, steps, nu):
            u_saved = []
            u = u.copy()
            for _ in range(steps):
                u_saved.append(u[1:-1].copy())
                u[1:-1] = u[1:-1] - u[1:-1] * (u[1:-1] - u[:-2]) + nu * (u[2:] - 2 * u[1:-1] + u[:-2])
            u_bar = 2.0 * u
            for _ in range(steps):
                g = u_bar[1:-1].copy()
                u_bar[1:-1] = 0.0
                u[1:-1] = u_saved.pop()
                u_bar[1:-1] += g * (1 - 2 * u[1:-1] + u[:-2] - 2 * nu)
                u_bar[:-2] += g * (u[1:-1] + nu)
                u_bar[2:] += nu * g
            return u_bar
        """,
    )  # fmt: skip


def test_slope_of_what_is_sliced_away():
    def f(x):
        return np.sum(np.sqrt(x - x[0])[1:])

    with np.errstate(divide="ignore"):  # at the first element
        found = s2sad.grad(f)(np.array([1.0, 5.0, 2.0]))
    np.testing.assert_allclose(found, [-0.75, 0.25, 0.5])
