"""Pages are built quicker, and NiceGUI is told the same as before."""

from functools import partial, wraps

import pytest
from nicegui import helpers, observables, ui

from console.web import quick


class Somebody:
    def without(self):
        pass

    def taking(self, event):
        pass

    @classmethod
    def of_all(cls, event):
        pass

    def __call__(self, event):
        pass


def around(do):
    @wraps(do)
    def wrapped(*arguments):
        return do(*arguments)

    return wrapped


HANDLERS = [
    lambda: None, lambda event: None, lambda event=1: None, lambda *events: None, lambda **more: None,
    Somebody().without, Somebody().taking, Somebody.taking, Somebody.of_all, Somebody(), partial(Somebody().taking, 1),
    around(lambda event: None), around(lambda: None), print,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HANDLERS)))
def test_the_answer_is_that_of_nicegui_the_first_time_and_the_second(number):
    handler = HANDLERS[number]
    said = [quick.expects_arguments(handler), quick.expects_arguments(handler)]
    assert said == [quick._asked(handler)] * 2


def test_nicegui_asks_here():
    quick.make_quick()
    assert observables.helpers.expects_arguments is quick.expects_arguments
    assert helpers is observables.helpers
    assert ui.element is not None
