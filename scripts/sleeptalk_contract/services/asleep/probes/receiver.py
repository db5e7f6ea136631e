"""The particular requests that the receiver rules need: the callbacks of the sandbox's nights, intact and corrupted.

Each callback that must be accepted is about a session of its own, unless it is delivered again: a receiver may refuse a
second end of a session, or a window that comes too late.
"""

import copy
import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping
from random import SystemRandom
from typing import Any, Final

from sleeptalk_contract.contract.exchange import Knowledge, read_json, text_in
from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.fuzzing.probe import Probe, Step, at_once, singles, together, with_spoiled_keys, without
from sleeptalk_contract.sandbox.answers import encode
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep.sandbox.deliveries import SESSION_COMPLETE, deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS, SandboxNight
from sleeptalk_contract.services.asleep.sandbox.statistics import EPOCH_SECONDS

_RANDOM: Final = SystemRandom()
_FIRST_WINDOWS: Final = 4
_UNKNOWN: Final = {"added_by_the_vendor": {"at": [1, 2.5, None, "later"]}}
_WHOLE_BLOCK: Final = 10
_REPRESENTATIVES: Final = ("four-stages", "without-breathing", "never-slept")


def receiver_probes(knowledge: Knowledge) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent. Without a key nothing can be accepted, so only refusals."""
    key, user_id = knowledge.credentials.get("x-api-key"), knowledge.credentials.get("x-user-id")
    if key is None:
        completion = _completion("four-stages", "", None)
        headers = without(completion.headers, "x-api-key")
        return together(singles(_unreadable(headers, b"{}")), singles(_invalid(headers, _body(completion))))
    bodies = [_of_session(_completion(name, key, user_id), "whole") for name in _REPRESENTATIVES]
    window = _of_session(deliveries(_night("four-stages", user_id), api_key=key)[7], "inner")
    completion = bodies[0]
    return together(
        singles(_conforming(knowledge, key)),
        singles(_long_nights(key, user_id)),
        singles(_first_minutes(key, user_id)),
        singles(_written_otherwise(key, user_id)),
        singles(_odd_identifiers(completion)),
        ((_probe("delivery-first", each), _probe("delivery-again", each)) for each in (*bodies, window)),
        (_with_unknown_fields(each) for each in (*bodies, window)),
        _twins(key, user_id),
        singles(with_spoiled_keys(_probe("", window), "x-api-key", key)),
        singles(with_spoiled_keys(_probe("", completion), "x-api-key", key)),
        singles(_unreadable(completion.headers, completion.body)),
        singles(_invalid(completion.headers, _body(completion))),
        singles(_invalid(window.headers, _body(window))),
        singles(_hostile(completion)),
    )


def _twins(key: str, user_id: str | None) -> Iterator[Step]:
    """Yield a window and a whole session, each about a session of its own and sent several times at once."""
    night = _night("four-stages", user_id)
    made = deliveries(dataclasses.replace(night, session_id=f"{night.session_id[:15]}twins"), api_key=key)
    return (at_once(_probe("", delivery)) for delivery in (made[0], made[-1]))


def honest_callbacks(knowledge: Knowledge) -> tuple[Probe, ...]:
    """Return a few callbacks that every receiver accepts which knows the key; none without a key."""
    key = knowledge.credentials.get("x-api-key")
    if key is None:
        return ()
    made = deliveries(_night("four-stages", knowledge.credentials.get("x-user-id")), api_key=key)
    chosen = (_of_session(made[7], "begun"), _of_session(made[-1], "ended"))
    return tuple(_probe("conforming-callback", delivery) for delivery in chosen)


def about_a_new_session(content: bytes) -> bytes:
    """Return the body of a callback about a session that no receiver has heard of; as it is where it names none.

    The id keeps its form: of a date, a time and five characters, the time is drawn.
    """
    body = read_json(content)
    session_id = text_in(body, "callback_data", "session_id")
    if session_id is None:
        return content
    hour, minute, second = (_RANDOM.randrange(most) for most in (24, 60, 60))
    renewed = f"{session_id[:8]}{hour:02}{minute:02}{second:02}{session_id[14:]}"
    for place in (body["callback_data"], body["callback_data"].get("sleep_data")):
        if isinstance(place, dict) and place.get("session_id") == session_id:
            place["session_id"] = renewed
    return encode(body)


def _night(scenario: str, user_id: str | None) -> SandboxNight:
    night = SCENARIOS[scenario]
    return night if user_id is None else dataclasses.replace(night, user_id=user_id)


def _completion(scenario: str, key: str, user_id: str | None) -> Delivery:
    return deliveries(_night(scenario, user_id), api_key=key)[-1]


def _of_session(delivery: Delivery, ending: str) -> Delivery:
    """Return a delivery that is about another session, whose id ends in five other characters."""
    session_id = _body(delivery)["callback_data"]["session_id"]
    body = delivery.body.replace(session_id.encode(), f"{session_id[:-5]}{ending}".encode())
    return dataclasses.replace(delivery, body=body)


def _conforming(knowledge: Knowledge, key: str) -> Iterator[Probe]:
    """Yield every night's first windows, one in the middle and the last, and its end in every time zone."""
    for number, delivery in enumerate(_every_kind(knowledge, key)):
        yield _probe("conforming-callback", _of_session(delivery, f"{number:05}"))


def _every_kind(knowledge: Knowledge, key: str) -> Iterator[Delivery]:
    for scenario in SCENARIOS:
        night = _night(scenario, knowledge.credentials.get("x-user-id"))
        made = deliveries(night, api_key=key)
        windows = [delivery for delivery in made if delivery.event != SESSION_COMPLETE]
        yield from windows[:_FIRST_WINDOWS]
        yield from windows[len(windows) // 2 : len(windows) // 2 + 1]
        yield from windows[-1:]
        if made and made[-1].event == SESSION_COMPLETE:
            for timezone in EVERYWHERE:
                yield deliveries(night, api_key=key, timezone=timezone)[-1]


def _long_nights(key: str, user_id: str | None) -> Iterator[Probe]:
    """Yield recordings of 24 and 26 hours, each dense and with white space in its JSON, which makes more than 16 kB."""
    night = _night("four-stages", user_id)
    for hours in (24, 26):
        for ending, write in (("ds", encode), ("ls", lambda body: json.dumps(body).encode())):
            *_, window, end = deliveries(_recorded(night, hours), api_key=key)
            window, end = _of_session(window, f"w{hours}{ending}"), _of_session(end, f"e{hours}{ending}")
            yield _sent("conforming-callback", window.headers, write(_body(window)))
            yield _sent("conforming-callback", end.headers, write(_body(end)))


def _recorded(night: SandboxNight, hours: int) -> SandboxNight:
    """Return a night that goes on again and again until it has lasted some hours."""
    epochs = hours * 3600 // EPOCH_SECONDS
    return dataclasses.replace(
        night,
        leftover=0,
        sleep_stages=tuple(itertools.islice(itertools.cycle(night.sleep_stages or ()), epochs)),
        osa_stages=tuple(itertools.islice(itertools.cycle(night.osa_stages or ()), epochs)),
    )


def _first_minutes(key: str, user_id: str | None) -> Iterator[Probe]:
    """Yield windows of the first block: the number of an upload may be 0, and there may be few epochs yet."""
    first = deliveries(_night("four-stages", user_id), api_key=key)[0]
    for upload, epochs in ((0, _WHOLE_BLOCK), (4, _WHOLE_BLOCK), (0, 1), (2, 3)):
        body = _body(_of_session(first, f"u{upload}e{epochs:02}"))
        data = body["callback_data"]
        data |= {"seq_num": upload} | {name: data[name][:epochs] for name in ("stage_list", "osa_stage_list")}
        yield _sent("conforming-callback", first.headers, encode(body))


def _written_otherwise(key: str, user_id: str | None) -> Iterator[Probe]:
    """Yield a charset with the content type, and bodies in chunks, each time about a session of its own."""
    made = deliveries(_night("four-stages", user_id), api_key=key)
    for number, (name, value) in enumerate(
        (
            ("content-type", "application/json; charset=utf-8"),
            ("content-type", "application/json;charset=UTF-8"),
            ("transfer-encoding", "chunked"),
        )
    ):
        for delivery in (_of_session(made[0], f"w{number:04}"), _of_session(made[-1], f"e{number:04}")):
            yield _sent("conforming-callback", {**delivery.headers, name: value}, delivery.body)


def _odd_identifiers(completion: Delivery) -> Iterator[Probe]:
    """Ids are opaque: whatever text is allowed in JSON may stand in them."""
    for text in ("사용자-23", "İstanbul ß", "昼寝", "a b/c?d=é&f", "x" * 200):
        body = copy.deepcopy(_body(completion))
        body["callback_data"]["session_id"] = body["callback_data"]["sleep_data"]["session_id"] = text
        yield _sent("odd-session-id", completion.headers, encode(body))
        yield _sent("odd-session-id", completion.headers, json.dumps(body, ensure_ascii=False).encode())


def _with_unknown_fields(delivery: Delivery) -> Step:
    """Send the callback as documented, then with an undocumented field at each depth, and at all depths."""
    body = _body(delivery)
    places = [
        place for place in ((), ("callback_data",), ("callback_data", "sleep_data")) if _at(body, place) is not None
    ]
    probes = [_probe("conforming-callback", delivery)]
    for chosen in (*([place] for place in places), places):
        extended = copy.deepcopy(body)
        for place in chosen:
            _at(extended, place).update(_UNKNOWN)
        probes.append(_sent("unknown-fields", delivery.headers, encode(extended)))
    return tuple(probes)


def _unreadable(headers: Mapping[str, str], body: bytes) -> Iterator[Probe]:
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
        yield _sent("not-json", headers, content)


def _invalid(headers: Mapping[str, str], body: dict[str, Any]) -> Iterator[Probe]:
    """JSON that breaks the shape of a callback: other types at the top, keys missing, values of a wrong type."""
    others: tuple[Any, ...] = (None, True, 7, "SESSION_COMPLETE", [], [body], {})
    for other in others:
        yield _sent("invalid-body", headers, encode(other))
    for place in ((), ("callback_data",), ("callback_data", "sleep_data")):
        for name in _at(body, place) or {}:
            spoiled = copy.deepcopy(body)
            _at(spoiled, place)[name] = {"wrong": "type"}
            yield _sent("invalid-body", headers, encode(spoiled))
            del _at(spoiled, place)[name]
            yield _sent("invalid-body", headers, encode(spoiled))


def _hostile(completion: Delivery) -> Iterator[Probe]:
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
        yield _sent("hostile-body", completion.headers, content)
    # A comparison of keys in constant time refuses text that is not ASCII, by an exception.
    yield _sent("hostile-key", {**completion.headers, "x-api-key": "clé"}, body)
    for content_type in ("text/plain", "application/json; charset=nonsense", "multipart/form-data", ""):
        yield _sent("odd-content-type", {**completion.headers, "content-type": content_type}, body)


def _probe(intent: str, delivery: Delivery) -> Probe:
    return _sent(intent, delivery.headers, delivery.body)


def _sent(intent: str, headers: Mapping[str, str], body: bytes) -> Probe:
    return Probe(intent, "receiveCallback", headers=headers, body=body)


def _body(delivery: Delivery) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(delivery.body)
    return body


def _at(body: dict[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = body
    for name in place:
        value = value.get(name)
        if value is None:
            return None
    return value
