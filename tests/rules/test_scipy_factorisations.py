"""Functions of ``scipy.linalg`` whose rows can't be compared with differences directly.

They read one triangle, or want a Hermitian matrix: their rules are those of the Hermitian part of the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import s2sad

from . import harness
from .engines import apply_vjp
from .harness import difference, direction, inner, tree_map
from .test_factorisations import along, hermitian, matrix, positive_definite, same, signed, signed_pairs

linalg = pytest.importorskip("scipy.linalg", reason="SciPy is not installed")
harness.load_rules()


def check(
    function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None = None,
    part: Callable[[Any], Any] = hermitian,
    invariant: Callable[[Any], Any] = same,
    argnums: tuple[int, ...] = (0,),
) -> None:
    """Both modes and engines against differences of ``invariant(function(part(a), ...))``, and against each other.

    ``argnums``: the arguments of which only the Hermitian ``part`` counts; the others are checked as they are.
    """
    options = kwargs or {}
    rng = np.random.default_rng(3)
    y = function(*args, **options)
    y = tuple(y) if isinstance(y, tuple) else y
    y_bar = direction(rng, y)
    differentiable = harness.differentiable(args)
    for engine in harness.ENGINES:
        bars = engine.vjp(function, args, options, y_bar, differentiable)
        for k in differentiable:
            a_dot = direction(rng, args[k])
            dots = tuple(a_dot if i == k else None for i in range(len(args)))
            y_dot = engine.jvp(function, args, options, dots)
            only = part if k in argnums else same

            def call(x: Any) -> Any:
                return invariant(function(*args[:k], only(x), *args[k + 1 :], **options))  # noqa: B023

            reference = difference(call, args[k], a_dot)
            tree_map(lambda d, r: harness.check_close(d, r, 1e-7, "tangent"), along(invariant, y, y_dot), reference)
            harness.check_like(bars[k], args[k], "cotangent")
            (ours, size), (theirs, other) = inner(bars[k], a_dot), inner(y_bar, y_dot)
            assert abs(ours - theirs) <= 1e-11 * (size + other)


def positive(*shape: int, kind: str = "f", seed: int = 1) -> np.ndarray:
    return positive_definite(np.random.default_rng(seed), *shape, kind=kind)


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4)])
def test_cholesky(kind: str, lower: bool, shape: tuple[int, ...]) -> None:
    a = positive(*shape, kind=kind)
    check(linalg.cholesky, (a,), {"lower": lower})
    keep = np.tril if lower else np.triu
    check(linalg.cho_factor, (a,), {"lower": lower}, invariant=lambda y: keep(y[0]))


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("assume", ["pos", "her", "sym"])
def test_solve(kind: str, lower: bool, assume: str) -> None:
    def symmetric(x: np.ndarray) -> np.ndarray:
        return (x + x.T) / 2

    a, b = positive(3, 3, kind=kind), matrix(np.random.default_rng(2), 3, kind=kind)
    part = symmetric if assume == "sym" else hermitian
    check(linalg.solve, (part(a), b), {"assume_a": assume, "lower": lower}, part)
    check(linalg.inv, (part(a),), {"assume_a": assume, "lower": lower}, part)
    if kind == "f":
        check(linalg.solve, (a, b), {"assume_a": assume, "lower": lower, "transposed": True}, part)


def test_solve_tridiagonal() -> None:
    def part(x: np.ndarray) -> np.ndarray:
        return np.tril(np.triu(x, -1), 1)

    a, b = part(positive(4, 4)), np.arange(1.0, 5.0)
    check(linalg.solve, (a, b), {"assume_a": "tridiagonal"}, part)


@pytest.mark.parametrize("kind", "fc")
def test_pinvh(kind: str) -> None:
    check(linalg.pinvh, (positive(4, 4, kind=kind),))
    check(linalg.pinvh, (positive(4, 4, kind=kind),), {"return_rank": True}, invariant=lambda y: y[0])
    a = 0.02 * positive(4, 4, kind=kind) + np.diag([3.0, -2.5, 0.2, -0.1])
    for options in ({"rtol": 0.3}, {"atol": 1.0, "return_rank": True}):
        check(linalg.pinvh, (a,), options, invariant=lambda y: y[0] if isinstance(y, tuple) else y)


def test_least_squares_of_a_rank_that_rounding_decides() -> None:
    import s2sad

    h = np.diag([1.0, 1.0, 1.5e-16])  # between NumPy's cutoff and that of LAPACK, which is half of it

    def loss(a: np.ndarray) -> float:
        return np.sum(np.linalg.lstsq(a, np.arange(3.0), rcond=-1)[0] ** 2)

    with pytest.raises(s2sad.MissingRuleError, match="rounding decides"):
        s2sad.grad(loss)(h)


def test_least_squares_by_a_triangular_factor() -> None:
    import s2sad

    a, b = np.diag([2.0, 1.0, 0.1]) + 0.03 * np.arange(9.0).reshape(3, 3), np.arange(3.0)

    def loss(a: np.ndarray, b: np.ndarray) -> float:
        return np.sum(linalg.lstsq(a, b, cond=0.3, lapack_driver="gelsy")[0])

    with pytest.raises(s2sad.MissingRuleError, match="gelsy"):
        s2sad.grad(loss)(a, b)
    s2sad.grad(loss)(np.diag([2.0, 1.0, 0.0]), b)  # what is left out is 0


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [False, True])
def test_eigh(kind: str, lower: bool) -> None:
    a = 0.3 * positive(4, 4, kind=kind) + 3 * np.diag(np.arange(4.0))  # its eigenvalues are well apart
    b = 0.1 * positive(4, 4, kind=kind, seed=2) + np.eye(4)
    check(linalg.eigh, (a,), {"lower": lower}, invariant=signed)
    check(linalg.eigh, (a,), {"lower": lower, "eigvals_only": True})
    check(linalg.eigvalsh, (a,), {"lower": lower})
    check(linalg.eigvalsh, (a,), {"lower": lower, "subset_by_index": (1, 2)})
    check(linalg.eigh, (a, b), {"lower": lower}, invariant=signed, argnums=(0, 1))
    check(linalg.eigvalsh, (a, b), {"lower": lower}, argnums=(0, 1))


def test_eigh_refuses() -> None:
    a = positive(3, 3)
    y = linalg.eigh(a, subset_by_index=(0, 1))
    with pytest.raises(NotImplementedError, match="subset_by_index"):
        apply_vjp(linalg.eigh, y, y, (a,), {"subset_by_index": (0, 1)})
    with pytest.raises(NotImplementedError, match="type=2"):
        apply_vjp(linalg.eigh, linalg.eigh(a, a, type=2), linalg.eigh(a, a, type=2), (a, a), {"type": 2})


@pytest.mark.parametrize("kind", "fc")
def test_riccati(kind: str) -> None:
    rng = np.random.default_rng(1)
    a, b = 0.2 * matrix(rng, 3, 3, kind=kind) - 0.5 * np.eye(3), matrix(rng, 3, 2, kind=kind)
    q, r = positive(3, 3, kind=kind), positive(2, 2, kind=kind)
    check(linalg.solve_continuous_are, (a, b, q, r), argnums=(2, 3))
    check(linalg.solve_discrete_are, (a, b, q, r), argnums=(2, 3))


@pytest.mark.parametrize("kind", "fc")
@pytest.mark.parametrize("lower", [False, True])
def test_hermitian_bands(kind: str, lower: bool) -> None:
    """The main diagonal of a Hermitian matrix is real."""
    rng = np.random.default_rng(1)
    ab = 0.3 * matrix(rng, 3, 5, kind=kind)
    main = 0 if lower else 2
    ab[main] = 2 * np.arange(1.0, 6.0)

    def part(x: np.ndarray) -> np.ndarray:
        x = x.copy()
        x[main] = x[main].real
        return x

    b = matrix(rng, 5, kind=kind)
    check(linalg.solveh_banded, (ab, b), {"lower": lower}, part)
    check(linalg.cholesky_banded, (ab,), {"lower": lower}, part)
    check(linalg.eigvals_banded, (ab,), {"lower": lower}, part)
    check(linalg.eig_banded, (ab,), {"lower": lower}, part, signed)


@pytest.mark.parametrize("kind", "fc")
def test_svd(kind: str) -> None:
    a = matrix(np.random.default_rng(1), 5, 3, kind=kind)
    check(linalg.svd, (a,), {"full_matrices": False}, same, signed_pairs)
    check(linalg.orth, (a,), {}, same, lambda y: signed((0.0, y)))


def test_refusals_by_name() -> None:
    a = matrix(np.random.default_rng(1), 4, 3)
    refused = [
        (linalg.qr, (a,), {}, "mode='full'"),
        (linalg.rq, (a.T,), {}, "mode='full'"),
        (linalg.polar, (a.T,), {}, "choose the side"),
        (linalg.eig, (a[:3], np.eye(3)), {}, "with b"),
        (linalg.eig, (a[:3],), {"homogeneous_eigvals": True}, "homogeneous_eigvals"),
        (linalg.solve_circulant, (np.arange(1.0, 4), np.ones(3)), {"singular": "lstsq"}, "singular"),
    ]
    for function, args, kwargs, words in refused:
        y = function(*args, **kwargs)
        with pytest.raises(NotImplementedError, match=words):
            apply_vjp(function, y, y, args, kwargs)


STACK = np.stack([np.diag([4.0, 3.0, 2.0]), np.diag([5.0, 4.0, 2.0])]) + 0.1
STACKS = {
    "schur": lambda a: linalg.schur(a)[0],
    "ldl": lambda a: linalg.ldl(a)[1],
    "qr": lambda a: linalg.qr(a, mode="r")[0],
    "eig_banded": lambda a: linalg.eig_banded(a)[0],
    "eigvals_banded": lambda a: linalg.eigvals_banded(a),
    "eigh_tridiagonal": lambda a: linalg.eigh_tridiagonal(a[0], a[0, :, :2])[0],
    "eigvalsh_tridiagonal": lambda a: linalg.eigvalsh_tridiagonal(a[0], a[0, :, :2]),
    "cholesky_banded": lambda a: linalg.cholesky_banded(a, lower=True),
    "cho_solve_banded": lambda a: linalg.cho_solve_banded((a[0], True), a),
    "solve_banded": lambda a: linalg.solve_banded((1, 1), a, a),
    "solveh_banded": lambda a: linalg.solveh_banded(a, a, lower=True),
    "solve_toeplitz": lambda a: linalg.solve_toeplitz(a[0, 0], a),
    "matmul_toeplitz": lambda a: linalg.matmul_toeplitz(a[0], a[0]),
    "eigh": lambda a: linalg.eigh(a[0], a)[0],
    "expm_frechet": lambda a: linalg.expm_frechet(a[0], a)[1],
}
NUMBERS = {
    "sqrtm": lambda x: linalg.sqrtm(x),  # which is the exponential in SciPy 1.16
    "ldl": lambda x: linalg.ldl(x)[1],
    "cholesky_banded": lambda x: linalg.cholesky_banded(x),
    "solve_continuous_lyapunov": lambda x: linalg.solve_continuous_lyapunov(x, x),
}


@pytest.mark.parametrize("name", [*STACKS, *(f"{name} of a number" for name in NUMBERS)])
def test_what_is_for_one_matrix_is_refused_for_others(name: str) -> None:
    """Where SciPy takes them: its older versions do not."""
    import s2sad

    number = name.partition(" of ")
    function, x = (NUMBERS[number[0]], 3.2) if number[2] else (STACKS[name], STACK)
    try:
        function(x)
    except (ValueError, IndexError):
        pytest.skip("SciPy refuses it")
    with pytest.raises(s2sad.MissingRuleError, match=f"{number[0]}.* has a derivative rule for"):
        s2sad.grad(lambda x: np.sum(function(x)))(x)


# Equal values: the sum over them is exact, and its second derivative depends on how they part.


def cubes(w: np.ndarray) -> float:
    return np.sum(np.real(w) ** 3)


def upper_band(a: np.ndarray) -> np.ndarray:
    return np.stack([np.concatenate([np.zeros(1), np.diag(a, 1)]), np.diag(a)])


OF_VALUES = {
    "eigh": lambda a: cubes(linalg.eigh(a)[0]),
    "eigvalsh": lambda a: cubes(linalg.eigvalsh(a)),
    "eigh of two": lambda a: cubes(linalg.eigh(2 * a, 2 * np.eye(3))[0]),
    "eigvalsh of two": lambda a: cubes(linalg.eigvalsh(2 * a, 2 * np.eye(3))),
    "eig": lambda a: cubes(linalg.eig(a)[0]),
    "eigvals": lambda a: cubes(linalg.eigvals(a)),
    "svd": lambda a: cubes(linalg.svd(a)[1]),
    "svdvals": lambda a: cubes(linalg.svdvals(a)),
    "eigh_tridiagonal": lambda a: cubes(linalg.eigh_tridiagonal(np.diag(a), np.diag(a, 1))[0]),
    "eigvalsh_tridiagonal": lambda a: cubes(linalg.eigvalsh_tridiagonal(np.diag(a), np.diag(a, 1))),
    "eig_banded": lambda a: cubes(linalg.eig_banded(upper_band(a))[0]),
    "eigvals_banded": lambda a: cubes(linalg.eigvals_banded(upper_band(a))),
}
PARTS = "equal eigenvalues or singular values"


@pytest.mark.parametrize("name", OF_VALUES)
def test_second_derivatives_of_equal_values(name: str) -> None:
    import s2sad

    function, equal = OF_VALUES[name], np.diag([1.0, 1.0, 2.0])
    a_dot = np.array([[0.3, 1.3, 0.0], [1.3, -0.2, 0.4], [0.0, 0.4, 0.5]])
    gradient = s2sad.grad(function)
    rate = difference(lambda t: function(equal + t * a_dot), 0.0, 1.0)
    np.testing.assert_allclose(np.sum(gradient(equal) * a_dot), rate, rtol=1e-7)
    assert np.isnan(s2sad.hvp(function)((equal,), (a_dot,))).any()
    assert np.isnan(s2sad.jvp(lambda a: s2sad.jvp(function, (a,), (a_dot,))[1], (equal,), (a_dot,))[1])
    with pytest.raises(s2sad.MissingRuleError, match=PARTS):
        s2sad.grad(lambda a: np.sum(gradient(a) * a_dot))(equal)


@pytest.mark.parametrize("vectors", [
    lambda a: linalg.eigh(a, 2 * np.eye(3)), lambda a: linalg.eig(a),
    lambda a: linalg.eigh_tridiagonal(np.diag(a), np.diag(a, 1)), lambda a: linalg.eig_banded(upper_band(a)),
])  # fmt: skip
def test_vectors_with_equal_values(vectors: Any) -> None:
    import s2sad

    def root(a: np.ndarray) -> float:
        w, v = vectors(a)
        return np.sum(np.real((v * w**0.5) @ v.T) * np.arange(9.0).reshape(3, 3))

    with pytest.raises(s2sad.MissingRuleError, match=PARTS):
        s2sad.grad(root)(np.diag([1.0, 1.0, 2.0]))


def test_equal_values_of_two_matrices() -> None:
    """Left and right vectors of equal values are any bases of their spaces, and are paired."""
    rng = np.random.default_rng(3)
    q, b = np.linalg.qr(rng.standard_normal((3, 3)))[0], matrix(rng, 3, 3) + 3 * np.eye(3)
    a = b @ (q * [1.0, 1.0, 2.0]) @ q.T
    y = linalg.eigvals(a, b)
    bars = apply_vjp(linalg.eigvals, y, y, (a, b), {})
    for k in (0, 1):
        x_dot = rng.standard_normal((3, 3))
        rate = difference(lambda t: cubes_of_two(a + (k == 0) * t * x_dot, b + (k == 1) * t * x_dot), 0.0, 1.0)  # noqa: B023
        np.testing.assert_allclose(np.sum(bars[k] * x_dot), rate, rtol=1e-6)


def cubes_of_two(a: np.ndarray, b: np.ndarray) -> float:
    return np.sum(np.real(linalg.eigvals(a, b) ** 2)) / 2


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)])
def test_solutions_by_factors_of_stacks(shape: tuple[int, ...]) -> None:
    """A stack of right sides, for one matrix and for a stack: as `solve` has it."""
    rng = np.random.default_rng(5)
    a, b, w = rng.normal(size=shape) + 3 * np.eye(3), rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 2))
    try:
        linalg.lu_solve(linalg.lu_factor(a), b)
    except ValueError:
        pytest.skip("this SciPy takes single matrices only")

    def by_factors(a: Any, b: Any) -> Any:
        return np.sum(w * linalg.lu_solve(linalg.lu_factor(a), b))

    def at_once(a: Any, b: Any) -> Any:
        return np.sum(w * np.linalg.solve(a, b))

    value, found = s2sad.value_and_grad(by_factors, (0, 1))(a, b)
    assert value == pytest.approx(at_once(a, b), rel=1e-12)
    for x_bar, expected in zip(found, s2sad.grad(at_once, (0, 1))(a, b), strict=True):
        np.testing.assert_allclose(x_bar, expected, rtol=1e-10, atol=1e-12)
