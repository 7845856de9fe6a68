# A network with one hidden layer and cross-entropy, as courses write it: numpy alone.
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step(X, y, W1, b1, W2, b2):
    m = X.shape[0]
    h = np.tanh(np.dot(X, W1) + b1)
    p = sigmoid(h.dot(W2) + b2)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    dz2 = (p - y) / m
    dW2 = h.T.dot(dz2)
    db2 = np.sum(dz2, axis=0, keepdims=True)
    dz1 = dz2.dot(W2.T) * (1 - np.power(h, 3))
    dW1 = np.dot(X.T, dz1)
    db1 = np.sum(dz1, axis=0, keepdims=True)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
