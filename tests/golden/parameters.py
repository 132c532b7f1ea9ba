# The gradient of recurrent_network of tests/programs/real.py; written by pytest --update-golden.

import numpy as np


def recurrent_network_grad(p, xs, ys):
    h = np.zeros(p["hidden"].shape[0])
    difference_saved = []
    h_saved = []
    for x, y in zip(xs, ys):
        h_saved.append(h)
        h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        prediction = p["output"] @ h
        # loss += np.sum((prediction - y) ** 2)
        difference_saved.append(prediction - y)
    # backward: return loss / len(xs)
    loss_bar = 1 / len(xs)
    # backward: for x, y in zip(xs, ys):
    h_bar = np.zeros_like(h)
    hidden_bar = np.zeros_like(p["hidden"])
    input_bar = np.zeros_like(p["input"])
    bias_bar = np.zeros_like(p["bias"])
    output_bar = np.zeros_like(p["output"])
    for i in reversed(range(min(len(xs), len(ys)))):
        # backward: loss += np.sum((prediction - y) ** 2)
        prediction_bar = loss_bar * 2 * difference_saved.pop()
        # backward: prediction = p["output"] @ h
        h_bar += p["output"].T @ prediction_bar
        output_bar += np.outer(prediction_bar, h)
        # backward: h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        g = h_bar * (1 - h**2)
        bias_bar += g
        x = xs[i]
        input_bar += np.outer(g, x)
        h = h_saved.pop()
        h_bar = p["hidden"].T @ g
        hidden_bar += np.outer(g, h)
    return {"hidden": hidden_bar, "input": input_bar, "bias": bias_bar, "output": output_bar}
