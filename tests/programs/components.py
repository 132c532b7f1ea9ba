"""Component codes: inputs come in a dict, outputs are written into another, names and options come from outside."""
# ruff: noqa: B905, UP032

import enum

import numpy as np

from .data import normal, positive
from .harness import Program, corners

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)

X = np.array([0.5, 1.2, -0.4])


class Names:
    """Keys are attributes of classes, nested ones as well."""

    LIFT = "lift"

    class Flow:
        DENSITY = "density"


@corner(X)
def keys_that_classes_name(x):
    out = {}
    out[Names.LIFT] = x * 2
    out[Names.Flow.DENSITY] = x**2
    return np.sum(out["lift"] * out[Names.Flow.DENSITY])


@corner(X)
def arrays_under_keys_that_classes_name(x):
    out = {"lift": np.zeros(3), "density": np.ones(3)}
    out[Names.LIFT][:] = x * 2
    out[Names.Flow.DENSITY][1:] += x[:2]
    return np.sum(out["lift"] * out["density"])


SHAPES = {"y": (3,), "z": (2, 3)}
WEIGHTS = {"y": np.arange(3.0), "z": np.ones((2, 3))}


class Component:
    def compute(self, inputs, outputs):
        outputs["y"][:] = inputs["a"] ** 2
        outputs["z"][0, :] = inputs["a"] * inputs["b"]
        outputs["z"][1, 1] = inputs["b"].item()


COMPONENT = Component()
INPUTS = {"a": X, "b": np.array([2.0])}


@corner(INPUTS)
def outputs_by_a_comprehension(inputs):
    outputs = {k: np.zeros(shape) for k, shape in SHAPES.items()}
    COMPONENT.compute(inputs, outputs)
    total = 0.0
    for k in outputs:
        total = total + np.sum(WEIGHTS[k] * outputs[k])
    return total


@corner(INPUTS)
def outputs_by_a_loop(inputs):
    outputs = {}
    for k in SHAPES:
        outputs[k] = np.zeros(SHAPES[k])
    COMPONENT.compute(inputs, outputs)
    return sum(np.sum(WEIGHTS[k] * outputs[k] ** 2) for k in outputs)


@corner(INPUTS)
def outputs_written_out(inputs):
    outputs = {"y": np.zeros(3), "z": np.zeros((2, 3))}
    COMPONENT.compute(inputs, outputs)
    total = 0.0
    for k, v in outputs.items():
        total = total + np.sum(WEIGHTS[k] * v)
    for v in outputs.values():
        total = total + np.sum(v**2) * len(outputs)
    return total


@corner(INPUTS, refused="may share memory")
def written_while_it_is_walked(inputs):
    outputs = {"y": np.zeros(3), "z": np.zeros((2, 3))}
    COMPONENT.compute(inputs, outputs)
    total = 0.0
    for k, v in outputs.items():
        total = total + np.sum(v**2)
        outputs["z"][0, 0] = total
        outputs[k][..., -1] *= 2
    return total + np.sum(outputs["y"] * outputs["z"])


class Surface:
    """What it reads and writes has names that are put together."""

    def __init__(self, options):
        self.options = options

    def compute(self, inputs, outputs):
        name = self.options["name"]
        if self.options["viscous"]:
            outputs[name + "_drag"][:] = inputs[f"{name}_mesh"] ** 2
        outputs["{}_lift".format(name)] = inputs[name + "_mesh"] * inputs["alpha"]


WING = Surface({"name": "wing", "viscous": True, "n": 3})
TAIL = Surface({"name": "tail", "viscous": False, "n": 3})


@corner({"wing_mesh": X, "tail_mesh": 2 * X, "alpha": 0.3})
def names_put_together(inputs):
    outputs = {"wing_drag": np.zeros(3), "tail_drag": np.ones(3), "wing_lift": 0.0, "tail_lift": 0.0}
    for surface in (WING, TAIL):
        surface.compute(inputs, outputs)
    return np.sum(outputs["wing_drag"] * outputs["tail_lift"]) + np.sum(outputs["wing_lift"] * outputs["tail_drag"])


def switched(x, options):
    y = np.sin(x) if options["mode"] == "sine" else np.cos(x)
    if options["square"]:
        y = y**2
    return np.sum(y)


PROGRAMS.append(
    Program(
        switched,
        [(X, {"mode": m, "square": s}) for m in ("sine", "cosine") for s in (True, False)],
        name="options_in_a_dict",
    )
)


def toggled(x, options):
    total = 0.0
    for _ in range(3):
        total = total + (np.sum(x) if options["on"] else np.sum(x**2))
        options["on"] = not options["on"]
    return total


PROGRAMS.append(Program(toggled, [(X, {"on": True}), (X, {"on": False})], name="options_that_change"))


# ---------------------------------------------------------------- helpers that fill a dict


def fill(x, out):
    out["y"] = x * (3.0 if x[0] > 1 else 2.0)
    out["total"] = np.sum(x)


@corner(X)
def filled_by_a_helper(x):
    out = {}
    fill(x, out)
    return np.sum(out["y"]) * out["total"]


class Problem:
    def _evaluate(self, x, out, *args, **kwargs):
        f = x[0] ** 2
        g = 1 + x[1]
        out["F"] = [f, g - f]
        out["G"] = x[2:] * f

    def evaluate(self, x):
        out = {}
        self._evaluate(x, out)
        return out


PROBLEM = Problem()


@corner(X)
def filled_by_a_method(x):
    out = PROBLEM.evaluate(x)
    return out["F"][0] * out["F"][1] + np.sum(out["G"])


def hand_on(x, out):
    fill(x, out)
    out["more"] = out["total"] * x[0]


@corner(X)
def filled_by_a_helper_of_a_helper(x):
    out = {}
    hand_on(x, out)
    return out["more"] * np.sum(out["y"])


@corner(positive(3), normal(3), argnums=(0, 1))
def filled_in_part_before(x, y):
    out = {"first": y}
    fill(x, out)
    return np.sum(out["first"] * out["y"])


# ---------------------------------------------------------------- dicts of parameters

PARAMETERS = {"T": 300.0, "name": "forsterite", "V": 1.0}


@corner(X)
def merged_with_what_is_outside(x):
    p = {**PARAMETERS, "V": x[0]}
    q = PARAMETERS | {"T": x[1] ** 2}
    return p["T"] * p["V"] + q["T"] * q["V"] + len(p)


@corner({"a": X, "b": 2.0, "name": "of the caller"})
def merged_with_an_argument(given):
    p = {**given, "c": given["a"] * 3}
    p |= {"b": p["b"] * 2, "a": p["c"] ** 2}
    return np.sum(p["a"] * p["b"] + p["c"]) + given["b"]


@corner(X)
def merged_and_written(x):
    q = {"a": np.zeros(3)}
    p = {**q, "b": 1.0}
    p["a"][:] = x
    return np.sum(q["a"]) + np.sum(p["a"] ** 2)


def with_default_options(x, **options):
    settings = {"power": 2, "scale": 1.0, **options}
    return settings["scale"] * np.sum(x ** settings["power"])


@corner(X, 1.5, argnums=(0, 1))
def defaults_and_options(x, scale):
    return with_default_options(x, scale=scale) * with_default_options(x, power=3)


@corner({"a": X, "b": X**2 + 1})
def unpacked_views(d):
    a, b = d.values()
    (_, c), (name, e) = d.items()
    first, second = d
    return np.sum(a / b) + np.sum(c * e) * len(first + second + name)


@corner(X)
def transposed_by_zip(x):
    xs, ys = zip(*[(x[0], 1.0), (x[1], x[2])])
    (i, p), (j, q) = enumerate(xs, 1)
    return sum(xs) * ys[1] + i * p * q * j


# ---------------------------------------------------------------- arrays of the type of an argument, vectors


@corner(X, 2.0, argnums=(0, 1))
def arrays_of_the_type_of_an_argument(x, scale):
    out = np.zeros(3, dtype=type(x[0]))
    out[:] = x
    other = np.zeros(3, dtype=type(scale))
    other[1:] = x[:2] * scale
    return np.sum(out**2 * other)


@corner(normal(3), normal(3, seed=1), argnums=(0, 1), refused="of what type 'n' is, is not known before")
def normal_of_a_panel(a, b):
    n = np.cross(a, b)
    n = n / np.linalg.norm(n)
    return n[1] * np.sum(n * a**2) + n[2]


@corner(normal(4, 3), normal(4, 3, seed=1), argnums=(0, 1))
def normals_of_panels(a, b):
    n = np.cross(a, b)
    return np.sum(n / np.linalg.norm(n) * a[:, ::-1])


@corner(normal(3))
def normal_to_what_is_written(a):
    n = np.cross(a, np.array([1.0, 2.0, 3.0]))
    return (n / np.linalg.norm(n))[1]


# ---------------------------------------------------------------- enumerations as switches


class Level(enum.IntEnum):
    QUIET = 0
    BRIEF = 1
    LONG = 2


class Shape(enum.Enum):
    ROUND = "round"
    SQUARE = "square"


SETTINGS = {"level": Level.BRIEF, "shapes": {"wing": Shape.ROUND}}


@corner(X)
def switches_of_enumerations(x):
    total = np.sum(x**2) if SETTINGS["level"] > Level.QUIET else np.sum(x)
    if SETTINGS["shapes"]["wing"] is Shape.ROUND and SETTINGS["level"] is not Level.LONG:
        total = total * x[0]
    return total * {Shape.ROUND: 2.0, Shape.SQUARE: 3.0}[SETTINGS["shapes"]["wing"]] + SETTINGS["level"].value


def area(x, shape):
    match shape:
        case Shape.ROUND:
            return np.pi * x**2
        case _:
            return x**2 * len(shape.value)


def total_area(x, shapes):
    return sum(np.sum(area(x, shapes[k])) for k in shapes) * len(Shape)


PROGRAMS.append(
    Program(
        total_area,
        [(X, {"a": one, "b": other}) for one in Shape for other in Shape],
        name="members_in_an_argument",
    )
)


@corner({Shape.ROUND: X, Shape.SQUARE: 2 * X})
def members_as_keys(sizes):
    areas = {Shape.ROUND: area(sizes[Shape.ROUND], Shape.ROUND), Shape.SQUARE: sizes[Shape.SQUARE] ** 2}
    areas[Shape.ROUND] = areas[Shape.ROUND] * sizes[Shape.SQUARE]
    return np.sum(areas[Shape.ROUND] + areas[Shape.SQUARE])


# ---------------------------------------------------------------- lists of names and of options

BODIES = ["fuselage", "wing"]
SURFACES = [{"name": "wing", "grounded": False, "stiffness": 2.0}, {"name": "tail", "grounded": True, "stiffness": 3.0}]


@corner({"fuselage": X, "wing": X**2})
def a_list_of_names(x):
    out = {"fuselage:W": np.zeros(3), "wing:W": np.zeros(3)}
    for body in BODIES:
        out[body + ":W"] = x[body] ** 2
    return np.sum(out["fuselage:W"] * out["wing:W"])


@corner({"wing_m": X, "tail_m": 2 * X})
def a_list_of_options(x):
    total = 0.0
    for surface in SURFACES:
        name = surface["name"]
        total = total + np.sum(x[f"{name}_m"] ** 2) * surface["stiffness"]
        if surface["grounded"]:
            total = total * 2.0
    return total


def named(x, names):
    total = 0.0
    for turn in range(2):
        for name in names:
            total = total + np.sum(x[name] ** 2) * (turn + 1)
        names[0] = "wing"
    return total


PROGRAMS.append(
    Program(
        named,
        [({"fuselage": X, "wing": 2 * X}, names) for names in (["fuselage", "wing"], ["wing", "wing"], ["fuselage"])],
        name="names_that_change",
    )
)


def layers(x, stack):
    for layer in stack:
        x = x * layer["w"]
        if layer["act"] == "tanh":
            x = np.tanh(x)
    return np.sum(x)


PROGRAMS.append(Program(layers, [(X, [{"w": X, "act": "tanh"}, {"w": X + 1, "act": "none"}, {"w": X, "act": "tanh"}])]))


class Declared:
    """Looks for an option in a try, and says how to name it where it is not there."""

    def __init__(self, parent, **options):
        self.parent, self.entries = parent, {k: {"value": v, "set": True} for k, v in options.items()}

    def __getitem__(self, name):
        try:
            entry = self.entries[name]
        except KeyError:
            self.complain(f"option {name!r} has not been declared", KeyError)
        if entry["set"]:
            return entry["value"]
        self.complain(f"option {name!r} has not been set")

    def complain(self, message, kind=RuntimeError):
        text = message if self.parent is None else "{}: {}".format(self.parent, message)
        raise kind(text)


DECLARED = Declared("wing", shape=Shape.ROUND, level=Level.LONG, name="drag", smooth=False)


def by_shape(x, shape):
    return np.sum(x**2) if shape is Shape.ROUND else np.sum(x)


@corner({"drag": X, "lift": X**2})
def options_that_are_declared(inputs):
    out = {"drag": np.zeros(3)}
    if DECLARED["shape"] is Shape.ROUND and not DECLARED["smooth"]:
        out[DECLARED["name"]] = inputs[DECLARED["name"]] * 3
    if DECLARED["level"] > Level.QUIET:
        out["lift"] = inputs["lift"] ** 2
    return np.sum(out["drag"] * out["lift"]) + by_shape(inputs["lift"], DECLARED["shape"]) * by_shape(X, Shape.SQUARE)
