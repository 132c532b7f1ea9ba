# The gradient of gaussian_mixture of tests/programs/real.py; written by pytest --update-golden.

from s2sad.runtime import match
import numpy as np
from s2sad.runtime import unbroadcast


def nested(y_bar, x):
    if isinstance(x, list | tuple):
        # return [nested(y_bar[i], x[i]) for i in range(len(x))]
        t = len(x)
        y_bar_1 = []
        for i in range(t):
            y_bar_1.append(nested(y_bar[i], x[i]))
    else:
        y_bar_1 = y_bar
    return y_bar_1


def nested_1(y_bar, x):
    if isinstance(x, list | tuple):
        # return [nested(y_bar[i], x[i]) for i in range(len(x))]
        t = len(x)
        y_bar_1 = []
        for i in range(t):
            y_bar_1.append(nested(y_bar[i], x[i]))
    else:
        y_bar_1 = y_bar
    return y_bar_1


def nested_2(y_bar, x):
    if isinstance(x, list | tuple):
        # return [nested(y_bar[i], x[i]) for i in range(len(x))]
        t = len(x)
        y_bar_1 = []
        for i in range(t):
            y_bar_1.append(nested_1(y_bar[i], x[i]))
    else:
        y_bar_1 = y_bar
    return y_bar_1


def gaussian_mixture_grad(weights_raw, means, log_scales, data):
    # log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    t = np.exp(weights_raw)
    t_1 = np.sum(t)
    log_weights = weights_raw - np.log(t_1)
    t_saved = []
    t_saved_1 = []
    z_saved = []
    t_saved_2 = []
    t_saved_3 = []
    t_saved_4 = []
    t_saved_5 = []
    t_saved_6 = []
    terms_saved = []
    top_saved = []
    terms_saved_1 = []
    for x in data:
        terms = []
        for k in range(len(means)):
            # z = (x - means[k]) * np.exp(-log_scales[k])
            t_2 = x - means[k]
            t_saved_3.append(t_2)
            t_3 = np.exp(-log_scales[k])
            t_saved_2.append(t_3)
            z = t_2 * t_3
            z_saved.append(z)
            # terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
            t_2 = z**2
            t_saved_1.append(t_2)
            t_saved.append(t_2.shape)
            terms.append(log_weights[k] - 0.5 * np.sum(t_2) - np.sum(log_scales[k]))
        terms_saved_1.append(terms)
        terms = np.array(terms)
        terms_saved.append(terms)
        top = np.max(terms)
        top_saved.append(top)
        # total += top + np.log(np.sum(np.exp(terms - top)))
        t_2 = np.exp(terms - top)
        t_saved_6.append(t_2)
        t_saved_5.append(t_2.shape)
        t_saved_4.append(np.sum(t_2))
    # backward: for x in data:
    means_bar = np.zeros_like(means)
    log_scales_bar = np.zeros_like(log_scales)
    log_weights_bar = np.zeros_like(log_weights)
    total_bar = -1.0
    for _ in range(len(data)):
        # backward: for k in range(len(means)):
        terms_saved_1 = terms_saved_1.copy()
        terms = terms_saved_1.pop()
        # backward: top = np.max(terms)
        top = top_saved.pop()
        # backward: terms = np.array(terms)
        terms_1 = terms_saved.pop()
        # backward: total += top + np.log(np.sum(np.exp(terms - top)))
        t_2 = t_saved_6.pop()
        t_3 = t_saved_5.pop()
        t_4 = t_saved_4.pop()
        # backward: for k in range(len(means)):
        t_5 = len(means)
        # backward: total += top + np.log(np.sum(np.exp(terms - top)))
        terms_bar = match(np.broadcast_to(total_bar / t_4, t_3), t_2) * t_2
        top_bar = total_bar + np.sum(-terms_bar)
        # backward: top = np.max(terms)
        t_2 = terms_1 == top
        terms_bar += match(top_bar / np.sum(t_2) * t_2, terms_1)
        # backward: terms = np.array(terms)
        result = nested_2(terms_bar, terms)
        terms_bar = unbroadcast(result, terms)
        # backward: for k in range(len(means)):
        terms_bar = terms_bar.copy()
        for k in reversed(range(t_5)):
            # backward: z = (x - means[k]) * np.exp(-log_scales[k])
            t_2 = t_saved_3.pop()
            t_3 = t_saved_2.pop()
            z = z_saved.pop()
            # backward: terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
            t_4 = t_saved_1.pop()
            t_5 = t_saved.pop()
            t_6 = log_scales[k]
            t_7 = terms_bar.pop()
            log_scales_bar[k] += match(np.broadcast_to(-t_7, t_6.shape), t_6)
            z_bar = match(np.broadcast_to(-(0.5 * t_7), t_5), t_4) * (2 * z)
            log_weights_bar[k] += t_7
            # backward: z = (x - means[k]) * np.exp(-log_scales[k])
            log_scales_bar[k] -= z_bar * t_2 * t_3
            means_bar[k] -= z_bar * t_3
    # backward: log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    log_weights_bar += np.sum(-log_weights_bar) / t_1 * t
    return log_weights_bar, means_bar, log_scales_bar
