# The gradient of van_der_pol of tests/programs/real.py; written by pytest --update-golden.


def sign_of(x):
    # return 1.0 * (x > 0) - (x < 0)
    result = 1.0 * (x > 0) - (x < 0)
    return result


def van_der_pol_grad(mu, x, v, dt=0.05, steps=40):
    v_saved = []
    t_saved = []
    v_saved_1 = []
    t_saved_1 = []
    t_saved_2 = []
    x_saved = []
    crossings = 0
    for _ in range(steps):
        x_saved.append(x)
        v_saved_1.append(v)
        # v += dt * (mu * (1 - x * x) * v - x)
        t = 1 - x * x
        t_saved_2.append(t)
        t = mu * t
        t_saved_1.append(t)
        v += dt * (t * v - x)
        v_saved.append(v)
        # x += dt * v
        x_1 = x + dt * v
        # if old * x < 0:
        t = x * x_1 < 0
        t_saved.append(t)
        if t:
            crossings += 1
        x = x_1
    # backward: return action / (1 + crossings)
    action_bar = 1 / (1 + crossings)
    # backward: for _ in range(steps):
    v_bar = 0.0
    x_bar = 0.0
    mu_bar = 0.0
    for _ in range(steps):
        x = x_saved.pop()
        # backward: v += dt * (mu * (1 - x * x) * v - x)
        t = t_saved_2.pop()
        t_1 = t_saved_1.pop()
        v = v_saved_1.pop()
        # backward: if old * x < 0:
        t_2 = t_saved.pop()
        # backward: v += dt * (mu * (1 - x * x) * v - x)
        v_1 = v_saved.pop()
        # backward: action += dt * abs(v)
        v_bar += action_bar * dt * sign_of(v_1)
        # backward: if old * x < 0:
        if t_2:
            # backward: action += v * v
            v_bar = v_bar + action_bar * v_1 + action_bar * v_1
        # backward: x += dt * v
        v_bar += x_bar * dt
        # backward: v += dt * (mu * (1 - x * x) * v - x)
        t_2 = v_bar * dt
        t_3 = t_2 * v
        v_bar += t_2 * t_1
        mu_bar += t_3 * t
        t = t_3 * mu
        x_bar = x_bar - t_2 - x * t - x * t
    return float(mu_bar), float(x_bar), float(v_bar)
