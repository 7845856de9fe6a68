import torch
import torch.nn.functional as F


def step(x, y, w, gamma, beta, v):
    n = x.size(0)
    cols = F.unfold(x, 3)
    z = w.reshape(w.size(0), -1) @ cols
    mu = z.mean([0, 2], keepdim=True)
    rstd = torch.rsqrt(((z - mu) ** 2).mean([0, 2], keepdim=True) + 1e-5)
    zhat = (z - mu) * rstd
    h = torch.relu(zhat * gamma.reshape(1, -1, 1) + beta.reshape(1, -1, 1))
    pooled = h.mean(2)
    prediction = pooled @ v
    loss = ((prediction - y) ** 2).mean()

    d_prediction = 2 * (prediction - y) / y.numel()
    d_v = pooled.t() @ d_prediction
    d_h = ((d_prediction @ v.t()) / h.size(2)).unsqueeze(2)
    d_gamma = (d_h * zhat).sum([0, 2])
    d_beta = d_h.sum([0, 2])
    d_zhat = d_h * gamma.reshape(1, -1, 1)
    d_z = rstd * (d_zhat - d_zhat.mean([0, 2], keepdim=True) - zhat * (d_zhat * zhat).mean([0, 2], keepdim=True))
    d_w = (d_z @ cols.transpose(1, 2)).sum(0).reshape(w.shape)
    d_x = F.fold(w.reshape(w.size(0), -1).t() @ d_z, [x.size(2), x.size(3)], 3)
    return loss, {"w": d_w, "gamma": d_gamma, "beta": d_beta, "v": d_v, "x": d_x}
