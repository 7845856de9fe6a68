import math

import torch


def step(x, y, wq, wk, wv, wo):
    d = wq.size(1)
    q = x @ wq
    k = x @ wk
    v = x @ wv
    s = q @ k.t() / math.sqrt(d)
    future = torch.ones_like(s).triu(1) > 0
    p = torch.softmax(s.masked_fill(future, -float("inf")), -1)
    o = p @ v
    out = o @ wo
    loss = 0.5 * ((out - y) ** 2).sum()

    dout = out - y
    dwo = o.t() @ dout
    do = dout @ wo.t()
    dv = p @ do
    dp = do @ v.t()
    ds = p * (dp - (dp * p).sum(-1, keepdim=True))
    dq = ds @ k / math.sqrt(d)
    dk = ds.t() @ q
    dwq = x.t() @ dq
    dwk = x.t() @ dk
    dwv = x.t() @ dv
    dx = dk @ wk.t() + dv @ wv.t()
    return loss, {"wq": dwq, "wk": dwk, "wv": dwv, "wo": dwo, "x": dx}
