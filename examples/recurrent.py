"""A recurrent network with an ordinary Python loop over time learns to continue a noisy sine.

python examples/recurrent.py [--steps N] [--output PNG]
"""

import argparse

import numpy as np

import s2sad

UNITS, LENGTH, BATCH = 32, 50, 32


def initial_parameters(rng):
    return {
        "from_input": rng.normal(size=(1, UNITS)),
        "recurrent": np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0],
        "bias": np.zeros(UNITS),
        "output": rng.normal(size=(UNITS, 1)) / UNITS,
    }


def update(parameters, hidden, x):
    """The next hidden state; one row per sequence."""
    return np.tanh(x @ parameters["from_input"] + hidden @ parameters["recurrent"] + parameters["bias"])


def sequence_loss(parameters, sequences):
    """Mean squared error of predicting each value from those before it; ``sequences`` is time x batch x 1."""
    hidden = np.zeros((sequences.shape[1], parameters["recurrent"].shape[0]))
    loss = 0.0
    for t in range(len(sequences) - 1):
        hidden = update(parameters, hidden, sequences[t])
        prediction = hidden @ parameters["output"]
        loss += np.mean((prediction - sequences[t + 1]) ** 2)
    return loss / (len(sequences) - 1)


loss_and_gradient = s2sad.value_and_grad(sequence_loss)


def noisy_sines(rng, length, batch, noise=0.05):
    """Sines of random frequency and phase, with noise; time x batch x 1."""
    frequency = rng.uniform(0.2, 0.5, size=batch)
    phase = rng.uniform(0, 2 * np.pi, size=batch)
    clean = np.sin(np.arange(length)[:, None] * frequency + phase)
    return (clean + noise * rng.normal(size=clean.shape))[:, :, None]


def train(parameters, steps, rng):
    """Adam on fresh sequences at every step.  Gives the parameters and the losses."""
    from tqdm import trange

    mean = {name: np.zeros_like(p) for name, p in parameters.items()}
    square = {name: np.zeros_like(p) for name, p in parameters.items()}
    losses = []
    progress = trange(steps)
    for step in progress:
        loss, gradient = loss_and_gradient(parameters, noisy_sines(rng, LENGTH, BATCH))
        rate = 0.01 * (1 - step / steps)
        for name, g in gradient.items():
            mean[name] = 0.9 * mean[name] + 0.1 * g
            square[name] = 0.99 * square[name] + 0.01 * g**2
            corrected = mean[name] / (1 - 0.9 ** (step + 1))
            scale = np.sqrt(square[name] / (1 - 0.99 ** (step + 1))) + 1e-8
            parameters[name] = parameters[name] - rate * corrected / scale
        losses.append(loss)
        if step % 20 == 0:
            progress.set_description(f"loss {loss:.4f}")
    return parameters, losses


def continuation(parameters, start, steps):
    """What the network expects after ``start``, fed with its own predictions."""
    hidden = np.zeros((start.shape[1], UNITS))
    for x in start:
        hidden = update(parameters, hidden, x)
    values = []
    for _ in range(steps):
        x = hidden @ parameters["output"]
        values.append(x)
        hidden = update(parameters, hidden, x)
    return np.array(values)


def plot(path, losses, parameters, rng):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    axes[0].plot(losses, linewidth=0.8)
    axes[0].set(xlabel="step", ylabel="mean squared error", yscale="log", title="Training")
    sequences = noisy_sines(rng, 2 * LENGTH, 2)
    expected = continuation(parameters, sequences[:LENGTH], LENGTH)
    for k, axis in enumerate(axes[1:]):
        axis.plot(sequences[:, k, 0], ".", color="gray", label="noisy sine")
        axis.plot(np.arange(LENGTH, 2 * LENGTH), expected[:, k, 0], label="the network alone")
        axis.axvline(LENGTH - 0.5, color="black", linewidth=0.5)
        axis.set(xlabel="time", title="Continuation")
    axes[1].legend(loc="lower left")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000, help="training steps (default: %(default)s)")
    parser.add_argument("--output", default="recurrent.png", help="the picture (default: %(default)s)")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    parameters, losses = train(initial_parameters(rng), options.steps, rng)

    test = noisy_sines(rng, LENGTH, 500)
    plot(options.output, losses, parameters, rng)
    print(f"test error {sequence_loss(parameters, test):.4f}")
    print(f"of repeating the last value {np.mean((test[1:] - test[:-1]) ** 2):.4f}")
    print(f"picture in {options.output}")


if __name__ == "__main__":
    main()
