"""Lowering: what the interpreter makes of a lowered function is what Python makes of the function itself."""

# The functions under test are odd on purpose.
# ruff: noqa: B007, C400, C416, C417, E702, E731, F821, F842, I001

import builtins
import contextlib
import copy
import inspect
import linecache
import textwrap

import gast
import pytest

from s2sad.errors import UnsupportedError
from s2sad.frontend import control
from s2sad.frontend.lower import lower
from s2sad.ir.core import Block, Const, Function, Op, Parameter, Value
from s2sad.ir.run import run
from s2sad.ir.text import text
from s2sad.ir.verify import verify
from s2sad.source import find

CASES = []
SCALE = 3


def case(*inputs):
    """A function that is called with each of ``inputs`` (tuples of arguments)."""

    def register(fun):
        CASES.append(pytest.param(fun, inputs, id=fun.__name__))
        return fun

    return register


def outcome(call, args):
    """What a call gives: its result or exception, and what it did to its arguments."""
    args = copy.deepcopy(args)
    try:
        result = ("returned", call(*args))
    except Exception as error:
        # Python's own words are not repeated where it can't unpack or a variable has no value.
        free = "unpack" in str(error) or "iterable" in str(error) or isinstance(error, NameError)
        kind = NameError if isinstance(error, NameError) else type(error)
        result = ("raised", kind, "" if free else str(error))
    return result, args


def interpreted(fun, lowered):
    """A function that runs the lowered form of ``fun``."""
    cells = dict(zip(fun.__code__.co_freevars, fun.__closure__ or (), strict=True))

    def look_up(name):
        return fun.__globals__[name] if name in fun.__globals__ else getattr(builtins, name)

    def call(*args):
        bound = inspect.signature(fun).bind(*args)
        bound.apply_defaults()
        return run(lowered, list(bound.arguments.values()), look_up, lambda name: cells[name].cell_contents)

    return call


def lowered_form(fun):
    lowered = lower(find(fun), fun.__code__.co_freevars)
    verify(lowered)
    assert text(lowered) == text(lowered)
    return lowered


def check(fun, *inputs):
    lowered = lowered_form(fun)
    for args in inputs:
        assert outcome(interpreted(fun, lowered), args) == outcome(fun, args), text(lowered)


@pytest.mark.parametrize("fun, inputs", CASES)
def test_case(fun, inputs):
    check(fun, *inputs)


# Straight-line code


@case((1, 2), (2.5, -1), (True, 3))
def arithmetic(a, b):
    """Every operator."""
    c = a + b - a * b / (b or 1) // 3 % 7
    d = -a, +a, not a, a**2, c
    return d, a < b, a <= b, a == b, a != b, a > b, a >= b, a is b, a is not None


@case((6, 3), (0, 1))
def bits(a, b):
    return a & b, a | b, a ^ b, ~a, a << b, a >> b


@case((6, 3, []), (7, 2, [1]))
def augmented(a, b, log):
    x = a
    x += b
    x -= 1
    x *= 2
    x //= 3
    x **= 2
    x %= 17
    x |= 8
    x &= 12
    x ^= 5
    x <<= 1
    x >>= 1
    y = a
    y /= b
    log += [x]
    return x, y, log


@case(([1, 2, 3, 4], {"k": 1}), ([5, 6, 7, 8], {"k": [2]}))
def subscripts(xs, d):
    xs[0] = xs[1]
    xs[-1] += 10
    d["k"] *= 2
    d["n"], xs[1] = xs[0], 99
    del xs[2], d["k"]
    return xs[1:], xs[:-1], xs[::2], xs[1:2:1], d


class Box:
    def __init__(self):
        self.log = []

    def __getitem__(self, key):
        self.log.append(("get", key))
        return 1

    def __setitem__(self, key, value):
        self.log.append(("set", key, value))


@case((1,), (2,))
def indices(n):
    box = Box()
    box[n, :, ..., None, 1:n] = box[n:, 2]
    box[(n := n + 1)] += n
    box[*[1, 2], n] = 0
    box.count = n
    box.count += 1
    box.log[0] = "first"
    del box.count
    return box.log, hasattr(box, "count")


@case((1, [2, 3], (4, 5, 6)))
def unpacking(a, pair, triple):
    b, c = pair
    (d, [e, *f]), g = (a, triple), b[0] if a == 7 else c
    return b, c, d, e, f, g


@case(((1, 2), (3, 4, 5)), ((1,), (3, 4, 5)), ((1, 2, 3), (3, 4)), ((1, 2), 7), (([], []), (1,)))
def starred_unpacking(pair, rest):
    a, b = pair
    first, *middle, last = rest
    *init, c = pair
    d, *tail = pair
    return a, b, first, middle, last, init, c, d, tail


@case((1, 2), (3.0, 4.0))
def swaps(a, b):
    a, b = b, a
    a, b, c = b, a + b, a
    [a, (b, d)] = [b, (c, a)]
    return a, b, c, d


@case((1,), (5,))
def chained_targets(n):
    a = b = c = [n]
    x, y = z = n, n + 1
    a.append(1)
    d: float = n
    e: int
    return a is b is c, x, y, z, d, a


@case((2,), (0,))
def walrus(n):
    if (m := n * 2) > 2 and (k := m + 1):
        return m, k
    return m, [j := 5, j + 1]


@case((1,), (0,))
def deleted(n):
    x = n
    if n:
        del x
    y = 1
    return x + y


@case((1,), (0,), (-1,))
def deleted_inside(n):
    x = n
    if n > 0:
        with Manager([], 1):
            del x
    elif n < 0:
        del x
    else:
        if n:
            del x
        else:
            del x
        n = 1
    return x + n


@case((1,), (0,))
def surely_unbound(n):
    if n:
        return later
    later = 1
    return later


@case((1,), (0,))
def maybe_unbound(n):
    if n:
        x = 1
    return x + 1


@case((3,), (0,))
def unbound_after_loop(n):
    for i in range(n):
        last = i
    return last, i


@case(([1, 2], {"a": 1}, (7, 8)))
def literals(xs, d, t):
    return (
        (*xs, 1, *t),
        [*xs, 2],
        [1, *t, 2, *t],
        {*xs, *t},
        {"b": 2, **d, "a": 3},
        {**d},
        {1: xs, 2: t},
        {3, 4},
        [],
        (),
        {},
        b"x",
        ...,
        2j,
    )


@case((3.14159, "s"), (2, [1]))
def formatted(x, y):
    z = 5
    return f"{x:.2f}|{y!r:>8}|{y!s}{y!a} {{}} {x + z}{z=}"


def record(log, value):
    log.append(value)
    return value


@case(([],))
def evaluation_order(log):
    def at(k):
        return record(log, k)

    boxes = {"a": Box(), 3: 4}
    boxes[at("a")][at(1), at(2)] = at(0)
    x = [at(3), (at(4), at(5)), {at(6): at(7)}]
    boxes[at(3)] += at(8)
    y = sorted([at(9), at(8)], key=lambda v: at(-v), reverse=at(True))
    at(1)
    return log[:-1], x, y, at(1) < at(0) < at(2), at(1) in [at(2), at(1)], at(3) not in [at(4)]


def many(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, kwargs


@case(([1, 2, 3], {"c": 5, "z": 6}), ([], {"c": 1}), ([1], {}), ([1], {"b": 1, "c": 1}))
def calls(xs, d):
    return many(*xs, **d), many(0, *xs, 9, c=1), many(0, 1, c=xs, e=d), max(3, *xs, 4), dict(**d, q=1), len(xs)


@case((1,), (2, 3), (2, 3, 4), (2, 3, 4, 5))
def signature(a, /, b=2, *args, c=3, **kwargs):
    return a, b, args, c, kwargs


@case((1,))
def globals_and_shadows(n):
    len = n
    return len + SCALE, abs(-n), builtins.max(1, n)


# Conditions


@case((0, 0), (0, 1), (1, 0), ([], "x"), ("y", None))
def short_circuits(a, b):
    return a and b, a or b, a and b and 3, a or b or 3, not a or b, (a or b) and (b or a), not (a and b)


@case((1, 2, 3, []), (3, 2, 1, []), (1, 1, 1, []))
def comparison_chains(a, b, c, log):
    def at(k):
        return record(log, k)

    return at(a) < at(b) < at(c), at(a) <= at(b) <= at(c) <= 1, a < b > c != a, a in [b] in [[b]]


@case((1,), (0,), (-1,))
def conditional_expressions(x):
    y = 1 if x > 0 else -1 if x < 0 else 0
    return y, (lambda: 1 / x)() if x else None


@case((1,), (-1,), (0,))
def branches(x):
    y = 0
    if x > 0:
        y = x
        z = 1
    elif x < 0:
        z = y
        temporary = 3
        y = temporary
    else:
        z = x
    if y:
        pass
    return y, z


@case((1, []), (-1, []), (0, []))
def early_returns(x, log):
    if x > 0:
        log.append("positive")
        return "p"
    log.append("not positive")
    if x < 0:
        y = 1
    else:
        return
    log.append(y)


@case((1, 1), (1, 0), (0, 1), (0, 0))
def partial_returns(a, b):
    x = 1
    if a:
        if b:
            return "ab"
        x = 2
    else:
        x = 3
        if b:
            return "b"
        x += 1
    x = x * 10
    return x


@case((1, 1), (1, 0), (0, 1), (0, 0))
def all_return(a, b):
    if a:
        if b:
            return 1
        else:
            return 2
    elif b:
        return 3
    else:
        raise ValueError("none")


@case((0,), (1,), (2,), (3,))
def raises(n):
    if n == 1:
        raise ValueError
    if n == 2:
        raise ValueError(f"bad {n}") from KeyError(n)
    if n == 3:
        raise KeyError("k") from None
    return n


@case((1,), (0,))
def raise_in_branch(n):
    if n:
        x = 1
    else:
        raise ValueError("no")
    return x


# Loops


@case(([1, 2, 3],), ([],), ("ab",), ({"k": 1},), (7,))
def for_loop(xs):
    seen = []
    total = 0
    for x in xs:
        t = (x, total)
        seen.append(t)
        total += 1
    return seen, total


@case(([(1, 2), (3, 4)],), ([(1, 2, 3)],), ([],))
def for_target(pairs):
    box = [0]
    for a, box[0] in pairs:
        pass
    return a, box


@case((10, 3), (0, 1), (5, 0))
def while_loop(n, k):
    steps = 0
    while n > 0 and k:
        n -= k
        steps += 1
    return n, steps


@case((10,), (0,), (7,))
def while_else(n):
    while n > 0:
        n -= 1
        if n == 5:
            break
    else:
        n = "ran out"
    return n


@case((10,), (3,))
def while_true(n):
    while True:
        n += 1
        if n % 7 == 0:
            return n


@case((10,), (3,))
def while_true_break(n):
    while 1:
        n += 1
        if n % 7 == 0:
            break
        if n % 5 == 0:
            continue
        n += 1
    return n


@case(([3, 2, 1, 0, 5],), ([0],), ([],))
def walrus_condition(xs):
    total = 0
    while xs and (x := xs.pop()):
        total += x
    else:
        total = -total - len(xs)
    return total, xs


@case(([3, 2, 1, 7, 5],), ([0],), ([7],), ([5, 0, 2],))
def walrus_condition_jumps(xs):
    total = 0
    while (x := xs.pop()) or xs:
        if x == 7:
            break
        if x == 2:
            continue
        if x == 5 and total:
            return "five"
        total += x
    else:
        return "else", total
    return total, x


@case(([1, 2, -1, 3],), ([1, 0, 5, -1],), ([100, 1],), ([],))
def for_jumps(xs):
    total = 0
    for x in xs:
        if x == 0:
            continue
        if x < 0:
            break
        if x > 99:
            return "big"
        total += x
    else:
        total = -total
    return total, x


@case(([1, 2], [3, 4]), ([1, 2], [2, 4]), ([], [1]), ([5, 1], [1]))
def nested_jumps(xs, ys):
    found = []
    for x in xs:
        for y in ys:
            if x == y:
                break
            if x + y == 5:
                continue
            found.append((x, y))
        else:
            found.append(x)
            continue
        found.append("broke")
        break
    else:
        found.append("done")
    return found


@case(([[1, 2], [3]], 3), ([[1, 2], [3]], 9), ([[1, -1], [3]], 3), ([[], [0]], 0), ([[1, 99, 2], [2]], 2))
def return_from_nested(rows, wanted):
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            if x == wanted:
                return i, j
            if x == -1:
                break
            if x == 99:
                continue
        else:
            if i > 5:
                return "late"
    return None


@case((5,), (2,), (0,))
def returns_in_both(n):
    for i in range(n):
        if i > 3:
            return "loop", i
        k = 0
        while k < i:
            k += 1
            if k == 3:
                return "inner", i, k
    while n:
        n -= 1
        return "after"
    return "end"


@case((0,), (1,), (2,), (3,), (7,))
def mixed_jumps(n):
    log = []
    for i in range(4):
        if i == n:
            if i == 1:
                continue
            elif i == 2:
                break
            log.append("odd")
        else:
            if n == 7:
                return log
            log.append(i)
        log.append("end")
    else:
        log.append("else")
    return log


@case((3,), (0,))
def dead_code(n):
    while n:
        n -= 1
        continue
        n = 100  # never
    if n == 0:
        raise ValueError("zero")
        n = 5
    return n
    return 7


@case((3,), (0,))
def loop_in_try_order(n):
    fib = [0, 1]
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
        fib.append(b)
    return fib, a


@case(([1, 2, 3],), ([],))
def changes_what_it_walks(xs):
    for x in xs:
        if len(xs) < 6:
            xs.append(x)
    return xs


# with


class Manager:
    def __init__(self, log, name):
        self.log, self.name = log, name

    def __enter__(self):
        self.log.append(("enter", self.name))
        return self.name

    def __exit__(self, *error):
        self.log.append(("exit", self.name, error[0]))


@case(([], 1), ([], 0))
def managers(log, n):
    x = 0
    with Manager(log, "a") as a, Manager(log, "b"):
        if n:
            x = 1
        with Manager(log, "c") as (c, *_):
            y = 10 / n
        for i in range(3):
            if i == n:
                break
    return x, y, a, c, i


@case(([], 1), ([], 2), ([], 3), ([], 4), ([], 0))
def jumps_from_with(log, n):
    for i in range(4):
        with Manager(log, i):
            if i == n:
                if i == 1:
                    continue
                if i == 2:
                    break
                return record(log, "odd")
            log.append("fell")
        log.append("after")
    else:
        with Manager(log, "else") as m, Manager(log, "also"):
            return m
    with Manager(log, "last"):
        if log:
            return len(log)
    return "end"


@case((0,), (1,))
def swallowed(n):
    x = [n]
    with contextlib.suppress(ZeroDivisionError):
        x.append(1 / n)
        x.append(2)
    return x


# Functions inside


@case((2, [1, 2, 3]))
def inner_functions(k, xs):
    scale = k * 2

    def f(x, y=scale + 1, *args, z=k, **kw):
        return x * scale + y, args, z, kw

    g = lambda x, scale=scale: x + scale
    return f(1), f(1, 2, 3, z=4, w=5), g(1), g(1, 1), list(map(lambda x: x * k, xs)), f.__name__


@case((5,), (0,))
def inner_recursion(n):
    base = 1

    def factorial(k, step=1):
        return base if k <= 0 else k * factorial(k - step)

    def apply(f, x):
        return [f(y) for y in range(x)]

    return factorial(n), apply(factorial, n), apply(lambda q: factorial(q) + base, 2)


@case(
    (3,),
)
def inner_inner(n):
    def f(x):
        def g(y):
            return lambda z: (x, y, z, n, SCALE)

        return g(x + 1)

    return f(1)(2)


def twice(f):
    return lambda *a: f(f(*a))


def plus(k):
    return lambda f: lambda *a: f(*a) + k


@case((3,))
def decorated(n):
    @twice
    @plus(n)
    def f(x):
        return x * n

    return f(2)


@case((3,), (0,))
def inner_control(n):
    def f(x):
        for i in range(x):
            if i == 2:
                return "two"
            x -= 1
        return x

    return f(n), (lambda: [f(i) for i in range(n)])()


@case((1,))
def unbound_capture(n):
    if n > 1:
        x = 2

    def f():
        return x + n

    return f()


# Comprehensions


@case(([1, 2, 3], [3, 1]), ([], [1]))
def comprehensions(xs, ys):
    x = "kept"
    a = [x * 2 for x in xs]
    b = [(x, y) for x in xs if x > 1 if x < 3 for y in ys if x != y]
    c = {x % 2 for x in xs}
    d = {str(x): [x + y for y in ys] for x in xs}
    e = [x for x in [x for x in xs] if not (x > 1 and x < 3)]
    f = [p + q for p, q in zip(xs, ys, strict=False)]
    return x, a, b, c, d, e, f


@case(([1, 2, 3],), ([],))
def generators(xs):
    k = 2
    return (
        sum(x * k for x in xs),
        list(x for x in xs if x > 1),
        sorted(-x for x in xs),
        max(x for x in [0, *xs]),
        ", ".join(f"{x}" for x in xs),
        max((x for x in xs), default=k, key=lambda x: -x),
    )


@case((2,))
def imports(n):
    import math
    import os.path
    import os.path as p
    from math import pi, sqrt as root

    return math.floor(pi), root(n), os.path is p, os.sep


# Methods


class Base:
    def __init__(self, k):
        self.__k = k
        self.log = []

    def scaled(self, x, __y=1):
        __z = __y
        self.__k += 1
        return self.__k * x + __z

    def __eq__(self, other):
        return self.__k == other._Base__k

    __hash__ = None


class Derived(Base):
    def scaled(self, x):
        return super().scaled(x) + 1


@pytest.mark.parametrize("make, cls", [(Base, Base), (Derived, Derived)])
def test_methods_private_names_and_super(make, cls):
    check(cls.scaled, (make(3), 2.0), (make(0), 1))


def test_free_variables_are_cells():
    k = 2

    def fun(x):
        return (lambda y: x * y * k)(3)

    check(fun, (1,), (2,))
    k = 5
    check(fun, (1,))


def made(source, name="f"):
    """A function from its text."""
    namespace = {}
    exec(compile(source, "<made>", "exec"), namespace)
    return namespace[name]


def check_text(source, *inputs):
    fun = made(source)
    lowered = lower(find(fun, source))
    verify(lowered)
    for args in inputs:
        assert outcome(interpreted(fun, lowered), args) == outcome(fun, args), source + text(lowered)


def test_asserts():  # as text: pytest rewrites the asserts of this file
    check_text("def f(x):\n assert x > 1, f'bad {x}'\n assert x < 3\n return x", (0,), (1,), (2,), (3,))


def test_lambda():
    check(lambda x, y=2: x if x > y else -x, (1,), (3,), (1, 0))


# The form


def op_names(block):
    return [op.prim if isinstance(op.prim, str) else op.prim.__name__ for op in block.ops]


def walk_ops(block):
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from walk_ops(inner)


def test_temporaries_are_not_carried():
    def fun(xs, total):
        for x in xs:
            t = x * 2
            total = total + t
        return total

    (loop,) = lowered_form(fun).body.ops
    assert [p.hint for p in loop.blocks[0].params] == ["x", "total"]
    assert [o.hint for o in loop.outs] == ["total"]
    assert loop.attrs["stops"] is False


def test_only_returns_need_no_extra_flag():
    def fun(xs):
        for x in xs:
            if x:
                return x
        return None

    loop, _ = lowered_form(fun).body.ops
    assert [o.hint for o in loop.outs] == ["stop", "result"]


def test_break_alone_carries_nothing():
    def fun(xs):
        for x in xs:
            if x:
                break
            x.go()

    (loop,) = lowered_form(fun).body.ops
    assert [o.hint for o in loop.outs] == ["stop"]
    assert [p.hint for p in loop.blocks[0].params] == ["x"]


def test_swap_makes_no_tuple():
    def fun(a, b):
        a, b = b, a
        return a - b

    lowered = lowered_form(fun)
    assert op_names(lowered.body) == ["sub"]
    assert lowered.body.ops[0].args == lowered.params[::-1]


def test_no_code_is_duplicated():
    def fun(a, b, c):
        for x in a:
            if b:
                if x:
                    break
                elif c:
                    continue
            b.unique()
        return b.last()

    names = [op.args[1].value for op in walk_ops(lowered_form(fun).body) if op.prim is getattr]
    assert sorted(names) == ["last", "unique"]


def test_signature_and_hints():
    def fun(a, /, b, *c, d=1, **e):
        f = a + b
        g = f
        return f * g, (c, d, e)

    lowered = lowered_form(fun)
    kinds = [(p.name, p.kind, p.default is not None) for p in lowered.signature]
    assert kinds == [
        ("a", "positional_only", False),
        ("b", "plain", False),
        ("c", "args", False),
        ("d", "keyword_only", True),
        ("e", "kwargs", False),
    ]
    assert lowered.name == "fun"
    assert lowered.body.ops[0].out.hint == "f"
    assert len(lowered.results) == 1


def test_spans():
    def fun(x):
        é = "é" + x; y = (é
            + x)  # fmt: skip
        return y

    first = fun.__code__.co_firstlineno
    one, two = (op.span for op in lowered_form(fun).body.ops)
    line = linecache.getline(one.file, one.line)
    assert (one.line, one.statement) == (first + 1, first + 1)
    assert line[one.col : one.end_col] == '"é" + x'
    assert (two.line, two.end_line, two.statement) == (first + 1, first + 2, first + 1)
    assert line[two.col :].startswith("é\n")


def test_every_op_and_named_value_has_a_span():
    for parameters in CASES:
        lowered = lowered_form(parameters.values[0])
        for op in walk_ops(lowered.body):
            assert op.span is not None, op
            for value in [*op.outs, *(p for b in op.blocks for p in b.params)]:
                assert value.span is not None, (op, value)


def test_text():
    def fun(x, n=2):
        total = 0.0
        while n > 0:
            total, n = total + x, n - 1
        return -total if x < 0 else total

    assert text(lowered_form(fun)) == textwrap.dedent(
        """\
        function fun(x, n=True):
          total_3, n_4 = while total = 0.0, n_1 = n:
            t = gt(n_1, 0)
            -> t
          do total_1, n_2:
            total_2 = add(total_1, x)
            n_3 = sub(n_2, 1)
            -> total_2, n_3
          t_1 = lt(x, 0)
          t_3 = if t_1:
            t_2 = neg(total_3)
            -> t_2
          else:
            -> total_3
          -> t_3
        """
    )


# Refusals


def refused(source, name="f"):
    """The places and messages of a function's refusal: ``(line, column, message)``, lines from 1 in the text."""
    source = textwrap.dedent(source).lstrip("\n")
    with pytest.raises(UnsupportedError) as caught:
        lower(find(made(source, name), source))
    error = caught.value
    assert error.lineno == error.reasons[0][0].line
    return [(s.line, s.col, message) for s, message in error.reasons]


def test_all_reasons_at_once():
    found = refused(
        """
        def f(x):
            try:
                y = x
            except ValueError:
                y = 0
            def g():
                global G
                G = 1
                yield y
            class C: pass
            with x:
                for i in x:
                    break
                yield y
            z = locals(); raise
        """
    )
    assert [(line, col) for line, col, _ in found] == [
        (7, 8), (9, 8), (10, 4), (14, 8), (15, 8), (15, 18)
    ]  # fmt: skip
    messages = [m for *_, m in found]
    for message, part in zip(
        messages,
        ["'G'", "generators", "class", "generators", "locals()", "bare raise"],
        strict=True,
    ):
        assert part in message
        assert ":" in message  # what to do instead


@pytest.mark.parametrize(
    "body, place, part",
    [
        ("async def g(): pass", (2, 4), "async functions"),
        ("match x:\n        case {1: 2, **y}: pass", (2, 4), "use if and elif"),
        ("nonlocal_ = 1\n    def g():\n        nonlocal nonlocal_\n        nonlocal_ = 2", (4, 8), "'nonlocal_'"),
        ("global x_\n    x_ += 1", (2, 4), "global variable 'x_'"),
        ("return x.join(y for y in x)", (2, 17), "make it a list"),
        ("g = (y for y in x)", (2, 8), "make it a list"),
        ("sum = x; return sum(y for y in x)", (2, 23), "make it a list"),
        ("return [(z := y) for y in x]", (2, 13), "write a loop"),
        ("return f'{x:{x}}'", (2, 11), "format specification"),
        ("return eval('x')", (2, 11), "eval()"),
        ("return vars()", (2, 11), "vars()"),
        ("x(**x, **x)", (2, 4), "merge the dicts"),
        ("def g(): return y\n    y = 1", (2, 4), "assigned later, in line 3"),
        ("g = lambda: g()", (2, 8), "assigned later, in line 2"),
        ("for i in x:\n        g = lambda: i", (3, 12), "the loop around it assigns it in each turn, in line 2"),
        ("return [lambda: i for i in x]", (2, 12), "comprehension"),
        ("def g(): return h()\n    def h(): return g()", (2, 4), "assigned later, in line 3"),
        ("@x\n    def g(): return g()", (3, 4), "decorated and calls itself"),
        ("def g():\n        return super()", (3, 15), "super(Class, self)"),
    ],
)
def test_refusals(body, place, part):
    ((line, col, message),) = refused(f"def f(x):\n    {body}\n")
    assert (line, col) == place
    assert part in message


def test_too_deep_is_refused():
    lines = [f"    if x == {k}: return {k}\n" for k in range(2000)]
    ((line, col, message),) = refused("def f(x):\n" + "".join(lines))
    assert (line, col) == (1, 0)
    assert "split it" in message


def test_what_looks_like_a_refusal_but_is_not():
    def fun(x):
        for i in range(2):
            with Manager([], 1):
                for _ in range(3):
                    break
                f = lambda y: y
        global SCALE  # read only
        return f(x) * SCALE + i

    check(fun, (1,))


# The verifier finds what is wrong


def broken(change):
    x = Value("x")
    out = Value("y")
    op = Op("if", [x], outs=[out], blocks=[Block([], [], [x]), Block([], [], [Const(1)])])
    function = Function("f", Block([x], [op], [out]))
    verify(function)
    change(function, op)
    with pytest.raises(AssertionError) as caught:
        verify(function)
    return str(caught.value)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda f, op: f.body.ops.append(op), "defined twice"),
        (lambda f, op: f.body.ops.clear(), "not visible"),
        (lambda f, op: op.blocks.pop(), "blocks, not 2"),
        (lambda f, op: op.blocks[0].results.pop(), "0 results"),
        (lambda f, op: op.outs.append(Value()), "has 1 results"),
        (lambda f, op: op.args.append(Const(1)), "args, not 1"),
        (lambda f, op: f.body.ops.insert(0, Op("raise", [Const(1)])), "raise is not the last"),
        (lambda f, op: f.body.ops.append(Op("nonsense", [])), "is no op"),
        (lambda f, op: f.body.ops.append(Op(len, [3])), "is not an operand"),
        (lambda f, op: f.body.ops.append(Op("for", [])), "no iter"),
        (lambda f, op: f.body.ops.append(Op("call", [], outs=[Value()])), "no callee"),
        (lambda f, op: op.blocks[0].ops.append(Op(len, [op.outs[0]])), "not visible"),
        (lambda f, op: setattr(f, "signature", [Parameter("a"), Parameter("b")]), "differ in number"),
    ],
)
def test_verifier(change, reason):
    message = broken(change)
    assert reason in message


def test_structure_has_no_jumps():
    tree = gast.parse("def f(x):\n for i in x:\n  if i: return i\n  if x: break\n  else: continue").body[0]

    def walk(statements):
        for s in statements:
            assert not isinstance(getattr(s, "node", None), (gast.Return, gast.Break)) or isinstance(s, control.Set)
            for part in ("then", "orelse", "body"):
                walk(getattr(s, part, []))

    walk(control.structure(tree))
