# The gradient of primal of benchmarks/workloads/newton_sqrt.py; written by pytest --update-golden.


def primal_grad(a):
    x_saved = []
    x = a
    steps = 0
    while abs(x * x - a) > 1e-12 * a:
        x_saved.append(x)
        steps += 1
        x = 0.5 * (x + a / x)
    # backward: while abs(x * x - a) > 1e-12 * a:
    a_bar = 1.0
    a_bar_1 = 0.0
    for _ in range(steps):
        # backward: x = 0.5 * (x + a / x)
        x_bar = a_bar * 0.5
        x = x_saved.pop()
        a_bar = x_bar / x
        a_bar_1 += a_bar
        x_bar -= a_bar * (a / x)
        a_bar = x_bar
    return a_bar_1 + a_bar
