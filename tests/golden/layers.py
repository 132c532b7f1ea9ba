# The gradient of multilayer_perceptron of tests/programs/real.py; written by pytest --update-golden.

import numpy as np

from s2sad.runtime import accumulate, zeros_like


def log_softmax_forward(scores):
    top = np.max(scores, axis=1, keepdims=True)
    # return scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))
    exp = np.exp(scores - top)
    total = np.sum(exp, axis=1, keepdims=True)
    saved = exp, total
    return scores - top - np.log(total), saved


def log_softmax_backward(saved, scores_bar):
    exp, total = saved
    # backward: return scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))
    return scores_bar - exp * (np.sum(scores_bar, axis=1, keepdims=True) / total)


def multilayer_perceptron_grad(layers, inputs, labels, decay=0.01):
    # for w, b in layers[:-1]:
    layers_part = layers[:-1]
    activations_saved = []
    activations = inputs
    for w, b in layers_part:
        activations_saved.append(activations)
        activations = np.tanh(activations @ w + b)
    w, b = layers[-1]
    # log_probabilities = log_softmax(activations @ w + b)
    log_probabilities, log_softmax_saved = log_softmax_forward(activations @ w + b)
    # loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    index = np.arange(len(labels)), labels
    log_probabilities_part = log_probabilities[index]
    # backward: for w, _ in layers:
    layers_bar = zeros_like(layers)
    for i in reversed(range(len(layers))):
        # backward: loss += decay * np.sum(w**2)
        layers_item = layers[i]
        w_1 = layers_item[0]
        w_bar = decay * 2 * w_1
        layers_bar[i] = accumulate(layers_bar[i], (w_bar, np.zeros_like(layers_item[1])))
    # backward: loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    log_probabilities_bar = np.zeros_like(log_probabilities)
    log_probabilities_bar[index] += np.divide(-1.0, log_probabilities_part.size)
    # backward: log_probabilities = log_softmax(activations @ w + b)
    g = log_softmax_backward(log_softmax_saved, log_probabilities_bar)
    b_bar = np.sum(g, axis=0)
    activations_bar = g @ w.T
    w_bar = activations.T @ g
    # backward: w, b = layers[-1]
    layers_0 = layers[0]
    layers_bar = accumulate(
        layers_bar, [(np.zeros_like(layers_0[0]), np.zeros_like(layers_0[1])), (w_bar, b_bar)]
    )
    # backward: for w, b in layers[:-1]:
    g = zeros_like(layers_part)
    inputs_bar = activations_bar
    for i in reversed(range(len(layers_part))):
        # backward: activations = np.tanh(activations @ w + b)
        g_1 = inputs_bar * (1 - activations**2)
        b_bar = np.sum(g_1, axis=0)
        w = layers_part[i][0]
        activations_bar = g_1 @ w.T
        activations = activations_saved.pop()
        w_bar = activations.T @ g_1
        g[i] = accumulate(g[i], (w_bar, b_bar))
        inputs_bar = activations_bar
    layers_bar[:-1] = accumulate(layers_bar[:-1], g)
    return layers_bar
