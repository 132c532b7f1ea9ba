# The gradient of multilayer_perceptron of tests/programs/real.py; written by pytest --update-golden.

import numpy as np

from s2sad.runtime import accumulate, zeros_like


def log_softmax_forward(scores):
    top = np.max(scores, axis=1, keepdims=True)
    # return scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))
    t = np.exp(scores - top)
    t_1 = np.sum(t, axis=1, keepdims=True)
    saved = t, t_1
    return scores - top - np.log(t_1), saved


def log_softmax_backward(saved, scores_bar):
    t, t_1 = saved
    # backward: return scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))
    return scores_bar - t * (np.sum(scores_bar, axis=1, keepdims=True) / t_1)


def multilayer_perceptron_grad(layers, inputs, labels, decay=0.01):
    # for w, b in layers[:-1]:
    t = layers[:-1]
    activations_saved = []
    activations = inputs
    for t_1 in t:
        activations_saved.append(activations)
        w = t_1[0]
        b = t_1[1]
        activations = np.tanh(activations @ w + b)
    # w, b = layers[-1]
    t_1 = layers[-1]
    w = t_1[0]
    b = t_1[1]
    # log_probabilities = log_softmax(activations @ w + b)
    log_probabilities, log_softmax_saved = log_softmax_forward(activations @ w + b)
    # loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    t_1 = np.arange(len(labels)), labels
    t_2 = log_probabilities[t_1]
    # backward: for w, _ in layers:
    layers_bar = zeros_like(layers)
    for t_3 in reversed(range(len(layers))):
        # backward: loss += decay * np.sum(w**2)
        t_4 = layers[t_3]
        w_1 = t_4[0]
        w_bar = decay * 2 * w_1
        layers_bar[t_3] = accumulate(layers_bar[t_3], (w_bar, np.zeros_like(t_4[1])))
    # backward: loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    log_probabilities_bar = np.zeros_like(log_probabilities)
    log_probabilities_bar[t_1] += np.broadcast_to(-1.0 / t_2.size, t_2.shape)
    # backward: log_probabilities = log_softmax(activations @ w + b)
    t_1 = log_softmax_backward(log_softmax_saved, log_probabilities_bar)
    b_bar = np.sum(t_1, axis=0)
    activations_bar = t_1 @ w.T
    w_bar = activations.T @ t_1
    # backward: w, b = layers[-1]
    t_1 = layers[0]
    layers_bar = accumulate(layers_bar, [(np.zeros_like(t_1[0]), np.zeros_like(t_1[1])), (w_bar, b_bar)])
    # backward: for w, b in layers[:-1]:
    t_1 = zeros_like(t)
    inputs_bar = activations_bar
    for t_2 in reversed(range(len(t))):
        # backward: activations = np.tanh(activations @ w + b)
        t_3 = inputs_bar * (1 - activations**2)
        b_bar = np.sum(t_3, axis=0)
        w = t[t_2][0]
        activations_bar = t_3 @ w.T
        activations = activations_saved.pop()
        w_bar = activations.T @ t_3
        t_1[t_2] = accumulate(t_1[t_2], (w_bar, b_bar))
        inputs_bar = activations_bar
    layers_bar[:-1] = accumulate(layers_bar[:-1], t_1)
    return layers_bar
