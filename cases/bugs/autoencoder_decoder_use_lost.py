import torch


def step(x, w, b, c):
    z = x @ w + b
    h = torch.sigmoid(z)
    r = h @ w.t() + c
    loss = 0.5 * ((r - x) ** 2).sum(1).mean()

    dr = (r - x) / x.size(0)
    dc = dr.sum(0)
    dh = dr @ w
    dz = dh * h * (1 - h)
    db = dz.sum(0)
    dw = x.t() @ dz
    return loss, {"w": dw, "b": db, "c": dc}
