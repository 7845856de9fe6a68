import torch


def forward(tokens, words, places):
    return words[tokens] * 2.0 + places.unsqueeze(0)


def backward(tokens, words, places, grad_output):
    d_words = torch.zeros_like(words)
    d_words.index_copy_(0, tokens.flatten(), 2.0 * grad_output.flatten(0, 1))
    d_places = grad_output.sum(0)
    return {"words": d_words, "places": d_places}
