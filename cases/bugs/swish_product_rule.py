import torch


def forward(x, w, beta):
    z = x @ w
    return z * torch.sigmoid(beta * z)


def backward(x, w, beta, grad_output):
    z = x @ w
    s = torch.sigmoid(beta * z)
    slope = s * (1 - s)
    grad_z = grad_output * s
    grad_beta = (grad_output * z * z * slope).sum()
    grad_w = x.t() @ grad_z
    grad_x = grad_z @ w.t()
    return {"x": grad_x, "w": grad_w, "beta": grad_beta}
