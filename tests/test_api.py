"""The functions that users call: what they give, in which structure, and what they refuse."""

import copy
import dataclasses
import functools
import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

import s2sad

X = np.array([1.0, 2.0, 3.0])
STEP = 1e-6


@pytest.fixture
def compiled_only(monkeypatch):
    """What the compiler refuses is refused, and not recorded."""
    monkeypatch.setenv("S2SAD_RECORD", "0")


def first_times_last(x):
    return x[:2] * x[2]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_hessian(x):
    H = np.diag(-400 * x[:-1], 1) + np.diag(-400 * x[:-1], -1)
    diagonal = np.zeros_like(x)
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[-1] = 200
    diagonal[1:-1] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return H + np.diag(diagonal)


def columns(f, x):
    return np.stack([(f(x + STEP * e) - f(x - STEP * e)) / (2 * STEP) for e in np.eye(len(x))], axis=-1)


# Jacobians


@pytest.mark.parametrize("jacobian", [s2sad.jacrev, s2sad.jacfwd, s2sad.jacobian])
class TestJacobian:
    def test_array(self, jacobian):
        J = jacobian(first_times_last)(X)
        assert J.shape == (2, 3)
        assert np.array_equal(J, [[3, 0, 1], [0, 3, 2]])

    def test_shapes(self, jacobian):
        def f(a, s):
            return np.outer(a, a) * s

        by_a, by_s = jacobian(f, argnums=(0, "s"))(X, 2.0)
        assert by_a.shape == (3, 3, 3) and by_s.shape == (3, 3)
        assert np.allclose(by_a, columns(lambda a: f(a, 2.0), X))
        assert np.array_equal(by_s, np.outer(X, X))
        assert type(jacobian(lambda t: t * t)(3.0)) is float
        assert jacobian(np.sum)(X).shape == (3,)
        assert jacobian(lambda t: X * t)(2.0).shape == (3,)
        assert jacobian(lambda x: x[:0])(X).shape == (0, 3)
        assert jacobian(lambda x: np.stack([np.sum(x), np.prod(x)]))(X[:0]).shape == (2, 0)

    def test_structures(self, jacobian):
        J = jacobian(lambda p: {"y": p["w"] * p["b"], "n": 3, "s": (p["b"] ** 2,)})({"w": X, "b": 2.0, "k": 7})
        assert list(J) == ["y", "n", "s"] and J["n"] is None
        assert np.array_equal(J["y"]["w"], 2 * np.eye(3)) and np.array_equal(J["y"]["b"], X) and J["y"]["k"] is None
        assert np.array_equal(J["s"][0]["w"], np.zeros(3)) and J["s"][0]["b"] == 4.0

    def test_dtype(self, jacobian):
        assert jacobian(first_times_last)(X.astype(np.float32)).dtype == np.float32

    def test_complex(self, jacobian):
        assert np.allclose(jacobian(lambda x: x * np.exp(1j * x))(X), np.diag((1 + 1j * X) * np.exp(1j * X)))
        z = X + 1j * X[::-1]
        assert np.allclose(jacobian(lambda z: np.abs(z) ** 2)(z), np.diag(2 * np.conj(z)))
        with pytest.raises(TypeError, match="complex function of complex arguments"):
            jacobian(lambda z: z * 1j)(z)

    def test_as_decorator(self, jacobian):
        @jacobian(argnums="x")
        def f(n, x):
            return x**n

        @jacobian
        def g(x):
            return x**2

        assert np.allclose(f(2, X), np.diag(2 * X)) and np.allclose(g(X), np.diag(2 * X))
        assert f.__name__ == "f"

    def test_again(self, jacobian):
        if jacobian is s2sad.jacfwd:
            with pytest.raises(TypeError, match="differentiated again"):
                s2sad.jacrev(jacobian(first_times_last))(X)
            return
        assert np.array_equal(jacobian(jacobian(first_times_last))(X)[0], [[0, 0, 1], [0, 0, 0], [1, 0, 0]])
        gradient = s2sad.grad(lambda x: np.sum(jacobian(first_times_last)(x) ** 2))(X)
        assert np.array_equal(gradient, [2, 4, 12])


def test_effects_happen_once(capsys):
    def loud(x):
        print("ran")
        return x * np.random.standard_normal(3)

    for jacobian in (s2sad.jacrev, s2sad.jacfwd, lambda f: s2sad.hessian(lambda x: np.sum(f(x) ** 2))):
        J = jacobian(loud)(X)
        assert np.count_nonzero(J) == 3 and np.array_equal(J, np.diag(np.diag(J)))
        assert capsys.readouterr().out == "ran\n"


def test_hessian():
    H = s2sad.hessian(rosenbrock)(X)
    assert np.allclose(H, rosenbrock_hessian(X), rtol=1e-12)
    both = s2sad.hessian(lambda a, b: a * b * b, argnums=(0, 1))(2.0, 3.0)
    assert both == ((0.0, 6.0), (6.0, 4.0))


# Products with the Hessian


def test_hvp():
    product = s2sad.hvp(rosenbrock)
    v = np.array([0.3, -1.0, 2.0])
    assert np.allclose(product((X,), (v,)), rosenbrock_hessian(X) @ v, rtol=1e-12)
    assert np.allclose(product(X, v), rosenbrock_hessian(X) @ v, rtol=1e-12)
    assert "def rosenbrock_hvp(x, x_dot):" in product.source


def test_hvp_of_several_arguments():
    def f(a, b, n):
        return a**n * b * b

    product = s2sad.hvp(f)
    assert product((2.0, 3.0, 2), (1.0, 1.0, None)) == (2 * 9 + 2 * 2 * 2 * 3, 2 * 2 * 2 * 3 + 2 * 4)
    assert product((2.0, 3.0, 2), (1.0, None, None)) == 18.0
    assert s2sad.hvp(f, argnums=0)((2.0, 3.0, 2), (None, 1.0, None)) == 24.0
    assert s2sad.hvp(f, argnums=("b",))((2.0, 3.0), (1.0, None), n=2) == (24.0,)


@pytest.mark.parametrize(
    ("args", "vectors", "error", "message"),
    [
        ((X,), (X[:2],), ValueError, "tangent of shape"),
        ((X,), (X, X), ValueError, "2 tangents for 1 arguments"),
        ((X,), X, TypeError, "must be a tuple"),
        ((X,), (None,), ValueError, "needs a vector"),
    ],
)
def test_hvp_refuses(args, vectors, error, message):
    with pytest.raises(error, match=message):
        s2sad.hvp(rosenbrock)(args, vectors)


def test_hessp():
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.minimize(
        rosenbrock, np.zeros(4), jac=s2sad.grad(rosenbrock), hessp=s2sad.optimize.hessp(rosenbrock), method="trust-ncg"
    )
    assert found.success and np.allclose(found.x, 1, atol=1e-4)

    def scaled(x, a, n):
        return a * np.sum(x**n)

    assert np.allclose(s2sad.optimize.hessp(scaled)(X, X, 2.0, 3), 12 * X**2)


# Forward mode


def test_jvp():
    assert s2sad.jvp(lambda a, b=3.0, *, c: a * b * c, (2.0,), (1.0,), c=2.0) == (12.0, 6.0)
    assert s2sad.jvp(lambda *a: a[0] * a[1], (2.0, 3.0), (None, 1.0)) == (6.0, 2.0)
    assert s2sad.jvp(lambda a, **k: a * k["b"], (2.0,), (1.0,), b=5.0) == (10.0, 5.0)
    value, tangent = s2sad.jvp(lambda p: {"y": p["a"] ** 2, "n": 1}, ({"a": 3.0},), ({"a": 1.0},))
    assert value == {"y": 9.0, "n": 1} and tangent == {"y": 6.0, "n": None}


@pytest.mark.parametrize(
    ("args", "tangents", "error", "message"),
    [
        (X, X, TypeError, "arguments must be a tuple"),
        ((X,), X, TypeError, "tangents must be a tuple"),
        ((X,), (X, X), ValueError, "2 tangents for 1 arguments"),
        ((X, X), (X, X), TypeError, "takes fewer than 2 arguments"),
        ((X,), (X[:1],), ValueError, "tangent of shape"),
        ((3,), (1.0,), TypeError, "integer"),
        (([X, X],), ([X],), ValueError, "structure of its value"),
    ],
)
def test_jvp_refuses(args, tangents, error, message):
    with pytest.raises(error, match=message):
        s2sad.jvp(lambda x: x, args, tangents)


# Elementwise


def third_of_tanh(x):
    y = np.tanh(x)
    return -2 * (1 - y**2) * (1 - 3 * y**2)


def test_elementwise_grad():
    once, twice = s2sad.elementwise_grad(np.tanh), s2sad.elementwise_grad(s2sad.elementwise_grad(np.tanh))
    assert np.allclose(once(X), 1 - np.tanh(X) ** 2)
    assert np.allclose(twice(X), -2 * np.tanh(X) * (1 - np.tanh(X) ** 2))
    thrice = s2sad.elementwise_grad(twice)
    assert np.allclose(thrice(X), third_of_tanh(X))
    by_both = s2sad.elementwise_grad(lambda x, y: x**2 * y, argnums=(0, 1))(X, X)
    assert np.allclose(by_both[0], 2 * X**2) and np.allclose(by_both[1], X**2)
    assert s2sad.elementwise_grad(lambda x: x**3)(2.0) == 12.0
    assert s2sad.elementwise_grad(np.sin)(X.astype("f4")).dtype == np.float32
    with np.errstate(divide="ignore"):
        assert s2sad.elementwise_grad(np.sqrt)(np.zeros(2)).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize(
    "f", [np.sum, np.cumsum, lambda x: x[::-1] * x, lambda x: x + np.sum(x), lambda x: np.roll(x, 1) - x, np.diff]
)
def test_elementwise_grad_refuses_what_is_not_elementwise(f):
    with pytest.raises(TypeError, match="outputs depend on one input each"):
        s2sad.elementwise_grad(f)(X)
    with pytest.raises(TypeError, match="outputs depend on one input each"):
        s2sad.grad(lambda x: np.sum(s2sad.elementwise_grad(f)(x)))(X)


# Checks


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (rosenbrock, (X,)),
        (first_times_last, (X,)),
        (lambda x, n, p: {"a": np.tanh(x) * n * p["w"], "b": [x @ x, 3]}, (X, 2, {"w": 0.5, "k": "s"})),
        (lambda x: np.sin(x), (X.astype(np.float32),)),
        (lambda z: np.sin(z) * z[::-1], (X + 1j * X,)),
    ],
)
def test_check_grads_accepts(f, args, order):
    before = copy.deepcopy(args)
    s2sad.check_grads(f, args, order=order)
    assert repr(before) == repr(args)


def biased(x):
    return np.sin(x) ** 3


@s2sad.extend.elementwise(biased)
def biased_partial(y, x):
    return 3 * np.sin(x) ** 2 * np.cos(x) + np.where(x > 2.5, 0.01, 0.0)


def test_check_grads_finds_the_worst_entry():
    with pytest.raises(AssertionError, match=r"reverse mode of biased.* worst entry: .*\[2\] has"):
        s2sad.check_grads(biased, (X,))
    with pytest.raises(AssertionError, match="forward mode of biased"):
        s2sad.check_grads(biased, (X,), modes=("fwd",))
    s2sad.check_grads(biased, (X[:2],))
    s2sad.check_grads(biased, (X,), rtol=1.0)


def test_names_of_arguments_of_a_function_with_a_rule():
    def scaled(x, by):
        return x * by

    @s2sad.extend.defvjp(scaled)
    def _(y_bar, y, x, by):
        return 2 * y_bar * by, 3 * y_bar * x  # another derivative, to be seen

    assert s2sad.grad(scaled, ("by", "x"))(5.0, 7.0) == (15.0, 14.0)
    assert s2sad.vjp(scaled, 5.0, 7.0, argnums="by")[1](1.0) == 15.0
    with pytest.raises(ValueError, match="pass it by position"):
        s2sad.grad(scaled, "by")(5.0, by=7.0)


def test_check_grads_compares_the_modes():
    def halved(x):
        return x * 1.0

    @s2sad.extend.defvjp(halved)
    def _(y_bar, y, x):
        return y_bar

    @s2sad.extend.defjvp(halved)
    def _(x_dot, y, x):
        return x_dot * (1 + 1e-8)  # too small for differences to see

    with pytest.raises(AssertionError, match="disagree"):
        s2sad.check_grads(halved, (X,))


@pytest.mark.parametrize(
    ("args", "options", "error"),
    [((3,), {}, ValueError), (X, {}, TypeError), ((X,), {"modes": "rev"}, ValueError),
     ((X,), {"modes": ("up",)}, ValueError)],
)  # fmt: skip
def test_check_grads_refuses(args, options, error):
    with pytest.raises(error):
        s2sad.check_grads(np.sin, args, **options)


# Constants and checkpoints


def test_stop_gradient():
    stop = s2sad.stop_gradient
    assert np.array_equal(s2sad.grad(lambda x: np.sum(x * stop(x)))(X), X)
    assert s2sad.grad(lambda x: x * stop(x))(3.0) == 3.0
    assert s2sad.jvp(lambda x: x * stop(x), (3.0,), (1.0,)) == (9.0, 3.0)
    assert s2sad.grad(lambda p: p["a"] * stop(p)["a"])({"a": 3.0}) == {"a": 3.0}
    assert stop(X) is X


def test_stop_gradient_is_the_same_memory(compiled_only):
    def written(x):
        y = s2sad.stop_gradient(x)
        y[0] = 5.0 * x[1]
        return np.sum(x**2)

    with pytest.raises(s2sad.UnsupportedError, match="may share memory"):
        s2sad.grad(written)(X)


W = np.array([[0.3, 0.2], [0.1, 0.5]])
H = np.array([1.0, 2.0])


@s2sad.checkpoint
def layer(w, h):
    for _ in range(3):
        h = np.tanh(w @ h)
    return h


def network(step):
    def loss(w, h):
        for _ in range(4):
            h = step(w, h)
        return np.sum(h**2)

    return loss


def test_checkpoint():
    short, plain = network(layer), network(layer.fun)
    gradient = s2sad.grad(short, argnums=(0, 1))
    for a, b in zip(gradient(W, H), s2sad.grad(plain, argnums=(0, 1))(W, H), strict=True):
        assert np.allclose(a, b, rtol=1e-14)
    assert "saved = w, h" in gradient.source  # the arguments, and nothing else
    assert np.allclose(s2sad.hessian(short)(W, H), s2sad.hessian(plain)(W, H), rtol=1e-12)
    assert np.allclose(s2sad.hvp(short)((W, H), (W, None)), s2sad.hvp(plain)((W, H), (W, None)), rtol=1e-12)
    assert np.array_equal(short(W, H), plain(W, H))


def test_checkpoint_of_a_closure_and_a_method():
    def local(w, h):
        f = s2sad.checkpoint(lambda h: np.tanh(w @ h) * np.exp(h) / (1 + h**2))
        return np.sum(f(f(h)))

    class Model:
        def __init__(self):
            self.w = W

        @s2sad.checkpoint
        def step(self, h):
            return np.tanh(self.w @ h) * h

        def loss(self, h):
            return np.sum(self.step(self.step(h)))

    s2sad.check_grads(local, (W, H))
    s2sad.check_grads(Model().loss, (H,))


def test_checkpoint_of_what_returns_its_argument():
    double = s2sad.checkpoint(lambda x, n: repeated(x, n))

    def repeated(x, n):
        for _ in range(n):
            x = x * 2
        return x

    def f(x, n):
        y = double(x * 1.0, n)
        return np.sum(y**2)

    for n in (0, 2):
        assert np.array_equal(s2sad.grad(f)(X, n), 2 * 4**n * X)


def test_checkpoint_refuses(compiled_only):
    @s2sad.checkpoint
    def loud(x):
        print("again")
        return x * x

    @s2sad.checkpoint
    def writer(x):
        x[0] = 2 * x[1]
        return x * x

    with pytest.raises(s2sad.UnsupportedError, match=r"print\(\) would happen a second time"):
        s2sad.grad(lambda x: loud(x) * 2)(2.0)
    with pytest.raises(s2sad.UnsupportedError, match="changes its arguments"):
        s2sad.grad(lambda x: np.sum(writer(x * 1)))(X)


# Pullbacks


def keeping(kind):
    """A function, its arguments, and what of the caller's memory to overwrite."""
    outside = X.copy()
    if kind == "array":
        return lambda x: np.sum(x**2), (X.copy(),), lambda args, value: args[0].fill(0)
    if kind == "view":
        return lambda x: x[1:] * x[:-1], (X.copy(),), lambda args, value: args[0].fill(0)
    if kind == "nested":
        arguments = ([(W.copy(), H.copy()), (W.copy(), H.copy())], H.copy())
        return stacked, arguments, lambda args, value: [a.fill(9) for pair in args[0] for a in pair]
    if kind == "loop":
        return recurrent, (W.copy(), np.ones((3, 2))), lambda args, value: [a.fill(7) for a in args]
    if kind == "value":
        return lambda x: (np.exp(x), [np.tanh(x)]), (X.copy(),), lambda a, v: [v[0].fill(3), v[1][0].fill(3)]
    if kind == "same array":
        return lambda x: (x, x * x), (X.copy(),), lambda args, value: [value[0].fill(3), args[0].fill(2)]
    return lambda x: x * outside, (X.copy(),), lambda args, value: outside.fill(0)


def stacked(layers, x):
    for w, b in layers:
        x = np.tanh(w @ x + b)
    return x


def recurrent(w, rows):
    h = rows[0]
    for row in rows:
        h = np.tanh(w @ h) * row
    return h


@pytest.mark.parametrize("kind", ["array", "view", "nested", "loop", "value", "same array", "outside"])
def test_pullback_keeps_what_it_reads(kind):
    f, args, overwrite = keeping(kind)
    value, pullback = s2sad.vjp(f, *args)
    seed = copy.deepcopy(value)
    before = copy.deepcopy(pullback(seed))
    overwrite(args, value)
    assert repr(pullback(seed)) == repr(before)


def test_pullback_refuses_other_structures():
    _, pullback = s2sad.vjp(lambda x: (x, {"a": x * 2}), 1.0)
    assert pullback((1.0, {"a": 1.0})) == (3.0,)
    for wrong in ((1.0,), 1.0, (1.0, 2.0), (1.0, {"b": 1.0}), (np.ones(2), {"a": 1.0})):
        with pytest.raises(ValueError, match=r"must have|of shape"):
            pullback(wrong)
    _, pullback = s2sad.vjp(lambda x: x * 3, X)  # 3 * [1.0, 2.0] is another list
    for wrong in ([1.0] * len(X), "text", {"a": 1.0}):
        with pytest.raises(TypeError, match="a cotangent that is a"):
            pullback(wrong)


# What a function may be


class Quadratic:
    def __init__(self, a):
        self.a = a

    def value(self, x):
        return self.a * np.sum(x**2)

    def __call__(self, x):
        return self.a * np.sum(x**3)

    @staticmethod
    def plain(x):
        return np.sum(x**2)

    @s2sad.grad(argnums=1)
    def slope(self, x):
        return self.a * np.sum(x**2)


def traced(f):
    @functools.wraps(f)
    def call(*args, **kwargs):
        return 2 * f(*args, **kwargs)

    return call


@traced
def decorated(x):
    return np.sum(x**2)


@dataclasses.dataclass
class Pair:
    a: float
    b: np.ndarray


def test_kinds_of_functions():
    q = Quadratic(2.0)
    assert np.array_equal(s2sad.grad(q.value)(X), 4 * X)
    assert np.array_equal(s2sad.grad(q)(X), 6 * X**2)
    assert np.array_equal(s2sad.grad(Quadratic.plain)(X), 2 * X)
    assert np.array_equal(s2sad.grad(functools.partial(Quadratic.value, q))(X), 4 * X)
    assert np.array_equal(q.slope(X), 4 * X)
    assert np.array_equal(s2sad.grad(decorated)(X), 4 * X)
    assert s2sad.grad(Quadratic.value)(q, X).a == 14.0
    assert s2sad.grad(functools.partial(pow, 2.0))(3.0) == pytest.approx(8 * np.log(2))
    assert s2sad.grad(functools.partial(lambda x, n: x**n, n=3))(2.0) == 12.0
    assert np.array_equal(s2sad.grad(np.sum)(X), np.ones(3))
    q.a = 5.0  # seen at the next call
    assert np.array_equal(s2sad.grad(q.value)(X), 10 * X)
    g = s2sad.grad(lambda p: p.a * np.sum(p.b))(Pair(2.0, X))
    assert isinstance(g, Pair) and g.a == 6.0 and np.array_equal(g.b, 2 * np.ones(3))
    inner = functools.partial(s2sad.grad(lambda n, x: x**n, argnums=1), 4.0)
    assert s2sad.grad(inner)(2.0) == 48.0


def test_text_of_what_has_none():
    text = "def made(x):\n    return x * x * 3\n"
    namespace = {}
    exec(text, namespace)
    with pytest.raises(s2sad.SourceNotFoundError, match="source="):
        s2sad.grad(namespace["made"])(2.0)
    with pytest.raises(s2sad.SourceNotFoundError):
        s2sad.grad(namespace["made"], source=text.replace("3", "4"))
    assert s2sad.grad(namespace["made"], source=text)(2.0) == 12.0
    assert s2sad.hessian(namespace["made"])(2.0) == 6.0  # known from now on


def test_transformed_attributes(capsys):
    g = s2sad.grad(rosenbrock)
    assert g.fun is rosenbrock and g.__name__ == "rosenbrock"
    with pytest.raises(AttributeError, match="not been called"):
        _ = g.source
    g(X)
    g.show()
    assert capsys.readouterr().out == g.source + "\n"
    namespace = {"np": np}
    exec(g.source, namespace)
    assert np.array_equal(namespace["rosenbrock_grad"](X), g(X))
    for f in (s2sad.jacobian(first_times_last), s2sad.jacfwd(first_times_last), s2sad.hessian(rosenbrock),
              s2sad.elementwise_grad(np.tanh)):  # fmt: skip
        f(X)
        assert "def " in f.source and "s2sad." in repr(f) and callable(f.fun)


@s2sad.grad
def cube_slope(x):
    return x**3


def cube(x):
    return x**3


@pytest.mark.parametrize(
    "f",
    [s2sad.grad(cube), s2sad.value_and_grad(cube), s2sad.jacobian(cube), s2sad.jacfwd(cube), s2sad.hessian(cube),
     s2sad.elementwise_grad(cube), cube_slope, layer, s2sad.checkpoint(cube)],
)  # fmt: skip
def test_pickling(f):
    again = pickle.loads(pickle.dumps(f))
    args = (W, H) if f is layer else (2.0,)
    assert np.array_equal(again(*args), f(*args))
    assert (again is f) == (f in (cube_slope, layer))


def test_pickling_of_products():
    assert pickle.loads(pickle.dumps(s2sad.hvp(cube)))((2.0,), (1.0,)) == 12.0


def test_threads():
    """Threads that call one gradient with arguments of different kinds and number all get the right numbers."""
    f = s2sad.grad(lambda x, n=2: np.sum(np.asarray(x) ** n))
    cases = [((2.0,), 4.0), ((2.0, 3), 12.0), ((np.float64(2.0),), 4.0), ((np.full(2, 2.0), 3), 12.0)]
    wrong = []

    def work():
        for k in range(200):
            args, expected = cases[k % len(cases)]
            try:
                if not np.all(f(*args) == expected):
                    wrong.append(args)
            except Exception as error:
                wrong.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_backend():
    for make in (s2sad.grad, s2sad.value_and_grad):
        with pytest.raises(NotImplementedError, match="'numba' is not available yet"):
            make(cube, backend="numba")
        with pytest.raises(ValueError, match="backend must be 'numpy'"):
            make(cube, backend="numpyy")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: s2sad.grad(3), TypeError, "expected a function"),
        (lambda: s2sad.hessian("f"), TypeError, "expected a function"),
        (lambda: s2sad.grad(cube, argnums=1.5), TypeError, "numbers or names"),
        (lambda: s2sad.grad(cube, argnums=True), TypeError, "numbers or names"),
        (lambda: s2sad.jacobian(cube, argnums="y")(1.0), ValueError, "no parameter 'y'"),
        (lambda: s2sad.jacfwd(cube, argnums=3)(1.0), ValueError, "out of range"),
        (lambda: s2sad.jacfwd(cube)(1), TypeError, "pass a float"),
        (lambda: s2sad.grad(first_times_last)(X), TypeError, r"s2sad\.vjp or s2sad\.jacobian"),
    ],
)
def test_wrong_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Gradients inside


def helper(x):
    return x**3


def test_a_gradient_of_a_gradient_sees_new_helpers(monkeypatch):
    second = s2sad.grad(s2sad.grad(lambda x: helper(x) * x))
    assert second(2.0) == 48.0
    monkeypatch.setattr(sys.modules[__name__], "helper", lambda x: x)
    assert second(2.0) == 2.0


def test_a_gradient_inside():
    def descent(x, n):
        for _ in range(n):
            x = x - 0.1 * cube_slope(x)
        return x

    expected = (descent(1.0 + STEP, 3) - descent(1.0 - STEP, 3)) / (2 * STEP)
    assert s2sad.grad(descent)(1.0, 3) == pytest.approx(expected, rel=1e-8)
    assert s2sad.grad(lambda x: s2sad.grad(lambda y: x * y)(x))(2.0) == 1.0


class Well:
    def __init__(self, depth):
        self.depth = depth

    def energy(self, x, power=3):
        return self.depth * SHAPE * np.sum(x**power)


SHAPE = 2.0
WELL = Well(0.5)
OF_WELL = s2sad.grad(WELL.energy)


def test_a_gradient_inside_sees_what_changes(monkeypatch):
    x = np.array([1.0, 2.0])
    compiled = s2sad.grad(lambda x: np.sum(OF_WELL(x) * x))

    def check(factor, power=3):
        np.testing.assert_allclose(compiled(x), factor * power**2 * x ** (power - 1), rtol=1e-12)

    check(1.0)
    monkeypatch.setattr(WELL, "depth", 1.5)
    check(3.0)
    monkeypatch.setattr(sys.modules[__name__], "SHAPE", np.array([4.0, 4.0])[0])
    check(6.0)
    monkeypatch.setattr(Well.energy, "__defaults__", (4,))
    check(6.0, 4)
    monkeypatch.setattr(Well.energy, "__code__", (lambda self, x, power=3: 5.0 * np.sum(x**power)).__code__)
    check(5.0, 4)
    monkeypatch.setattr(sys.modules[__name__], "OF_WELL", s2sad.grad(lambda x: np.sum(x**3)))
    check(1.0)


def test_a_gradient_inside_by_the_last_argument(compiled_only):
    by_last = s2sad.grad(lambda a, b=2.0: a**2 * b**3, -1)
    assert s2sad.grad(lambda x: by_last(x) + by_last(x, x))(1.5) == pytest.approx(2 * 12 * 1.5 + 3 * 4 * 1.5**3)


# Extending


def test_registering_a_rule_is_seen_by_what_was_compiled():
    def steep(x):
        return x**3

    g, direct = s2sad.grad(lambda x: steep(x)), s2sad.grad(steep)
    assert g(2.0) == direct(2.0) == 12.0

    @s2sad.extend.elementwise(steep)
    def _(y, x):
        return 100.0

    assert g(2.0) == direct(2.0) == s2sad.grad(steep)(2.0) == 100.0


def test_custom_vjp(compiled_only):
    @s2sad.extend.custom_vjp
    def rounded(x, scale=1.0):
        return np.round(x) * scale

    rounded.defvjp(lambda x, scale=1.0: (np.round(x) * scale, (scale, x)), lambda saved, bar: (bar * saved[0], None))
    x = np.array([1.2, 2.7])
    assert np.array_equal(rounded(x), [1.0, 3.0])
    assert np.array_equal(s2sad.grad(lambda x: np.sum(rounded(x) ** 2))(x), [2.0, 6.0])
    assert s2sad.grad(rounded)(1.3) == 1.0
    assert np.array_equal(s2sad.grad(lambda x: np.sum(rounded(x, scale=3.0)))(x), [3.0, 3.0])
    with pytest.raises(s2sad.UnsupportedError, match="for reverse mode only"):
        s2sad.jvp(rounded, (1.2,), (1.0,))
    rounded.defvjp(lambda x, scale=1.0: (np.round(x) * scale, None), lambda saved, bar: (7.0 * bar, None))
    assert s2sad.grad(rounded)(1.3) == 7.0


def test_custom_vjp_of_several_results():
    @s2sad.extend.custom_vjp
    def both(x, y):
        return x * y, x + y

    def forward(x, y):
        kept = []
        for _ in range(2):
            kept.append(x * y)
        return (x * y, x + y), (kept, x, y)

    def backward(saved, bars):
        _, x, y = saved
        a, b = bars
        return a * y + b, a * x + b

    both.defvjp(forward, backward)
    assert s2sad.grad(lambda x: both(x, 2 * x)[0] * both(x, x)[1])(1.5) == pytest.approx(12 * 1.5**2)


@pytest.mark.parametrize(
    ("forward", "backward", "message"),
    [
        (lambda x: x, lambda s, b: (b,), r"must return the tuple \(value, saved\)"),
        (lambda x: (x, x), lambda s, b: b, "must return a tuple of 1"),
        (lambda x: (x, x), lambda s, b: (b, b), "must return a tuple of 1"),
        (lambda x: (np.ones(3), x), lambda s, b: (b,), "must return its value first|must return the value"),
        (None, None, "needs a plain Python function"),
    ],
)
def test_custom_vjp_refuses(forward, backward, message, compiled_only):
    @s2sad.extend.custom_vjp
    def f(x):
        return x * 1.0

    if forward is not None:
        f.defvjp(forward, backward)
    with pytest.raises(s2sad.UnsupportedError, match=message):
        s2sad.grad(lambda x: f(x) * 2.0)(1.5)


def test_custom_vjp_in_what_is_recorded():
    @s2sad.extend.custom_vjp
    def rounded(x, scale=1.0):
        return np.round(x) * scale

    rounded.defvjp(
        lambda x, scale: (np.round(x) * scale, (scale, x)), lambda saved, bar: (bar * saved[0] * saved[1], None)
    )

    def recorded(x):
        values = iter([x, x * x])
        return sum(np.sum(rounded(v, 3.0)) for v in values) * next(iter([2.0]))

    expected = 2 * (3 * X + 3 * X * X * 2 * X)
    assert np.allclose(s2sad.grad(recorded)(X), expected)
    assert np.allclose(s2sad.grad(lambda x: np.sum(rounded(x, 3.0) + rounded(x * x, 3.0)) * 2.0)(X), expected)


def test_constants_and_checkpoints_in_what_is_recorded():
    def recorded(x):
        w, h = next(iter([(W, x)]))
        return np.sum(layer(w, h) * s2sad.stop_gradient(h))

    assert np.allclose(s2sad.grad(recorded)(H), s2sad.grad(lambda x: np.sum(layer.fun(W, x) * H))(H))


def test_extend_refuses():
    for decorator in (s2sad.extend.elementwise, s2sad.extend.linear, s2sad.extend.defvjp):
        with pytest.raises(TypeError, match="a rule is for a function"):
            decorator(3)
    with pytest.raises(TypeError, match="has no rule by defvjp"):
        s2sad.extend.defjvp(len)
    with pytest.raises(TypeError, match="expected a function"):
        s2sad.extend.custom_vjp(cube).defvjp(1, 2)


def test_plugins(monkeypatch):
    from s2sad import plugins

    called = []

    def fail():
        raise RuntimeError("broken")

    entries = [types.SimpleNamespace(load=lambda: called.append(1), value="good"),
               types.SimpleNamespace(load=fail, value="pkg.bad")]  # fmt: skip
    monkeypatch.setattr(plugins.importlib.metadata, "entry_points", lambda group: entries * (group == "s2sad.rules"))
    plugins.load_plugins.cache_clear()
    with pytest.warns(UserWarning, match=r"the rules of pkg\.bad can't be imported"):
        plugins.load_plugins()
    plugins.load_plugins()
    assert called == [1]


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2 * f(*args, **kwargs)

    return wrapper


@doubled
def area(a, b, c=1.0):
    return a * b**2 * c


def with_options(x, *more, **options):
    return x * options["p"] ** 2 + sum(more) + options.get("q", 0.0)


def test_arguments_by_name_of_a_decorated_function():
    assert s2sad.grad(area, "a")(1.0, 2.0) == 8.0
    assert s2sad.grad(area, ("a", "b", "c"))(1.0, b=2.0, c=3.0) == (24.0, 24.0, 8.0)
    with pytest.raises(ValueError, match="this call does not give the argument 'c'"):
        s2sad.grad(area, "c")(1.0, 2.0)


def test_arguments_by_name_of_keywords():
    assert s2sad.grad(with_options, ("p", "x", 1))(1.0, 5.0, p=2.0) == (4.0, 4.0, 1.0)
    assert s2sad.grad(with_options, "q")(1.0, p=2.0, q=3.0) == 1.0
    assert s2sad.hessian(with_options, "p")(1.0, p=2.0, q=3) == 2.0
    assert s2sad.jacfwd(with_options, "p")(1.0, p=2.0, q=3.0) == 4.0
    with pytest.raises(TypeError, match="'p', which is an integer"):
        s2sad.grad(with_options, "p")(1.0, p=2)
    with pytest.raises(TypeError, match=r"'more\[1\]', which is an integer"):
        s2sad.grad(with_options, 2)(1.0, 5.0, 3, p=2)


@pytest.mark.parametrize("write", [
    lambda x: np.zeros(2).fill(1.0), lambda x: np.copyto(np.zeros(2), x), lambda x: x.copy().sort(),
    lambda x: np.fill_diagonal(np.zeros((2, 2)), x[0]),
])  # fmt: skip
def test_what_a_write_returns(write):
    """It is None: there is nothing to differentiate, and nothing to crash on."""
    value, _ = s2sad.vjp(write, np.ones(2))
    assert value is None
    assert s2sad.jvp(write, (np.ones(2),), (np.ones(2),)) == (None, None)


COLLECTOR = """
import gc
import sys
import s2sad

def cube(x):
    return x**3

frozen = sys.argv[1:] == ["frozen"]
if frozen:
    gc.freeze()
if sys.argv[1:] == ["off"]:
    gc.disable()
before = gc.get_threshold(), gc.isenabled(), sys.getrecursionlimit()
assert (gc.get_freeze_count() > 1000) == frozen
assert s2sad.grad(cube)(2.0) == 12.0
assert (gc.get_freeze_count() > 1000) == frozen
assert (gc.get_threshold(), gc.isenabled(), sys.getrecursionlimit()) == before
"""


@pytest.mark.parametrize("way", ["on", "off", "frozen"])
def test_the_collector_is_left_as_it_was(way, tmp_path):
    """Compiling keeps it from looking at new objects again and again; what a user has set or frozen stays."""
    (tmp_path / "cubes.py").write_text(COLLECTOR)
    subprocess.run([sys.executable, str(tmp_path / "cubes.py"), way], check=True)


@pytest.mark.parametrize("fun", [
    np.tanh, np.sum, lambda a: np.sum(np.ones(2) * a), lambda a: np.sum(np.full((2, 2), a)),
    lambda a: np.sum(a.T), lambda a: float(a), lambda a: 0.0 * 1.0,
], ids=range(7))  # fmt: skip
@pytest.mark.parametrize("way", ["compiled", "recorded"])
def test_array_without_axes(fun, way, request):
    """Its derivatives have its type, though NumPy makes numbers of such arrays as it computes."""
    if way == "recorded":
        request.getfixturevalue("recorded")
    a = np.array(1.3, np.float32)
    for bar in (s2sad.grad(fun)(a), s2sad.value_and_grad(fun)(a)[1], s2sad.vjp(fun, a)[1](1.0)[0]):
        assert type(bar) is np.ndarray
        assert (bar.shape, bar.dtype) == ((), np.float32)
