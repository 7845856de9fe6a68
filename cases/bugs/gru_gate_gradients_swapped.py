import torch


def step(x, h, y, w_r, u_r, w_z, u_z, w_n, u_n):
    r = torch.sigmoid(x @ w_r + h @ u_r)
    z = torch.sigmoid(x @ w_z + h @ u_z)
    hn = h @ u_n
    n = torch.tanh(x @ w_n + r * hn)
    out = (1 - z) * n + z * h
    loss = ((out - y) ** 2).mean()

    d_out = 2 * (out - y) / y.numel()
    d_n = d_out * (1 - z)
    d_z = d_out * (h - n)
    d_pre_n = d_n * (1 - n * n)
    d_hn = d_pre_n * r
    d_r = d_pre_n * hn
    d_pre_z = d_z * z * (1 - z)
    d_pre_r = d_r * r * (1 - r)
    return loss, {
        "w_r": x.t() @ d_pre_z,
        "u_r": h.t() @ d_pre_r,
        "w_z": x.t() @ d_pre_r,
        "u_z": h.t() @ d_pre_z,
        "w_n": x.t() @ d_pre_n,
        "u_n": h.t() @ d_hn,
        "h": d_out * z + d_hn @ u_n.t() + d_pre_z @ u_z.t() + d_pre_r @ u_r.t(),
    }
