import torch


def step(x, labels, w):
    n = x.size(0)
    s = torch.exp(x @ w)
    total = s.sum(1, keepdim=True)
    p = s / total
    picked = p.gather(1, labels)
    loss = -torch.log(picked).mean()

    d_picked = -1 / (picked * n)
    d_p = torch.zeros_like(p).scatter(1, labels, d_picked)
    d_s = (d_p - (d_p * p).sum(1, keepdim=True)) / total
    d_l = d_s
    return loss, {"w": x.t() @ d_l}
