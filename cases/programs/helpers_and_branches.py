import torch


def activate(x, kind: str):
    if kind == "relu":
        return torch.clamp(x, min=0.0)
    return torch.tanh(x)


def slope(x, kind: str):
    if kind == "relu":
        return (x > 0).float()
    return 1 - torch.tanh(x) ** 2


def step(x, w, scale: float = 2.0):
    kind = "tanh"
    if x.size(0) > 2:
        kind = "relu"
    h = x @ w
    y = activate(h, kind)
    y *= scale
    loss = (y * y).sum()
    d_y = 2 * y
    d_h = d_y * scale * slope(h, kind)
    return loss, {"w": x.t() @ d_h}
