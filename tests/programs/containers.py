"""Lists, tuples, dicts, named tuples and objects: as arguments, and built on the way."""
# ruff: noqa: RUF005

import collections
import dataclasses

import numpy as np

from .data import normal, positive
from .harness import Program


def nested_arguments(p):
    w, (b, [c, d]) = p["w"], p["rest"]
    return np.sum(np.tanh(w * b)) * c + d["x"] ** 2


def structure_with_other_things(p):
    scale = 2.0 if p["name"] == "big" else 1.0
    return p["x"] * scale * p["n"] + p["values"][0] ** 2 + (p["missing"] is None)


def unused_parts(p):
    return p["a"][1] ** 2


def append_then_array(x):
    values = []
    for i in range(4):
        values.append(np.sin(i * x) * x)
    return np.sum(np.array(values) ** 2)


def append_then_stack(w, h):
    states = []
    for _ in range(3):
        h = np.tanh(w @ h)
        states.append(h)
    return np.sum(np.stack(states) ** 2) + np.sum(np.concatenate(states[1:]))


def append_then_sum(x):
    terms = [x]
    for k in range(2, 5):
        terms.append(terms[-1] * x / k)
    return sum(terms)


def append_some(x):
    kept = []
    for v in x:
        if v > 0:
            kept.append(v**2)
        elif len(kept) > 0:
            kept.append(v * kept[0])
    return sum(kept, 0.0)


def stack_push_and_pop(x, program):
    stack = [x]
    for word in program:
        if word == "dup":
            stack.append(stack[-1])
        elif word == "sin":
            stack.append(np.sin(stack.pop()))
        else:
            a, b = stack.pop(), stack.pop()
            stack.append(a * b)
    return stack[0]


def list_methods(x):
    a = [x, x**2]
    a.extend([3.0 * x, 4.0])
    a.insert(1, x**3)
    b = a + [5.0 * x]
    b.reverse()
    c = [x] * 2
    b += c
    first = b.pop(0)
    return sum(v * (i + 1) for i, v in enumerate(b)) + first * len(a)


def taken_where_there(x, y):
    """Which branch is taken is decided before the branch writes what decides it."""
    waiting, done = [x, y], []
    if x > 1.0:
        last = waiting.pop() if waiting else x**2
        if done:
            done.pop()
        else:
            done.append(last * y)
    else:
        waiting.pop()
        last = waiting.pop() if waiting else y
        last = last * (waiting.pop() if waiting else y**3)
    for _ in range(3):
        if done:
            last = last + np.sin(done.pop())
        else:
            done.append(last * x)
    return last + sum(v * (i + 2) for i, v in enumerate(waiting)) + sum(done)


def comprehensions(values, x):
    squares = [v**2 * x for v in values]
    table = [[a * b for a in squares] for b in values]
    large = [v for v in squares if v > 1]
    return sum([sum(row) for row in table]) + sum(large)


def generator_expressions(values, x):
    return sum(v * x**i for i, v in enumerate(values)) + max(v**2 for v in values) * x


def dict_built(x, y):
    p = {"a": x * y, "b": {"c": x}}
    p["d"] = p["a"] ** 2
    p["b"]["c"] = p["b"]["c"] * y
    scaled = {k: v * 2 for k, v in p.items() if k != "b"}
    return sum(scaled.values()) + p["b"]["c"] + p.get("e", x)


def dict_updated_in_loop(values):
    totals = {}
    for i, v in enumerate(values):
        key = i % 2
        totals[key] = totals.get(key, 1.0) * v
    return totals[0] + totals[1] ** 2


def layers_list(layers, x):
    for w, b in layers[:-1]:
        x = np.tanh(w @ x + b)
    w, b = layers[-1]
    return np.sum((w @ x + b) ** 2)


def layers_of_dicts(layers, x):
    for layer in layers:
        x = np.maximum(layer["w"] @ x + layer["b"], 0.1 * x[: len(layer["b"])])
    return np.sum(x)


def structure_of_arrays_loop(p):
    total = 0.0
    for i in range(len(p["mass"])):
        for j in range(i):
            total += p["mass"][i] * p["mass"][j] / np.linalg.norm(p["position"][i] - p["position"][j])
    return total


Point = collections.namedtuple("Point", ["x", "y"])


def named_tuples(p, scale):
    q = Point(p.x * scale, y=p.y + p.x)
    shifted = q._replace(x=q.x + 1)
    x, y = shifted
    return x * y + q[0] * p[1]


@dataclasses.dataclass
class Layer:
    weight: np.ndarray
    bias: float
    activation: str = "tanh"

    def apply(self, x):
        z = self.weight @ x + self.bias
        return np.tanh(z) if self.activation == "tanh" else z


def dataclass_argument(layer, x):
    return np.sum(layer.apply(x) ** 2) + layer.bias


def list_of_dataclasses(layers, x):
    for layer in layers:
        x = layer.apply(x)
    return np.sum(x)


def array_of_scalars(x, y):
    matrix = np.array([[np.cos(x), -np.sin(x)], [np.sin(x), np.cos(x)]])
    v = matrix @ np.array([y, 2 * y])
    return v[0] * v[1] + np.linalg.det(matrix * y)


def tuple_as_state(x, n):
    state = (x, 1.0)
    for _ in range(n):
        state = (state[1] * 0.5 + state[0], state[0] * state[1])
    return state[0] * state[1]


def list_as_state(x, n):
    state = [x, 1.0]
    for i in range(n):
        state[i % 2] = state[0] * state[1] + 0.1 * i
    return sum(state)


def returns_structure(x):
    return {"value": x**2, "parts": [np.sin(x), (x, 3)]}


def membership_and_slices(values):
    head, rest = values[:2], values[2:]
    tail = list(reversed(rest))
    pairs = list(zip(head, tail, strict=False))
    return sum([a * b for a, b in pairs]) + len(rest) * values[-1] + (values[0] if 1 in (1, 2) else 0)


def sorted_values(values):
    ordered = sorted(values)
    largest = sorted(values, key=lambda v: -(v**2))[0]
    return ordered[0] * 2 + ordered[-1] ** 2 + largest


LAYERS = [(normal(3, 2), normal(3, seed=1)), (normal(2, 3, seed=2), normal(2, seed=3))]
SQUARE = [(normal(2, 2, seed=k), normal(2, seed=k + 1)) for k in range(3)]
PROGRAMS = [
    Program(nested_arguments, [({"w": normal(3), "rest": (1.5, [2.0, {"x": 0.5}])},)]),
    Program(
        structure_with_other_things,
        [({"name": "big", "x": 1.5, "n": 3, "values": [2.0, True, "text"], "missing": None},)],
    ),
    Program(unused_parts, [({"a": [1.0, 2.0], "b": normal(2), "c": ()},)]),
    Program(append_then_array, [(0.7,)]),
    Program(append_then_stack, [(normal(2, 2), normal(2, seed=1))], argnums=(0, 1)),
    Program(append_then_sum, [(0.7,), (np.float64(1.1),)]),
    Program(append_some, [(np.array([1.0, -2.0, 0.5]),), ([2.0, 3.0],)]),
    Program(stack_push_and_pop, [(0.7, ["dup", "sin", "mul"]), (0.7, ["dup", "dup", "mul", "sin", "mul"])]),
    Program(list_methods, [(1.3,)]),
    Program(taken_where_there, [(1.5, 0.7), (0.5, 0.7)]),
    Program(comprehensions, [([1.0, 2.0, 0.5], 0.7), (normal(3), 1.5)], argnums=(0, 1)),
    Program(generator_expressions, [([1.0, 2.0, 0.5], 0.7)], argnums=(0, 1)),
    Program(dict_built, [(1.3, 0.7)], argnums=(0, 1)),
    Program(dict_updated_in_loop, [([1.0, 2.0, 0.5],), (positive(5),)]),
    Program(layers_list, [(LAYERS, normal(2)), (SQUARE, normal(2))], argnums=(0, 1)),
    Program(layers_of_dicts, [([{"w": w, "b": b} for w, b in SQUARE], normal(2))], argnums=(0, 1)),
    Program(structure_of_arrays_loop, [({"mass": positive(3), "position": normal(3, 2)},)]),
    Program(named_tuples, [(Point(1.5, 2.0), 0.7)], argnums=(0, 1)),
    Program(dataclass_argument, [(Layer(normal(2, 2), 0.5), normal(2, seed=1))], argnums=(0, 1)),
    Program(list_of_dataclasses, [([Layer(normal(2, 2), 0.5), Layer(normal(2, 2), 0.1, "none")], normal(2, seed=1))]),
    Program(array_of_scalars, [(0.6, 1.3)], argnums=(0, 1)),
    Program(tuple_as_state, [(0.6, 3), (0.6, 0)]),
    Program(list_as_state, [(0.6, 3), (0.6, 0)]),
    Program(returns_structure, [(1.3,)], vjp=True),
    Program(membership_and_slices, [([1.0, 2.0, 3.0, 4.0],)]),
    Program(sorted_values, [([1.0, -2.5, 0.5],)]),
]
