"""Python's own trees in the form that tree_dump.cpp writes."""

import ast
import struct

BINARY = "Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv".split()
UNARY = "Invert Not UAdd USub".split()
BOOLEAN = "And Or".split()
COMPARISON = "Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn".split()
OPERATORS = {name: str(i) for names in (BINARY, UNARY, BOOLEAN, COMPARISON) for i, name in enumerate(names)}
ORDER = {
    "FormattedValue": ("value", "conversion", "format_spec"),
    "IfExp": ("body", "test", "orelse"),
    "ClassDef": ("decorator_list", "name", "type_params", "bases", "keywords", "body"),
    "ImportFrom": ("module", "level", "names"),
}
LEFT_OUT = {"ctx", "type_comment", "kind", "simple"}


def quoted(text):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in (34, 92) else "\\x%02x" % c for c in data) + '"'


def bits(number):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", number))[0]


def constant(value):
    if value is None or value is True or value is False or value is Ellipsis:
        return "Ellipsis" if value is Ellipsis else str(value)
    if isinstance(value, int):
        return "int:%d" % value if value < 2**63 else "int:" + hex(value)
    if isinstance(value, float):
        return "float:" + bits(value)
    if isinstance(value, complex):
        return "complex:" + bits(value.imag)
    return ("b" if isinstance(value, bytes) else "") + quoted(value)


class Reference:
    """Writes a tree; positions within f-strings are right from Python 3.12 on."""

    def __init__(self, with_positions=True):
        self.with_positions = with_positions

    def position(self, node):
        if not self.with_positions:
            return ""
        return "%d:%d-%d:%d " % (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)

    def value(self, value):
        if value is None:
            return "None"
        if isinstance(value, list):
            return "[" + "".join(self.value(element) + " " for element in value) + "]"
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, (bool, int)):
            return str(value)
        if not value._fields and type(value).__name__ in OPERATORS:
            return OPERATORS[type(value).__name__]
        special = getattr(self, "write_" + type(value).__name__, None)
        return special(value) if special else self.plain(value)

    def form(self, name, node, *fields):
        return "(" + name + " " + self.position(node) + "".join(field + " " for field in fields) + ")"

    def part(self, node, *fields):
        position = self.position(node) if node is not None else ""
        return "(" + position + "".join(field + " " for field in fields) + ")"

    def plain(self, node):
        name = type(node).__name__
        fields = ORDER.get(name) or [field for field in node._fields if field not in LEFT_OUT]
        return self.form(name, node, *[self.value(getattr(node, field, [])) for field in fields])

    def write_Constant(self, node):
        return self.form("Constant", node, constant(node.value))

    def write_MatchSingleton(self, node):
        return self.form("MatchSingleton", node, constant(node.value))

    def write_JoinedStr(self, node):
        # Python 3.12.1 puts empty constants into format specifications.
        values = [v for v in node.values if not (isinstance(v, ast.Constant) and getattr(v, "value", "") == "")]
        return self.form("JoinedStr", node, self.value(values))

    def write_FormattedValue(self, node):
        letter = "-" if node.conversion == -1 else chr(node.conversion)
        return self.form("FormattedValue", node, self.value(node.value), letter, self.value(node.format_spec))

    def write_keyword(self, node):
        return self.part(node, self.value(node.arg), self.value(node.value))

    def write_alias(self, node):
        return self.part(node, self.value(node.name), self.value(node.asname))

    def write_comprehension(self, node):
        fields = [self.value(v) for v in (node.target, node.iter, node.ifs)]
        return self.part(None, *fields, str(bool(node.is_async)))

    def write_withitem(self, node):
        return self.part(None, self.value(node.context_expr), self.value(node.optional_vars))

    def write_match_case(self, node):
        return self.part(None, self.value(node.pattern), self.value(node.guard), self.value(node.body))

    def write_ExceptHandler(self, node):
        return self.part(node, self.value(node.type), self.value(node.name), self.value(node.body))

    def write_Compare(self, node):
        parts = [self.part(None, self.value(op), self.value(c)) for op, c in zip(node.ops, node.comparators)]
        return self.form("Compare", node, self.value(node.left), "[" + "".join(p + " " for p in parts) + "]")

    def write_Dict(self, node):
        items = [self.part(None, self.value(k), self.value(v)) for k, v in zip(node.keys, node.values)]
        return self.form("Dict", node, "[" + "".join(i + " " for i in items) + "]")

    def write_MatchMapping(self, node):
        items = [self.part(None, self.value(k), self.value(p)) for k, p in zip(node.keys, node.patterns)]
        return self.form("MatchMapping", node, "[" + "".join(i + " " for i in items) + "]", self.value(node.rest))

    def write_MatchClass(self, node):
        words = [self.part(None, self.value(k), self.value(p)) for k, p in zip(node.kwd_attrs, node.kwd_patterns)]
        return self.form("MatchClass", node, self.value(node.cls), self.value(node.patterns),
                         "[" + "".join(w + " " for w in words) + "]")

    def write_arguments(self, node):
        positional = node.posonlyargs + node.args
        defaults = [None] * (len(positional) - len(node.defaults)) + node.defaults
        kinds = [0] * len(node.posonlyargs) + [1] * len(node.args)
        parameters = list(zip(positional, kinds, defaults))
        if node.vararg:
            parameters.append((node.vararg, 2, None))
        parameters += [(a, 3, d) for a, d in zip(node.kwonlyargs, node.kw_defaults)]
        if node.kwarg:
            parameters.append((node.kwarg, 4, None))
        texts = [self.part(a, quoted(a.arg), str(kind), self.value(a.annotation), self.value(default))
                 for a, kind, default in parameters]
        return "[" + "".join(text + " " for text in texts) + "]"

    def write_FunctionDef(self, node):
        return self.form("FunctionDef", node, self.value(node.decorator_list),
                         str(isinstance(node, ast.AsyncFunctionDef)), quoted(node.name),
                         self.value(getattr(node, "type_params", [])), self.value(node.args),
                         self.value(node.returns), self.value(node.body))

    write_AsyncFunctionDef = write_FunctionDef

    def write_For(self, node):
        fields = [self.value(v) for v in (node.target, node.iter, node.body, node.orelse)]
        return self.form("For", node, str(isinstance(node, ast.AsyncFor)), *fields)

    write_AsyncFor = write_For

    def write_With(self, node):
        return self.form("With", node, str(isinstance(node, ast.AsyncWith)), self.value(node.items),
                         self.value(node.body))

    write_AsyncWith = write_With

    def write_Try(self, node):
        fields = [self.value(v) for v in (node.body, node.handlers, node.orelse, node.finalbody)]
        return self.form("Try", node, str(type(node).__name__ == "TryStar"), *fields)

    write_TryStar = write_Try

    def write_TypeVar(self, node):
        return self.part(node, "0", quoted(node.name), self.value(node.bound))

    def write_TypeVarTuple(self, node):
        return self.part(node, "1", quoted(node.name), "None")

    def write_ParamSpec(self, node):
        return self.part(node, "2", quoted(node.name), "None")


def reference(program, with_positions=True):
    return Reference(with_positions).value(ast.parse(program).body)
