# The gradient of van_der_pol of tests/programs/real.py; written by pytest --update-golden.


def van_der_pol_grad(mu, x, v, dt=0.05, steps=40):
    test_saved = []
    v_saved = []
    x_saved = []
    crossings = 0
    for _ in range(steps):
        x_saved.append(x)
        v_saved.append(v)
        v += dt * (mu * (1 - x * x) * v - x)
        # x += dt * v
        x_1 = x + dt * v
        # if old * x < 0:
        test = x * x_1 < 0
        test_saved.append(test)
        if test:
            crossings += 1
        x = x_1
    # backward: return action / (1 + crossings)
    action_bar = 1 / (1 + crossings)
    # backward: for _ in range(steps):
    v_bar = 0.0
    x_bar = 0.0
    mu_bar = 0.0
    for _ in range(steps):
        # backward: action += dt * abs(v)
        v_bar += action_bar * dt * (1.0 * (v > 0) - (v < 0))
        # backward: if old * x < 0:
        if test_saved.pop():
            # backward: action += v * v
            v_bar += 2 * action_bar * v
        # backward: x += dt * v
        v_bar += x_bar * dt
        # backward: v += dt * (mu * (1 - x * x) * v - x)
        g = v_bar * dt
        v = v_saved.pop()
        g_1 = g * v
        x = x_saved.pop()
        difference = 1 - x * x
        v_bar += g * (mu * difference)
        mu_bar += g_1 * difference
        x_bar = x_bar - g - 2 * x * (g_1 * mu)
    return mu_bar, x_bar, v_bar
