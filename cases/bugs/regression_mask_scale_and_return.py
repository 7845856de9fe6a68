import torch


def step(X, y, w1, w2):
    l1 = X @ w1
    a1 = torch.relu(l1)
    prediction = a1 @ w2
    loss = 0.5 * torch.mean((y - prediction) ** 2)

    d_prediction = -(y - prediction) / y.size(0)
    d_w2 = a1.t() @ d_prediction
    d_a1 = d_prediction @ w2.t()
    d_l1 = d_a1
    d_w1 = 0.5 * (X.t() @ d_l1)
    return loss, {"w1": d_w1, "w2": w2}
