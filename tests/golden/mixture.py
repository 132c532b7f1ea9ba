# The gradient of gaussian_mixture of tests/programs/real.py; written by pytest --update-golden.

import numpy as np

from s2sad.runtime import match


def nested(y_bar, x):
    # return [nested(y_bar[i], x[i]) for i in range(len(x))]
    t = len(x)
    result = []
    for i in range(t):
        result_1 = y_bar[i]
        result.append(result_1)
    return result


def gaussian_mixture_grad(weights_raw, means, log_scales, data):
    # log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    t = np.exp(weights_raw)
    t_1 = np.sum(t)
    log_weights = weights_raw - np.log(t_1)
    z_saved = []
    t_saved = []
    t_saved_1 = []
    t_saved_2 = []
    t_saved_3 = []
    terms_saved = []
    for x in data:
        terms = []
        for k in range(len(means)):
            # z = (x - means[k]) * np.exp(-log_scales[k])
            t_2 = x - means[k]
            t_saved_1.append(t_2)
            t_3 = np.exp(-log_scales[k])
            t_saved.append(t_3)
            z = t_2 * t_3
            z_saved.append(z)
            terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
        terms_saved.append(terms)
        terms = np.array(terms)
        top = np.max(terms)
        # total += top + np.log(np.sum(np.exp(terms - top)))
        t_2 = np.exp(terms - top)
        t_saved_2.append(t_2)
        t_saved_3.append(np.sum(t_2))
    # backward: for x in data:
    means_bar = np.zeros_like(means)
    log_scales_bar = np.zeros_like(log_scales)
    log_weights_bar = np.zeros_like(log_weights)
    for _ in range(len(data)):
        # backward: total += top + np.log(np.sum(np.exp(terms - top)))
        t_2 = t_saved_2.pop()
        terms_bar = -(t_2 / t_saved_3.pop())
        # backward: terms = np.array(terms)
        terms = terms_saved.pop()
        result = nested(terms_bar, terms)
        # backward: for k in range(len(means)):
        terms_bar = result
        for k in reversed(range(len(means))):
            # backward: terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
            t_2 = terms_bar.pop()
            t_3 = log_scales[k]
            log_scales_bar[k] += match(np.broadcast_to(-t_2, t_3.shape), t_3)
            z = z_saved.pop()
            t_3 = z * t_2
            log_weights_bar[k] += t_2
            # backward: z = (x - means[k]) * np.exp(-log_scales[k])
            t_2 = t_saved.pop()
            log_scales_bar[k] += t_2 * (t_saved_1.pop() * t_3)
            means_bar[k] += t_2 * t_3
    # backward: log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    log_weights_bar -= t * (np.sum(log_weights_bar) / t_1)
    return log_weights_bar, means_bar, log_scales_bar
