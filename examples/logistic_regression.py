"""Logistic regression in plain NumPy: benign or malignant, from thirty measurements of cell nuclei.

    python examples/logistic_regression.py [--steps N] [--output PNG]

The loss is written as in a lecture.  `s2sad show examples/logistic_regression.py:training_loss` prints its gradient.
"""

import argparse

import numpy as np

import s2sad


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1)


def logistic_predictions(weights, inputs):
    """The probability of each label being 1."""
    return sigmoid(np.dot(inputs, weights))


def training_loss(weights, inputs, targets):
    """The negative log-likelihood of the targets."""
    preds = logistic_predictions(weights, inputs)
    label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    return -np.sum(np.log(label_probabilities))


training_gradient = s2sad.grad(training_loss)


def accuracy(weights, inputs, targets):
    return np.mean((logistic_predictions(weights, inputs) > 0.5) == (targets > 0.5))


def load_data():
    """Standardised inputs with a column of ones, and targets (1 for malignant), for training and for testing."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    inputs = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    inputs = np.hstack([inputs, np.ones((len(inputs), 1))])
    targets = 1.0 - data.target
    order = np.random.default_rng(0).permutation(len(inputs))
    train, test = order[:400], order[400:]
    return inputs[train], targets[train], inputs[test], targets[test]


def plot(path, losses, weights, inputs, targets):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(losses)
    left.set(xlabel="step", ylabel="training loss", yscale="log", title="Gradient descent")
    predictions = logistic_predictions(weights, inputs)
    bins = np.linspace(0, 1, 21)
    groups = [predictions[targets == 0], predictions[targets == 1]]
    right.hist(groups, bins, stacked=True, label=["benign", "malignant"])
    right.set(xlabel="predicted probability of malignant", ylabel="patients", title="Patients not seen in training")
    right.legend()
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=500, help="steps of gradient descent (default: %(default)s)")
    parser.add_argument("--output", default="logistic_regression.png", help="the picture (default: %(default)s)")
    options = parser.parse_args()

    from tqdm import trange

    inputs, targets, test_inputs, test_targets = load_data()
    weights = np.zeros(inputs.shape[1])
    losses = []
    for _ in trange(options.steps):
        weights -= 0.001 * training_gradient(weights, inputs, targets)
        losses.append(training_loss(weights, inputs, targets))

    plot(options.output, losses, weights, test_inputs, test_targets)
    print(f"training loss {training_loss(weights, inputs, targets):.3f}")
    print(f"test accuracy {100 * accuracy(weights, test_inputs, test_targets):.1f} %")
    print(f"picture in {options.output}")


if __name__ == "__main__":
    main()
