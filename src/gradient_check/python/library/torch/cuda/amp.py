"""torch.cuda.amp: nothing is cast without a GPU."""
from torch.amp import GradScaler, autocast, custom_bwd, custom_fwd
