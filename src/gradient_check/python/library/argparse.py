"""argparse: a program is run without arguments, so each has its default."""

SUPPRESS = "==SUPPRESS=="
REMAINDER, OPTIONAL, ZERO_OR_MORE, ONE_OR_MORE = "...", "?", "*", "+"


class Namespace:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)

    def __repr__(self):
        return "Namespace(" + ", ".join([f"{k}={v!r}" for k, v in self.__dict__.items()]) + ")"

    def __eq__(self, other):
        return isinstance(other, Namespace) and self.__dict__ == other.__dict__

    def __contains__(self, key):
        return key in self.__dict__


class ArgumentTypeError(Exception):
    pass


class HelpFormatter:
    pass


ArgumentDefaultsHelpFormatter = RawTextHelpFormatter = RawDescriptionHelpFormatter = HelpFormatter


class BooleanOptionalAction:
    pass


class _Action:
    def __init__(self, names, options):
        self.names = names
        self.is_option = names[0].startswith("-")
        long = [name for name in names if name.startswith("--")]
        self.dest = options.get("dest") or (long or list(names))[0].lstrip("-").replace("-", "_")
        self.action, self.type = options.get("action", "store"), options.get("type")
        self.nargs = options.get("nargs")
        self.required = options.get("required", not self.is_option and self.nargs not in ("?", "*"))
        switches = {"store_true": False, "store_false": True}
        self.default = options.get("default", switches.get(self.action))

    def value(self):
        if isinstance(self.default, str) and self.type is not None:
            return self.type(self.default)
        return self.default


class _Group:
    def __init__(self, parser):
        self._parser = parser

    def add_argument(self, *names, **options):
        return self._parser.add_argument(*names, **options)

    def add_argument_group(self, *args, **kwargs):
        return self

    def add_mutually_exclusive_group(self, **kwargs):
        return self


class ArgumentParser:
    def __init__(self, prog=None, usage=None, description=None, epilog=None, parents=(), formatter_class=None, **options):
        self.description = description
        self._actions, self._defaults = [], {}
        for parent in parents:
            self._actions += parent._actions

    def add_argument(self, *names, **options):
        self._actions.append(_Action(names, options))
        return self._actions[-1]

    def add_argument_group(self, *args, **kwargs):
        return _Group(self)

    def add_mutually_exclusive_group(self, **kwargs):
        return _Group(self)

    def set_defaults(self, **kwargs):
        self._defaults.update(kwargs)

    def get_default(self, dest):
        return next((a.default for a in self._actions if a.dest == dest), self._defaults.get(dest))

    def parse_args(self, args=None, namespace=None):
        made = namespace or Namespace()
        for action in self._actions:
            if action.action in ("help", "version") or action.default is SUPPRESS:
                continue
            if action.dest in self._defaults:
                setattr(made, action.dest, self._defaults[action.dest])
                continue
            if action.required:
                raise ValueError(f"the argument {action.names[0]} is required, and a program is run without arguments "
                                 f"here: give it default=")
            setattr(made, action.dest, action.value())
        for name, value in self._defaults.items():
            setattr(made, name, value)
        return made

    def parse_known_args(self, args=None, namespace=None):
        return self.parse_args(args, namespace), []

    def print_help(self, file=None):
        pass

    def error(self, message):
        raise SystemExit(message)
