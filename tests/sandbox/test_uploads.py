"""What the sandbox makes of an uploaded file: a task that moves on, and a result computed from the samples."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.services.phonexia.recordings import container, wav
from sleeptalk_contract.services.phonexia.sandbox.recordings import recording_in
from sleeptalk_contract.services.phonexia.sandbox.speech import Segment
from sleeptalk_contract.services.phonexia.sandbox.tasks import MOST_TASKS, SECONDS_KEPT, Tasks

if TYPE_CHECKING:
    import httpx

OPERATOR = [(0.5, 1.5), (3.0, 4.0)]
CALLER = [(2.0, 3.5)]
CALL = wav(OPERATOR, CALLER)
MONO = wav([(0.25, 1.0)], seconds=1.5)


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def start(tasks: httpx.Client, content: bytes = CALL, name: str = "call.wav", channels: str | None = None) -> Any:
    query = {} if channels is None else {"channels": channels}
    url = str(tasks.base_url).rstrip("/")
    return tasks.post(url, files={"file": (name, content)}, params=query)


def ended(tasks: httpx.Client, task_id: str) -> Any:
    for _ in range(3):
        body = tasks.get(task_id).json()
    return body


def test_an_upload_is_a_task_that_moves_on_and_never_back(tasks: httpx.Client) -> None:
    started = start(tasks)
    assert started.status_code == 202
    task = started.json()["task"]
    assert task["state"] == "pending"
    assert started.headers["location"] == f"/api/technology/time-analysis/{task['task_id']}"
    assert started.headers["x-location"] == started.headers["location"]
    bodies = [tasks.get(task["task_id"]).json() for _ in range(4)]
    assert [body["task"]["state"] for body in bodies] == ["pending", "running", "done", "done"]
    assert [set(body) - {"task"} for body in bodies] == [set(), set(), {"result"}, {"result"}]
    assert bodies[2] == bodies[3]


def test_the_result_is_computed_from_the_samples(tasks: httpx.Client) -> None:
    result = ended(tasks, start(tasks).json()["task"]["task_id"])["result"]
    first, second = result["channel_analyses"]
    assert (first["speech_duration"], second["speech_duration"]) == (2, 1.5)
    assert (first["total_duration"], second["total_duration"]) == (5, 5)
    assert first["speech_rate"] > 0
    operator, caller = result["reaction_analyses"]
    assert (operator["reactions_count"], operator["crosstalks"]) == (0, [{"start_time": 3, "end_time": 3.5}])
    assert (caller["reactions_count"], caller["average_reaction_time"], caller["crosstalks"]) == (1, 0.5, [])
    assert caller["fastest_reaction_position"] == {"start_time": 1.5, "end_time": 2}


def test_two_recordings_have_different_rates(tasks: httpx.Client) -> None:
    slow = wav([(0.0, 4.9)], rate=4000)
    fast = wav([(start / 2, start / 2 + 0.3) for start in range(10)])
    rates = [
        ended(tasks, start(tasks, content).json()["task"]["task_id"])["result"]["channel_analyses"][0]["speech_rate"]
        for content in (slow, fast)
    ]
    assert rates[0] != rates[1]


@pytest.mark.parametrize(
    ("channels", "numbers"), [(None, [0, 1]), ("", [0, 1]), ("0,1", [0, 1]), ("1", [1]), ("0", [0]), ("1,1", [1])]
)
def test_the_channels_that_were_selected_are_analysed(
    tasks: httpx.Client, channels: str | None, numbers: list[int]
) -> None:
    result = ended(tasks, start(tasks, channels=channels).json()["task"]["task_id"])["result"]
    assert [each["channel_number"] for each in result["channel_analyses"]] == numbers
    assert len(result["reaction_analyses"]) == (2 if len(numbers) == 2 else 0)


def test_a_silent_channel_has_no_rate_and_nobody_reacts_to_it(tasks: httpx.Client) -> None:
    result = ended(tasks, start(tasks, wav(OPERATOR, [])).json()["task"]["task_id"])["result"]
    silent = result["channel_analyses"][1]
    assert (silent["speech_duration"], silent["speech_rate"], silent["total_duration"]) == (0, None, 5)
    assert result["reaction_analyses"] == []


def test_what_is_shorter_than_900_ms_has_no_analyses(tasks: httpx.Client) -> None:
    short = wav([(0.0, 0.5)], seconds=0.8)
    result = ended(tasks, start(tasks, short).json()["task"]["task_id"])["result"]
    assert result == {"channel_analyses": [], "reaction_analyses": []}


@pytest.mark.parametrize(
    ("content", "channels", "kind"),
    [
        (b"This is not audio.", None, "media.unreadable"),
        (b"RIFF", None, "media.unreadable"),
        (CALL[:30], None, "media.unreadable"),
        (container(b""), None, "media.empty"),
        (CALL, "2", "media.no-such-channel"),
        (wav(OPERATOR, CALLER, [], seconds=5), None, "media.too-many-channels"),
    ],
)
def test_what_cannot_be_analysed_is_rejected_with_the_reason(
    tasks: httpx.Client, content: bytes, channels: str | None, kind: str
) -> None:
    started = start(tasks, content, channels=channels)
    assert started.status_code == 202
    body = ended(tasks, started.json()["task"]["task_id"])
    assert (body["task"]["state"], body["error"]["type"]) == ("rejected", "task.validation-error")
    assert [each["type"] for each in body["error"]["detail"]] == [kind]
    assert "result" not in body


def test_of_three_channels_two_can_be_selected(tasks: httpx.Client) -> None:
    body = ended(tasks, start(tasks, wav(OPERATOR, [], CALLER), channels="0,2").json()["task"]["task_id"])
    assert [each["channel_number"] for each in body["result"]["channel_analyses"]] == [0, 2]
    assert [each["reacting_channel"] for each in body["result"]["reaction_analyses"]] == [0, 2]


@pytest.mark.parametrize("channels", ["a", "0,", "0, 1", "-1", "0;1", "٣"])
def test_channels_that_are_not_numbers_are_answered_422(tasks: httpx.Client, channels: str) -> None:
    answered = start(tasks, channels=channels)
    assert (answered.status_code, answered.json()["type"]) == (422, "request.validation-error")


def test_a_form_without_a_file_is_answered_422(tasks: httpx.Client) -> None:
    url = str(tasks.base_url).rstrip("/")
    for sent in (
        {"files": {"recording": ("call.wav", CALL)}},
        {"files": {"file": ("call.wav", b"")}},
        {"data": {"file": "call.wav"}},
        {"json": {"file": "call.wav"}},
        {"content": CALL, "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": CALL, "headers": {"content-type": "audio/wav"}},
        {},
    ):
        answered = tasks.post(url, **sent)  # type: ignore[arg-type]
        assert (answered.status_code, answered.json()["type"]) == (422, "request.validation-error"), sent


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("too-large.wav", 413, "request.size-limit-exceeded"),
        ("storage-full.wav", 507, "storage.capacity-exceeded"),
        ("forbidden.wav", 403, "request.forbidden"),
        ("rate-limited.wav", 429, "request.rate-limit-exceeded"),
    ],
)
def test_a_start_is_refused_on_order(tasks: httpx.Client, name: str, status: int, kind: str) -> None:
    answered = start(tasks, MONO, name)
    assert (answered.status_code, answered.json()["type"]) == (status, kind)


@pytest.mark.parametrize(("name", "state"), [("failed.wav", "failed"), ("cancelled.wav", "cancelled")])
def test_a_task_ends_badly_on_order(tasks: httpx.Client, name: str, state: str) -> None:
    body = ended(tasks, start(tasks, MONO, name).json()["task"]["task_id"])
    assert (body["task"]["state"], "error" in body, "result" in body) == (state, state == "failed", False)


def test_other_methods_at_the_address_of_uploads_are_answered_405(tasks: httpx.Client) -> None:
    url = str(tasks.base_url).rstrip("/")
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answered = tasks.request(method, url)
        assert (answered.status_code, answered.json()["type"], answered.headers["allow"]) == (
            405,
            "method.invalid",
            "POST",
        )


# ---- the tasks themselves, by a clock of their own


def test_a_task_moves_on_with_time_alone() -> None:
    clock = Hands()
    tasks = Tasks(clock)
    task_id = tasks.start(MONO, "call.wav", ())
    clock.seconds = 3
    assert getattr(tasks.read(task_id), "state", None) == "running"
    clock.seconds = 2.5  # not even where its clock goes back does a task go back
    assert getattr(tasks.read(task_id), "state", None) == "done"


def test_a_task_expires() -> None:
    clock = Hands()
    tasks = Tasks(clock)
    task_id = tasks.start(MONO, "call.wav", ())
    clock.seconds = SECONDS_KEPT - 1
    assert tasks.read(task_id) is not None
    clock.seconds = SECONDS_KEPT
    assert tasks.read(task_id) is None


def test_no_more_than_so_many_tasks_are_kept_and_nothing_of_their_files() -> None:
    tasks = Tasks(Hands())
    ids = [tasks.start(b"no audio", "call.wav", ()) for _ in range(MOST_TASKS + 5)]
    assert len(set(ids)) == len(ids)
    assert [tasks.read(task_id) is None for task_id in ids] == [True] * 5 + [False] * MOST_TASKS


# ---- the samples


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("rate", [8000, 44_100])
def test_samples_of_every_width_and_rate_are_read(width: int, rate: int) -> None:
    recording = recording_in(wav([(0.2, 0.7)], [(0.8, 1.0)], seconds=1.2, rate=rate, width=width))
    assert recording.total_duration == pytest.approx(1.2)
    for number, (start, end) in enumerate([(0.2, 0.7), (0.8, 1.0)]):
        (segment,) = recording.channels[number].segments
        assert (segment.start, segment.end) == (pytest.approx(start, abs=0.011), pytest.approx(end, abs=0.011))


def test_a_steady_offset_and_a_click_are_not_speech() -> None:
    offset = container(b"\x10\x27" * 16_000)
    assert recording_in(offset).channels[0].segments == ()
    click = container(bytes(16_000) + b"\xff\x7f" * 4 + bytes(16_000))
    assert recording_in(click).channels[0].segments == ()


def test_a_short_gap_is_part_of_speech() -> None:
    assert recording_in(wav([(0.2, 0.5), (0.6, 1.0)])).channels[0].segments == (Segment(0.2, 1.0),)


def test_any_bytes_are_analysed_or_rejected(tasks: httpx.Client) -> None:
    chance = random.Random(7)
    for _ in range(60):
        content = bytearray(MONO)
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(60)] = chance.randrange(256)
        body = ended(tasks, start(tasks, bytes(content)).json()["task"]["task_id"])
        assert body["task"]["state"] in {"done", "rejected"}
