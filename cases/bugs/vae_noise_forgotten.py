import torch


def step(x, eps, w_mu, w_lv, w_dec):
    n = x.size(0)
    mu = x @ w_mu
    logvar = x @ w_lv
    std = torch.exp(0.5 * logvar)
    z = mu + std * eps
    recon = z @ w_dec
    kl = 0.5 * (mu * mu + torch.exp(logvar) - logvar - 1).sum() / n
    loss = 0.5 * ((recon - x) ** 2).sum() / n + kl

    d_recon = (recon - x) / n
    d_dec = z.t() @ d_recon
    d_z = d_recon @ w_dec.t()
    d_std = d_z
    d_mu = d_z + mu / n
    d_logvar = 0.5 * d_std * std + 0.5 * (torch.exp(logvar) - 1) / n
    d_w_mu = x.t() @ d_mu
    d_w_lv = x.t() @ d_logvar
    return loss, {"w_mu": d_w_mu, "w_lv": d_w_lv, "w_dec": d_dec}
