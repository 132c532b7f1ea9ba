"""The viscosity of Burgers' equation, identified from noisy data: an in-place solver and SciPy's optimiser.

    python examples/burgers.py [--steps N] [--output PNG]

The solver overwrites one array at every time step, as such solvers do; its gradient runs the steps backward.
"""

import argparse

import numpy as np

import s2sad

POINTS, STEPS, TIME = 81, 500, 0.8


def initial_velocity():
    x = np.linspace(0, 1, POINTS)
    return np.sin(2 * np.pi * x) + 0.5 * np.sin(np.pi * x)


def solve(viscosity, u, steps):
    """The velocity after ``TIME``: central differences in space, explicit steps in time, u = 0 at both ends."""
    u = u.copy()
    dx = 1 / (len(u) - 1)
    dt = TIME / steps
    for _ in range(steps):
        convection = u[1:-1] * (u[2:] - u[:-2]) / (2 * dx)
        diffusion = viscosity * (u[2:] - 2 * u[1:-1] + u[:-2]) / dx**2
        u[1:-1] = u[1:-1] + dt * (diffusion - convection)
    return u


def misfit(log_viscosity, start, observed, steps):
    """How far the solver ends from the observed velocity; the logarithm keeps the viscosity positive."""
    viscosity = np.exp(log_viscosity[0])
    return np.mean((solve(viscosity, start, steps) - observed) ** 2)


def plot(path, start, observed, trials):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    x = np.linspace(0, 1, POINTS)
    guess, found = trials[0][0], trials[-1][0]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    left.plot(x, start, ":", color="gray", label="at the beginning")
    left.plot(x, observed, ".", color="black", markersize=3, label="observed at the end")
    left.plot(x, solve(guess, start, STEPS), "--", label=f"first guess, viscosity {guess:.3f}")
    left.plot(x, solve(found, start, STEPS), label=f"identified, viscosity {found:.4f}")
    left.set(xlabel="x", ylabel="velocity", title="Burgers' equation")
    left.legend(fontsize=8)
    right.plot([nu for nu, _ in trials], [value for _, value in trials], "o", label="steps of the optimiser")
    low, high = min(nu for nu, _ in trials), max(nu for nu, _ in trials)
    grid = np.geomspace(0.8 * low, 1.1 * high, 60)
    right.plot(grid, [misfit(np.log([nu]), start, observed, STEPS) for nu in grid], linewidth=0.8, label="misfit")
    right.set(xlabel="viscosity", ylabel="misfit", xscale="log", yscale="log", title="Optimisation")
    right.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20, help="iterations of the optimiser (default: %(default)s)")
    parser.add_argument("--output", default="burgers.png", help="the picture (default: %(default)s)")
    options = parser.parse_args()

    from scipy.optimize import minimize
    from tqdm import tqdm

    true, guess = 0.02, 0.05
    start = initial_velocity()
    observed = solve(true, start, STEPS) + 0.02 * np.random.default_rng(0).normal(size=POINTS)

    trials = [(guess, misfit(np.log([guess]), start, observed, STEPS))]
    with tqdm(desc="iterations") as progress:

        def record(intermediate_result):
            trials.append((np.exp(intermediate_result.x[0]), intermediate_result.fun))
            progress.update()

        result = minimize(
            s2sad.value_and_grad(misfit),
            np.log([guess]),
            args=(start, observed, STEPS),
            jac=True,
            method="L-BFGS-B",
            bounds=[np.log([0.01, 0.06])],
            callback=record,
            options={"maxiter": options.steps},
        )

    plot(options.output, start, observed, trials)
    print(f"misfit {result.fun:.6f}")
    print(f"viscosity {np.exp(result.x[0]):.5f}  (the data were made with {true})")
    print(f"picture in {options.output}")


if __name__ == "__main__":
    main()
