"""What came of one attempt: a result, or an error and whether another attempt makes sense."""

from __future__ import annotations

from typing import Generic, NoReturn, TypeAlias, TypeVar

from attrs import frozen

from sleeptalk.errors import CallFailed  # noqa: TC001  # attrs resolves it

T = TypeVar("T")


@frozen
class Success(Generic[T]):
    """The call gave its result."""

    value: T

    def unwrap(self) -> T:
        """Give the result."""
        return self.value


@frozen
class Failure:
    """The call gave an error. `again`: whether the same request may do better."""

    error: CallFailed
    again: bool = False

    def unwrap(self) -> NoReturn:
        """Raise the error. Nothing is chained to it: an exception of the HTTP client holds the request and its keys."""
        raise self.error


Outcome: TypeAlias = Success[T] | Failure
