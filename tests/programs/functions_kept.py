"""Functions that are kept somewhere: as attributes of objects, in dicts and lists, as settings."""

import functools
import math

import numpy as np

from .data import normal
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.3, 0.5, 0.7])


def power(x, k=2.0):
    return x**k


def relu(x):
    return np.maximum(x, 0.0)


ACTIVATIONS = {"tanh": np.tanh, "relu": relu, "cubic": lambda x: x**3}
PAIRS = {"first": (np.sin, 2.0), "second": [np.cos, power]}
METRICS = {"squares": lambda r: np.mean(r**2), "absolute": lambda r: np.mean(np.abs(r)), "worst": np.max}
STEPS = [np.sin, power, functools.partial(power, k=3.0)]


class Layer:
    def __init__(self, size, activation=np.tanh):
        self.weights = np.linspace(-1.0, 1.0, size * size).reshape(size, size)
        self.activation = activation

    def __call__(self, x):
        return self.activation(self.weights @ x)


class Network:
    def __init__(self):
        self.layers = [Layer(3), Layer(3, relu), Layer(3, ACTIVATIONS["cubic"])]
        self.first, self.name = self.layers[0], "tanh"
        self.loss = METRICS["squares"]
        self.xp, self.scale = np, self.scaled
        self.kinds = {"layer": Layer}

    def scaled(self, x):
        return 5.0 * x


NETWORK = Network()


@corner(X)
def attribute(x):
    return np.sum(NETWORK.first(x))


@corner(X)
def layers_one_after_the_other(x):
    for layer in NETWORK.layers:
        x = layer.activation(x) + x
    return NETWORK.loss(x)


@corner(X)
def by_the_name_of_a_setting(x):
    return np.sum(ACTIVATIONS[NETWORK.name](x))


@corner(X)
def bound_method_in_an_attribute(x):
    return np.sum(NETWORK.scale(x) ** 2)


@corner(X)
def module_in_an_attribute(x):
    xp = NETWORK.xp
    return xp.sum(xp.exp(x) * xp.linalg.norm(x))


@corner(X)
def class_in_a_dict(x):
    layer = NETWORK.kinds["layer"](3, np.sin)
    return np.sum(layer.activation(layer.weights @ x))


@corner(X)
def in_tuples_and_lists_in_a_dict(x):
    f, factor = PAIRS["first"]
    return np.sum(f(x) * factor) + np.sum(PAIRS["second"][1](x))


@corner(X)
def one_after_the_other(x):
    for f in STEPS:
        x = f(x)
    return np.sum(x)


@corner(X)
def all_but_the_last(x):
    for layer, f in zip(NETWORK.layers[:-1], STEPS[:-1], strict=True):
        x = f(layer.weights @ x)
    return np.sum(STEPS[-1](x))


@corner(X)
def by_their_numbers(x):
    for i in range(len(STEPS)):
        for k in range(2):
            x = STEPS[i](x) + x[k]
    return np.sum(x)


@corner(X)
def numbered(x):
    for i, layer in enumerate(NETWORK.layers):
        x = STEPS[i](layer.weights @ x)
    return np.sum(x)


@corner(X)
def backwards(x):
    for f in reversed(STEPS):
        x = f(x)
    for f in STEPS[::-2]:
        x = x + f(x)
    return np.sum(x)


@corner(X)
def items_of_a_dict(x):
    total = 0.0
    for name, metric in METRICS.items():
        total = total + metric(x) * (2.0 if name == "worst" else 1.0)
    return total


@corner(X)
def values_of_a_dict(x):
    return sum(metric(x) for metric in METRICS.values())


@corner(X)
def results_by_name(x):
    out = {}
    for name, f in ACTIVATIONS.items():
        out[name] = f(x)
    return np.sum(out["tanh"] * out["cubic"] + out["relu"])


@corner(X)
def dict_made_inside(x):
    table = {"square": power}
    table["tanh"] = np.tanh
    return np.sum(table["square"](x) + table.get("tanh", np.sin)(x))


@corner(X)
def folded(x):
    return np.sum(functools.reduce(lambda y, f: f(y), STEPS, x))


@corner(X)
def asked_which(x):
    f = NETWORK.first.activation
    if f is np.tanh:
        return np.sum(f(x)) + (1.0 if callable(f) else 0.0)
    return np.sum(x)


@corner(X)
def first_that_is_there(x):
    return np.sum((getattr(NETWORK, "output", None) or NETWORK.first.activation)(x))


@corner(X, {"link": math.exp, "weights": [0.5, 2.0]})
def in_an_argument(x, model):
    return model["link"](x[0]) * model["weights"][1] + x[1]


@corner(X, [np.sin, lambda x: x**2])
def list_of_functions_as_argument(x, steps):
    for f in steps:
        x = f(x)
    return np.sum(x)


@corner(X, Layer(3, relu))
def object_as_argument(x, layer):
    return np.sum(layer(x) * layer.activation(x))


@corner(normal(4, 3))
def kernels(points):
    kernel = {"linear": lambda a, b: a @ b, "gauss": lambda a, b: np.exp(-np.sum((a - b) ** 2))}
    total = 0.0
    for name in ("linear", "gauss"):
        for i in range(4):
            for j in range(i):
                total = total + kernel[name](points[i], points[j])
    return total
