"""Talks to dump_tree: programs go in, trees come out."""

import subprocess


class TreeDumper:
    def __init__(self, executable, *mode):
        self.process = subprocess.Popen([executable, *mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def answer(self, program):
        """("ok" or "error", tree or message)"""
        self.process.stdin.write(b"%d\n" % len(program) + program)
        self.process.stdin.flush()
        length = self.process.stdout.readline()
        if not length:
            raise RuntimeError("dump_tree died with status %s" % self.process.wait())
        kind, _, rest = self.process.stdout.read(int(length)).decode().partition(" ")
        return kind, rest
