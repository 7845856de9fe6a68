import torch


def forward(x, w_t, b_t, w_h, b_h):
    t = torch.sigmoid(x @ w_t + b_t)
    h = torch.tanh(x @ w_h + b_h)
    return t * h + (1 - t) * x


def backward(x, w_t, b_t, w_h, b_h, grad_output):
    t = torch.sigmoid(x @ w_t + b_t)
    h = torch.tanh(x @ w_h + b_h)
    grad_t = grad_output * (h - x)
    grad_h = grad_output * t
    gate = grad_t * t * (1 - t)
    cand = grad_h * (1 - h * h)
    grad_x = gate @ w_t.t() + cand @ w_h.t()
    return {
        "x": grad_x,
        "w_t": x.t() @ gate,
        "b_t": gate.sum(0),
        "w_h": x.t() @ cand,
        "b_h": cand.sum(0),
    }
