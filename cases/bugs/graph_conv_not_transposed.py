import torch


def step(adjacency, x, y, w1, w2):
    m1 = adjacency @ x
    z1 = m1 @ w1
    h1 = torch.relu(z1)
    m2 = adjacency @ h1
    out = m2 @ w2
    loss = ((out - y) ** 2).mean()

    grad_out = 2 * (out - y) / out.numel()
    grad_w2 = m2.t() @ grad_out
    grad_m2 = grad_out @ w2.t()
    grad_h1 = adjacency @ grad_m2
    grad_z1 = grad_h1 * (z1 > 0)
    grad_w1 = m1.t() @ grad_z1
    return loss, {"w1": grad_w1, "w2": grad_w2}
