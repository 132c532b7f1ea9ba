# The gradient of recurrent_network of tests/programs/real.py; written by pytest --update-golden.

from s2sad.runtime import accumulate
from s2sad.runtime import match
import numpy as np
from s2sad.runtime import zeros_like


def recurrent_network_grad(p, xs, ys):
    h = np.zeros(p["hidden"].shape[0])
    # for x, y in zip(xs, ys, strict=True):
    t_saved = []
    t_saved_1 = []
    t_saved_2 = []
    h_saved = []
    h_saved_1 = []
    for x, y in zip(xs, ys):
        h_saved_1.append(h)
        h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        h_saved.append(h)
        prediction = p["output"] @ h
        # loss += np.sum((prediction - y) ** 2)
        t = prediction - y
        t_saved_2.append(t)
        t = t**2
        t_saved_1.append(t)
        t_saved.append(t.shape)
    # backward: return loss / len(xs)
    loss_bar = 1 / len(xs)
    # backward: for x, y in zip(xs, ys, strict=True):
    h_bar = np.zeros_like(h)
    p_bar = zeros_like(p)
    for t in reversed(range(min(len(xs), len(ys)))):
        h = h_saved_1.pop()
        # backward: h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        h_1 = h_saved.pop()
        # backward: loss += np.sum((prediction - y) ** 2)
        t_1 = t_saved_2.pop()
        t_2 = t_saved_1.pop()
        t_3 = t_saved.pop()
        x = xs[t]
        prediction_bar = match(np.broadcast_to(loss_bar, t_3), t_2) * (2 * t_1)
        # backward: prediction = p["output"] @ h
        t = np.outer(prediction_bar, h_1)
        h_bar += p["output"].T @ prediction_bar
        t_1 = np.zeros_like(p["hidden"])
        t_2 = np.zeros_like(p["input"])
        p_bar_1 = {"hidden": t_1, "input": t_2, "bias": np.zeros_like(p["bias"]), "output": t}
        p_bar = accumulate(p_bar, p_bar_1)
        # backward: h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        t = h_bar * (1 - h_1**2)
        t_1 = np.zeros_like(p["hidden"])
        t_2 = np.zeros_like(p["input"])
        p_bar_1 = {"hidden": t_1, "input": t_2, "bias": t, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
        t_1 = np.outer(t, x)
        t_2 = np.zeros_like(p["hidden"])
        t_3 = np.zeros_like(p["bias"])
        p_bar_1 = {"hidden": t_2, "input": t_1, "bias": t_3, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
        t_1 = np.outer(t, h)
        h_bar = p["hidden"].T @ t
        t = np.zeros_like(p["input"])
        t_2 = np.zeros_like(p["bias"])
        p_bar_1 = {"hidden": t_1, "input": t, "bias": t_2, "output": np.zeros_like(p["output"])}
        p_bar = accumulate(p_bar, p_bar_1)
    return p_bar
