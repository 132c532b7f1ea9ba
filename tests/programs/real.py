"""Scientific programs of twenty to sixty lines."""

import math

import numpy as np

from .data import normal, positive, spd
from .harness import Program


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1)


def logistic_predictions(weights, inputs):
    return sigmoid(np.dot(inputs, weights))


def logistic_regression(weights, inputs, targets):
    preds = logistic_predictions(weights, inputs)
    label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    return -np.sum(np.log(label_probabilities))


def log_softmax(scores):
    top = np.max(scores, axis=1, keepdims=True)
    return scores - top - np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))


def multilayer_perceptron(layers, inputs, labels, decay=0.01):
    """Cross-entropy of a classifier whose layers are a list of (weights, biases)."""
    activations = inputs
    for w, b in layers[:-1]:
        activations = np.tanh(activations @ w + b)
    w, b = layers[-1]
    log_probabilities = log_softmax(activations @ w + b)
    loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    for w, _ in layers:
        loss += decay * np.sum(w**2)
    return loss


def recurrent_network(p, xs, ys):
    h = np.zeros(p["hidden"].shape[0])
    loss = 0.0
    for x, y in zip(xs, ys):  # noqa: B905
        h = np.tanh(p["hidden"] @ h + p["input"] @ x + p["bias"])
        prediction = p["output"] @ h
        loss += np.sum((prediction - y) ** 2)
    return loss / len(xs)


def lstm(w, xs):
    """A long short-term memory cell over a sequence; one weight matrix for the four gates."""
    n = w.shape[0] // 4
    h, c = np.zeros(n), np.zeros(n)
    outputs = []
    for x in xs:
        z = w @ np.concatenate([h, x, [1.0]])
        i, f, o = sigmoid(z[:n]), sigmoid(z[n : 2 * n]), sigmoid(z[2 * n : 3 * n])
        g = np.tanh(z[3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
        outputs.append(h)
    return np.mean(np.array(outputs) ** 2)


def burgers(u, viscosity, dt, steps, observed):
    """Burgers' equation by upwind differences, stepped in place; misfit at the end."""
    n = len(u)
    dx = 1.0 / (n - 1)
    for _ in range(steps):
        convection = u[1:-1] * (u[1:-1] - u[:-2]) / dx
        diffusion = viscosity * (u[2:] - 2 * u[1:-1] + u[:-2]) / dx**2
        u[1:-1] = u[1:-1] + dt * (diffusion - convection)
        u[0] = u[-1] = 0.0
    return np.mean((u - observed) ** 2)


def heat_2d(temperature, conductivity, source, steps):
    """Explicit heat equation with variable conductivity, insulated edges."""
    t = temperature.copy()
    for _ in range(steps):
        k = 0.5 * (conductivity[1:, :] + conductivity[:-1, :])
        flux_x = k * (t[1:, :] - t[:-1, :])
        k = 0.5 * (conductivity[:, 1:] + conductivity[:, :-1])
        flux_y = k * (t[:, 1:] - t[:, :-1])
        change = 0.1 * source.copy()
        change[:-1, :] += flux_x
        change[1:, :] -= flux_x
        change[:, :-1] += flux_y
        change[:, 1:] -= flux_y
        t += 0.1 * change
    return np.sum(t**2) + t[1, 1]


def lorenz(state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def rk4_step(f, state, dt, *parameters):
    k1 = f(state, *parameters)
    k2 = f(state + dt / 2 * k1, *parameters)
    k3 = f(state + dt / 2 * k2, *parameters)
    k4 = f(state + dt * k3, *parameters)
    return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def lorenz_rk4(start, sigma, rho, beta):
    state = start
    distance = 0.0
    for _ in range(10):
        state = rk4_step(lorenz, state, 0.02, sigma, rho, beta)
        distance += np.sum(state**2)
    return distance


def accelerations(positions, masses, softening=0.1):
    n = len(masses)
    acceleration = np.zeros_like(positions)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            d = positions[j] - positions[i]
            r2 = np.sum(d**2) + softening**2
            acceleration[i] += masses[j] * d / r2**1.5
    return acceleration


def n_body(positions, velocities, masses, dt=0.05, steps=3):
    """Leapfrog; the distance of the first two bodies at the end."""
    x, v = positions.copy(), velocities.copy()
    a = accelerations(x, masses)
    for _ in range(steps):
        v += 0.5 * dt * a
        x += dt * v
        a = accelerations(x, masses)
        v += 0.5 * dt * a
    return np.linalg.norm(x[0] - x[1])


def kalman_filter(parameters, observations):
    """Negative log-likelihood of a linear Gaussian state-space model, two states, one observation."""
    q, r, damping = np.exp(parameters[0]), np.exp(parameters[1]), parameters[2]
    transition = np.array([[1.0, 0.1], [-0.1, damping]])
    observe = np.array([1.0, 0.0])
    mean, cov = np.zeros(2), np.eye(2)
    nll = 0.0
    for y in observations:
        mean = transition @ mean
        cov = transition @ cov @ transition.T + q * np.eye(2)
        innovation = y - observe @ mean
        s = observe @ cov @ observe + r
        gain = cov @ observe / s
        mean = mean + gain * innovation
        cov = cov - np.outer(gain, observe @ cov)
        nll += 0.5 * (np.log(2 * np.pi * s) + innovation**2 / s)
    return nll


def hidden_markov_forward(log_transition, log_emission, log_start, symbols):
    """Log-likelihood of symbols by the forward algorithm, in logarithms."""
    alpha = log_start + log_emission[:, symbols[0]]
    for symbol in symbols[1:]:
        scores = alpha[:, None] + log_transition
        top = scores.max(axis=0)
        alpha = top + np.log(np.sum(np.exp(scores - top), axis=0)) + log_emission[:, symbol]
    top = alpha.max()
    return top + np.log(np.sum(np.exp(alpha - top)))


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def black_scholes(spot, strike, rate, volatility, years, call=True):
    """Price of a European option."""
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * years) / (volatility * math.sqrt(years))
    d2 = d1 - volatility * math.sqrt(years)
    discounted = strike * math.exp(-rate * years)
    if call:
        return spot * normal_cdf(d1) - discounted * normal_cdf(d2)
    return discounted * normal_cdf(-d2) - spot * normal_cdf(-d1)


def van_der_pol(mu, x, v, dt=0.05, steps=40):
    """Semi-implicit Euler on Python floats; how much the crossings of zero weigh."""
    action, crossings = 0.0, 0
    for _ in range(steps):
        old = x
        v += dt * (mu * (1 - x * x) * v - x)
        x += dt * v
        if old * x < 0:
            crossings += 1
            action += v * v
        action += dt * abs(v)
    return action / (1 + crossings)


def gaussian_mixture(weights_raw, means, log_scales, data):
    """Negative log-likelihood of a mixture of normal distributions."""
    log_weights = weights_raw - np.log(np.sum(np.exp(weights_raw)))
    total = 0.0
    for x in data:
        terms = []
        for k in range(len(means)):
            z = (x - means[k]) * np.exp(-log_scales[k])
            terms.append(log_weights[k] - 0.5 * np.sum(z**2) - np.sum(log_scales[k]))
        terms = np.array(terms)
        top = np.max(terms)
        total += top + np.log(np.sum(np.exp(terms - top)))
    return -total


def cholesky_by_loops(a):
    """Log-determinant from the factorisation, column by column, in place."""
    n = a.shape[0]
    for j in range(n):
        for k in range(j):
            a[j, j] -= a[j, k] ** 2
        a[j, j] = math.sqrt(a[j, j])
        for i in range(j + 1, n):
            for k in range(j):
                a[i, j] -= a[i, k] * a[j, k]
            a[i, j] /= a[j, j]
    logdet = 0.0
    for j in range(n):
        logdet += 2 * np.log(a[j, j])
    return logdet


def conjugate_gradients(factor, b, tolerance=1e-6):
    a = factor @ factor.T + 4 * np.eye(len(b))
    x = np.zeros_like(b)
    r = b - a @ x
    p = r
    rr = r @ r
    iterations = 0
    while math.sqrt(rr) > tolerance and iterations < 2 * len(b):
        ap = a @ p
        alpha = rr / (p @ ap)
        x = x + alpha * p
        r = r - alpha * ap
        new = r @ r
        p = r + (new / rr) * p
        rr = new
        iterations += 1
    return np.sum(x**3)


def fitted_decay(start, times, observed):
    """Two Gauss-Newton steps with damping on a two-parameter decay; the remaining misfit."""
    p = start
    damping = 0.01
    for _ in range(2):
        model = p[0] * np.exp(-p[1] * times)
        residual = observed - model
        jacobian = np.stack([np.exp(-p[1] * times), -p[0] * times * np.exp(-p[1] * times)], axis=1)
        normal_matrix = jacobian.T @ jacobian
        step = np.linalg.solve(normal_matrix + damping * np.diag(np.diag(normal_matrix)), jacobian.T @ residual)
        p = p + step
    return np.sum((observed - p[0] * np.exp(-p[1] * times)) ** 2)


def ray_sphere(origin, direction, centre, radius, light):
    """Shade of a sphere where a ray meets it; a glow where it passes by."""
    unit = direction / np.sqrt(np.dot(direction, direction))
    to_centre = centre - origin
    along = np.dot(to_centre, unit)
    miss = np.dot(to_centre, to_centre) - along**2
    if along < 0:
        return 0.1 * np.dot(unit, light)
    if miss > radius**2:
        return 0.05 * np.exp(-(miss - radius**2))
    hit = origin + unit * (along - np.sqrt(radius**2 - miss))
    surface_normal = (hit - centre) / radius
    shade = np.dot(surface_normal, light)
    return max(shade, 0.0) + 0.1


def gram_schmidt(a):
    """Orthonormal columns by modified Gram-Schmidt; a functional of them."""
    q = a.copy()
    n = q.shape[1]
    r = np.zeros((n, n))
    for j in range(n):
        for i in range(j):
            r[i, j] = q[:, i] @ q[:, j]
            q[:, j] -= r[i, j] * q[:, i]
        r[j, j] = np.sqrt(np.sum(q[:, j] ** 2))
        q[:, j] /= r[j, j]
    return np.sum(r**2 * np.arange(1.0, n + 1)) + np.sum(q**3)


def thomas_solver(lower, diagonal, upper, rhs):
    """Tridiagonal system by elimination and back substitution, element by element."""
    n = len(diagonal)
    d, b = diagonal.copy(), rhs.copy()
    for i in range(1, n):
        factor = lower[i - 1] / d[i - 1]
        d[i] -= factor * upper[i - 1]
        b[i] -= factor * b[i - 1]
    x = np.empty(n)
    x[n - 1] = b[n - 1] / d[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = (b[i] - upper[i] * x[i + 1]) / d[i]
    return np.sum(x**2)


RNN = {"hidden": 0.4 * normal(3, 3), "input": normal(3, 2, seed=1), "bias": normal(3, seed=2), "output": normal(1, 3)}
PROGRAMS = [
    Program(logistic_regression, [(normal(3), normal(6, 3, seed=1), np.array([1, 0, 1, 1, 0, 0]))]),
    Program(
        multilayer_perceptron,
        [
            (
                [(normal(4, 5), normal(5)), (normal(5, 3), normal(3))],
                normal(6, 4, seed=1),
                np.array([0, 2, 1, 1, 0, 2]),
            ),
            ([(normal(4, 3), normal(3))], normal(2, 4, seed=1), np.array([2, 1])),
        ],
    ),
    Program(recurrent_network, [(RNN, normal(4, 2, seed=3), normal(4, 1, seed=4))]),
    Program(lstm, [(0.5 * normal(8, 5), normal(3, 2, seed=1))], argnums=(0, 1)),
    Program(burgers, [(0.3 * normal(9), 0.05, 0.01, 4, np.zeros(9))], argnums=(0, 1)),
    Program(heat_2d, [(normal(4, 5), positive(4, 5, seed=1), normal(4, 5, seed=2), 3)], argnums=(0, 1, 2)),
    Program(lorenz_rk4, [(np.array([1.0, 2.0, 3.0]), 10.0, 28.0, 8 / 3)], argnums=(0, 1, 2, 3)),
    Program(n_body, [(normal(3, 2), normal(3, 2, seed=1), positive(3))], argnums=(0, 1, 2)),
    Program(kalman_filter, [(np.array([-1.0, -0.5, 0.9]), normal(5))]),
    Program(
        hidden_markov_forward,
        [(normal(3, 3), normal(3, 4, seed=1), normal(3, seed=2), np.array([0, 3, 1, 1, 2]))],
        argnums=(0, 1, 2),
    ),
    Program(
        black_scholes, [(100.0, 110.0, 0.03, 0.2, 1.5), (100.0, 110.0, 0.03, 0.2, 1.5, False)], argnums=(0, 2, 3, 4)
    ),
    Program(van_der_pol, [(1.5, 0.5, 0.0), (0.3, -1.0, 2.0)], argnums=(0, 1, 2)),
    Program(
        gaussian_mixture, [(normal(2), normal(2, 2, seed=1), normal(2, 2, seed=2), normal(4, 2))], argnums=(0, 1, 2)
    ),
    Program(cholesky_by_loops, [(spd(4),)], note="the written argument stays as it was"),
    Program(conjugate_gradients, [(normal(4, 4), 5 * normal(4))], argnums=(0, 1)),
    Program(fitted_decay, [(np.array([1.0, 0.7]), np.linspace(0, 3, 6), positive(6))], argnums=(0, 2)),
    Program(
        ray_sphere,
        [
            (np.zeros(3), np.array([0.1, 0.2, 1.0]), np.array([0.3, 0.2, 4.0]), 1.0, np.array([0.3, 0.3, -0.9])),
            (np.zeros(3), np.array([0.1, 1.2, 1.0]), np.array([0.3, 0.2, 4.0]), 1.0, np.array([0.3, 0.3, -0.9])),
            (np.zeros(3), np.array([0.1, 0.2, -1.0]), np.array([0.3, 0.2, 4.0]), 1.0, np.array([0.3, 0.3, -0.9])),
        ],
        argnums=(0, 1, 2, 3),
    ),
    Program(gram_schmidt, [(normal(4, 3),)]),
    Program(thomas_solver, [(normal(3), 3 + positive(4), normal(3, seed=1), normal(4, seed=2))], argnums=(0, 1, 2, 3)),
]
