print("importing", __name__)
from cycle_b import value as other
value = 1
