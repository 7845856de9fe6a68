import torch


def relu(x):
    return torch.clamp(x, min=0.0)


def relu_slope(x):
    return (x > 0).to(x.dtype)


def step(x, y, w1, b1, w2, b2, w3, b3):
    z1 = x @ w1 + b1
    h1 = relu(z1)
    z2 = h1 @ w2 + b2
    h2 = relu(z2)
    z3 = h2 @ w3 + b3
    loss = ((z3 - y) ** 2).sum() / x.size(0)

    grad_z3 = 2 * (z3 - y) / x.size(0)
    grad_w3 = h2.t() @ grad_z3
    grad_b3 = -grad_z3.sum(0)
    grad_h2 = grad_z3 @ w3.t()
    grad_z2 = grad_h2 * relu_slope(z2)
    grad_w2 = h1.t() @ grad_z2
    grad_b2 = grad_z2.sum(0)
    grad_h1 = grad_z2 @ w2.t()
    grad_z1 = grad_h1 * relu_slope(z1)
    grad_w1 = x.t() @ grad_z1
    grad_b1 = grad_z1.sum(0)
    return loss, {
        "w1": grad_w1,
        "b1": grad_b1,
        "w2": grad_w2,
        "b2": grad_b2,
        "w3": grad_w3,
        "b3": grad_b3,
    }
