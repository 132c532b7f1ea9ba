"""A network of three layers in plain NumPy reads handwritten digits.

    python examples/digits.py [--steps N] [--output PNG]

The parameters are a list of (weights, biases), and so is the gradient.
"""

import argparse
import itertools

import numpy as np

import s2sad

SIZES = [64, 128, 64, 10]
BATCH = 64


def initial_parameters(sizes, rng):
    return [(rng.normal(size=(n, m)) * np.sqrt(2 / n), np.zeros(m)) for n, m in itertools.pairwise(sizes)]


def scores(parameters, images):
    activations = images
    for weights, biases in parameters[:-1]:
        activations = np.maximum(activations @ weights + biases, 0)
    weights, biases = parameters[-1]
    return activations @ weights + biases


def cross_entropy(parameters, images, labels, decay=1e-4):
    """Mean negative log-probability of the labels under the softmax of the scores, and a little weight decay."""
    s = scores(parameters, images)
    s = s - np.max(s, axis=1, keepdims=True)
    log_probabilities = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    loss = -np.mean(log_probabilities[np.arange(len(labels)), labels])
    for weights, _ in parameters:
        loss += decay * np.sum(weights**2)
    return loss


loss_and_gradient = s2sad.value_and_grad(cross_entropy)


def accuracy(parameters, images, labels):
    return np.mean(np.argmax(scores(parameters, images), axis=1) == labels)


def train(parameters, images, labels, steps, rng):
    """Minibatches with momentum; the step shrinks to zero.  Gives the parameters and the losses."""
    from tqdm import trange

    velocity = [(np.zeros_like(w), np.zeros_like(b)) for w, b in parameters]
    losses = []
    progress = trange(steps)
    for step in progress:
        batch = rng.integers(len(images), size=BATCH)
        loss, gradient = loss_and_gradient(parameters, images[batch], labels[batch])
        rate = 0.1 * (1 - step / steps)
        for (w, b), (w_speed, b_speed), (w_slope, b_slope) in zip(parameters, velocity, gradient, strict=True):
            w_speed[:] = 0.9 * w_speed - rate * w_slope
            b_speed[:] = 0.9 * b_speed - rate * b_slope
            w += w_speed
            b += b_speed
        losses.append(loss)
        if step % 50 == 0:
            progress.set_description(f"loss {loss:.3f}")
    return parameters, losses


def load_data():
    """Images as rows of 64 numbers between 0 and 1, and labels, for training and for testing."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images, labels = data.data / 16.0, data.target
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1437], order[1437:]
    return images[train], labels[train], images[test], labels[test]


def plot(path, losses, parameters, images, labels):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    guesses = np.argmax(scores(parameters, images), axis=1)
    shown = np.argsort(guesses == labels, kind="stable")[:32]  # the mistakes first
    figure = plt.figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.3])
    axes = left.subplots()
    axes.plot(losses, linewidth=0.8)
    axes.set(xlabel="step", ylabel="loss of the minibatch", yscale="log", title="Training")
    right.suptitle("Test images: mistakes in red, as read (as labelled)")
    for cell, k in zip(right.subplots(4, 8).flat, shown, strict=False):
        wrong = guesses[k] != labels[k]
        cell.imshow(images[k].reshape(8, 8), cmap="gray_r")
        cell.set_title(f"{guesses[k]} ({labels[k]})", fontsize=9, color="red" if wrong else "black")
        cell.axis("off")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000, help="minibatches (default: %(default)s)")
    parser.add_argument("--output", default="digits.png", help="the picture (default: %(default)s)")
    options = parser.parse_args()

    rng = np.random.default_rng(1)
    images, labels, test_images, test_labels = load_data()
    parameters, losses = train(initial_parameters(SIZES, rng), images, labels, options.steps, rng)

    plot(options.output, losses, parameters, test_images, test_labels)
    print(f"training loss {cross_entropy(parameters, images, labels):.4f}")
    print(f"test accuracy {100 * accuracy(parameters, test_images, test_labels):.1f} %")
    print(f"picture in {options.output}")


if __name__ == "__main__":
    main()
