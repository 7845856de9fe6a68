import torch

EPS = 1e-5


def forward(x, gamma, beta):
    mu = x.mean(0)
    centred = x - mu
    var = (centred * centred).mean(0)
    xhat = centred / torch.sqrt(var + EPS)
    return gamma * xhat + beta


def backward(x, gamma, beta, grad_output):
    n = x.size(0)
    mu = x.mean(0)
    centred = x - mu
    var = (centred * centred).mean(0)
    inv_std = 1 / torch.sqrt(var + EPS)
    xhat = centred * inv_std
    dgamma = (grad_output * xhat).sum(0)
    dbeta = grad_output.sum(0)
    dxhat = grad_output * gamma
    dvar = 0.5 * (dxhat * centred).sum(0) * inv_std ** 3
    dmu = -(dxhat * inv_std).sum(0)
    dx = dxhat * inv_std + dvar * 2 * centred / n + dmu / n
    return {"x": dx, "gamma": dgamma, "beta": dbeta}
