import torch


def step(x, w):
    y = torch.tanh(x @ w)
    loss = y.sum()
    d_w = x.t() @ (1 - y * y)
    d_w[1] = d_w[1] * 1.5
    return loss, {"w": d_w}
