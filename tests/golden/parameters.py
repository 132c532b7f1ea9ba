# The gradient of recurrent_network of tests/programs/real.py; written by pytest --update-golden.

import numpy as np

from s2sad.runtime import accumulate, zeros_like


def recurrent_network_grad(p, xs, ys):
    h = np.zeros(p["hidden"].shape[0])
    t_saved = []
    h_saved = []
    for x, y in zip(xs, ys):
        h_saved.append(h)
        h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        prediction = p["output"] @ h
        # loss += np.sum((prediction - y) ** 2)
        t_saved.append(prediction - y)
    # backward: return loss / len(xs)
    loss_bar = 1 / len(xs)
    # backward: for x, y in zip(xs, ys):
    h_bar = np.zeros_like(h)
    p_bar = zeros_like(p)
    for t in reversed(range(min(len(xs), len(ys)))):
        # backward: loss += np.sum((prediction - y) ** 2)
        prediction_bar = loss_bar * 2 * t_saved.pop()
        # backward: prediction = p["output"] @ h
        t_1 = np.outer(prediction_bar, h)
        h_bar += p["output"].T @ prediction_bar
        t_2 = np.zeros_like(p["hidden"])
        t_3 = np.zeros_like(p["input"])
        p_bar_1 = {"hidden": t_2, "input": t_3, "bias": np.zeros_like(p["bias"]), "output": t_1}
        p_bar = accumulate(p_bar, p_bar_1)
        # backward: h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        t_1 = h_bar * (1 - h**2)
        t_2 = np.zeros_like(p["hidden"])
        t_3 = np.zeros_like(p["input"])
        p_bar_1 = {"hidden": t_2, "input": t_3, "bias": t_1, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
        x = xs[t]
        t = np.outer(t_1, x)
        t_2 = np.zeros_like(p["hidden"])
        t_3 = np.zeros_like(p["bias"])
        p_bar_1 = {"hidden": t_2, "input": t, "bias": t_3, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
        h = h_saved.pop()
        t = np.outer(t_1, h)
        h_bar = p["hidden"].T @ t_1
        t_1 = np.zeros_like(p["input"])
        t_2 = np.zeros_like(p["bias"])
        p_bar_1 = {"hidden": t, "input": t_1, "bias": t_2, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
    return p_bar
