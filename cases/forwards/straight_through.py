def forward(x, w, v):
    hidden = x @ w
    rounded = torch.round(4 * hidden) / 4
    passed = hidden + (rounded - hidden).detach()
    scores = passed @ v
    shifted = scores - torch.amax(scores, 1, True).detach()
    weights = torch.exp(shifted)
    return torch.log(weights.sum(1)).mean() - shifted[:, 0].mean()
