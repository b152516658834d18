"""Makes pages quicker to build than NiceGUI does by itself, without changing what it does.

Each element asks three times whether a handler of its own takes an argument, and the answer is worked out anew from the
handler's signature, which is half of what a page costs. It depends on the code of the handler alone, so it is kept.
"""

from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any

from nicegui import helpers

_asked = helpers.expects_arguments
_answers: dict[tuple[CodeType, bool], bool] = {}
"""Code of a handler, and whether it is bound to an object, to the answer: as many as the program has handlers."""


def expects_arguments(func: Callable[..., Any]) -> bool:
    """What `nicegui.helpers.expects_arguments` says, worked out once for each piece of code. Pure."""
    bound = isinstance(func, MethodType)
    function = func.__func__ if isinstance(func, MethodType) else func
    # What is decorated tells the signature of what stands behind it.
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return _asked(func)
    key = (function.__code__, bound)
    if key not in _answers:
        _answers[key] = _asked(func)
    return _answers[key]


def make_quick() -> None:
    """Have NiceGUI ask here; doing it twice does nothing twice."""
    helpers.expects_arguments = expects_arguments
