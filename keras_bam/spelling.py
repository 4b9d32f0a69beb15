"""Networks and modules on the command line: `name:key=value,...`."""

import ast
import inspect

from keras_bam.naming import unknown


def parse(text):
    """'WideResNet18:widen=1.5' -> ('WideResNet18', {'widen': 1.5}).

    A value is a Python literal; what is none is a string.

    Raises:
        ValueError: if a part is not `key=value`, or a key comes twice.
    """
    name, _, rest = text.partition(":")
    arguments = {}
    for part in rest.split(",") if rest else []:
        key, equals, value = part.partition("=")
        if not equals or not key.isidentifier():
            raise ValueError(f"{part!r} in {text!r} is not of the form key=value")
        if key in arguments:
            raise ValueError(f"{key!r} comes twice in {text!r}")
        arguments[key] = _value(value)
    return name, arguments


def make(function, arguments, what):
    """Calls `function` with keyword `arguments`.

    Raises:
        ValueError: if one of them is unknown; the nearest names are offered.
    """
    known = [name for name in inspect.signature(function).parameters if name != "kwargs"]
    for name in arguments:
        if name not in known:
            raise unknown(f"argument of {what}", name, known)
    return function(**arguments)


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError):
        return text
