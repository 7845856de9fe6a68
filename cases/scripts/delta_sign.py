import numpy as np

np.random.seed(4)
X = np.random.randn(12, 3)
y = X @ np.array([[1.0], [-2.0], [0.5]])
W = np.zeros((3, 1))
b = 0.0
learning_rate = 0.1
for epoch in range(200):
    out = X @ W + b
    cost = np.sum((y - out) ** 2) / (2 * len(X))
    delta = y - out
    W += learning_rate * X.T @ delta / len(X)
    b += learning_rate * np.mean(delta)
