"""What callbacks of every version have in common: an event with its data, about one session."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import read_json, text_in
from sleeptalk_contract.sandbox.answers import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.service import Delivery
    from sleeptalk_contract.services.asleep.sandbox.nights import SandboxNight

INFERENCE_COMPLETE: Final = "INFERENCE_COMPLETE"
SESSION_COMPLETE: Final = "SESSION_COMPLETE"

_RANDOM: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Event:
    """A callback taken apart, whichever keys it has.

    `at` is the JSON Pointer of its data with a slash behind it, `name_at` the one of the name of its event.
    """

    event: str
    data: dict[str, Any]
    at: str
    name_at: str

    @property
    def result(self) -> dict[str, Any]:
        """The night of a SESSION_COMPLETE: in V2 and V3 what Get Session has as its result; empty without one."""
        found = self.data.get("sleep_data", self.data) if self.event == SESSION_COMPLETE else {}
        return found if isinstance(found, dict) else {}

    @property
    def result_at(self) -> str:
        """The JSON Pointer of the night."""
        return f"{self.at}sleep_data/" if "sleep_data" in self.data else self.at

    @property
    def session(self) -> dict[str, Any]:
        """What was recorded in a night of V2 or V3; empty where there is nothing."""
        found = self.result.get("session")
        return found if isinstance(found, dict) else {}

    @property
    def stat(self) -> dict[str, Any]:
        """The statistics of a night of V2 or V3; empty where there are none."""
        found = self.result.get("stat")
        return found if isinstance(found, dict) else {}

    @property
    def session_id(self) -> str | None:
        """The session that it is about; None where it does not say."""
        found = self.data.get("session_id", self.session.get("id"))
        return found if isinstance(found, str) else None


def event_of(body: Any) -> Event | None:
    """Take a callback apart, with the keys of V1 and V2, or those of the sample of V3; None for anything else."""
    if not isinstance(body, dict):
        return None
    key, data_key = ("event", "data") if "event" in body else ("callback_event", "callback_data")
    event, data = body.get(key), body.get(data_key)
    if not isinstance(event, str) or not isinstance(data, dict):
        return None
    return Event(event, data, f"/{data_key}/", f"/{key}")


def event_of_v1(body: Any) -> Event | None:
    """Take a callback of V1 apart, which may have any other keys beside its own; None without an object of data.

    Its event is "" where that is not text.
    """
    data = body.get("callback_data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return None
    event = body.get("callback_event")
    return Event(event if isinstance(event, str) else "", data, "/callback_data/", "/callback_event")


def event_named(body: Any) -> str | None:
    """Return the name of a callback's event, whatever else is wrong with it; None where it has none."""
    found = body.get("event", body.get("callback_event")) if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def session_named(body: Any) -> str | None:
    """Return the session that a callback is judged with the others of; None where it names none.

    In V1 that is the one its data names, whatever else is wrong with it, in V2 and V3 that of its event.
    """
    found = event_of(body)
    return text_in(body, "callback_data", "session_id") or (None if found is None else found.session_id)


def is_flat(body: Any) -> bool:
    """Whether a callback has what it is about in itself and not in its data: a form that is not documented."""
    return isinstance(body, dict) and {"event", "session_id"} <= body.keys() and "data" not in body


def rename_session(body: Any, session_id: str) -> None:
    """Let a callback be about another session, wherever it names its own."""
    found = event_of(body)
    if found is None:
        return
    before = found.session_id
    for holder, name in ((found.data, "session_id"), (found.result, "session_id"), (found.session, "id")):
        if before is not None and holder.get(name) == before:
            holder[name] = session_id


def about_a_new_session(content: bytes) -> bytes:
    """Return the body of a callback about a session that no receiver has heard of; as it is where it names none.

    The id keeps its form: of a date, a time and five characters, the time is drawn.
    """
    body = read_json(content)
    found = event_of(body)
    if found is None or found.session_id is None:
        return content
    hour, minute, second = (_RANDOM.randrange(most) for most in (24, 60, 60))
    rename_session(body, f"{found.session_id[:8]}{hour:02}{minute:02}{second:02}{found.session_id[14:]}")
    return encode(body)


def body_of(delivery: Delivery) -> dict[str, Any]:
    """Return the JSON object that is delivered."""
    body: dict[str, Any] = json.loads(delivery.body)
    return body


def of_session(delivery: Delivery, ending: str) -> Delivery:
    """Return a delivery that is about another session, whose id ends in five other characters."""
    found = event_of(body_of(delivery))
    if found is None or found.session_id is None:
        raise ValueError("The delivery is about no session.")
    before = found.session_id
    body = delivery.body.replace(before.encode(), f"{before[:-5]}{ending}".encode())
    return dataclasses.replace(delivery, body=body)


@dataclass(frozen=True, kw_only=True)
class CallbackFormat:
    """How the callbacks of one version are made of a night, for the probes of its receivers.

    - `version`: its name, such as "V2"; `operation`: the operationId of its webhook.
    - `nights`: the sandbox's nights by the name of their scenario.
    - `deliver(night, api_key=, timezone=)`: the deliveries of one of them, or of a changed one.
    - `objects`: the places of the objects in a body whose fields are documented.
    - `optional`: the fields that may be absent.
    - `other_forms(body)`: the same callback in the other forms that the version's pages have.
    """

    version: str
    operation: str
    nights: Mapping[str, SandboxNight]
    deliver: Callable[..., list[Delivery]]
    objects: Sequence[tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    other_forms: Callable[[dict[str, Any]], Iterator[dict[str, Any]]] = lambda _body: iter(())
