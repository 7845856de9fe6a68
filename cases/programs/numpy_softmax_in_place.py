# A softmax classifier as courses write it: the scores are shifted, exponentiated and normalised
# where they stand, small probabilities are cut off by a mask, and `p` itself becomes the gradient.
import numpy as np


def step(X, y, W1, b1, W2, b2, reg=0.1):
    n = X.shape[0]
    h = X.dot(W1)
    h += b1
    np.maximum(h, 0, out=h)
    p = h.dot(W2) + b2
    p -= np.max(p, axis=1, keepdims=True)
    np.exp(p, out=p)
    p /= np.sum(p, axis=1, keepdims=True)
    p[p < 1e-12] = 1e-12
    loss = -np.sum(np.log(p[np.arange(n), y])) / n
    loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

    p[np.arange(n), y] -= 1
    p /= n
    dW2 = h.T.dot(p)
    dW2 += reg * W2
    db2 = p.sum(axis=0)
    dh = p.dot(W2.T)
    dh[h <= 0] = 0
    dW1 = X.T.dot(dh)
    dW1 += reg * W1
    return loss, {"W1": dW1, "b1": dh.sum(axis=0), "W2": dW2, "b2": db2}
