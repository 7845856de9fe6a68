import torch
from typing import List


def step(x, y, w, b):
    hs: List[Tensor] = [x]
    for i in range(w.size(0)):
        hs.append(torch.tanh(hs[i] @ w[i] + b[i]))
    out = hs[-1]
    loss = 0.5 * ((out - y) ** 2).sum()

    d_w = torch.zeros_like(w)
    d_b = torch.zeros_like(b)
    d_h = out - y
    for k in range(w.size(0)):
        i = w.size(0) - 1 - k
        d_z = d_h * (1 - hs[i + 1] ** 2)
        d_w[i] = hs[i].t() @ d_z
        d_b[i] = d_z.sum(1)
        d_h = d_z @ w[i].t()
    return loss, {"w": d_w, "b": d_b}
