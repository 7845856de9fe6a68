"""textwrap: text in lines."""


def _margin_of(lines):
    margins = [line[:len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    if not margins:
        return ""
    shortest = min(margins, key=len)
    while any(not margin.startswith(shortest) for margin in margins):
        shortest = shortest[:-1]
    return shortest


def dedent(text):
    lines = text.split("\n")
    margin = len(_margin_of(lines))
    return "\n".join([line[margin:] if line.strip() else "" for line in lines])


def indent(text, prefix, predicate=None):
    wanted = predicate or (lambda line: line.strip())
    return "\n".join([prefix + line if wanted(line) else line for line in text.split("\n")])


def wrap(text, width=70, *, initial_indent="", subsequent_indent=""):
    lines, line, margin = [], "", initial_indent
    for word in text.split():
        while len(margin) + len(word) > width and not line:
            lines.append(margin + word[:width - len(margin)])
            word, margin = word[width - len(margin):], subsequent_indent
        if line and len(margin) + len(line) + 1 + len(word) > width:
            lines.append(margin + line)
            line, margin = "", subsequent_indent
        line = f"{line} {word}" if line else word
    return lines + [margin + line] if line else lines


def fill(text, width=70, **options):
    return "\n".join(wrap(text, width, **options))


def shorten(text, width, *, placeholder=" [...]"):
    words = text.split()
    if len(" ".join(words)) <= width:
        return " ".join(words)
    while words and len(" ".join(words)) + len(placeholder) > width:
        words.pop()
    return " ".join(words) + placeholder if words else placeholder.lstrip()
