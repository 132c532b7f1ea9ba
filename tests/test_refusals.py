"""What rules refuse in their bodies is an error at the user's line: compiled or recorded, before or while it runs."""

import numpy as np
import pytest

import s2sad
from s2sad import extend
from s2sad.runtime import no_derivative


def by_column(x, order="C"):
    return x * 1


def check(x, order):
    if order != "C":
        raise no_derivative(f"by_column has no derivative with order={order!r}")
    if not np.all(x > 0):
        raise no_derivative("by_column has no derivative where x is not positive")


@pytest.fixture(autouse=True)
def rules():
    @extend.defvjp(by_column)
    def by_column_vjp(y_bar, y, x, *, order="C"):
        check(x, order)
        return y_bar

    @extend.defjvp(by_column)
    def by_column_jvp(x_dot, y, x, *, order="C"):
        check(x, order)
        return x_dot


def by_option(x):
    return np.sum(by_column(np.sin(x), order="F"))


def kept(x):
    y = x * 2
    z = np.ravel(y.transpose(1, 0, 2), order="K")
    return np.sum(z**2)


def of_values(x):
    y = np.sin(x)
    z = by_column(y) * 3
    return np.sum(z**2)


def size_of_power(x):
    y = -float(np.sum(x))
    return abs(y**1.5) * y


def imaginary_part_of_power(x):
    y = -float(np.sum(x))
    return (np.ones(2) * 3 * y**y).imag[0]


def square_of_a_constant(x):
    z = (1.0 - 3.0 * (float(np.sum(x)) > 0)) ** 0.3
    return abs((z * z) ** float(np.sum(x)))


def power_in_a_try(x):
    try:
        v = (-float(np.sum(x))) ** 0.5
    except Exception:
        v = 3.0
    return abs(v)


def by_a_mask(x):
    y = x * 1.0
    y[y > -2.0] = y[::-1]
    return np.sum(y * x)


def not_written(x):
    if np.sum(x) > 0:
        raise NotImplementedError("the user's own")
    return np.sum(x)


SURFACES = [{"name": "wing", "E": 2.0}, {"name": "tail", "n": 3}]


def by_keys_of_names(x):
    """Text of what stands outside, and is no more than a key."""
    parts = {"wing_m": x, "tail_m": x[:1]}
    total = 0.0
    for surface in SURFACES:
        total = total + np.sum(parts["{}_m".format(surface["name"])] ** 2)
    return total * len(SURFACES)


def by_text_beside_names(x):
    text = "{}_{}".format(SURFACES[0]["name"], float(x[0]))
    return float(text[5:]) * np.sum(x)


def by_text_of_an_error(x):
    try:
        return x[1] * [1.0].index(float(x[0]))
    except ValueError as error:
        return float(str(error).split()[0]) * x[1]


def gradient(fun, x):
    return s2sad.grad(fun)(x)


def tangent(fun, x):
    return s2sad.jvp(fun, (x,), (x,))


def pulled(fun, x):
    return s2sad.vjp(fun, x)[1](1.0)


WAYS = [gradient, tangent, pulled]


@pytest.fixture(params=["0", "1"], ids=["compiled", "recorded"])
def record(request, monkeypatch):
    monkeypatch.setenv("S2SAD_RECORD", request.param)


def refused(way, fun, x, line, text, kind=s2sad.MissingRuleError):
    with pytest.raises(kind) as caught:
        way(fun, x)
    error = caught.value
    assert error.filename == __file__
    assert error.lineno == fun.__code__.co_firstlineno + line
    assert error.text[error.offset - 1 : error.end_offset - 1] == text
    return str(error)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_found_when_it_runs(way, record):
    assert way(of_values, np.ones(3)) is not None
    text = refused(way, of_values, -np.ones(3), 2, "by_column(y)")
    assert "where x is not positive" in text


@pytest.mark.parametrize("way", WAYS)
def test_what_an_option_decides(way, record):
    text = refused(way, by_option, np.ones(3), 1, 'by_column(np.sin(x), order="F")')
    assert "order='F'" in text


@pytest.mark.parametrize("way", WAYS)
def test_of_memory(way, monkeypatch):
    """What the compiler does not know of memory it refuses; a run knows it."""
    x = np.ones((2, 3, 4))
    monkeypatch.setenv("S2SAD_RECORD", "0")
    text = refused(way, kept, x, 2, 'np.ravel(y.transpose(1, 0, 2), order="K")', s2sad.UnsupportedError)
    assert "order='K'" in text
    monkeypatch.setenv("S2SAD_RECORD", "1")
    assert way is not gradient or np.array_equal(way(kept, x), 8 * x)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fun", "line", "power"),
    [
        (size_of_power, 2, "y**1.5"),
        (imaginary_part_of_power, 2, "y**y"),
        (square_of_a_constant, 2, "(z * z) ** float(np.sum(x))"),
        (power_in_a_try, 2, "(-float(np.sum(x))) ** 0.5"),
    ],
)
def test_powers_that_are_complex(way, fun, line, power):
    """Compiled code takes powers of floats to be real: as that they have no derivative where they are not."""
    assert way(fun, np.array([-0.5, -1.0])) is not None
    assert "complex" in refused(way, fun, np.array([0.5, 1.0]), line, power)


@pytest.mark.parametrize("way", WAYS)
def test_what_numpy_reads_while_it_writes(way, record):
    """By a mask, NumPy assigns element by element, and reads some of a view of the array after it has written them."""
    assert by_a_mask(np.array([1.0, 2.0])) == 6.0
    with pytest.raises(s2sad.UnsupportedError, match="copy") as caught:
        way(by_a_mask, np.ones(3))
    assert caught.value.lineno == by_a_mask.__code__.co_firstlineno + 2


@pytest.mark.parametrize("way", WAYS)
def test_text_of_names_is_no_number(way, record):
    x = np.array([1.5, 2.0])
    slope = np.array([12.0, 8.0])
    expected = {gradient: slope, tangent: (17.0, slope @ x), pulled: (slope,)}[way]
    for found, right in zip(way(by_keys_of_names, x), expected, strict=True):
        np.testing.assert_allclose(found, right)
    for fun in (by_text_beside_names, by_text_of_an_error):
        with pytest.raises(s2sad.UnsupportedError, match="made from text"):
            way(fun, x)


@pytest.mark.parametrize("way", WAYS)
def test_the_users_own_passes(way, record):
    with pytest.raises(NotImplementedError, match="the user's own") as caught:
        way(not_written, np.ones(3))
    assert not isinstance(caught.value, s2sad.Error)


def stretched(x, width, shift):
    return np.exp(width) * x + 0 * shift


def by_width(x, width, shift):
    return np.sum(stretched(np.sin(x), width**2, shift**2))


@pytest.mark.parametrize("record", ["1", "0"])
def test_forward_mode_refuses_what_a_linear_function_is_not_linear_in(record, monkeypatch):
    """Its rule says that the derivative is not known; where it says that it is zero, it is."""
    monkeypatch.setenv("S2SAD_RECORD", record)

    @extend.linear(stretched, arguments=("x",))
    def stretched_transposed(y_bar, y, x, width, shift):
        return np.exp(width) * y_bar, NotImplemented, None

    x = np.array([0.3, 1.2])
    for transform in (s2sad.jacfwd, s2sad.jacrev):
        with pytest.raises(s2sad.UnsupportedError, match=r"by one of its arguments|derivative by 'width'"):
            transform(by_width, 1)(x, 0.7, 0.2)
        assert transform(by_width, 2)(x, 0.7, 0.2) == 0
    np.testing.assert_allclose(s2sad.jacfwd(by_width)(x, 0.7, 0.2), np.exp(0.49) * np.cos(x))
