"""tqdm.std: the same bar."""
from tqdm import tqdm, trange
