"""Statements besides assignments, branches and loops, and side effects."""

import contextlib
import math

import numpy as np

from .data import normal
from .harness import Program

LOG = []
COUNTER = 0


def taken_log():
    entries = list(LOG)
    LOG.clear()
    return entries


def taken_counter():
    global COUNTER
    count, COUNTER = COUNTER, 0
    return count


def docstring_and_pass(x):
    """A docstring."""
    pass
    x * 2
    "another string"
    ...
    return x**2


def asserts(x):
    assert x > 0, f"{x} is not positive"
    y = np.log(x)
    assert np.isfinite(y)
    return y * x


def deletes(x):
    y = x * 2
    z = y * x
    del y
    y = z + 1
    del z
    return y**2


def raise_not_taken(x):
    if x < 0:
        raise ValueError("negative")
    if not isinstance(x, float):
        raise TypeError
    return math.sqrt(x)


def prints(x):
    print("x is", x)
    y = x
    for i in range(2):
        y = y * x
        print(f"step {i}: {y:.3f}")
    return y


def logs_to_list(x):
    y = x**2
    LOG.append(("y", y))
    for i in range(3):
        y = np.sin(y)
        LOG.append((i, y))
    return y


def counts_calls(x):
    global COUNTER
    COUNTER += 1
    return x**3


def nonlocal_counter(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v

    add(x**2)
    add(np.sin(x))
    return total * x


def local_import(x):
    import math as m

    from numpy import tanh

    return tanh(x) * m.cos(x)


def module_that_is_not_there(x, exactly=False):
    try:
        import a_module_that_nobody_has as fast
    except ImportError:
        fast = None
    if exactly and x > 5:
        import another_module_that_nobody_has

        return another_module_that_nobody_has.f(x)
    return fast.square(x) if fast else x * x


def error_state(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(x) / x
    return np.sum(y)


def suppressed(x):
    with contextlib.suppress(ValueError):
        x = x * 2
    return x**2


def try_except(x):
    try:
        y = math.log(x)
    except ValueError:
        y = -x
    return y * x


def try_finally(x):
    try:
        y = x**2
    finally:
        LOG.append("done")
    return y + x


def match_statement(x, command):
    match command:
        case "double":
            return 2 * x
        case ["power", n]:
            return x**n
        case {"shift": s} if s > 0:
            return x + s * x
        case _:
            return x**2


def powers(x, n):
    value = 1.0
    for _ in range(n):
        value = value * x
        yield value


def own_generator(x):
    return sum(powers(x, 3))


def conditional_effects(x):
    if x > 1:
        LOG.append("big")
        return x**2
    LOG.append("small")
    return x


def random_draw(x):
    rng = np.random.default_rng(3)
    noise = rng.normal(size=3)
    return np.sum((x + 0.1 * noise) ** 2)


def global_random_state(x):
    np.random.seed(5)
    a = np.random.rand(2)
    return np.sum(np.tanh(x * a)) * np.random.rand()


def format_and_strings(x):
    label = f"{x:.2f}" + "abc"[0].upper()
    return x * len(label) + float("2.5") * x**2


def lambda_default_captures(x):
    functions = []
    for k in range(3):
        functions.append(lambda t, k=k: t**k)
    return functions[0](x) + functions[1](x) * functions[2](x)


def conversion_calls(x):
    y = float(x) * 2
    z = int(3.7) + bool(x) + abs(complex(x, 1.0))
    return y * z + round(x, 1) + pow(x, 2) + divmod(x, 1.0)[1]


def star_star_expression(x):
    return x**2**0.5 - -(x**2) + (x if x else 0) ** (1 / 3) + +x // 1 * x + x % 0.7


def underscore_as_a_parameter(_):
    y = _ * 2
    while np.sum(y) < 5:
        y = y * _ + 1
    for __ in range(2):
        y = y * _
    return np.sum(y * _)


def underscore_and_keyword_names(x):
    _, _x, lambda_ = x, x * 2, x * 3
    np_ = lambda_ + _x
    x_bar, x_dot = np_ * _, 2.0
    return x_bar * x_dot


def long_expression(a, b):
    return (
        np.sum(a * b)  # a comment
        + np.sum(a)  # another
        - (a @ b) ** 2
        + sum([np.sum(v) for v in (a, b)])
    )


def local_class(x):
    class Scale:
        def __init__(self, s):
            self.s = s

        def __mul__(self, other):
            return self.s * other

    return Scale(x) * x


PROGRAMS = [
    Program(docstring_and_pass, [(1.5,)]),
    Program(asserts, [(1.5,)]),
    Program(deletes, [(1.5,)]),
    Program(raise_not_taken, [(1.5,)]),
    Program(prints, [(1.5,)], second=False, note="printed once, in order"),
    Program(logs_to_list, [(1.5,)], effects=taken_log),
    Program(counts_calls, [(1.5,)], effects=taken_counter, refused="global"),
    Program(nonlocal_counter, [(1.5,)], refused="nonlocal"),
    Program(local_import, [(0.5,)]),
    Program(module_that_is_not_there, [(0.5,), (0.7, True)]),
    Program(error_state, [(np.array([0.5, 2.0]),)]),
    Program(suppressed, [(1.5,)], refused="suppress|with|context"),
    Program(try_except, [(1.5,), (-1.5,)], refused="try|except"),
    Program(try_finally, [(1.5,)], effects=taken_log, refused="try|finally"),
    Program(match_statement, [(1.5, "double"), (1.5, ["power", 3]), (1.5, {"shift": 2.0}), (1.5, None)]),
    Program(own_generator, [(1.5,)], refused="yield|generator"),
    Program(conditional_effects, [(1.5,), (0.5,)], effects=taken_log),
    Program(random_draw, [(normal(3),)]),
    Program(global_random_state, [(normal(2),)], second=False),
    Program(format_and_strings, [(1.5,)], compiled_only="made from text"),  # of a number that was formatted before
    Program(lambda_default_captures, [(1.5,)]),
    Program(conversion_calls, [(1.53,)], refused="round|complex|divmod"),
    Program(star_star_expression, [(1.53,)]),
    Program(underscore_as_a_parameter, [(np.array([0.3, 0.4, 0.5]),)]),
    Program(underscore_and_keyword_names, [(1.5,)]),
    Program(long_expression, [(normal(3), normal(3, seed=1))], argnums=(0, 1)),
    Program(local_class, [(1.5,)], refused="class"),
]
