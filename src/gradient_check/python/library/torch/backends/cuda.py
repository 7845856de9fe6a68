"""torch.backends.cuda: switches without effect."""


class matmul:
    allow_tf32 = False
