import torch


def step(x, y, centres, log_gamma, v):
    delta = x.unsqueeze(1) - centres.unsqueeze(0)
    dist = (delta * delta).sum(2)
    gamma = torch.exp(log_gamma)
    phi = torch.exp(-gamma * dist)
    out = phi @ v
    loss = ((out - y) ** 2).mean()

    dout = 2 * (out - y) / y.numel()
    dv = phi.t() @ dout
    dphi = dout @ v.t()
    darg = dphi * phi
    ddist = -darg * gamma
    dgamma = -(darg * dist)
    ddelta = 2 * ddist.unsqueeze(2) * delta
    dcentres = -ddelta.sum(0)
    return loss, {"centres": dcentres, "log_gamma": dgamma * gamma, "v": dv}
