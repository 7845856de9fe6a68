import numpy as np
np.random.seed(1)
X = np.random.randn(10, 3)
t = np.random.randn(10, 2)
params = {"W1": np.random.randn(3, 4) * 0.1, "b1": np.zeros(4), "W2": np.random.randn(4, 2) * 0.1, "b2": np.zeros(2)}
v = {k: np.zeros_like(p) for k, p in params.items()}
lr, mu = 0.05, 0.9

def forward(params, X):
    z = X @ params["W1"] + params["b1"]
    h = np.maximum(0, z)
    return z, h, h @ params["W2"] + params["b2"]

for epoch in range(50):
    i = np.random.randint(0, 10, 6)
    xb, tb = X[i], t[i]
    z, h, out = forward(params, xb)
    cost = np.mean((out - tb) ** 2)
    d = 2 * (out - tb) / out.size
    grads = {"W2": h.T @ d, "b2": d.sum(0)}
    dz = (d @ params["W2"].T) * (z > 0)
    grads["W1"] = xb.T @ dz
    grads["b1"] = dz.sum(0)
    for k in params:
        v[k] = mu * v[k] - lr * grads[k]
        params[k] += v[k]
