"""pathlib: names of files."""
import os


class PurePath:
    def __init__(self, *parts):
        text = os.path.join("", *parts) if parts else "."
        kept = [part for part in text.split("/") if part not in ("", ".")]
        self._text = ("/" if text.startswith("/") else "") + "/".join(kept) or "."

    def __truediv__(self, other):
        return type(self)(self._text, other)

    def __rtruediv__(self, other):
        return type(self)(other, self._text)

    def __str__(self):
        return self._text

    def __fspath__(self):
        return self._text

    def __repr__(self):
        return f"PosixPath({self._text!r})"

    def __eq__(self, other):
        return isinstance(other, PurePath) and self._text == other._text

    def __hash__(self):
        return hash(self._text)

    def __lt__(self, other):
        return self._text < other._text

    @property
    def name(self):
        return os.path.basename(self._text)

    @property
    def suffix(self):
        return os.path.splitext(self._text)[1]

    @property
    def stem(self):
        return os.path.splitext(self.name)[0]

    @property
    def parent(self):
        return type(self)(os.path.dirname(self._text) or ".")

    @property
    def parents(self):
        found, at = [], self
        while at.parent != at:
            at = at.parent
            found.append(at)
        return found

    @property
    def parts(self):
        root = ("/",) if self._text.startswith("/") else ()
        return root + tuple(part for part in self._text.split("/") if part and part != ".")

    def joinpath(self, *other):
        return type(self)(self._text, *other)

    def with_suffix(self, suffix):
        return type(self)(self._text[:len(self._text) - len(self.suffix)] + suffix)

    def with_name(self, name):
        return self.parent / name

    def is_absolute(self):
        return self._text.startswith("/")

    def as_posix(self):
        return self._text


class Path(PurePath):
    @classmethod
    def cwd(cls):
        return cls(".")

    def exists(self):
        return os.path.exists(self._text)

    def is_file(self):
        return os.path.exists(self._text)

    def is_dir(self):
        return False

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        pass

    def resolve(self, strict=False):
        return self

    def absolute(self):
        return self

    def expanduser(self):
        return self

    def open(self, *args, **kwargs):
        return open(self._text, *args, **kwargs)

    def read_text(self, *args, **kwargs):
        return open(self._text)

    def read_bytes(self):
        return open(self._text)

    def write_text(self, *args, **kwargs):
        return open(self._text, "w")


PosixPath = Path
PurePosixPath = PurePath
