"""What `tests.real` found in packages of formulas: a small program for each defect, with nothing else in it."""

import math

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


CONSTANTS = [[0.0, 1.0, 0.5], [0.2, 0.1, 0.0], [0.3, 0.4, 0.9]]
PROGRAMS = [
    Program(
        share_of_solvents,
        [
            ([0.3, 0.4, 0.5], [True, True, False], CONSTANTS),
            ([0.3, 0.4, 0.5], [True, False, True], CONSTANTS, [0.1, 0.2, 0.3]),
        ],
    ),
    Program(flows_of_two_streams, [(2.0, 1.5, [0.3, 0.7], [0.6, 0.4])], argnums=(0, 1, 2, 3)),
]
