import torch


def forward(x, y, w1, b1, w2, b2):
    l1 = x @ w1 + b1
    a1 = torch.tanh(l1)
    l2 = a1 @ w2 + b2
    return 0.5 * ((l2 - y) ** 2).sum() / x.size(0)


def backward(x, y, w1, b1, w2, b2, grad_output):
    n = x.size(0)
    l1 = x @ w1 + b1
    a1 = torch.tanh(l1)
    l2 = a1 @ w2 + b2
    dl2 = grad_output * (l2 - y) / n
    dw2 = a1.t() @ dl2
    db2 = dl2.sum(0)
    da1 = dl2 @ w2.t()
    dl1 = da1 * (1 - a1 * a1)
    dw1 = x.t() @ dl1
    db1 = dl1.sum(1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
