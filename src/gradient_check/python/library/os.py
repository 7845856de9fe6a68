"""os: names of files and no more. Nothing is made, read or removed."""
import os.path as path

name, sep, linesep, curdir, pardir = "posix", "/", "\n", ".", ".."
environ = {}


def getenv(key, default=None):
    return environ.get(key, default)


def putenv(key, value):
    environ[key] = value


def getcwd():
    return "."


def getpid():
    return 1


def cpu_count():
    return 1


def fspath(path):
    return str(path)


def makedirs(name, mode=0o777, exist_ok=False):
    pass


def mkdir(path, mode=0o777):
    pass


def chdir(path):
    pass


def _refuse(name):
    raise NotImplementedError(f"os.{name} does not exist here: programs have no files but those that np.load, "
                              f"np.loadtxt and torch.load read beside them")


def listdir(path="."):
    _refuse("listdir")


def walk(top):
    _refuse("walk")


def scandir(path="."):
    _refuse("scandir")


def system(command):
    _refuse("system")


def popen(command):
    _refuse("popen")


def remove(path):
    _refuse("remove")
