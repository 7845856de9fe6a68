import math, random
random.seed(2)
w, b = random.random(), 0.0
data = [(0.5, 1), (1.5, 0), (-1.0, 1), (2.0, 0)]
lr = 0.1
for epoch in range(200):
    dw = 0.0
    db = 0.0
    loss = 0.0
    for x, t in data:
        z = w * x + b
        p = 1 / (1 + math.exp(-z))
        loss += -(t * math.log(p) + (1 - t) * math.log(1 - p)) / len(data)
        dw += (p - t) * x / len(data)
        db += (p - t) / len(data)
    w -= lr * dw
    b -= lr * db
