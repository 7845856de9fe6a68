def step(x, w):
    y = x @ w
    loss = (y * y).sum()
    d_w = x.t() @ (2 * y)
    w -= 0.1 * d_w
    return loss, {"w": d_w}
