import torch

LAMBDA = 0.05


def step(ratings, known, u, v):
    e = known * (u @ v.t() - ratings)
    loss = (e * e).sum() + LAMBDA * (u * u).sum() + LAMBDA * (v * v).sum()
    diff = 2 * known * (u @ v.t() - ratings)
    return loss, {"u": diff @ v + 2 * LAMBDA * u, "v": diff.t() @ u}
