"""The particular requests that the receiver rules need: the callbacks of the sandbox's nights, intact and corrupted.

Each callback that must be accepted is about a session of its own, unless it is delivered again: a receiver may refuse a
second end of a session, or a window that comes too late.
"""

import copy
import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.fuzzing.probe import Probe, Step, at_once, singles, together, with_spoiled_keys, without
from sleeptalk_contract.sandbox.answers import encode
from sleeptalk_contract.services.asleep.callbacks import (
    SESSION_COMPLETE,
    CallbackFormat,
    body_of,
    event_of,
    of_session,
    rename_session,
)
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE, SandboxNight
from sleeptalk_contract.services.asleep.sandbox.statistics import EPOCH_SECONDS

_FIRST_WINDOWS: Final = 4
_UNKNOWN: Final = {"added_by_the_vendor": {"at": [1, 2.5, None, "later"]}}
_WHOLE_BLOCK: Final = 10
_FULL_WINDOW: Final = 7
"""The number of a window in the middle of the night, with all its epochs."""

_REPRESENTATIVES: Final = ("four-stages", "without-breathing", "never-slept")


def receiver_probes(knowledge: Knowledge, written: CallbackFormat) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent. Without a key nothing can be accepted, so only refusals."""
    return _Probes(knowledge, written).steps()


def honest_callbacks(knowledge: Knowledge, written: CallbackFormat) -> tuple[Probe, ...]:
    """Return a few callbacks that every receiver accepts which knows the key; none without a key."""
    return _Probes(knowledge, written).honest()


class _Probes:
    """The probes for callbacks of one version."""

    def __init__(self, knowledge: Knowledge, written: CallbackFormat) -> None:
        self._key, self._user_id = knowledge.credentials.get("x-api-key"), knowledge.credentials.get("x-user-id")
        self._written = written

    def steps(self) -> Iterator[Step]:
        """Yield the steps in the order in which they are sent."""
        if self._key is None:
            completion = self._completion("four-stages")
            headers = without(completion.headers, "x-api-key")
            return together(singles(self._unreadable(headers, b"{}")), singles(self._invalid(headers, completion)))
        bodies = [of_session(self._completion(name), "whole") for name in _REPRESENTATIVES]
        window = of_session(self._deliveries("four-stages")[_FULL_WINDOW], "inner")
        completion = bodies[0]
        return together(
            singles(self._conforming()),
            singles(self._in_other_forms()),
            singles(self._long_nights()),
            singles(self._first_minutes()),
            singles(self._written_otherwise()),
            singles(self._odd_identifiers(completion, "e")),
            singles(self._odd_identifiers(window, "w")),
            ((self._probe("delivery-first", each), self._probe("delivery-again", each)) for each in (*bodies, window)),
            (self._with_unknown_fields(each) for each in (*bodies, window)),
            self._twins(),
            singles(with_spoiled_keys(self._probe("", window), "x-api-key", self._key)),
            singles(with_spoiled_keys(self._probe("", completion), "x-api-key", self._key)),
            singles(self._unreadable(completion.headers, completion.body)),
            singles(self._invalid(completion.headers, completion)),
            singles(self._invalid(window.headers, window)),
            singles(self._hostile(completion)),
        )

    def honest(self) -> tuple[Probe, ...]:
        """Return a window and a whole session; none without a key."""
        if self._key is None:
            return ()
        made = self._deliveries("four-stages")
        chosen = (of_session(made[_FULL_WINDOW], "begun"), of_session(made[-1], "ended"))
        return tuple(self._probe("conforming-callback", delivery) for delivery in chosen)

    def _night(self, scenario: str) -> SandboxNight:
        night = self._written.nights[scenario]
        return night if self._user_id is None else dataclasses.replace(night, user_id=self._user_id)

    def _deliver(self, night: SandboxNight, timezone: str = DEFAULT_TIMEZONE) -> list[Delivery]:
        return self._written.deliver(night, api_key=self._key or "", timezone=timezone)

    def _deliveries(self, scenario: str) -> list[Delivery]:
        return self._deliver(self._night(scenario))

    def _completion(self, scenario: str) -> Delivery:
        return self._deliveries(scenario)[-1]

    def _probe(self, intent: str, delivery: Delivery) -> Probe:
        return self._sent(intent, delivery.headers, delivery.body)

    def _sent(self, intent: str, headers: Mapping[str, str], body: bytes) -> Probe:
        return Probe(intent, self._written.operation, headers=headers, body=body)

    def _twins(self) -> Iterator[Step]:
        """Yield a window and a whole session, each about a session of its own and sent several times at once."""
        night = self._night("four-stages")
        made = self._deliver(dataclasses.replace(night, session_id=f"{night.session_id[:15]}twins"))
        return (at_once(self._probe("", delivery)) for delivery in (made[0], made[-1]))

    def _conforming(self) -> Iterator[Probe]:
        """Yield every night's first windows, one in the middle and the last, and its end in every time zone."""
        for number, delivery in enumerate(self._every_kind()):
            yield self._probe("conforming-callback", of_session(delivery, f"{number:05}"))

    def _every_kind(self) -> Iterator[Delivery]:
        for scenario in self._written.nights:
            night = self._night(scenario)
            made = self._deliver(night)
            windows = [delivery for delivery in made if delivery.event != SESSION_COMPLETE]
            yield from windows[:_FIRST_WINDOWS]
            yield from windows[len(windows) // 2 : len(windows) // 2 + 1]
            yield from windows[-1:]
            if made and made[-1].event == SESSION_COMPLETE:
                for timezone in EVERYWHERE:
                    yield self._deliver(night, timezone)[-1]

    def _in_other_forms(self) -> Iterator[Probe]:
        """Yield a window and the end of a few nights in the other forms that the pages of the version have."""
        for scenario in _REPRESENTATIVES:
            made = self._deliveries(scenario)
            for kind, delivery in (("w", made[_FULL_WINDOW]), ("e", made[-1])):
                own = of_session(delivery, f"{kind}form")
                for number, body in enumerate(self._written.other_forms(body_of(own))):
                    again = dataclasses.replace(own, body=encode(body))
                    yield self._probe("conforming-callback", of_session(again, f"{kind}o{number:03}"))

    def _long_nights(self) -> Iterator[Probe]:
        """Yield recordings of 24 and 26 hours, each dense and with white space in its JSON: more than 16 kB."""
        night = self._night("four-stages")
        for hours in (24, 26):
            for ending, write in (("ds", encode), ("ls", lambda body: json.dumps(body).encode())):
                *_, window, end = self._deliver(_recorded(night, hours))
                window, end = of_session(window, f"w{hours}{ending}"), of_session(end, f"e{hours}{ending}")
                yield self._sent("conforming-callback", window.headers, write(body_of(window)))
                yield self._sent("conforming-callback", end.headers, write(body_of(end)))

    def _first_minutes(self) -> Iterator[Probe]:
        """Yield windows of the first block: the number of an upload may be 0, and there may be few epochs yet."""
        first = self._deliveries("four-stages")[0]
        for upload, epochs in ((0, _WHOLE_BLOCK), (4, _WHOLE_BLOCK), (0, 1), (2, 3)):
            body = body_of(of_session(first, f"u{upload}e{epochs:02}"))
            data = _data(body)
            data |= {"seq_num": upload}
            data |= {name: stages[:epochs] for name, stages in data.items() if isinstance(stages, list)}
            yield self._sent("conforming-callback", first.headers, encode(body))

    def _written_otherwise(self) -> Iterator[Probe]:
        """Yield a charset with the content type, and bodies in chunks, each time about a session of its own."""
        made = self._deliveries("four-stages")
        for number, (name, value) in enumerate(
            (
                ("content-type", "application/json; charset=utf-8"),
                ("content-type", "application/json;charset=UTF-8"),
                ("transfer-encoding", "chunked"),
            )
        ):
            for delivery in (of_session(made[0], f"w{number:04}"), of_session(made[-1], f"e{number:04}")):
                yield self._sent("conforming-callback", {**delivery.headers, name: value}, delivery.body)

    def _odd_identifiers(self, delivery: Delivery, own: str) -> Iterator[Probe]:
        """Ids are opaque: whatever text is allowed in JSON may stand in them.

        `own` tells the sessions of this callback from those of others.
        """
        for text in ("사용자-23", "İstanbul ß", "昼寝", "a b/c?d=é&f", "x" * 199):
            body = body_of(delivery)
            rename_session(body, text + own)
            yield self._sent("odd-session-id", delivery.headers, encode(body))
            yield self._sent("odd-session-id", delivery.headers, json.dumps(body, ensure_ascii=False).encode())

    def _with_unknown_fields(self, delivery: Delivery) -> Step:
        """Send the callback as documented, then with an undocumented field at each depth, and at all depths."""
        body = body_of(delivery)
        places = [place for place in self._written.objects if _at(body, place) is not None]
        probes = [self._probe("conforming-callback", delivery)]
        for chosen in (*([place] for place in places), places):
            extended = copy.deepcopy(body)
            for place in chosen:
                _at(extended, place).update(_UNKNOWN)
            probes.append(self._sent("unknown-fields", delivery.headers, encode(extended)))
        return tuple(probes)

    def _unreadable(self, headers: Mapping[str, str], body: bytes) -> Iterator[Probe]:
        spoiled = (
            b"",
            body[: len(body) // 2],
            body[:-1],
            body + b"x",
            body + body,
            b"\xff\xfe" + body,
            body.replace(b'"user_id":"', b'"user_id":"\xff', 1),
            body.replace(b'"', b"\xff", 1),
            b"callback_event=SESSION_COMPLETE",
            b"<callback/>",
            b"\x00\x01\x02",
        )
        for content in spoiled:
            yield self._sent("not-json", headers, content)

    def _invalid(self, headers: Mapping[str, str], delivery: Delivery) -> Iterator[Probe]:
        """JSON that breaks the shape of a callback: other types at the top, keys missing, values of a wrong type."""
        body = body_of(delivery)
        others: tuple[Any, ...] = (None, True, 7, "SESSION_COMPLETE", [], [body], {})
        for other in others:
            yield self._sent("invalid-body", headers, encode(other))
        for place in self._written.objects:
            for name in _at(body, place) or {}:
                spoiled = copy.deepcopy(body)
                _at(spoiled, place)[name] = {"wrong": "type"}
                yield self._sent("invalid-body", headers, encode(spoiled))
                if name not in self._written.optional:
                    del _at(spoiled, place)[name]
                    yield self._sent("invalid-body", headers, encode(spoiled))

    def _hostile(self, completion: Delivery) -> Iterator[Probe]:
        """Bodies that break careless readers; a receiver may answer anything but 5xx."""
        body = completion.body
        bodies = (
            b"[" * 50_000 + b"]" * 50_000,
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            body.replace(b'"sleep_latency":', b'"sleep_latency":1e999,"was":', 1),
            body.replace(b'"sleep_latency":', b'"sleep_latency":' + b"9" * 5_000 + b',"was":', 1),
            body[:-1] + b"," + body[1:],
            # Beyond 64 bits where nobody looks. Its keys stand twice, so that a receiver may refuse it, too.
            body[:-1] + b',"added_by_the_vendor":%d,' % 2**64 + body[1:],
            body.replace(b'"COMPLETE"', rb'"\ud800"', 1),
            body.replace(b'"COMPLETE"', rb'"\u0000"', 1),
            b"\xef\xbb\xbf" + body,
            body.replace(b'"sleep_stages":[', b'"sleep_stages":[' + b"0," * 100_000, 1),
        )
        for content in bodies:
            yield self._sent("hostile-body", completion.headers, content)
        # A comparison of keys in constant time refuses text that is not ASCII, by an exception.
        yield self._sent("hostile-key", {**completion.headers, "x-api-key": "clé"}, body)
        for content_type in ("text/plain", "application/json; charset=nonsense", "multipart/form-data", ""):
            yield self._sent("odd-content-type", {**completion.headers, "content-type": content_type}, body)


def _recorded(night: SandboxNight, hours: int) -> SandboxNight:
    """Return a night that goes on again and again until it has lasted some hours."""
    epochs = hours * 3600 // EPOCH_SECONDS
    return dataclasses.replace(
        night,
        leftover=0,
        sleep_stages=tuple(itertools.islice(itertools.cycle(night.sleep_stages or ()), epochs)),
        osa_stages=tuple(itertools.islice(itertools.cycle(night.osa_stages or ()), epochs)),
    )


def _data(body: dict[str, Any]) -> dict[str, Any]:
    found = event_of(body)
    return {} if found is None else found.data


def _at(body: dict[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = body
    for name in place:
        value = value.get(name)
        if value is None:
            return None
    return value
