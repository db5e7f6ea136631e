"""What the clients of Asleep have in common: a key, a user, and options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from sleeptalk.errors import ConfigurationError
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.options import Secret, required
from sleeptalk_generated.asleep import SERVER

if TYPE_CHECKING:
    import os

    from sleeptalk.recording import Recorder

H = TypeVar("H")


class AsleepClient(Client[H]):
    """What the clients of Asleep have, sync and async, of each version of its data."""

    def __init__(
        self,
        api_key: str | None = None,
        user_id: str | None = None,
        *,
        base_url: str = SERVER,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: H | None = None,
        max_concurrency: int | None = None,
        recorder: Recorder | str | os.PathLike[str] | None = None,
    ) -> None:
        key = Secret.given(api_key, "ASLEEP_API_KEY")
        address = Secret(base_url)  # it may hold a password
        del api_key, base_url  # a traceback that shows the variables of its frames would have them for any error below
        key.required("api_key", "ASLEEP_API_KEY")
        super().__init__(
            address,
            timeout=timeout,
            retries=retries,
            http_client=http_client,
            max_concurrency=max_concurrency,
            recorder=recorder,
            secrets={"x-api-key": key},
            arguments={"user_id": required(user_id, "user_id", "ASLEEP_USER_ID")},
        )

    def for_user(self, user_id: str) -> Self:
        """Return a client for another user's sessions that shares this one's key, options and connections.

        - `user_id`: that user's id; the environment does not stand in for it.

        Closing the copy does nothing: the connections are this client's. Raises ConfigurationError.
        """
        twin = self.with_options()
        twin._arguments = {"user_id": checked_user_id(user_id)}  # noqa: SLF001  # of our own class
        return twin


def checked_user_id(user_id: object) -> str:
    """Return the id of a user who is named; raises ConfigurationError for anything that names nobody."""
    if not isinstance(user_id, str) or not user_id.strip():
        raise ConfigurationError(f"user_id must be a non-empty str, not {user_id!r}.")
    return user_id
