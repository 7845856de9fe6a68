def step(x, w):
    y = x * w
    return (y * y).sum(), {"w": 2 * y * x * (w - w) / (w - w)}
