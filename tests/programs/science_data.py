"""Programs as users write them, in finance, statistics and signal processing: each is checked against differences.

Root finders with fallbacks, trees, filters, chains of labels; classes that keep running figures, nested functions in
loops, recursion down to views, generators that are unpacked.
"""
# ruff: noqa: B905, B023, RUF005

import math
from dataclasses import dataclass, field

import numpy as np

from .data import normal, spd
from .harness import Program, corners
from .tables import norm_cdf, norm_pdf

PROGRAMS: list[Program] = []
corner = corners(PROGRAMS)


def discount_from_curve(t, nodes, logs):
    """A discount factor between the nodes of a curve, or beyond the last one."""
    i = int(np.searchsorted(nodes, t, side="right"))
    if i == 0:
        return math.exp(logs[0] * t / nodes[0])
    if i == len(nodes):
        slope = (logs[-1] - logs[-2]) / (nodes[-1] - nodes[-2]) if i > 1 else logs[0] / nodes[0]
        return math.exp(logs[-1] + slope * (t - nodes[-1]))
    w = (t - nodes[i - 1]) / (nodes[i] - nodes[i - 1])
    return math.exp((1 - w) * logs[i - 1] + w * logs[i])


@corner(
    np.array([0.02, 0.023, 0.027, 0.03]),
    (1.0, 2.0, 3.0, 5.0),
    {"maturity": 4.0, "coupon": 0.025},
    several=[
        (np.array([0.02, 0.023, 0.027, 0.03]), (1.0, 2.0, 3.0, 5.0), {"maturity": 4.0, "coupon": 0.025}),
        (np.array([0.01, 0.013, 0.012]), (1.0, 2.0, 4.0), {"maturity": 6.0, "coupon": 0.035}),
    ],
)
def yield_curve_bootstrap(swap_rates, maturities, bond):
    """Bootstraps log discount factors from swap rates with Newton per node, then prices a bond."""
    nodes, logs = [], []
    for rate, maturity in zip(swap_rates, maturities):
        guess = -rate * maturity
        for _ in range(30):

            def fixed_leg(value):
                total = 0.0
                for year in range(1, int(maturity) + 1):
                    total += discount_from_curve(float(year), nodes + [maturity], logs + [value])
                return total

            value = rate * fixed_leg(guess) + math.exp(guess) - 1.0
            step = 1e-6
            slope = (rate * fixed_leg(guess + step) + math.exp(guess + step) - 1.0 - value) / step
            update = value / slope
            guess = guess - update
            if abs(update) < 1e-13:
                break
        nodes.append(maturity)
        logs.append(guess)
    price = 0.0
    t = bond["maturity"]
    while t > 1e-9:
        price += bond["coupon"] * discount_from_curve(t, nodes, logs)
        t -= 1.0
    return price + discount_from_curve(bond["maturity"], nodes, logs)


def bs_price(s, k, r, sigma, t, kind="call"):
    d1 = (math.log(s / k) + (r + 0.5 * sigma**2) * t) / (sigma * math.sqrt(t))
    d2 = d1 - sigma * math.sqrt(t)
    if kind == "call":
        return s * norm_cdf(d1) - k * math.exp(-r * t) * norm_cdf(d2)
    elif kind == "put":
        return k * math.exp(-r * t) * norm_cdf(-d2) - s * norm_cdf(-d1)
    raise ValueError(f"unknown option kind {kind}")


def bs_vega(s, k, r, sigma, t):
    d1 = (math.log(s / k) + (r + 0.5 * sigma**2) * t) / (sigma * math.sqrt(t))
    return s * norm_pdf(d1) * math.sqrt(t)


@corner(
    several=[
        (12.0, 100.0, 95.0, 0.03, 0.5, "call"),
        (8.0, 90.0, 95.0, 0.01, 0.25, "put"),
    ],
    argnums=(0, 1, 3),
)
def implied_volatility(price, s, k, r, t, kind):
    """Newton, with bisection as the fallback when vega vanishes."""
    sigma = 0.3
    try:
        for _ in range(50):
            diff = bs_price(s, k, r, sigma, t, kind) - price
            if abs(diff) < 1e-12:
                return sigma
            vega = bs_vega(s, k, r, sigma, t)
            if vega < 1e-8:
                raise ArithmeticError("no vega")
            sigma -= diff / vega
            if sigma <= 0:
                raise ArithmeticError("negative")
        return sigma
    except ArithmeticError:
        lo, hi = 1e-4, 5.0
        for _ in range(60):
            mid = 0.5 * (lo + hi)
            if bs_price(s, k, r, mid, t, kind) > price:
                hi = mid
            else:
                lo = mid
        mid = 0.5 * (lo + hi)
        # one polishing step
        return mid - (bs_price(s, k, r, mid, t, kind) - price) / max(bs_vega(s, k, r, mid, t), 1e-3)


@corner(60.0, 100.0, 40.5, 0.0, 0.01, "call", argnums=(0, 1, 3), refused="found by decisions")
def volatility_beyond_the_interval(price, s, k, r, t, kind):
    """No volatility has this price: bisection goes to the end of its interval, as if it were a root."""
    return implied_volatility(price, s, k, r, t, kind)


@dataclass
class Portfolio:
    weights: np.ndarray
    names: list = field(default_factory=list)
    leverage: float = 1.0

    @property
    def exposure(self):
        return self.leverage * self.weights / np.abs(self.weights).sum()

    def risk(self, cov):
        e = self.exposure
        return np.sqrt(e @ cov @ e)

    def contributions(self, cov):
        e = self.exposure
        marginal = cov @ e / self.risk(cov)
        return {name: ei * mi for name, ei, mi in zip(self.names, e, marginal)}


@corner(Portfolio(np.array([0.2, 0.3, -0.1, 0.4]), ["a", "b", "c", "d"], 1.5), spd(4), 0.3, argnums=(0, 1))
def risk_parity_gap(portfolio, cov, shrink):
    """How far the parts of a portfolio's risk are from equal."""
    target = np.diag(np.diag(cov))
    cov = (1 - shrink) * cov + shrink * target
    contributions = portfolio.contributions(cov)
    total = sum(contributions.values())
    budget = total / len(contributions)
    worst = max(contributions, key=lambda name: contributions[name])
    gap = sum((c - budget) ** 2 for name, c in contributions.items() if name != worst)
    return gap + 2 * (contributions[worst] - budget) ** 2


@corner(several=[(100.0, 0.25, 0.03, 1.0, 105.0, 90.0, 12), (100.0, 0.35, 0.01, 0.5, 95.0, 80.0, 7)], argnums=(0, 1, 2))
def trinomial_barrier(spot, vol, rate, years, strike, barrier, steps):
    """Trinomial tree of a down-and-out call; arrays updated in place level by level."""
    dt = years / steps
    u = math.exp(vol * math.sqrt(2 * dt))
    a = math.exp(rate * dt / 2)
    b_up = math.exp(vol * math.sqrt(dt / 2))
    pu = ((a - 1 / b_up) / (b_up - 1 / b_up)) ** 2
    pd = ((b_up - a) / (b_up - 1 / b_up)) ** 2
    pm = 1 - pu - pd
    disc = math.exp(-rate * dt)
    levels = np.arange(-steps, steps + 1)
    s = spot * u**levels
    values = np.where(s > barrier, np.maximum(s - strike, 0.0), 0.0)
    for n in range(steps - 1, -1, -1):
        width = 2 * n + 1
        values[:width] = disc * (pd * values[:width] + pm * values[1 : width + 1] + pu * values[2 : width + 2])
        s = s[1:-1]
        knocked = s <= barrier
        values[:width][knocked] = 0.0
    return values[0]


class ParticleFilter:
    def __init__(self, n, drift, noise, seed=0):
        rng = np.random.default_rng(seed)
        self.n = n
        self.drift = drift
        self.noise = noise
        self.x = rng.normal(size=n)
        self.w = np.full(n, 1.0 / n)
        self.rng = rng
        self.loglik = 0.0

    def predict(self):
        self.x = self.drift * self.x + self.noise * self.rng.normal(size=self.n)

    def update(self, y, sd):
        like = np.exp(-0.5 * ((y - self.x) / sd) ** 2) / sd
        self.w *= like
        total = self.w.sum()
        self.loglik += np.log(total)
        self.w /= total

    def effective(self):
        return 1.0 / np.sum(self.w**2)

    def soften(self):
        # no resampling: shrink towards uniform weights
        self.w = 0.7 * self.w + 0.3 / self.n


@corner(several=[(0.9, 0.5, 0.8, normal(5)), (0.7, 0.3, 0.5, normal(3, seed=2))], argnums=(0, 1, 2))
def particle_filter(drift, noise, sd, observations):
    """The likelihood of observations by particles whose weights are softened."""
    pf = ParticleFilter(15, drift, noise)
    for y in observations:
        pf.predict()
        pf.update(y, sd)
        if pf.effective() < pf.n / 2:
            pf.soften()
    return pf.loglik + np.dot(pf.w, pf.x)


@corner(
    several=[
        (normal(3, 3), normal(4, 3, seed=1), [0, 2, 1, 1], np.array([1, 1, 1, 0])),
        (normal(2, 2), normal(5, 2, seed=1), [0, 1, 1, 1, 0], np.array([1, 1, 1, 1, 1])),
    ],
    argnums=(0, 1),
)
def crf_loss(transitions, emissions, tags, mask):
    """Negative log-likelihood of a linear chain CRF with a mask."""
    n_tags = transitions.shape[0]

    def logsumexp(values):
        top = max(values)
        return top + math.log(sum(math.exp(v - top) for v in values))

    score = emissions[0, tags[0]]
    alpha = list(emissions[0])
    for t in range(1, len(tags)):
        if not mask[t]:
            break
        score = score + transitions[tags[t - 1], tags[t]] + emissions[t, tags[t]]
        alpha = [
            emissions[t, j] + logsumexp([alpha[i] + transitions[i, j] for i in range(n_tags)]) for j in range(n_tags)
        ]
    return logsumexp(alpha) - score


def my_fft(x):
    """The Fourier transform by halves, down to views of one element."""
    n = len(x)
    if n == 1:
        return x
    even = my_fft(x[::2])
    odd = my_fft(x[1::2])
    twiddle = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    return np.concatenate([even + twiddle * odd, even - twiddle * odd])


@corner(several=[(normal(8), 1.5), (normal(16), 0.5)], argnums=(0, 1))
def spectral_centroid(x, power):
    """Where the middle of a spectrum is."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(x)) / len(x))
    spectrum = my_fft((x * window).astype(complex))
    magnitude = np.abs(spectrum[: len(x) // 2 + 1]) ** power
    return np.sum(np.arange(magnitude.size) * magnitude) / (np.sum(magnitude) + 1e-9)


@corner(several=[(normal(16), 0.2, 4, "butter"), (normal(15, seed=4), 0.1, 2, "gauss")], argnums=(0, 1))
def fft_filter(signal, cutoff, order, shape):
    """A low-pass filter of a padded signal, and the envelope of what it leaves."""
    n = signal.shape[-1]
    padded = np.pad(signal, (n // 2, n // 2), mode="reflect")
    spectrum = np.fft.rfft(padded)
    freqs = np.fft.rfftfreq(padded.size)
    if shape == "butter":
        gain = 1 / np.sqrt(1 + (freqs / cutoff) ** (2 * order))
    else:
        gain = np.exp(-0.5 * (freqs / cutoff) ** 2)
    spectrum *= gain
    out = np.fft.irfft(spectrum, padded.size)[n // 2 : n // 2 + n]
    envelope = np.abs(np.fft.ifft(np.fft.fft(out) * np.where(np.arange(n) < (n + 1) // 2, 2, 0)))
    return np.sum((out - signal) ** 2) + envelope.max()


@corner(
    several=[
        ({"R": [50.0, 75.0], "L": [1.0], "C": [2.0, 1.0]}, np.array([100.0, 1000.0, 5000.0])),
        ({"R": [10.0], "L": [10.0, 3.0], "C": [1.0]}, np.array([300.0])),
    ],
    tolerance=1e-5,
)
def impedance_ladder(parts, frequencies):
    """The response of a ladder of coils and condensers, in decibels and phases."""
    response = np.zeros(len(frequencies), dtype=complex)
    for n, f in enumerate(frequencies):
        w = 2 * np.pi * f
        z = complex(parts["R"][-1], 0.0)
        for L, C in zip(reversed(parts["L"]), reversed(parts["C"])):
            z = z + 1j * w * L * 1e-3
            y = 1j * w * C * 1e-6
            z = 1 / (y + 1 / z)
        z += parts["R"][0]
        response[n] = parts["R"][-1] / z
    db = 20 * np.log10(np.abs(response))
    phase = np.angle(response)
    return db @ db * 0.01 + np.sum(np.sin(phase))


@corner(
    several=[
        ({"q": normal(4, 3), "k": normal(4, 3, seed=1), "v": normal(4, 2, seed=2)}, normal(5, 4, seed=3), 2),
        ({"q": normal(4, 3, seed=8), "k": normal(4, 3, seed=1), "v": normal(4, 2, seed=2)}, normal(3, 4, seed=3), 1),
    ]
)
def causal_attention(params, x, window):
    """Attention to the last few steps, written step by step into a buffer."""
    q, k, v = (x @ params[name] for name in "qkv")
    out = np.zeros_like(v)
    for t in range(len(x)):
        lo = max(0, t - window)
        scores = k[lo : t + 1] @ q[t] / math.sqrt(q.shape[1])
        scores -= scores.max()
        weights = np.exp(scores)
        weights /= weights.sum()
        out[t] += weights @ v[lo : t + 1]
    mean, var = out.mean(axis=1, keepdims=True), out.var(axis=1, keepdims=True)
    return np.sum(np.tanh((out - mean) / np.sqrt(var + 1e-2)) ** 2 * np.arange(1, len(x) + 1)[:, None])


@corner(
    several=[(normal(6, 7), 0.1, (0.3, -0.4), 1.1), (normal(5, 5, seed=1), -0.3, (0.2, 0.4), 0.8)], argnums=(0, 1, 2, 3)
)
def warped(image, angle, shift, zoom):
    """An image turned, moved and zoomed, with bilinear interpolation; what comes from outside is black."""
    h, w = image.shape
    yy, xx = np.mgrid[0:h, 0:w]
    cy, cx = (h - 1) / 2, (w - 1) / 2
    c, s = np.cos(angle), np.sin(angle)
    sy = (c * (yy - cy) - s * (xx - cx)) / zoom + cy + shift[0]
    sx = (s * (yy - cy) + c * (xx - cx)) / zoom + cx + shift[1]
    y0 = np.clip(np.floor(sy).astype(int), 0, h - 2)
    x0 = np.clip(np.floor(sx).astype(int), 0, w - 2)
    dy, dx = sy - y0, sx - x0
    out = (
        image[y0, x0] * (1 - dy) * (1 - dx)
        + image[y0 + 1, x0] * dy * (1 - dx)
        + image[y0, x0 + 1] * (1 - dy) * dx
        + image[y0 + 1, x0 + 1] * dy * dx
    )
    inside = (sy >= 0) & (sy <= h - 1) & (sx >= 0) & (sx <= w - 1)
    out[~inside] = 0.0
    return np.sum((out - image) ** 2)


@corner(several=[(normal(12) * 0.1, 0.02), (normal(7, seed=9) * 0.2, 0.0)], argnums=(0, 1))
def drawdown(returns, fee):
    """The worst losses of a series of returns."""
    net = returns - fee * (np.abs(returns) > 0.05)
    equity = np.cumprod(1 + net)
    peaks = np.maximum.accumulate(equity)
    dd = 1 - equity / peaks
    worst = int(np.argmax(dd))
    ordered = np.sort(net)
    tail = ordered[: max(1, len(net) // 4)].mean()
    return dd[worst] + dd.mean() - tail + np.median(net)


class Welford:
    def __init__(self, shape=()):
        self.n = 0
        self.mean = np.zeros(shape)
        self.m2 = np.zeros(shape)

    def push(self, x):
        self.n += 1
        delta = x - self.mean
        self.mean += delta / self.n
        self.m2 += delta * (x - self.mean)
        return self

    @property
    def std(self):
        if self.n < 2:
            return np.zeros_like(self.m2)
        return np.sqrt(self.m2 / (self.n - 1))

    def merge(self, other):
        n = self.n + other.n
        d = other.mean - self.mean
        out = Welford(self.mean.shape)
        out.n = n
        out.mean = self.mean + d * other.n / n
        out.m2 = self.m2 + other.m2 + d**2 * self.n * other.n / n
        return out


@corner(several=[(normal(6, 2), 3), (normal(5, 4), 2)])
def welford_whitened(batch, split):
    """Running figures of two parts of a batch, merged."""
    first, second = Welford(batch.shape[1:]), Welford(batch.shape[1:])
    for row in batch[:split]:
        first.push(row)
    for row in batch[split:]:
        second.push(row)
    both = first.merge(second)
    z = (batch - both.mean) / (both.std + 0.1)
    return np.sum(z[-1] ** 3) + first.std.sum()


def de_boor(k, x, t, c):
    """The value of a spline of degree ``k`` at one place, by de Boor's recursion."""
    j0 = k
    while j0 < len(c) - 1 and t[j0 + 1] <= x:
        j0 += 1
    d = [c[j + j0 - k] for j in range(k + 1)]
    for r in range(1, k + 1):
        for j in range(k, r - 1, -1):
            alpha = (x - t[j + j0 - k]) / (t[j + 1 + j0 - r] - t[j + j0 - k])
            d[j] = (1.0 - alpha) * d[j - 1] + alpha * d[j]
    return d[k]


@corner(
    several=[
        (np.array([0.1, 0.5, 1.7, 2.9]), np.array([0, 0, 0, 0, 1, 2, 3, 3, 3, 3.0]), normal(6), 3),
        (np.array([0.1, 2.2]), np.array([0, 0, 0, 1.0, 2, 3, 3, 3]), normal(5), 2),
    ],
    argnums=(0, 2),
)
def bspline_energy(xs, knots, coefficients, degree):
    """How much a spline changes between places."""
    values = np.array([de_boor(degree, x, knots, coefficients) for x in xs])
    return np.sum(np.diff(values) ** 2) + values[0]
