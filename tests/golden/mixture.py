# The gradient of gaussian_mixture of tests/programs/real.py; written by pytest --update-golden.

import numpy as np


def gaussian_mixture_grad(weights_raw, means, log_scales, data):
    # log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    exp = np.exp(weights_raw)
    total = np.sum(exp)
    log_weights = weights_raw - np.log(total)
    z_saved = []
    exp_saved = []
    difference_saved = []
    exp_saved_1 = []
    total_saved = []
    for x in data:
        terms = []
        for k in range(len(means)):
            # z = (x - means[k]) * np.exp(-log_scales[k])
            difference = x - means[k]
            difference_saved.append(difference)
            exp_1 = np.exp(-log_scales[k])
            exp_saved.append(exp_1)
            z = difference * exp_1
            z_saved.append(z)
            terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
        terms = np.array(terms)
        top = np.max(terms)
        # total += top + np.log(np.sum(np.exp(terms - top)))
        exp_1 = np.exp(terms - top)
        exp_saved_1.append(exp_1)
        total_saved.append(np.sum(exp_1))
    # backward: for x in data:
    means_bar = np.zeros_like(means)
    log_scales_bar = np.zeros_like(log_scales)
    log_weights_bar = np.zeros_like(log_weights)
    for _ in range(len(data)):
        # backward: total += top + np.log(np.sum(np.exp(terms - top)))
        exp_1 = exp_saved_1.pop()
        terms_bar = -(exp_1 / total_saved.pop())
        # backward: terms = np.array(terms)
        terms_bar = terms_bar.tolist()
        # backward: for k in range(len(means)):
        for k in reversed(range(len(means))):
            # backward: terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
            g = terms_bar.pop()
            log_scales_bar[k] -= g
            z = z_saved.pop()
            g_1 = z * g
            log_weights_bar[k] += g
            # backward: z = (x - means[k]) * np.exp(-log_scales[k])
            exp_1 = exp_saved.pop()
            log_scales_bar[k] += exp_1 * (difference_saved.pop() * g_1)
            means_bar[k] += exp_1 * g_1
    # backward: log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    log_weights_bar -= exp * (np.sum(log_weights_bar) / total)
    return log_weights_bar, means_bar, log_scales_bar
