import cycle_a
value = 2
def late(): return cycle_a.value
