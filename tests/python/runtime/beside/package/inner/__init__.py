from ..constants import TWO
deepest = TWO ** 3
