"""One call with the sync or the async client, so that each behaviour is tested of both."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.phonexia import AsyncPhonexia, Phonexia

KEY = "the-key-that-nobody-may-see"
USER = "G-20220821093117-SomeUserOfTheService"
SESSION = "20220821093117_hz82a"
TASK = "123e4567-e89b-12d3-a456-426614174000"

Kind = Literal["sync", "async"]
Call = Callable[..., Any]


def asleep_call(kind: Kind, url: str, method: str = "get_session", *args: Any, **keywords: Any) -> Any:
    """Call a method of Asleep or AsyncAsleep; `options` go to with_options, `client` to the constructor."""
    arguments = {"api_key": KEY, "user_id": USER, "base_url": url, **keywords.pop("client", {})}
    client: Any = Asleep(**arguments) if kind == "sync" else AsyncAsleep(**arguments)
    return _call(client, method, args or (SESSION,), keywords)


def phonexia_call(kind: Kind, url: str, method: str = "get_time_analysis", *args: Any, **keywords: Any) -> Any:
    """Call a method of Phonexia or AsyncPhonexia, as `asleep_call` does."""
    arguments = {"base_url": url, **keywords.pop("client", {})}
    client: Any = Phonexia(**arguments) if kind == "sync" else AsyncPhonexia(**arguments)
    return _call(client, method, args or (TASK,), keywords)


def _call(client: Any, method: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    options = keywords.pop("options", {})
    if isinstance(client, (Asleep, Phonexia)):
        with client:
            return getattr(client.with_options(**options), method)(*args, **keywords)

    async def run() -> Any:
        async with client:
            return await getattr(client.with_options(**options), method)(*args, **keywords)

    return asyncio.run(run())
