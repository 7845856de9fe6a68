"""Compares trees with Python's own: of hand-written snippets and of the standard library's files.

conformance_test.py DUMP_TREE [--full] [FOLDER...]
"""

import ast
import pathlib
import random
import re
import sys
import sysconfig
import warnings

from reference_tree import reference
from tree_dumper import TreeDumper

SNIPPETS = pathlib.Path(__file__).with_name("snippets.txt")
CHARACTER = re.compile(r"(\\x[c-f][0-9a-f])(\\x[89ab][0-9a-f])+")
SAMPLED_BYTES = 3_000_000


def same(ours, theirs, program):
    """True for equal trees, whatever the characters whose \\N{names} are not known stand for."""
    if ours == theirs or b"\\N{" not in program:
        return ours == theirs
    return CHARACTER.sub("?", ours) == CHARACTER.sub("?", theirs)


def first_difference(ours, theirs):
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    return "  ours   …%s\n  theirs …%s" % (ours[max(0, at - 120):at + 100], theirs[max(0, at - 120):at + 100])


def positions_comparable(tree):
    """Older Pythons misplace what stands in f-strings."""
    return sys.version_info >= (3, 12) or not any(isinstance(n, ast.JoinedStr) for n in ast.walk(tree))


def is_newer_than_ours(tree, program):
    """Whether it has forms that came after the grammar of 3.12: t"" and `except A, B:`."""
    def unparenthesized(node):
        return (isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple) and
                not (ast.get_source_segment(program.decode(), node.type) or "(").startswith("("))
    return sys.version_info >= (3, 14) and any(
        type(node).__name__ == "TemplateStr" or unparenthesized(node) for node in ast.walk(tree))


class Comparison:
    def __init__(self, executable):
        self.with_positions = TreeDumper(executable)
        self.unparsed = TreeDumper(executable, "--unparse")
        self.failures = self.files = 0

    def fail(self, name, message):
        self.failures += 1
        if self.failures <= 20:
            print("%s: %s" % (name, message))

    def check(self, name, program):
        if b"print >>" in program or b"print>>" in program:
            return  # Read as Python 2's statement.
        try:
            tree = ast.parse(program)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            if "encoding" in str(error):
                return
            tree = None
        if tree is not None and is_newer_than_ours(tree, program):
            return
        kind, ours = self.with_positions.answer(program)
        if tree is None:
            if kind == "ok" and b"print" not in program and b"exec" not in program:
                self.fail(name, "accepted, and refused by Python")
            return
        if kind == "error" and "the coding '" in ours:
            return
        self.files += 1
        if kind == "error":
            return self.fail(name, ours)
        plain = reference(program, False)
        if positions_comparable(tree):
            theirs = reference(program)
            if not same(ours, theirs, program):
                return self.fail(name, "another tree\n" + first_difference(ours, theirs))
        kind, again = self.unparsed.answer(program)
        if kind == "error" or not same(again, plain, program):
            self.fail(name, "unparsed and parsed again: " +
                      (again[:600] if kind == "error" else "\n" + first_difference(again, plain)))


def standard_library(folders, full):
    paths = sorted(p for folder in folders for p in pathlib.Path(folder).rglob("*.py")
                   if full or "site-packages" not in p.parts)
    if full:
        return paths
    random.Random(0).shuffle(paths)
    chosen, size = [], 0
    for path in paths:
        size += path.stat().st_size
        if size > SAMPLED_BYTES:
            break
        chosen.append(path)
    return chosen


def main():
    warnings.simplefilter("ignore")
    arguments = [a for a in sys.argv[2:] if a != "--full"]
    full = "--full" in sys.argv
    comparison = Comparison(sys.argv[1])
    for number, snippet in enumerate(SNIPPETS.read_text().split("\n----\n")):
        comparison.check("snippet %d, %r" % (number, snippet[:60]), snippet.encode())
    for path in standard_library(arguments or [sysconfig.get_paths()["stdlib"]], full):
        comparison.check(path, path.read_bytes())
    print("%d programs compared, %d differ" % (comparison.files, comparison.failures))
    sys.exit(comparison.failures != 0)


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    main()
