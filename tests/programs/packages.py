"""What `tests.real` found in packages of formulas: a small program for each defect, with nothing else in it."""

import math

import numpy as np

from .data import normal, positive
from .harness import Program


def share_of_solvents(parts, is_solute, constants, found=None):
    """Writes into a list that may be the caller's, in the inner of two loops."""
    n = len(parts)
    if found is None:
        found = [0.0] * n
    for i in range(n):
        solvents = 0.0
        if is_solute[i]:
            for j in range(n):
                if not is_solute[j]:
                    solvents += parts[j]
                found[i] += parts[j] * constants[i][j]
            if solvents == 0.0:
                pass
            else:
                found[i] = math.exp(found[i] / solvents)
    return found[0] + 2 * found[1] + 3 * found[2]


def flows_of_two_streams(flow, other_flow, fractions, other_fractions):
    """Adds to the last element of a list that grows, as names are found in two lists."""
    names, others = ["water", "ethanol"], ["water", "methanol"]
    total = []
    for name in sorted(set(names + others)):
        total.append(0)
        if name in names:
            total[-1] += fractions[names.index(name)] * flow
        if name in others:
            total[-1] += other_fractions[others.index(name)] * other_flow
    return total[0] + total[1] * total[2]


def normalised(x, n):
    """A list that each step makes anew from its own sum: the cotangent of a sum in a loop is a list."""
    shares = [x, 2 * x, x * x]
    for _ in range(n):
        total = sum(shares)
        shares = [s / total + 0.1 * s for s in shares]
    return shares[0] - shares[2]


def stacked(parts):
    """Numbers and arrays with a new axis at the end, joined: numbers of NumPy are arrays of no axes."""
    return np.concatenate([part[..., np.newaxis] for part in parts], axis=-1)


def mixed_colours(x, weights):
    a, b, c = [x[..., k] for k in range(x.shape[-1])]
    first = stacked([a * b, b + c, np.sin(c)])
    second = first @ weights
    return np.sum(stacked([second[..., 0], second[..., 2] * a]) ** 2)


class Settings(dict):
    """A dict whose entries are attributes too."""

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)


def compressed(x, settings):
    try:
        y = math.log(x / settings.white)
    except ValueError:
        y = 0.0
    return y * settings.gain + settings["gain"] ** 2


def in_many_ranges(t):
    """A long chain of branches, as nested as it is long."""
    y = t * t
    if t < 1.0:
        y = t + y
    elif t < 2.0:
        y = 2.5 - 0.2 * t * y
    elif t < 3.0:
        y = 3.5 - 0.3 * t * y
    elif t < 4.0:
        y = 4.5 - 0.4 * t * y
    elif t < 5.0:
        y = 5.5 - 0.5 * t * y
    elif t < 6.0:
        y = 6.5 - 0.6 * t * y
    elif t < 7.0:
        y = 7.5 - 0.7 * t * y
    elif t < 8.0:
        y = 8.5 - 0.8 * t * y
    elif t < 9.0:
        y = 9.5 - 0.9 * t * y
    elif t < 10.0:
        y = 10.5 - 0.10 * t * y
    elif t < 11.0:
        y = 11.5 - 0.11 * t * y
    elif t < 12.0:
        y = 12.5 - 0.12 * t * y
    elif t < 13.0:
        y = 13.5 - 0.13 * t * y
    elif t < 14.0:
        y = 14.5 - 0.14 * t * y
    elif t < 15.0:
        y = 15.5 - 0.15 * t * y
    elif t < 16.0:
        y = 16.5 - 0.16 * t * y
    elif t < 17.0:
        y = 17.5 - 0.17 * t * y
    elif t < 18.0:
        y = 18.5 - 0.18 * t * y
    elif t < 19.0:
        y = 19.5 - 0.19 * t * y
    elif t < 20.0:
        y = 20.5 - 0.20 * t * y
    elif t < 21.0:
        y = 21.5 - 0.21 * t * y
    elif t < 22.0:
        y = 22.5 - 0.22 * t * y
    elif t < 23.0:
        y = 23.5 - 0.23 * t * y
    elif t < 24.0:
        y = 24.5 - 0.24 * t * y
    elif t < 25.0:
        y = 25.5 - 0.25 * t * y
    elif t < 26.0:
        y = 26.5 - 0.26 * t * y
    elif t < 27.0:
        y = 27.5 - 0.27 * t * y
    elif t < 28.0:
        y = 28.5 - 0.28 * t * y
    elif t < 29.0:
        y = 29.5 - 0.29 * t * y
    else:
        y = math.exp(-y)
    return y + t


CONSTANTS = [[0.0, 1.0, 0.5], [0.2, 0.1, 0.0], [0.3, 0.4, 0.9]]
PROGRAMS = [
    Program(
        share_of_solvents,
        [
            ([0.3, 0.4, 0.5], [True, True, False], CONSTANTS),
            ([0.3, 0.4, 0.5], [True, False, True], CONSTANTS, [0.1, 0.2, 0.3]),
        ],
    ),
    Program(normalised, [(0.7, 3), (1.2, 0)]),
    Program(mixed_colours, [(positive(3), normal(3, 3)), (positive(2, 3), normal(3, 3))], argnums=(0, 1)),
    Program(compressed, [(0.7, Settings(white=1.2, gain=0.4))]),
    Program(in_many_ranges, [(0.5,), (3.3,), (28.2,), (40.0,)]),
    Program(flows_of_two_streams, [(2.0, 1.5, [0.3, 0.7], [0.6, 0.4])], argnums=(0, 1, 2, 3)),
]
