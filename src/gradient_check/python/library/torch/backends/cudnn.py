"""torch.backends.cudnn: switches without effect."""
enabled = benchmark = deterministic = allow_tf32 = False


def is_available():
    return False
