import numpy as np

class Linear:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m) / np.sqrt(n)
        self.b = np.zeros((1, m))
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0, keepdims=True)
        return d @ self.W.T

class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, d):
        return d * (1 - self.y ** 2)

class Adam:
    def __init__(self, layers, lr=1e-3):
        self.layers, self.lr, self.t = layers, lr, 0
        self.m = [[np.zeros_like(l.W), np.zeros_like(l.b)] for l in layers]
        self.v = [[np.zeros_like(l.W), np.zeros_like(l.b)] for l in layers]
    def step(self):
        self.t += 1
        for i, layer in enumerate(self.layers):
            for j, (p, g) in enumerate([(layer.W, layer.dW), (layer.b, layer.db)]):
                self.m[i][j] = 0.9 * self.m[i][j] + 0.1 * g
                self.v[i][j] = 0.999 * self.v[i][j] + 0.001 * g ** 2
                mhat = self.m[i][j] / (1 - 0.9 ** self.t)
                vhat = self.v[i][j] / (1 - 0.999 ** self.t)
                p -= self.lr * mhat / (np.sqrt(vhat) + 1e-8)

def batches(X, Y, n):
    order = np.random.permutation(len(X))
    for s in range(0, len(X), n):
        yield X[order[s:s + n]], Y[order[s:s + n]]

def train():
    np.random.seed(3)
    X = np.random.randn(32, 4)
    Y = np.random.randn(32, 2)
    l1, act, l2 = Linear(4, 5), Tanh(), Linear(5, 2)
    opt = Adam([l1, l2])
    for epoch in range(5):
        total = 0.0
        for xb, yb in batches(X, Y, 8):
            out = l2.forward(act.forward(l1.forward(xb)))
            diff = out - yb
            loss = np.sum(diff ** 2) / len(xb)
            total += loss
            l1.backward(act.backward(l2.backward(2 * diff / len(xb))))
            opt.step()
        print(epoch, total)

if __name__ == "__main__":
    train()
