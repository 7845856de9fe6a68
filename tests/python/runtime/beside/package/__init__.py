from .helpers import double
from . import constants
NAME = "package"
