"""os.path: names of files."""
from _files import is_file as _is_file

sep = "/"


def join(a, *p):
    made = str(a)
    for part in p:
        part = str(part)
        if part.startswith("/") or not made:
            made = part
        else:
            made += part if made.endswith("/") else "/" + part
    return made


def split(p):
    p = str(p)
    at = p.rfind("/") + 1
    head = p[:at]
    return (head if head.strip("/") == "" else head.rstrip("/")), p[at:]


def basename(p):
    return split(p)[1]


def dirname(p):
    return split(p)[0]


def splitext(p):
    p = str(p)
    name = basename(p)
    at = name.rfind(".")
    if at <= 0 or name[:at].strip(".") == "":
        return p, ""
    return p[:len(p) - len(name) + at], name[at:]


def normpath(path):
    parts = []
    for part in str(path).split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return ("/" if str(path).startswith("/") else "") + "/".join(parts) or "."


def abspath(path):
    return normpath(path)


def realpath(path):
    return normpath(path)


def expanduser(path):
    return str(path)


def isabs(s):
    return str(s).startswith("/")


def exists(path):
    return _is_file(str(path))


def isfile(path):
    return _is_file(str(path))


def isdir(s):
    return False


def relpath(path, start="."):
    return normpath(path)


def commonprefix(m):
    first, last = min(m), max(m)
    at = 0
    while at < min(len(first), len(last)) and first[at] == last[at]:
        at += 1
    return first[:at]
