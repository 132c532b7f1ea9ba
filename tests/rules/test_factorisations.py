"""Factorisations whose rows can't be compared with differences directly.

`cholesky`, `eigh` and `eigvalsh` read one triangle: their rules are those of the Hermitian part of the argument.
LAPACK chooses the signs of vectors, which need not be the same nearby, and the last vectors of a full decomposition may
turn: what does not depend on that choice is compared.  The phases of complex vectors follow the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from . import harness
from .engines import apply_jvp, apply_vjp
from .harness import difference, direction, inner, tree_map

harness.load_rules()

Invariant = Callable[[Any], Any]


def adjoint(a: np.ndarray) -> np.ndarray:
    return np.conj(np.swapaxes(a, -1, -2))


def hermitian(a: np.ndarray) -> np.ndarray:
    return (a + adjoint(a)) / 2


def along(f: Callable[[Any], Any], y: Any, y_dot: Any) -> Any:
    """The derivative of ``f`` at ``y`` along ``y_dot``."""
    return difference(lambda t: f(tree_map(lambda a, d: a if d is None else a + t * d, y, y_dot)), 0.0, 1.0)


def check(function: Any, a: np.ndarray, kwargs: dict[str, Any], part: Invariant, invariant: Invariant) -> None:
    """Both modes against differences of ``invariant(function(part(a)))``, and against each other."""
    rng = np.random.default_rng(3)
    y = function(a, **kwargs)
    y = tuple(y) if isinstance(y, tuple) else y
    a_dot = direction(rng, a)
    y_dot = apply_jvp(function, (a_dot,), y, (a,), kwargs)
    reference = difference(lambda x: invariant(function(part(x), **kwargs)), a, a_dot)
    tree_map(lambda d, r: harness.check_close(d, r, 1e-7, "tangent"), along(invariant, y, y_dot), reference)
    y_bar = direction(rng, y)
    (bar,) = apply_vjp(function, y_bar, y, (a,), kwargs)
    harness.check_like(bar, a, "cotangent")
    (ours, size), (theirs, other) = inner(bar, a_dot), inner(y_bar, y_dot)
    assert abs(ours - theirs) <= 1e-12 * (size + other)


def positive_definite(rng: np.random.Generator, *shape: int, kind: str = "f") -> np.ndarray:
    a = matrix(rng, *shape, kind=kind)
    return a @ adjoint(a) + np.diag(np.arange(1.0, shape[-1] + 1))


def matrix(rng: np.random.Generator, *shape: int, kind: str = "f") -> np.ndarray:
    a = rng.standard_normal(shape)
    return a + 1j * rng.standard_normal(shape) if kind == "c" else a


def same(x: Any) -> Any:
    return tuple(x) if isinstance(x, tuple) else x


def signed(y: Any) -> Any:
    """Eigenvalues and eigenvectors, these with signs that do not jump."""
    return y[0], y[1] * np.sign(np.sum(np.real(y[1]), axis=-2, keepdims=True))


def signed_pairs(y: Any) -> Any:
    """A singular value decomposition with signs that do not jump."""
    u, s, vh = y
    signs = np.sign(np.sum(np.real(vh), axis=-1))
    return u * signs[..., None, :], s, vh * signs[..., :, None]


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4), (0, 0)])
@pytest.mark.parametrize("upper", [False, True])
def test_cholesky(kind: str, shape: tuple[int, ...], upper: bool) -> None:
    options = {"upper": True} if upper else {}
    check(np.linalg.cholesky, positive_definite(np.random.default_rng(1), *shape, kind=kind), options, hermitian, same)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("uplo", "LU")
def test_eigh(kind: str, uplo: str) -> None:
    a = positive_definite(np.random.default_rng(1), 2, 4, 4, kind=kind)
    options = {"UPLO": uplo}
    check(np.linalg.eigh, a, options, hermitian, signed)
    check(np.linalg.eigvalsh, a, options, hermitian, same)


@pytest.mark.parametrize("kind", "fc")
def test_pinv_of_hermitian(kind: str) -> None:
    v = matrix(np.random.default_rng(1), 4, 4, kind=kind)
    check(np.linalg.pinv, v @ adjoint(v) + np.eye(4), {"hermitian": True}, hermitian, same)
    a = 0.02 * v @ adjoint(v) + np.diag([3.0, -2.5, 0.2, -0.1])
    check(np.linalg.pinv, a, {"hermitian": True, "rcond": 0.3}, hermitian, same)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize(
    "full, shape", [(False, (5, 3)), (False, (3, 5)), (False, (2, 2, 9)), (False, (2, 4, 2)), (True, (3, 3))]
)
def test_svd(kind: str, full: bool, shape: tuple[int, ...]) -> None:
    a = matrix(np.random.default_rng(1), *shape, kind=kind)
    check(np.linalg.svd, a, {"full_matrices": full}, same, signed_pairs)


@pytest.mark.parametrize("kind", "fc")
def test_svd_of_hermitian(kind: str) -> None:
    a = matrix(np.random.default_rng(1), 4, 4, kind=kind)
    check(np.linalg.svd, hermitian(a), {"hermitian": True}, hermitian, signed_pairs)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 2)])
@pytest.mark.parametrize("wide", [False, True])
def test_null_space(kind: str, shape: tuple[int, ...], wide: bool) -> None:
    """What does not depend on the basis of the space beyond the singular values has a derivative in reverse mode."""
    rng = np.random.default_rng(1)
    a, k = matrix(rng, *shape, kind=kind), shape[-1]
    c = matrix(rng, shape[-2], shape[-2], kind=kind)

    def taken(a: np.ndarray) -> np.ndarray:
        return np.swapaxes(a, -1, -2) if wide else a

    def loss(a: np.ndarray) -> Any:
        u, _, vh = np.linalg.svd(taken(a))
        rest = adjoint(vh[..., k:, :]) if wide else u[..., k:]
        return np.real(np.sum(c * (rest @ adjoint(rest))))

    x = taken(a)
    u, s, vh = y = tuple(np.linalg.svd(x))
    rest = adjoint(vh[..., k:, :]) if wide else u[..., k:]
    rest_bar = (c + adjoint(c)) @ np.conj(rest)
    bars = [np.zeros_like(u), np.zeros_like(s), np.zeros_like(vh)]
    if wide:
        bars[2][..., k:, :] = np.conj(np.swapaxes(rest_bar, -1, -2))
    else:
        bars[0][..., k:] = rest_bar
    (bar,) = apply_vjp(np.linalg.svd, tuple(bars), y, (x,), {})
    a_dot = direction(rng, a)
    harness.check_close(inner(bar, taken(a_dot))[0], difference(loss, a, a_dot), 1e-7, "derivative of the projector")
    with pytest.raises(NotImplementedError, match="any basis of their space"):
        other = tuple(matrix(rng, *np.shape(b)) for b in bars)
        apply_vjp(np.linalg.svd, other, y, (x,), {})
    u_dot, s_dot, vh_dot = apply_jvp(np.linalg.svd, (taken(a_dot),), y, (x,), {})
    first = (u_dot[..., :k], s_dot, vh_dot[..., :k, :])
    assert all(np.all(np.isfinite(dot)) for dot in first)
    assert np.all(np.isnan(vh_dot[..., k:, :] if wide else u_dot[..., k:]))


def test_degenerate_values() -> None:
    """Vectors of equal values contribute 0 where the values are not used; sums over them are exact."""
    w, v = np.linalg.eigh(np.eye(3))
    bars = apply_vjp(np.linalg.eigh, (None, np.ones((3, 3))), (w, v), (np.eye(3),), {})
    np.testing.assert_array_equal(bars[0], np.zeros((3, 3)))
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    a = (turned * [1.0, 1.0, 1.0, 2.0]) @ turned.T  # equal to rounding only
    y = tuple(np.linalg.eigh(a))
    g = np.array([0.5, 0.5, 0.5, 3.0])
    c = np.random.default_rng(2).standard_normal((4, 4))
    v_bar = (c + c.T) @ y[1] * g  # of sum(c * ((v * g) @ v.T))
    (bar,) = apply_vjp(np.linalg.eigh, (None, v_bar), y, (a,), {})
    gaps = np.where(np.eye(4) == 1, 1, y[0][:, None] - y[0])
    rates = np.where(np.abs(gaps) < 0.5, 0, (g[:, None] - g) / gaps) * (1 - np.eye(4))
    expected = y[1] @ (rates * (y[1].T @ (c + c.T) @ y[1] / 2)) @ y[1].T
    np.testing.assert_allclose(bar, expected, atol=1e-12)
    u, s, vh = np.linalg.svd(np.eye(3))
    (bar,) = apply_vjp(np.linalg.svd, (np.ones((3, 3)), None, np.ones((3, 3))), (u, s, vh), (np.eye(3),), {})
    np.testing.assert_array_equal(bar, np.zeros((3, 3)))


@pytest.mark.parametrize("kind", "fc")
def test_nearest_rotation_of_a_rotation(kind: str) -> None:
    """All singular values are 1, and the product of the vectors has a derivative all the same."""
    import s2sad

    rng = np.random.default_rng(4)
    a, c, a_dot = (
        np.linalg.qr(matrix(rng, 3, 3, kind=kind))[0],
        matrix(rng, 3, 3, kind=kind),
        matrix(rng, 3, 3, kind=kind),
    )

    def nearest(a: np.ndarray) -> float:
        u, _, vh = np.linalg.svd(a)
        return np.sum(np.real(c * (u @ vh)))

    rate = difference(lambda t: nearest(a + t * a_dot), 0.0, 1.0)
    assert np.isclose(np.sum(np.real(s2sad.grad(nearest)(a) * a_dot)), rate, rtol=1e-7)


def test_how_equal_values_part() -> None:
    """What is made of the vectors and the values of equal eigenvalues is refused, and not wrong."""
    import s2sad

    rng = np.random.default_rng(5)
    c = rng.standard_normal((3, 3))

    def root(a: np.ndarray) -> float:
        w, v = np.linalg.eigh(a)
        return np.sum(c * ((v * np.sqrt(w)) @ v.T))

    def stretch(a: np.ndarray) -> float:
        u, s, vh = np.linalg.svd(a)
        return np.sum(c * ((u * s**2) @ vh))

    def last(a: np.ndarray) -> float:
        w, v = np.linalg.eigh(a)
        return w[2] * v[0, 2] ** 2

    a_dot = hermitian(matrix(rng, 3, 3))
    for function in (root, stretch):
        with pytest.raises(s2sad.MissingRuleError, match="equal eigenvalues or singular values"):
            s2sad.grad(function)(np.eye(3))
    a = np.diag([1.0, 1.0, 2.0]) + 0.1
    a[:2, :2] = np.eye(2) + 0.1 * np.ones((2, 2))
    rate = difference(lambda t: last(a + t * a_dot), 0.0, 1.0)
    assert np.isclose(np.sum(s2sad.grad(last)(a) * a_dot), rate, rtol=1e-7)


def of_parts(a: np.ndarray) -> float:
    w, v = np.linalg.eigh(a)
    return np.sum(((v * np.sqrt(w)) @ v.T)[0])


def of_any_parts(a: np.ndarray) -> float:
    w, v = np.linalg.eig(a)
    return np.sum(np.real((v * w**2) @ np.linalg.inv(v))[0])


def of_singular_parts(a: np.ndarray) -> float:
    u, s, vh = np.linalg.svd(a)
    return np.sum(((u * s**2) @ vh)[0])


@pytest.mark.parametrize("function", [of_parts, of_any_parts, of_singular_parts])
def test_how_equal_values_part_along_a_direction(function: Any) -> None:
    """Forward mode knows the direction: NaN where the vectors at hand are not those along which the values part."""
    import s2sad

    a = np.diag([2.0, 2.0, 3.0])
    assert np.isnan(s2sad.jvp(function, (a,), (np.ones((3, 3)),))[1])
    for a_dot in (np.diag([1.0, 2.0, 3.0]), np.array([[1.0, 0, 0], [0, 2, 1], [0, 1, 1]])):
        rate = difference(lambda t: function(a + t * a_dot), 0.0, 1.0)  # noqa: B023
        assert np.isclose(s2sad.jvp(function, (a,), (a_dot,))[1], rate, rtol=1e-7)


def test_vectors_of_equal_values() -> None:
    """A result that depends on which vectors stand for equal values is refused; the projector on them is exact."""
    import s2sad

    rng = np.random.default_rng(7)
    a, a_dot, c = np.diag([2.0, 2.0, 3.0]), hermitian(matrix(rng, 3, 3)), matrix(rng, 3, 3)

    def projected(function: Any, first: int) -> Callable[[np.ndarray], float]:
        def sum_(a: np.ndarray) -> float:
            v = function(a)
            return np.sum(c * (v[:, first : first + 2] @ v[:, first : first + 2].T))

        return sum_

    def eigenvectors(a: np.ndarray) -> np.ndarray:
        return np.linalg.eigh(a)[1]

    def left_vectors(a: np.ndarray) -> np.ndarray:
        return np.linalg.svd(a)[0]

    for vectors, first in ((eigenvectors, 0), (left_vectors, 1)):
        with pytest.raises(s2sad.MissingRuleError, match="equal eigenvalues or singular values"):
            s2sad.grad(lambda a: vectors(a)[0, 1])(a)  # noqa: B023
        f = projected(vectors, first)
        rate = difference(lambda t: f(a + t * a_dot), 0.0, 1.0)  # noqa: B023
        assert np.isclose(np.sum(s2sad.grad(f)(a) * a_dot), rate, rtol=1e-7)
    with pytest.raises(s2sad.MissingRuleError, match="equal eigenvalues or singular values"):
        s2sad.grad(lambda a: np.real(np.linalg.eig(a)[1][0, 1]))(a)


@pytest.mark.parametrize("function", [np.linalg.eigh, np.linalg.svd])
def test_unknown_phases(function: Any) -> None:
    """Vectors with other phases than LAPACK's: only what does not depend on them has a derivative."""
    a = hermitian(matrix(np.random.default_rng(8), 3, 3, kind="c"))
    phases = np.exp(1j * np.arange(1.0, 4.0))
    if function is np.linalg.eigh:
        w, v = function(a)
        y: Any = (w, v * phases)
        bars, even = (None, np.ones((3, 3), complex)), (None, np.conj(v * phases) * np.arange(3))
    else:
        u, s, vh = function(a)
        y = (u * phases, s, vh / phases[:, None])
        bars, even = (np.ones((3, 3), complex), None, None), (None, None, np.conj(vh) * phases[:, None])
    with pytest.raises(NotImplementedError, match="up to a phase"):
        apply_vjp(function, bars, y, (a,), {})
    (bar,) = apply_vjp(function, even, y, (a,), {})
    np.testing.assert_allclose(bar, 0, atol=1e-12)  # the lengths of the vectors do not change
    dots = apply_jvp(function, (a @ a,), y, (a,), {})
    assert np.isnan(dots[0 if function is np.linalg.svd else 1]).all()


def test_phases_of_blocks() -> None:
    """Where the row that LAPACK makes real has a zero, the phase is any: absolute values have a derivative there."""
    import s2sad

    a = np.diag([1.0, 3.0, 5.0]).astype(complex)
    a[1, 2], a[2, 1] = 0.5j, -0.5j
    a_dot = hermitian(matrix(np.random.default_rng(9), 3, 3, kind="c"))

    def probability(a: np.ndarray) -> float:
        return np.abs(np.linalg.eigh(a)[1][1, 1]) ** 2

    rate = difference(lambda t: probability(a + t * a_dot), 0.0, 1.0)
    assert np.isclose(np.sum(np.real(s2sad.grad(probability)(a) * a_dot)), rate, rtol=1e-7)
    assert np.isclose(s2sad.jvp(probability, (a,), (a_dot,))[1], rate, rtol=1e-7)
    with pytest.raises(s2sad.MissingRuleError, match="up to a phase"):
        s2sad.grad(lambda a: np.linalg.eigh(a)[1][1, 1].imag)(a)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("shape, rank", [((3, 3), 1), ((3, 3), 2), ((4, 3), 2), ((3, 4), 2)])
@pytest.mark.parametrize("exact", [False, True])
def test_values_of_zero(kind: str, shape: tuple[int, int], rank: int, exact: bool) -> None:
    """A product of vectors and values has a derivative that they do not tell; where the values are cut off, they do."""
    import s2sad

    rng = np.random.default_rng(10)
    a_dot, c = matrix(rng, *shape, kind=kind), matrix(rng, *shape, kind=kind)
    a = matrix(rng, shape[0], rank, kind=kind) @ matrix(rng, rank, shape[1], kind=kind)
    if exact:
        a = np.where(np.eye(*shape) == 1, np.arange(rank, rank - shape[1], -1.0), 0.0 * a)
        a[rank:] = 0

    def product(a: np.ndarray, least: float) -> float:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(np.real(c * ((u * np.maximum(s - least, 0)) @ vh)))

    def cut(a: np.ndarray) -> float:
        return product(a, 0.25)

    def whole(a: np.ndarray) -> float:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(np.real(c * ((u * s) @ vh)))

    rate = difference(lambda t: cut(a + t * a_dot), 0.0, 1.0)
    assert np.isclose(np.sum(np.real(s2sad.grad(cut)(a) * a_dot)), rate, rtol=1e-7)
    if rank == 1 or (exact and (kind == "c" or shape != (3, 3))):
        with pytest.raises(s2sad.MissingRuleError, match="values that are 0"):
            s2sad.grad(whole)(a)
        assert np.isnan(s2sad.jvp(whole, (a,), (a_dot,))[1])
    else:
        assert np.isclose(np.sum(np.real(s2sad.grad(whole)(a) * a_dot)), np.sum(np.real(c * a_dot)), rtol=1e-7)
        assert np.isclose(s2sad.jvp(whole, (a,), (a_dot,))[1], np.sum(np.real(c * a_dot)), rtol=1e-7)


def log_of_values(a: np.ndarray) -> float:
    return np.sum(np.log(np.linalg.eigvalsh(a)))


def squares_of_values(a: np.ndarray) -> float:
    return np.sum(np.linalg.eigh(a)[0] ** 2)


def cubes_of_singular_values(a: np.ndarray) -> float:
    return np.sum(np.linalg.svd(a)[1] ** 3)


def cubes_of_any_values(a: np.ndarray) -> float:
    return np.sum(np.linalg.eigvals(a).real ** 3) + np.sum(np.linalg.eig(a)[0].real ** 3)


@pytest.mark.parametrize("function", [log_of_values, squares_of_values, cubes_of_singular_values, cubes_of_any_values])
def test_second_derivative_of_equal_values(function: Any) -> None:
    """It depends on how they part: NaN in forward mode, refused in reverse mode, right where they differ."""
    import s2sad

    rng = np.random.default_rng(6)
    a, a_dot = hermitian(matrix(rng, 3, 3)) + 4 * np.eye(3), hermitian(matrix(rng, 3, 3))
    gradient = s2sad.grad(function)

    def along(a: np.ndarray) -> float:
        return np.sum(gradient(a) * a_dot)

    product = s2sad.hvp(function)((a,), (a_dot,))
    expected = difference(lambda t: gradient(a + t * a_dot), 0.0, 1.0)
    np.testing.assert_allclose(product, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.sum(s2sad.grad(along)(a) * a_dot), np.sum(expected * a_dot), rtol=1e-5)
    for equal in (np.eye(3), np.diag([1.0, 1.0, 2.0])):
        assert np.isnan(s2sad.hvp(function)((equal,), (a_dot,))).any()
        with pytest.raises(s2sad.MissingRuleError, match="equal eigenvalues or singular values"):
            s2sad.grad(along)(equal)
        assert np.isnan(s2sad.jvp(lambda a: s2sad.jvp(function, (a,), (a_dot,))[1], (equal,), (a_dot,))[1])


def test_unused_parts() -> None:
    """The cotangent of a part that nobody used is None."""
    a = matrix(np.random.default_rng(1), 4, 3)
    for function, kwargs in ((np.linalg.qr, {}), (np.linalg.svd, {"full_matrices": False}), (np.linalg.svd, {})):
        y = tuple(function(a, **kwargs))
        for k, part in enumerate(y):
            nothing = tuple(None if i != k else np.ones_like(part) for i in range(len(y)))
            zeros = tuple(np.zeros_like(p) if i != k else np.ones_like(p) for i, p in enumerate(y))
            bars = [apply_vjp(function, bar, y, (a,), kwargs)[0] for bar in (nothing, zeros)]
            np.testing.assert_allclose(*bars, atol=1e-14)


def test_qr_refuses() -> None:
    a = matrix(np.random.default_rng(1), 4, 3)
    with pytest.raises(NotImplementedError, match="mode='complete'"):
        apply_vjp(np.linalg.qr, (None, None), np.linalg.qr(a, "complete"), (a,), {"mode": "complete"})


def one_triangle(a: np.ndarray, lower: bool) -> np.ndarray:
    return np.tril(a) if lower else np.triu(a)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [True, False])
def test_one_triangle_that_is_filled(kind: str, lower: bool) -> None:
    """The other triangle, which is not read, holds zeros: the derivative is that of the elements that are there."""
    a = one_triangle(positive_definite(np.random.default_rng(1), 2, 3, 3, kind=kind), lower)

    def of_triangle(x: np.ndarray) -> np.ndarray:
        half = one_triangle(x, lower)
        return half + adjoint(half) - np.eye(3) * np.real(half)

    uplo = {"UPLO": "L" if lower else "U"}
    check(np.linalg.eigvalsh, a, uplo, of_triangle, same)
    check(np.linalg.eigh, a, uplo, of_triangle, signed)
    if lower:
        check(np.linalg.cholesky, a, {}, of_triangle, same)
        check(np.linalg.svd, a, {"hermitian": True, "compute_uv": False}, of_triangle, same)
        check(np.linalg.pinv, a, {"hermitian": True}, of_triangle, same)


def test_gradient_of_one_triangle() -> None:
    import s2sad

    a = np.array([[4.0, 0.0], [2.0, 5.0]])
    expected = np.array([[0.1875, 0.0], [0.25, 0.25]])
    assert np.allclose(s2sad.grad(lambda a: np.sum(np.linalg.cholesky(a)))(a), expected)
