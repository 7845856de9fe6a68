"""torch.random"""
from torch import manual_seed
