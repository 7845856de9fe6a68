"""tqdm.notebook: the same bar."""
from tqdm import tqdm, trange
