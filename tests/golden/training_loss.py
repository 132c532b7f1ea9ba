# The gradient of training_loss of examples/logistic_regression.py; written by pytest --update-golden.

import numpy as np


def training_loss_grad(weights, inputs, targets):
    # return 0.5 * (np.tanh(x) + 1)
    tanh = np.tanh(np.dot(inputs, weights))
    preds = 0.5 * (tanh + 1)
    # label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    difference = 1 - targets
    label_probabilities = preds * targets + (1 - preds) * difference
    # backward: label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    preds_bar = difference / label_probabilities - targets / label_probabilities
    # backward: return sigmoid(np.dot(inputs, weights))
    return inputs.T @ (preds_bar * 0.5 * (1 - tanh**2))
