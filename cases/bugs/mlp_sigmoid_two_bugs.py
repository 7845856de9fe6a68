import torch


def step(x, y, w1, b1, w2, b2):
    l1 = x @ w1 + b1
    a1 = torch.sigmoid(l1)
    l2 = a1 @ w2 + b2
    a2 = torch.sigmoid(l2)
    loss = ((a2 - y) ** 2).mean()

    d_a2 = (a2 - y) / y.numel()
    d_l2 = d_a2 * a2 * (1 - a2)
    d_w2 = a1.t() @ d_l2
    d_b2 = d_l2.sum(0)
    d_a1 = d_l2 @ w2.t()
    d_l1 = d_a1 * a1 * (1 - a1)
    d_w1 = x.t() @ d_l1
    d_b1 = d_l1.mean(0)
    return loss, {"w1": d_w1, "b1": d_b1, "w2": d_w2, "b2": d_b2}
