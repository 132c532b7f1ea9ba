"""``try``: compiled, in every mode; what generated code raises by itself is never caught by a program's handlers."""

import sys

import numpy as np
import pytest

import s2sad
from s2sad.extend import elementwise
from tests.programs.attempts import PROGRAMS
from tests.programs.harness import check_modes


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", "0")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.title)
def test_compiled(program):
    """Compiled in reverse, forward and mixed mode: a refusal fails."""
    check_modes(program)


def root(x):
    try:
        y = x**0.5
    except ZeroDivisionError:
        y = 7.0 + x
    return y


def test_what_a_derivative_raises_is_not_caught():
    """The derivative of the square root at 0 divides by 0; the program does not."""
    assert root(0.0) == 0.0
    for differentiate in (lambda: s2sad.grad(root)(0.0), lambda: s2sad.jvp(root, (0.0,), (1.0,))):
        try:
            found = differentiate()
        except ZeroDivisionError:
            continue
        assert np.isinf(np.ravel(found)[-1])


def picky_value(x):
    return x * 2.0


def test_a_rule_that_raises_is_not_caught():
    @elementwise(picky_value)
    def picky(y, x):
        raise KeyError("no derivative here")

    def f(x):
        try:
            v = picky_value(x)
        except KeyError:
            v = x * 100.0
        return v

    for differentiate in (s2sad.grad(f), lambda x: s2sad.jvp(f, (x,), (1.0,))):
        with pytest.raises((KeyError, s2sad.Error)):
            differentiate(1.5)


def kept(x, n, seen):
    for k in range(n):
        try:
            x = x / (k - 1)
            seen.append(k)
        except ZeroDivisionError:
            seen.append(-1)
        finally:
            seen.append(100)
    return x


def test_arguments_stay_as_they_are():
    seen = []
    s2sad.grad(kept)(1.5, 3, seen)
    assert seen == []


def escapes(x, n):
    try:
        y = x / n
    except ZeroDivisionError as error:
        raise ValueError(f"no {n}") from error
    finally:
        print("left")
    return y


def test_what_is_not_caught_passes_through(capsys):
    for differentiate in (s2sad.grad(escapes), s2sad.value_and_grad(escapes), lambda *a: s2sad.vjp(escapes, *a)):
        with pytest.raises(ValueError, match="no 0") as caught:
            differentiate(1.5, 0)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert capsys.readouterr().out == "left\n"
    with pytest.raises(TypeError):
        s2sad.grad(escapes)(1.5, "a")


def half_of_it(u, n):
    total, weight = 0.0, u[0]
    for k in range(n):
        try:
            weight = weight * u[k]
            part = np.sin(weight) * u[k] * (1.0 / (k - 2))
        except (ZeroDivisionError, IndexError):
            part = weight * u[1] * u[2]
        total = total + part * part
    return total


@pytest.mark.parametrize("n", range(1, 7))
def test_hessian(n):
    u = np.array([0.5, -0.7, 1.2, 0.3])
    gradient, step = s2sad.grad(half_of_it), 1e-5
    columns = [(gradient(u + step * e, n) - gradient(u - step * e, n)) / (2 * step) for e in np.eye(4)]
    np.testing.assert_allclose(s2sad.hessian(half_of_it)(u, n), np.array(columns).T, atol=1e-8)
    np.testing.assert_allclose(s2sad.jacfwd(half_of_it)(u, n), gradient(u, n), rtol=1e-12)


# What is refused


class Failed(Exception):
    def __init__(self, value):
        super().__init__("failed")
        self.value = value


def reads_the_exception(x):
    try:
        if x > 1:
            raise Failed(x * x)
        y = x
    except Failed as error:
        y = error.value
    return y


def returns_the_exception(x):
    found = None
    try:
        x = x / 0
    except ZeroDivisionError as error:
        found = error
    return x, found


def bare(x):
    if x > 100:
        raise
    return x


def swallows(x):
    for _ in range(2):
        try:
            x = x / 0.0
        finally:
            break  # noqa: B012
    return x


def too_deep(x):
    try:
        y = x * 2
        y = y / x
    except RecursionError:
        y = x
    return y


def classes_of_the_call(x, errors):
    try:
        y = x / 2.0
    except errors[int(x) - 1]:
        y = x
    return y


def unknown_function(x, f):
    try:
        y = f[int(x) - 1](x)
    except ValueError:
        y = x
    return y


def no_value(x, n):
    if n > 3:
        y = x
    try:
        x = y * x
    except Exception:
        x = x * 2
    return x


def writes_and_goes_on(a, i):
    a[0] = a[1]
    a[i] = 0.0
    return a


def helper_that_writes(x, i):
    a = np.zeros(3) + x
    try:  # noqa: SIM105
        writes_and_goes_on(a, i)
    except IndexError:
        pass
    return np.sum(a)


def divides_in_place(a, b):
    a = a * 1.0
    with np.errstate(divide="raise"):
        try:  # noqa: SIM105
            a /= b
        except FloatingPointError:
            pass
    return np.sum(a)


def present_exception(x):
    try:
        y = x / 0
    except ZeroDivisionError:
        print(sys.exc_info()[1])
        y = x
    return y


def copies_what_may_be_nothing(x, n):
    if n > 3:
        y = x * 2
    try:
        z = y
        z = x * 3
    except NameError:
        z = x * 5
    return z


def copies_what_was_deleted(x, n):
    y = x * 2
    for _ in range(n):
        del y
    try:
        z = y
    except NameError:
        z = x * 5
    return z


def asks_whether_it_is_there(x, n):
    for _ in range(n):
        try:
            kept  # noqa: B018, F823
        except Exception:
            kept = x * 5
    return kept


REFUSED = [
    (reads_the_exception, (1.5,), 6, "error.value", "only its text and its class can be used"),
    (returns_the_exception, (1.5,), 6, "x, found", "only its text and its class can be used"),
    (bare, (1.5,), 2, "raise", "a bare raise is supported only in the handler itself"),
    (swallows, (1.5,), 2, "try:", "break in finally is not supported"),
    (too_deep, (1.5,), 1, "try:", "catching RecursionError is not supported"),
    (
        classes_of_the_call,
        (1.5, [KeyError, ValueError]),
        1,
        "try:",
        "classes of exceptions that are known when compiling",
    ),
    (unknown_function, (1.5, [np.sin, np.cos]), 2, "f[int(x) - 1](x)", "must be known when compiling"),
    (no_value, (1.5, 2), 4, "y * x", "may have no value here"),
    (copies_what_may_be_nothing, (1.5, 2), 4, "z = y", "the variable 'y' may have no value here"),
    (copies_what_was_deleted, (1.5, 1), 5, "z = y", "the variable 'y' may have no value here"),
    (asks_whether_it_is_there, (1.5, 2), 3, "kept", "the variable 'kept' may have no value here"),
    (divides_in_place, (np.ones(3), np.zeros(3)), 3, "try:", "may raise after that"),
    (present_exception, (1.5,), 4, "sys.exc_info()", "what reads the present exception is not supported"),
    (helper_that_writes, (1.5, 7), 2, "try:", "may raise after that"),
]


@pytest.mark.parametrize(("function", "args", "line", "text", "message"), REFUSED, ids=[c[0].__name__ for c in REFUSED])
def test_refused_at(function, args, line, text, message):
    with pytest.raises(s2sad.UnsupportedError) as caught:
        s2sad.grad(function)(*args)
    error = caught.value
    assert message in str(error)
    assert error.lineno == function.__code__.co_firstlineno + line
    assert text in error.text
