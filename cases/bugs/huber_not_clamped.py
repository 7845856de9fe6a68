import torch


def step(x, y, w, b):
    pred = x @ w + b
    e = pred - y
    loss = torch.where(e.abs() < 1, 0.5 * e * e, e.abs() - 0.5).mean()
    d_e = e / e.numel()
    return loss, {"w": x.t() @ d_e, "b": d_e.sum(0)}
