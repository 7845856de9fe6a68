import torch


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def sigmoid_slope(x):
    return sigmoid(x) * (1 - sigmoid(x))


def step(X, y, w1, b1, w2, b2):
    l1 = X @ w1 + b1
    a1 = sigmoid(l1)
    l2 = a1 @ w2 + b2
    p = sigmoid(l2)
    loss = -torch.mean(y * torch.log(p) + (1 - y) * torch.log(1 - p))

    d_loss = -(y / p - (1 - y) / (-p)) / y.size(0)
    d_l2 = 0.5 * (sigmoid_slope(l2) * d_loss)
    d_w2 = a1.t() @ d_l2
    d_a1 = d_l2 @ w2.t()
    d_l1 = sigmoid_slope(l1) * d_a1
    d_w1 = X.t() @ d_l1
    return loss, {"w1": d_w1, "b1": torch.sum(d_l1, 0), "w2": d_w2, "b2": torch.sum(d_l2, 0)}
