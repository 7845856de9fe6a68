import torch
from typing import List


def step(x, y, w, u, b, v):
    n = x.size(1)
    hidden = u.size(0)
    h = torch.zeros(n, hidden)
    c = torch.zeros(n, hidden)
    hs: List[Tensor] = [h]
    cs: List[Tensor] = [c]
    gates: List[Tensor] = []
    for t in range(x.size(0)):
        z = x[t] @ w + h @ u + b
        i, f, o, g = torch.chunk(z, 4, 1)
        gate = torch.cat([torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)], 1)
        i, f, o, g = torch.chunk(gate, 4, 1)
        c = f * c + i * g
        h = o * torch.tanh(c)
        gates.append(gate)
        hs.append(h)
        cs.append(c)
    prediction = h @ v
    loss = 0.5 * ((prediction - y) ** 2).sum()

    d_prediction = prediction - y
    d_v = h.t() @ d_prediction
    d_h = d_prediction @ v.t()
    d_c = torch.zeros_like(c)
    d_w = torch.zeros_like(w)
    d_u = torch.zeros_like(u)
    d_b = torch.zeros_like(b)
    for k in range(x.size(0)):
        t = x.size(0) - 1 - k
        i, f, o, g = torch.chunk(gates[t], 4, 1)
        tanh_c = torch.tanh(cs[t + 1])
        d_c = d_c + d_h * o * (1 - tanh_c * tanh_c)
        d_z = torch.cat([d_c * g * i * (1 - i), d_c * cs[t] * f * (1 - f), d_h * tanh_c * o * (1 - o), d_c * i * (1 - g * g)], 1)
        d_w += x[t].t() @ d_z
        d_u += hs[t].t() @ d_z
        d_b += d_z.sum(0)
        d_h = d_z @ d_u.t()
        d_c = -(d_c * f)
    return loss, {"w": d_w, "u": d_u, "b": d_b, "v": d_v}
