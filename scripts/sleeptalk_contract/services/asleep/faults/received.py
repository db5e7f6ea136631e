"""What a faulty receiver looks at: one delivery, taken apart without ever failing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Received:
    """One delivery. `headers` have names in lower case; `count` says how often the same body came before.

    `right_key` is the key that the receiver expects.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    count: int
    right_key: str = field(repr=False)

    @cached_property
    def key(self) -> str | None:
        """The key that was sent; None without one."""
        return self.headers.get("x-api-key")

    @cached_property
    def is_text(self) -> bool:
        """Whether the body is UTF-8."""
        try:
            self.body.decode()
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def json(self) -> Any:
        """The body's JSON value; None where it has none."""
        try:
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None

    @cached_property
    def is_json(self) -> bool:
        """Whether the body is JSON other than null."""
        return self.json is not None

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The `callback_data`; empty where there is none."""
        found = self.json.get("callback_data") if isinstance(self.json, dict) else None
        return found if isinstance(found, dict) else {}

    @cached_property
    def night(self) -> Mapping[str, Any]:
        """The `sleep_data`; empty where there is none."""
        found = self.data.get("sleep_data")
        return found if isinstance(found, dict) else {}

    def stages(self) -> Iterator[Any]:
        """Give every sleep stage of the delivery."""
        for holder, name in ((self.data, "stage_list"), (self.night, "sleep_stages")):
            stages = holder.get(name)
            yield from stages if isinstance(stages, list) else ()
