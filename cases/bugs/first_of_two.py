def step(x, w1, w2):
    h = x @ w1
    y = h @ w2
    return y.sum(), {"w1": x.t() @ (h @ w2 @ w2.t()), "w2": h.sum(0).unsqueeze(1).expand(-1, w2.size(1))}
