def forward(x, w):
    return x * w * w


def backward(x, w, grad_output):
    d_w = 2 * x * w * grad_output
    w -= 0.1 * d_w
    return {"w": d_w}
