"""sys, as far as it is harmless."""
argv = ["program.py"]
maxsize = 9223372036854775807
version_info = (3, 12, 0)
version = "3.12.0"
platform = "linux"
byteorder = "little"


class float_info:
    max = 1.7976931348623157e308
    min = 2.2250738585072014e-308
    epsilon = 2.220446049250313e-16
    dig, mant_dig = 15, 53


def exit(code=None):
    raise SystemExit(code)


def setrecursionlimit(limit):
    pass


def getrecursionlimit():
    return 1000


class _Stream:
    def write(self, text):
        print(text, end="")
        return len(text)

    def flush(self):
        pass


stdout = _Stream()
stderr = _Stream()
