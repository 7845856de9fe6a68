import torch
from typing import List


def step(x, y, w, u, b, v):
    h = x.new_zeros([x.size(1), u.size(0)])
    hs: List[Tensor] = [h]
    errors: List[Tensor] = []
    loss = x.new_zeros([])
    for t in range(x.size(0)):
        h = torch.tanh(x[t] @ w + h @ u + b)
        hs.append(h)
        e = h @ v - y[t]
        errors.append(e)
        loss = loss + 0.5 * (e * e).sum()

    grad_w = torch.zeros_like(w)
    grad_u = torch.zeros_like(u)
    grad_b = torch.zeros_like(b)
    grad_v = torch.zeros_like(v)
    carry = torch.zeros_like(h)
    for k in range(x.size(0)):
        t = x.size(0) - 1 - k
        grad_v += hs[t + 1].t() @ errors[t]
        grad_h = errors[t] @ v.t()
        grad_z = grad_h * (1 - hs[t + 1] * hs[t + 1])
        grad_w += x[t].t() @ grad_z
        grad_u += hs[t].t() @ grad_z
        grad_b += grad_z.sum(0)
        carry = grad_z @ u.t()
    return loss, {"w": grad_w, "u": grad_u, "b": grad_b, "v": grad_v}
