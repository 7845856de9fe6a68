"""torch.cuda: there is no GPU."""
import torch


def is_available():
    return False


def device_count():
    return 0


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass


def synchronize(device=None):
    pass


def empty_cache():
    pass


def set_device(device):
    pass


def current_device():
    raise RuntimeError("No CUDA GPUs are available")
