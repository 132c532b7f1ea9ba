# The gradient of lagrangian of tests/programs/transformed.py; written by pytest --update-golden.

import numpy as np


def lagrangian_grad(q, mass):
    v = np.zeros(3)
    ratio_saved = []
    q_saved = []
    for _ in range(3):
        q_saved.append(q)
        # v = v + 0.1 * grad(action, 0)(q, v) / mass
        ratio = 0.1 * -np.sin(q) / mass
        ratio_saved.append(ratio)
        v = v + ratio
        q = q + 0.1 * v
    # backward: return np.sum(q**2)
    q_bar = 2 * q
    # backward: for _ in range(3):
    v_bar = np.zeros_like(v)
    mass_bar = 0.0
    for _ in range(3):
        # backward: q = q + 0.1 * v
        v_bar += q_bar * 0.1
        # backward: v = v + 0.1 * grad(action, 0)(q, v) / mass
        mass_bar -= v_bar / mass @ ratio_saved.pop()
        # backward: return -np.sin(position)
        q = q_saved.pop()
        q_bar -= np.cos(q) * (v_bar * 0.1) / mass
    return q_bar, float(mass_bar)
