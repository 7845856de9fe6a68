"""json: text to plain values and back. There are no files: load and dump do not exist."""


class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        line = doc.count("\n", 0, pos) + 1
        column = pos - doc.rfind("\n", 0, pos)
        super().__init__(f"{msg}: line {line} column {column} (char {pos})")
        self.msg, self.doc, self.pos = msg, doc, pos


_escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _character(c, ensure_ascii):
    if c in _escapes:
        return _escapes[c]
    code = ord(c)
    if code < 32 or (ensure_ascii and 127 <= code < 0x10000):
        return f"\\u{code:04x}"
    if ensure_ascii and code >= 0x10000:
        code -= 0x10000
        return f"\\u{0xd800 + (code >> 10):04x}\\u{0xdc00 + (code & 0x3ff):04x}"
    return c


def _text(value, ensure_ascii):
    return '"' + "".join([_character(c, ensure_ascii) for c in value]) + '"'


def _number(value):
    if isinstance(value, int):
        return str(int(value))
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


class JSONEncoder:
    def __init__(self, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, sort_keys=False,
                 indent=None, separators=None, default=None):
        self.ensure_ascii, self.sort_keys = ensure_ascii, sort_keys
        self.indent = " " * indent if isinstance(indent, int) else indent
        self.comma, self.colon = separators or ((", " if indent is None else ","), ": ")
        if default is not None:
            self.default = default

    def default(self, o):
        raise TypeError(f"Object of type {type(o).__name__} is not JSON serializable")

    def encode(self, o):
        return self._encoded(o, "")

    def _encoded(self, o, margin):
        if o is None or o is True or o is False:
            return "null" if o is None else "true" if o else "false"
        if isinstance(o, str):
            return _text(o, self.ensure_ascii)
        if isinstance(o, (int, float)):
            return _number(o)
        inner = "" if self.indent is None else margin + self.indent
        if isinstance(o, (list, tuple)):
            return self._block("[", [self._encoded(x, inner) for x in o], "]", margin, inner)
        if isinstance(o, dict):
            items = sorted(o.items()) if self.sort_keys else o.items()
            rows = [_text(self._key(k), self.ensure_ascii) + self.colon + self._encoded(v, inner) for k, v in items]
            return self._block("{", rows, "}", margin, inner)
        return self._encoded(self.default(o), margin)

    def _key(self, key):
        if isinstance(key, str):
            return key
        if key is None or isinstance(key, (bool, int, float)):
            return self._encoded(key, "")
        raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")

    def _block(self, opening, rows, closing, margin, inner):
        if not rows:
            return opening + closing
        if self.indent is None:
            return opening + self.comma.join(rows) + closing
        return f"{opening}\n{inner}" + f"{self.comma}\n{inner}".join(rows) + f"\n{margin}{closing}"


def dumps(obj, *, cls=None, **options):
    return (cls or JSONEncoder)(**options).encode(obj)


class _Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, message, at=None):
        raise JSONDecodeError(message, self.text, self.at if at is None else at)

    def skip(self):
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def value(self):
        c = self.peek()
        if c == '"':
            return self.string()
        if c == "{":
            return self.object()
        if c == "[":
            return self.array()
        for word, value in (("null", None), ("true", True), ("false", False), ("NaN", float("nan")),
                            ("Infinity", float("inf")), ("-Infinity", float("-inf"))):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def number(self):
        begin = self.at
        while self.peek() and self.peek() in "+-0123456789.eE":
            self.at += 1
        word = self.text[begin:self.at]
        digits = word[1:] if word.startswith("-") else word
        if not digits or not digits[0].isdigit() or (digits[0] == "0" and digits[1:2].isdigit()):
            self.fail("Expecting value", begin)
        return float(word) if any(c in word for c in ".eE") else int(word)

    def string(self):
        begin = self.at
        self.at += 1
        parts = []
        while self.peek() != '"':
            c = self.peek()
            if not c:
                self.fail("Unterminated string starting at", begin)
            if ord(c) < 32:
                self.fail("Invalid control character at")
            self.at += 1
            parts.append(self.escaped() if c == "\\" else c)
        self.at += 1
        return "".join(parts)

    def escaped(self):
        c = self.peek()
        self.at += 1
        if c != "u":
            plain = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
            if c not in plain:
                self.fail("Invalid \\escape", self.at - 2)
            return plain[c]
        code = self.hexadecimal()
        if 0xd800 <= code < 0xdc00 and self.text.startswith("\\u", self.at):
            self.at += 2
            code = 0x10000 + ((code - 0xd800) << 10) + (self.hexadecimal() - 0xdc00)
        return chr(code)

    def hexadecimal(self):
        digits = self.text[self.at:self.at + 4]
        if len(digits) < 4 or any(c not in "0123456789abcdefABCDEF" for c in digits):
            self.fail("Invalid \\uXXXX escape", self.at - 1)
        self.at += 4
        return int(digits, 16)

    def array(self):
        self.at += 1
        values = []
        self.skip()
        if self.peek() == "]":
            self.at += 1
            return values
        while True:
            self.skip()
            values.append(self.value())
            self.skip()
            if self.peek() == "]":
                self.at += 1
                return values
            if self.peek() != ",":
                self.fail("Expecting ',' delimiter")
            self.at += 1

    def object(self):
        self.at += 1
        values = {}
        self.skip()
        if self.peek() == "}":
            self.at += 1
            return values
        while True:
            self.skip()
            if self.peek() != '"':
                self.fail("Expecting property name enclosed in double quotes")
            key = self.string()
            self.skip()
            if self.peek() != ":":
                self.fail("Expecting ':' delimiter")
            self.at += 1
            self.skip()
            values[key] = self.value()
            self.skip()
            if self.peek() == "}":
                self.at += 1
                return values
            if self.peek() != ",":
                self.fail("Expecting ',' delimiter")
            self.at += 1


def loads(s):
    reader = _Reader(s)
    reader.skip()
    made = reader.value()
    reader.skip()
    if reader.at < len(s):
        reader.fail("Extra data")
    return made
