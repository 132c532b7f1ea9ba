"""Programs as scientists write them, of thirty to a hundred lines: mechanics, fluids, statistics, signals, graphics.

In place, with classes, lists, dicts, helper functions and early exits; each against differences.  `science_algebra` has
linear algebra, finance and numerical methods.
"""

import math

import numpy as np

from .data import normal, positive
from .harness import Program


def pair_forces(positions, masses, softening, active):
    """Gravity of all pairs at once; bodies that are not active feel and exert none."""
    difference = positions[None, :, :] - positions[:, None, :]
    squared = np.sum(difference**2, axis=-1) + softening**2
    weight = masses[None, :] * np.where(active, 1.0, 0.0)[None, :] / squared**1.5
    np.fill_diagonal(weight, 0.0)
    force = np.sum(weight[:, :, None] * difference, axis=1)
    force[~active] = 0.0
    return force


def masked_n_body(positions, velocities, masses, steps, dt=0.05, box=1.8):
    """Velocity Verlet; a body that leaves the box is frozen where it left."""
    x, v = positions.copy(), velocities.copy()
    active = np.ones(len(masses), dtype=bool)
    force = pair_forces(x, masses, 0.2, active)
    energy = 0.0
    for step in range(steps):
        v[active] += 0.5 * dt * force[active]
        x[active] += dt * v[active]
        outside = np.any(np.abs(x) > box, axis=1)
        active &= ~outside
        if not active.any():
            break
        force = pair_forces(x, masses, 0.2, active)
        v[active] += 0.5 * dt * force[active]
        energy += 0.5 * np.sum(masses[active, None] * v[active] ** 2) / (step + 1)
    spread = x - np.average(x, axis=0, weights=masses)
    return energy + np.sum(spread**2)


class Node:
    """A cell of a quadtree: its bodies as one, and four children at most."""

    def __init__(self, centre, half):
        self.centre = centre
        self.half = half
        self.mass = 0.0
        self.moment = [0.0, 0.0]
        self.body = None
        self.children = {}

    def insert(self, x, y, mass, depth=0):
        if self.body is None and not self.children:
            self.body = (x, y, mass)
        else:
            if self.body is not None:
                other, self.body = self.body, None
                self.child(other[0], other[1]).insert(*other, depth + 1)
            self.child(x, y).insert(x, y, mass, depth + 1)
        self.mass += mass
        self.moment[0] += mass * x
        self.moment[1] += mass * y

    def child(self, x, y):
        key = (x > self.centre[0], y > self.centre[1])
        if key not in self.children:
            quarter = self.half / 2
            signs = [1.0 if k else -1.0 for k in key]
            centre = (self.centre[0] + signs[0] * quarter, self.centre[1] + signs[1] * quarter)
            self.children[key] = Node(centre, quarter)
        return self.children[key]

    def potential(self, x, y, theta):
        if self.body is not None and self.body[0] == x and self.body[1] == y:
            return 0.0
        dx, dy = self.moment[0] / self.mass - x, self.moment[1] / self.mass - y
        distance = math.sqrt(dx * dx + dy * dy + 1e-3)
        if self.body is not None or 2 * self.half < theta * distance:
            return -self.mass / distance
        return sum(node.potential(x, y, theta) for node in self.children.values())


def barnes_hut(xs, ys, masses, theta):
    """Potential energy of a cluster by a tree code."""
    root = Node((0.0, 0.0), 4.0)
    for x, y, m in zip(xs, ys, masses):  # noqa: B905
        root.insert(x, y, m)
    energy = 0.0
    for x, y, m in zip(xs, ys, masses):  # noqa: B905
        energy += 0.5 * m * root.potential(x, y, theta)
    return energy


def thomas(a, b, c, d):
    """A tridiagonal system in place of its right side; the diagonal is overwritten too."""
    n = len(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    d[n - 1] /= b[n - 1]
    for i in range(n - 2, -1, -1):
        d[i] = (d[i] - c[i] * d[i + 1]) / b[i]


def adi_heat(u, kappa, dt, steps):
    """Peaceman-Rachford alternating directions for the heat equation, cold edges."""
    u = u.copy()
    n, m = u.shape
    r = 0.5 * kappa * dt
    for _ in range(steps):
        half = u.copy()
        for j in range(1, m - 1):
            rhs = u[1:-1, j] + r * (u[1:-1, j + 1] - 2 * u[1:-1, j] + u[1:-1, j - 1])
            off = -r * np.ones(n - 2)
            thomas(off, (1 + 2 * r) * np.ones(n - 2), off, rhs)
            half[1:-1, j] = rhs
        for i in range(1, n - 1):
            rhs = half[i, 1:-1] + r * (half[i + 1, 1:-1] - 2 * half[i, 1:-1] + half[i - 1, 1:-1])
            off = -r * np.ones(m - 2)
            thomas(off, (1 + 2 * r) * np.ones(m - 2), off, rhs)
            u[i, 1:-1] = rhs
    return np.sum(u**2) + u[1, 1]


def poisson_pressure(p, b, dx, sweeps):
    """Jacobi sweeps, in place on ``p``, with a wall on three sides and a lid at the top."""
    for _ in range(sweeps):
        old = p.copy()
        p[1:-1, 1:-1] = 0.25 * (old[1:-1, 2:] + old[1:-1, :-2] + old[2:, 1:-1] + old[:-2, 1:-1] - dx**2 * b[1:-1, 1:-1])
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0.0
    return p


def cavity_flow(lid, viscosity, n, steps, dt=0.01, rho=1.0):
    """Flow in a cavity whose lid moves, by the projection method; the kinetic energy and the mean pressure."""
    dx = 2.0 / (n - 1)
    u, v, p = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    b = np.zeros((n, n))
    u[-1, :] = lid
    for _ in range(steps):
        dudx = (u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx)
        dvdy = (v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dx)
        dudy = (u[2:, 1:-1] - u[:-2, 1:-1]) / (2 * dx)
        dvdx = (v[1:-1, 2:] - v[1:-1, :-2]) / (2 * dx)
        b[1:-1, 1:-1] = rho * ((dudx + dvdy) / dt - dudx**2 - 2 * dudy * dvdx - dvdy**2)
        p = poisson_pressure(p, b, dx, 4)
        un, vn = u.copy(), v.copy()
        for w, wn, grad in (
            (u, un, p[1:-1, 2:] - p[1:-1, :-2]),
            (v, vn, p[2:, 1:-1] - p[:-2, 1:-1]),
        ):
            convection = un[1:-1, 1:-1] * (wn[1:-1, 1:-1] - wn[1:-1, :-2]) + vn[1:-1, 1:-1] * (
                wn[1:-1, 1:-1] - wn[:-2, 1:-1]
            )
            laplace = wn[1:-1, 2:] + wn[1:-1, :-2] + wn[2:, 1:-1] + wn[:-2, 1:-1] - 4 * wn[1:-1, 1:-1]
            w[1:-1, 1:-1] = (
                wn[1:-1, 1:-1] - dt / dx * convection - dt / (2 * rho * dx) * grad + viscosity * dt / dx**2 * laplace
            )
        u[0, :] = u[:, 0] = u[:, -1] = 0.0
        v[0, :] = v[-1, :] = v[:, 0] = v[:, -1] = 0.0
        u[-1, :] = lid
    return np.sum(u**2 + v**2) + np.mean(p)


def convolve(image, kernels, bias):
    """Valid cross-correlation with several kernels, by loops."""
    height, width = image.shape
    count, kh, kw = kernels.shape
    out = np.zeros((count, height - kh + 1, width - kw + 1))
    for k in range(count):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[k, i, j] = np.sum(image[i : i + kh, j : j + kw] * kernels[k]) + bias[k]
    return out


def max_pool(maps, size):
    count, height, width = maps.shape
    pooled = np.empty((count, height // size, width // size))
    for k in range(count):
        for i in range(height // size):
            for j in range(width // size):
                best = -math.inf
                for a in range(size):
                    for b in range(size):
                        value = maps[k, i * size + a, j * size + b]
                        if value > best:
                            best = value
                pooled[k, i, j] = best
    return pooled


def convolutional_network(image, kernels, bias, weights, label):
    """One convolution, rectifier, pooling and a linear layer; cross-entropy."""
    maps = convolve(image, kernels, bias)
    maps[maps < 0] *= 0.1
    features = max_pool(maps, 2).ravel()
    scores = weights @ features
    scores -= scores.max()
    return math.log(np.sum(np.exp(scores))) - scores[label]


def soft_minimum(a, b, c, gamma):
    low = min(a, b, c)
    total = math.exp(-(a - low) / gamma) + math.exp(-(b - low) / gamma) + math.exp(-(c - low) / gamma)
    return low - gamma * math.log(total)


def soft_time_warp(xs, ys, gamma, window):
    """Soft dynamic time warping (Cuturi and Blondel, 2017) in a band around the diagonal."""
    n, m = len(xs), len(ys)
    cost = [[math.inf] * (m + 1) for _ in range(n + 1)]
    cost[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            if abs(i - j) > window:
                continue
            d = (xs[i - 1] - ys[j - 1]) ** 2
            cost[i][j] = d + soft_minimum(cost[i - 1][j - 1], cost[i - 1][j], cost[i][j - 1], gamma)
    return cost[n][m]


class Vector:
    """Three numbers."""

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))


def nearest_hit(origin, direction, spheres):
    """The distance to the nearest sphere, and its number; None where there is none."""
    best, which = None, None
    for k, (centre, radius, _, _) in enumerate(spheres):
        to_centre = centre - origin
        along = to_centre.dot(direction)
        inside = radius * radius - (to_centre.dot(to_centre) - along * along)
        if inside < 0:
            continue
        distance = along - math.sqrt(inside)
        if distance > 1e-6 and (best is None or distance < best):
            best, which = distance, k
    return best, which


def trace(origin, direction, spheres, light, depth):
    """The brightness along a ray, with shadows and mirrors."""
    distance, which = nearest_hit(origin, direction, spheres)
    if which is None:
        return 0.2 + 0.1 * direction.y
    centre, _, colour, mirror = spheres[which]
    point = origin + direction * distance
    surface = (point - centre).unit()
    to_light = (light - point).unit()
    blocked, _ = nearest_hit(point, to_light, spheres)
    brightness = 0.05 * colour
    if blocked is None:
        brightness += colour * max(surface.dot(to_light), 0.0)
    if mirror > 0 and depth > 0:
        reflected = direction - surface * (2.0 * surface.dot(direction))
        brightness = (1 - mirror) * brightness + mirror * trace(point, reflected, spheres, light, depth - 1)
    return brightness


def ray_tracer(height, radius, mirror, light_x):
    """The mean brightness of a small picture of two spheres."""
    spheres = [
        (Vector(0.0, height, 3.0), radius, 0.9, mirror),
        (Vector(0.9, 0.1, 2.6), 0.4, 0.6, 0.0),
    ]
    light = Vector(light_x, 3.0, 0.0)
    total = 0.0
    for row in range(4):
        for column in range(5):
            direction = Vector((column - 2.1) / 4, (1.6 - row) / 4, 1.0).unit()
            total += trace(Vector(0.0, 0.0, 0.0), direction, spheres, light, 2)
    return total / 20


def particle_in_cell(positions, velocities, charge, cells, steps, dt=0.1):
    """One-dimensional electrostatic particles: deposit, solve, push; periodic. The field energy over time."""
    x, v = positions.copy(), velocities.copy()
    history = []
    for _ in range(steps):
        density = np.zeros(cells)
        left = np.floor(x).astype(int)
        part = x - left
        for k in range(len(x)):
            density[left[k] % cells] += charge * (1 - part[k])
            density[(left[k] + 1) % cells] += charge * part[k]
        density -= np.mean(density)
        field = np.zeros(cells)
        for i in range(1, cells):
            field[i] = field[i - 1] + 0.5 * (density[i] + density[i - 1])
        field -= field.mean()
        history.append(0.5 * np.sum(field**2))
        force = field[left % cells] * (1 - part) + field[(left + 1) % cells] * part
        v = v + dt * force
        x = (x + dt * v) % cells
    return sum(history) + 0.5 * np.sum(v**2)


class Turtle:
    """Where a pen is, where it points, and what it has drawn."""

    def __init__(self, step, angle):
        self.x, self.y, self.heading = 0.0, 0.0, 0.0
        self.step, self.angle = step, angle
        self.stack = []
        self.ink = 0.0

    def forward(self):
        self.x += self.step * math.cos(self.heading)
        self.y += self.step * math.sin(self.heading)
        self.ink += self.step * (1 + 0.1 * self.y * self.y)

    def obey(self, letter):
        if letter == "F":
            self.forward()
        elif letter == "+":
            self.heading += self.angle
        elif letter == "-":
            self.heading -= self.angle
        elif letter == "[":
            self.stack.append((self.x, self.y, self.heading, self.step))
            self.step *= 0.8
        elif letter == "]":
            self.x, self.y, self.heading, self.step = self.stack.pop()


def l_system(step, angle, generations):
    """A plant drawn by a turtle: how much ink, and how far right it ends."""
    text, rules = "F", {"F": "F[+F]F[-F]"}
    for _ in range(generations):
        text = "".join(rules.get(letter, letter) for letter in text)
    turtle = Turtle(step, angle)
    for letter in text:
        turtle.obey(letter)
    return turtle.ink + turtle.x * turtle.y


def metropolis(mean, scale, start, count, seed):
    """The mean square of a chain that samples a distribution with two peaks; its draws are constants."""
    rng = np.random.default_rng(seed)

    def log_density(x):
        a, b = -0.5 * ((x - mean) / scale) ** 2, -0.5 * ((x + mean) / scale) ** 2
        top = max(a, b)
        return top + math.log(math.exp(a - top) + math.exp(b - top))

    x = start
    current = log_density(x)
    total, accepted = 0.0, 0
    for _ in range(count):
        proposal = x + scale * rng.normal()
        new = log_density(proposal)
        if math.log(rng.uniform()) < new - current:
            x, current = proposal, new
            accepted += 1
        total += x * x + 0.1 * current
    return total / count * (1 + accepted)


class KalmanFilter:
    """Position and velocity from noisy positions; state and covariance are updated in place."""

    def __init__(self, process, noise):
        self.state = np.zeros(2)
        self.covariance = 2.0 * np.eye(2)
        self.process = process
        self.noise = noise
        self.innovations = []

    def predict(self, dt):
        f = np.array([[1.0, dt], [0.0, 1.0]])
        self.state = f @ self.state
        self.covariance = f @ self.covariance @ f.T
        self.covariance[1, 1] += self.process * dt

    def update(self, measured):
        innovation = measured - self.state[0]
        s = self.covariance[0, 0] + self.noise
        gain = self.covariance[:, 0] / s
        self.state += gain * innovation
        self.covariance -= np.outer(gain, self.covariance[0])
        self.innovations.append((innovation, s))

    def likelihood(self):
        return sum(-0.5 * (e * e / s + math.log(s)) for e, s in self.innovations)


def tracking(process, noise, measured):
    """Log-likelihood of a track with gaps (``None``)."""
    tracker = KalmanFilter(process, noise)
    gap = 0.0
    for m in measured:
        gap += 0.5
        if m is None:
            continue
        tracker.predict(gap)
        gap = 0.0
        tracker.update(m)
    return tracker.likelihood() + 0.1 * tracker.state[1]


def scaled_forward(transition, emission, start, symbols):
    """Log-likelihood of a hidden Markov model by the forward algorithm with scaling, and the last state's entropy."""
    states = len(start)
    alpha = [start[s] * emission[s][symbols[0]] for s in range(states)]
    log_likelihood = 0.0
    for k in range(1, len(symbols) + 1):
        scale = sum(alpha)
        log_likelihood += math.log(scale)
        alpha = [a / scale for a in alpha]
        if k == len(symbols):
            break
        new = []
        for s in range(states):
            reached = 0.0
            for t in range(states):
                reached += alpha[t] * transition[t][s]
            new.append(reached * emission[s][symbols[k]])
        alpha = new
    entropy = -sum(a * math.log(a) for a in alpha if a > 0)
    return log_likelihood + 0.1 * entropy


CHAIN = [[0.7, 0.3], [0.2, 0.8]]
SEEN = [[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]]
TRACK = [0.1, 0.5, None, 1.4, 1.9, None, None, 3.1]
PROGRAMS = [
    Program(
        masked_n_body,
        [(normal(4, 2), normal(4, 2, seed=1), positive(4), 4), (3 * normal(3, 2), normal(3, 2), positive(3), 3)],
        argnums=(0, 1, 2),
    ),
    Program(
        barnes_hut,
        [
            ([0.3, -1.2, 1.7, 2.1, -0.4], [0.5, 0.9, -1.1, -1.6, 0.8], [1.0, 0.5, 2.0, 0.3, 0.7], theta)
            for theta in (0.4, 1.5)
        ],
        argnums=(0, 1, 2),
    ),
    Program(adi_heat, [(normal(5, 4), 0.6, 0.2, 2)], argnums=(0, 1, 2)),
    Program(cavity_flow, [(1.0, 0.1, 6, 3)], argnums=(0, 1)),
    Program(
        convolutional_network,
        [(normal(7, 6), normal(2, 2, 3, seed=1), normal(2), normal(3, 12, seed=2), 1)],
        argnums=(0, 1, 2, 3),
    ),
    Program(
        soft_time_warp,
        [([0.1, 0.9, 1.7, 0.3], [0.0, 1.1, 1.2, 0.8, 0.2], 0.3, 2)],
        argnums=(0, 1),
        note="not by gamma: what lies outside of the band adds exp(-inf / gamma), and its derivative is 0 * inf",
    ),
    Program(ray_tracer, [(0.2, 0.9, 0.4, 1.5)], argnums=(0, 1, 2, 3)),
    Program(particle_in_cell, [(4 * positive(6) % 5, normal(6, seed=1), 0.3, 5, 3)], argnums=(0, 1, 2), tolerance=1e-5),
    Program(l_system, [(0.5, 0.4, 2)], argnums=(0, 1)),
    Program(metropolis, [(1.0, 0.8, 0.5, 12, 4)], argnums=(0, 1, 2)),
    Program(tracking, [(0.3, 0.2, TRACK)], argnums=(0, 1)),
    Program(scaled_forward, [(CHAIN, SEEN, [0.6, 0.4], [0, 2, 1, 1])], argnums=(0, 1, 2)),
]
