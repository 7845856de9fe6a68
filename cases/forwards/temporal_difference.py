def step(state, next_state, reward, w1, w2):
    hidden = torch.tanh(state @ w1)
    value = hidden @ w2
    target = reward + 0.9 * (torch.tanh(next_state @ w1) @ w2).detach()
    error = value - target
    loss = (error * error).mean()
    d_value = 2 * error / error.numel()
    d_hidden = (d_value @ w2.t()) * (1 - hidden * hidden)
    return loss, {"w1": state.t() @ d_hidden, "w2": hidden.t() @ d_value}
