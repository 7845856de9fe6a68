"""random: Python's Mersenne Twister, number for number."""
import math


class Random:
    def __init__(self, x=None):
        self.seed(x)

    def seed(self, a=None, version=2):
        a = 0 if a is None else a
        if not isinstance(a, int):
            raise NotImplementedError("random.seed takes an int here")
        a = -a if a < 0 else a
        key = []
        while True:
            key.append(a & 0xffffffff)
            a >>= 32
            if not a:
                break
        self._init_by_array(key)
        self._gauss = None

    def _init_by_array(self, key):
        state = [19650218]
        for i in range(1, 624):
            previous = state[-1] ^ (state[-1] >> 30)
            state.append((_times(1812433253, previous) + i) & 0xffffffff)
        i, j = 1, 0
        for _ in range(max(624, len(key))):
            mixed = _times(1664525, state[i - 1] ^ (state[i - 1] >> 30))
            state[i] = ((state[i] ^ mixed) + key[j] + j) & 0xffffffff
            i, j = i + 1, (j + 1) % len(key)
            if i >= 624:
                state[0], i = state[623], 1
        for _ in range(623):
            mixed = _times(1566083941, state[i - 1] ^ (state[i - 1] >> 30))
            state[i] = ((state[i] ^ mixed) - i) & 0xffffffff
            i += 1
            if i >= 624:
                state[0], i = state[623], 1
        state[0] = 0x80000000
        self._state, self._index = state, 624

    def _word(self):
        if self._index >= 624:
            state = self._state
            for k in range(624):
                y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff)
                state[k] = state[(k + 397) % 624] ^ (y >> 1) ^ (0x9908b0df if y & 1 else 0)
            self._index = 0
        y = self._state[self._index]
        self._index += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9d2c5680
        y ^= (y << 15) & 0xefc60000
        return y ^ (y >> 18)

    def random(self):
        a, b = self._word() >> 5, self._word() >> 6
        return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0)

    def getrandbits(self, k):
        if k > 62:
            raise NotImplementedError("random.getrandbits gives at most 62 bits here")
        if k <= 32:
            return self._word() >> (32 - k) if k else 0
        low = self._word()
        return low | ((self._word() >> (64 - k)) << 32)

    def _below(self, n):
        k = n.bit_length()
        r = self.getrandbits(k)
        while r >= n:
            r = self.getrandbits(k)
        return r

    def randrange(self, start, stop=None, step=1):
        if stop is None:
            start, stop = 0, start
        width = len(range(start, stop, step))
        if width <= 0:
            raise ValueError(f"empty range for randrange() ({start}, {stop}, {stop - start})")
        return start + step * self._below(width)

    def randint(self, a, b):
        return self.randrange(a, b + 1)

    def choice(self, seq):
        if not len(seq):
            raise IndexError("Cannot choose from an empty sequence")
        return seq[self._below(len(seq))]

    def shuffle(self, x):
        for i in range(len(x) - 1, 0, -1):
            j = self._below(i + 1)
            x[i], x[j] = x[j], x[i]

    def sample(self, population, k):
        n = len(population)
        if not 0 <= k <= n:
            raise ValueError("Sample larger than population or is negative")
        size = 21
        if k > 5:
            size += 4 ** math.ceil(math.log(k * 3, 4))
        if n <= size:
            pool, result = list(population), []
            for i in range(k):
                j = self._below(n - i)
                result.append(pool[j])
                pool[j] = pool[n - i - 1]
            return result
        selected = []
        while len(selected) < k:
            j = self._below(n)
            if j not in selected:
                selected.append(j)
        return [population[j] for j in selected]

    def choices(self, population, weights=None, *, cum_weights=None, k=1):
        if weights is None and cum_weights is None:
            return [population[math.floor(self.random() * (len(population) + 0.0))] for _ in range(k)]
        if cum_weights is None:
            cum_weights, total = [], 0
            for weight in weights:
                total += weight
                cum_weights.append(total)
        chosen = []
        for _ in range(k):
            x = self.random() * (cum_weights[-1] + 0.0)
            j = 0
            while j < len(population) - 1 and not x < cum_weights[j]:
                j += 1
            chosen.append(population[j])
        return chosen

    def uniform(self, a, b):
        return a + (b - a) * self.random()

    def gauss(self, mu=0.0, sigma=1.0):
        z, self._gauss = self._gauss, None
        if z is None:
            angle = self.random() * 2.0 * math.pi
            radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
            z, self._gauss = math.cos(angle) * radius, math.sin(angle) * radius
        return mu + z * sigma

    def normalvariate(self, mu=0.0, sigma=1.0):
        magic = 4 * math.exp(-0.5) / math.sqrt(2.0)
        while True:
            u1 = self.random()
            u2 = 1.0 - self.random()
            z = magic * (u1 - 0.5) / u2
            if z * z / 4.0 <= -math.log(u2):
                return mu + z * sigma

    def expovariate(self, lambd=1.0):
        return -math.log(1.0 - self.random()) / lambd


def _times(a, b):
    """The low 32 bits of a product that has 64"""
    return ((a & 0xffff) * b + ((((a >> 16) * (b & 0xffff)) & 0xffff) << 16)) & 0xffffffff


_shared = Random(0)
seed = _shared.seed
random = _shared.random
getrandbits = _shared.getrandbits
randrange = _shared.randrange
randint = _shared.randint
choice = _shared.choice
choices = _shared.choices
shuffle = _shared.shuffle
sample = _shared.sample
uniform = _shared.uniform
gauss = _shared.gauss
normalvariate = _shared.normalvariate
expovariate = _shared.expovariate
