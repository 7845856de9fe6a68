import torch
import torch.nn.functional as F
g = torch.Generator().manual_seed(2147483647)
X = torch.randint(0, 9, (64, 3), generator=g)
Y = torch.randint(0, 9, (64,), generator=g)
C = torch.randn((9, 4), generator=g)
W1 = torch.randn((12, 16), generator=g) * 0.2
b1 = torch.randn(16, generator=g) * 0.1
W2 = torch.randn((16, 9), generator=g) * 0.1
b2 = torch.randn(9, generator=g) * 0.1
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
batch_size = 16
n = batch_size
lossi = []
with torch.no_grad():
  for i in range(1000):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=g)
    Xb, Yb = X[ix], Y[ix]
    emb = C[Xb]
    embcat = emb.view(emb.shape[0], -1)
    h = torch.tanh(embcat @ W1 + b1)
    logits = h @ W2 + b2
    loss = F.cross_entropy(logits, Yb)
    for p in parameters:
        p.grad = None
    dlogits = F.softmax(logits, 1)
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)
    dhpre = (1.0 - h ** 2) * dh
    dembcat = dhpre @ W1.T
    dW1 = embcat.T @ dhpre
    db1 = dhpre.sum(0)
    demb = dembcat.view(emb.shape)
    dC = torch.zeros_like(C)
    for k in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            dC[Xb[k, j]] += demb[k, j]
    grads = [dC, dW1, db1, dW2, db2]
    lr = 0.1 if i < 100 else 0.01
    for p, grad in zip(parameters, grads):
        p.data += -lr * grad
    if i % 100 == 0:
        print(f'{i:7d}: {loss.item():.4f}')
    lossi.append(loss.log10().item())
