"""The errors of callbacks."""

from __future__ import annotations

from typing import ClassVar

from sleeptalk.runtime.errors import SleeptalkError


class CallbackError(SleeptalkError):
    """A callback was refused. `status` is the HTTP status to answer it with."""

    status: ClassVar[int] = 400


class CallbackUnreadable(CallbackError):
    """The body is not JSON that can be read: empty, cut off, not UTF-8, not JSON, nested too deeply."""

    status: ClassVar[int] = 400


class CallbackForbidden(CallbackError):
    """The header x-api-key is missing, is not one of the accepted keys, or comes twice with different values."""

    status: ClassVar[int] = 401


class CallbackInvalid(CallbackError):
    """The body is JSON and breaks the contract. `path` is where, as a JSON path (`$.callback_data.stage_list[3]`)."""

    status: ClassVar[int] = 422

    def __init__(self, message: str = "", *, path: str = "$") -> None:
        super().__init__(message)
        self.path = path


class StoreUnavailable(SleeptalkError):
    """The store of an inbox cannot be read or written to: full, locked, lost, not reachable. It may be, later."""
