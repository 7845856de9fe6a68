import torch


def step(x, y, w1, b1, w2, b2):
    z1 = x @ w1 + b1
    a1 = torch.tanh(z1)
    h1 = x + a1
    z2 = h1 @ w2 + b2
    a2 = torch.tanh(z2)
    h2 = h1 + a2
    loss = 0.5 * ((h2 - y) ** 2).sum()

    h2_grad = h2 - y
    z2_grad = h2_grad * (1 - a2 * a2)
    w2_grad = h1.t() @ z2_grad
    h1_grad = h2_grad + z2_grad @ w2.t()
    z1_grad = h1_grad * (1 - a1 * a1)
    w1_grad = x.t() @ z1_grad
    x_grad = h1_grad + z1_grad @ w1.t()
    return loss, {
        "x": x_grad, "w1": w1_grad, "w2": w2_grad,
        "b1": z1_grad.sum(0), "b2": z2_grad}
