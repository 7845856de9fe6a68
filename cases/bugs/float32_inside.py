def step(x, w):
    y = (x * w).float()
    return (y * y).sum().double(), {"w": 2 * (x * w) * x}
