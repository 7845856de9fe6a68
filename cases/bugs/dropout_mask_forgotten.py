import torch

KEEP = 0.8


def step(x, y, mask, w1, w2):
    z = x @ w1
    a = torch.relu(z)
    h = a * mask / KEEP
    out = h @ w2
    loss = ((out - y) ** 2).mean()

    out_grad = 2 * (out - y) / y.numel()
    w2_grad = h.t() @ out_grad
    h_grad = out_grad @ w2.t()
    a_grad = h_grad / KEEP
    z_grad = a_grad * (z > 0)
    w1_grad = x.t() @ z_grad
    return loss, {"w1": w1_grad, "w2": w2_grad}
