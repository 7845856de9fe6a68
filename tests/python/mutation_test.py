"""Plants syntax errors in pieces of the standard library and compares what is refused with Python.

mutation_test.py DUMP_TREE [COUNT] [SEED]
Python 2's print and exec statements, which are read, are left out.
"""

import ast
import io
import pathlib
import random
import sys
import sysconfig
import tokenize
import warnings

from tree_dumper import TreeDumper

LEAST_AGREEMENT = 0.99
TOKENS = "( ) [ ] { } , : ; . = == + - * ** / // % @ -> := ... < > != | & ^ ~ += if else for in not and or is " \
         "lambda def class return yield await async with as import from pass del raise try except finally while " \
         "global None True x 1 1.5 'a' f'{x}' b'a' ! \\ \n".split(" ")


def pieces(source):
    """Top-level statements of a moderate size."""
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
        if node.end_lineno - first <= 40:
            yield "".join(lines[first - 1:node.end_lineno])


def token_spans(piece):
    """Offsets of the tokens that have characters."""
    starts = [0]
    for line in piece.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = []
    for token in tokenize.generate_tokens(io.StringIO(piece).readline):
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.DEDENT, tokenize.ENDMARKER):
            begin = starts[token.start[0] - 1] + token.start[1]
            end = starts[token.end[0] - 1] + token.end[1] if token.end[0] <= len(starts) else len(piece)
            if begin < end <= len(piece):
                spans.append((begin, end))
    return spans


def mutate(piece, chance):
    try:
        spans = token_spans(piece)
    except (tokenize.TokenError, SyntaxError):
        return None
    if len(spans) < 3:
        return None
    at = chance.randrange(len(spans) - 1)
    (begin, end), (next_begin, next_end) = spans[at:at + 2]
    kind = chance.randrange(5)
    if kind == 0:
        return piece[:begin] + piece[end:]
    if kind == 1:
        return piece[:end] + " " + piece[begin:end] + piece[end:]
    if kind == 2:
        return piece[:begin] + piece[next_begin:next_end] + " " + piece[begin:end] + piece[next_end:]
    if kind == 3:
        return piece[:begin] + chance.choice(TOKENS) + piece[end:]
    return piece[:begin] + chance.choice(TOKENS) + " " + piece[begin:]


def accepted_by_python(program):
    try:
        ast.parse(program)
        return True
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False


def main():
    warnings.simplefilter("ignore")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    dumper = TreeDumper(sys.argv[1], "--check")
    files = sorted(p for p in pathlib.Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")
                   if "site-packages" not in p.parts and "lib2to3" not in p.parts)
    compared = refused = differ = 0
    while compared < count:
        try:
            parts = list(pieces(chance.choice(files).read_text()))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        for piece in chance.sample(parts, min(len(parts), 10)):
            mutant = mutate(piece, chance)
            if mutant is None or "print" in mutant or "exec" in mutant:
                continue
            kind, message = dumper.answer(mutant.encode("utf-8", "surrogatepass"))
            compared += 1
            accepted = accepted_by_python(mutant)
            refused += not accepted
            if (kind == "ok") != accepted:
                differ += 1
                if differ <= 20:
                    print("---- %s\n%s" % ("accepted, and refused by Python" if kind == "ok" else message, mutant))
    print("%d mutants compared, %d of them refused by Python, %d differ" % (compared, refused, differ))
    sys.exit(differ > (1 - LEAST_AGREEMENT) * compared)


if __name__ == "__main__":
    main()
