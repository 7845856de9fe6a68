# Layers as classes that keep their parameters, what they saw, and their gradients.
import numpy as np


class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError


class Linear(Layer):
    def __init__(self, n_in, n_out):
        self.W = 0.1 * np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Tanh(Layer):
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out ** 2)


class Network:
    def __init__(self, sizes=(3, 4, 2)):
        np.random.seed(0)
        self.layers = [Linear(sizes[0], sizes[1]), Tanh(), Linear(sizes[1], sizes[2])]

    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class Scale:
    """Parameters and gradients in lists beside each other; the gradient of b has the wrong sign."""

    def __init__(self, a, b):
        self.params = [a, b]
        self.grads = [np.zeros_like(a), np.zeros_like(b)]

    def forward(self, x):
        a, b = self.params
        self.x = x
        return x * a + b

    def backward(self, dout):
        self.grads[0][...] = (dout * self.x).sum(axis=0)
        self.grads[1][...] = -dout.sum(axis=0)
        return dout * self.params[0]


class Filter:
    """The gradient is only seen in the update."""

    def __init__(self):
        self.k = np.array([0.5, -0.2, 0.1])

    def forward(self, x):
        self.x = x
        return np.stack([x[:, i:i + 3] @ self.k for i in range(x.shape[1] - 2)], axis=1)

    def backward(self, dout, lr):
        dk = np.zeros_like(self.k)
        dx = np.zeros_like(self.x)
        for i in range(dout.shape[1]):
            dk += self.x[:, i:i + 3].T @ dout[:, i]
            dx[:, i:i + 3] += np.outer(dout[:, i], self.k)
        self.k -= lr * dk
        return dx


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size):
        self.params = {}
        self.params["W1"] = np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = X.shape[0]
        h = np.maximum(0, X.dot(W1) + b1)
        scores = h.dot(W2) + b2
        if y is None:
            return scores
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        grads = {}
        d = p.copy()
        d[np.arange(N), y] -= 1
        d /= N
        grads["W2"] = h.T.dot(d) + 2 * reg * W2
        grads["b2"] = d.sum(axis=0)
        dh = d.dot(W2.T)
        dh[h <= 0] = 0
        grads["W1"] = X.T.dot(dh) + reg * W1      # 2 is missing
        grads["b1"] = dh.sum(axis=0)
        return loss, grads
