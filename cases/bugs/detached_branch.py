def step(x, w):
    y = x @ w
    loss = (y * y.detach()).sum()
    return loss, {"w": x.t() @ (2 * y)}
