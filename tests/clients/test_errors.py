"""The family of errors is the one that its module prints, and its members travel between processes."""

import copy
import inspect
import pickle
import re

import pytest

from sleeptalk import errors
from sleeptalk.errors import SessionNotFound, SleeptalkError
from tests.clients.calling import Call
from tests.clients.hostile import answer, hostile


def printed_tree() -> dict[str, str | None]:
    """Return each class in the module's docstring with the class that it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"((?:│|├|└|─| )*)([A-Z][A-Za-z]+)(?:  .*)?$", line)
        if found is None:
            continue
        depth = len(found[1])
        above = [entry for entry in above if entry[0] < depth]
        parents[found[2]] = above[-1][1] if above else None
        above.append((depth, found[2]))
    return parents


def test_the_printed_tree_is_the_real_one() -> None:
    classes = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    real = {kind.__name__: kind.__bases__[0].__name__ if kind is not SleeptalkError else None for kind in classes}
    assert printed_tree() == real


def test_every_error_is_exported_and_says_what_it_means() -> None:
    assert sorted(printed_tree()) == sorted(errors.__all__)
    assert all(getattr(errors, name).__doc__ for name in errors.__all__)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_can_be_copied_and_pickled(name: str) -> None:
    error = getattr(errors, name)("One sentence.")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == "One sentence."
        assert vars(twin) == vars(error)


def test_an_error_can_be_copied_and_pickled(asleep: Call) -> None:
    with hostile(answer({"detail": "Session not found"}, 404)) as server, pytest.raises(SessionNotFound) as caught:
        asleep(server.url)
    for twin in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert isinstance(twin, SessionNotFound)
        assert (str(twin), twin.detail, twin.status) == (str(caught.value), "Session not found", 404)


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_is_pickled_by_its_public_name_too(name: str) -> None:
    kind = pickle.loads(f"csleeptalk.errors\n{name}\n.".encode())
    assert kind is getattr(errors, name)
