"""What the Python implementations share as one user's would: the nights and tasks that they serve, and how they read.

The nights are kept in UTC and told in the time zone that is asked for.
"""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

RECORDS: Final = json.loads(Path(os.environ["RECORDS"]).read_text(encoding="utf-8"))
API_KEY: Final = RECORDS["api_key"]
NIGHTS: Final = RECORDS["nights"]
TASKS: Final = RECORDS["tasks"]

SESSION_ID: Final = re.compile(r"[0-9]{14}_[a-z0-9]{5}")
TASK_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

BAD_TIMEZONE: Final = "The invalid timezone is provided"
NO_KEY: Final = "The API key is missing or wrong"
NO_USER: Final = "Say who asks, in x-user-id"


def malformed(session_id: str) -> str:
    return f"The format of sleep session id {session_id} is not valid"


def not_found(session_id: str) -> str:
    return f"Unable to find the sleep session of id {session_id}"


def night_of(session_id: str, user_id: str, timezone: ZoneInfo) -> dict[str, Any] | None:
    """Return the body with a night of this user, its times in a time zone; None where the user has no such night."""
    night = NIGHTS.get(session_id)
    if night is None or night["user_id"] != user_id:
        return None
    result = night["result"]
    session, stat = _in_zone(result["session"], timezone), _in_zone(result["stat"], timezone)
    return {"detail": "ok", "result": {**result, "timezone": timezone.key, "session": session, "stat": stat}}


def _in_zone(part: dict[str, Any] | None, timezone: ZoneInfo) -> dict[str, Any] | None:
    if part is None:
        return None
    times = {name: part[name] for name in ("start_time", "end_time", "sleep_time", "wake_time") if part.get(name)}
    return part | {name: datetime.fromisoformat(text).astimezone(timezone).isoformat() for name, text in times.items()}


def request_error(kind: str, message: str, *detail: Any) -> dict[str, Any]:
    return {"type": kind, "message": message, "detail": list(detail)}


def bad_task_id() -> dict[str, Any]:
    return request_error("request.validation-error", "Request validation error.")


def no_task(task_id: str) -> dict[str, Any]:
    detail = {"location": ["root"], "message": "Task not found.", "type": "task.not-found"}
    return request_error("resource.not-found", "Resource not found.", detail | {"context": {"task_id": task_id}})


def task_of(task_id: str) -> dict[str, Any] | None:
    """Return the body with a task, whose id may be written in capitals; None where there is no such task."""
    task = TASKS.get(task_id.lower())
    return None if task is None else {**task, "task": {**task["task"], "task_id": task_id}}


def read_json(body: bytes) -> Any:
    """Read a body; raises ValueError where it is not JSON, or nested too deeply to be read."""
    try:
        return json.loads(body.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


SECONDS: Final = ("time_in_wake", "time_in_sleep_period", "time_in_sleep", "time_in_bed")
SECONDS_OR_NULL: Final = (
    *("sleep_latency", "wakeup_latency", "time_in_rem", "time_in_light", "time_in_deep"),
    *("time_in_stable_breath", "time_in_unstable_breath"),
)
NUMBERS_OR_NULL: Final = (
    *("wake_ratio", "sleep_ratio", "rem_ratio", "light_ratio", "deep_ratio"),
    *("stable_breath_ratio", "unstable_breath_ratio", "estimated_ahi"),
)
TEXTS_OR_NULL: Final = ("sleep_time", "wake_time", "breathing_pattern")


def is_callback(value: Any) -> bool:
    """Tell whether a value has the keys of a callback, each with its type."""
    if not isinstance(value, dict) or not isinstance(value.get("callback_data"), dict):
        return False
    data = value["callback_data"]
    if not (_text(data, "user_id") and _text(data, "session_id")):
        return False
    if value.get("callback_event") == "INFERENCE_COMPLETE":
        return (
            _whole(data, "seq_num")
            and _whole(data, "inference_seq_num")
            and _stages(data, "stage_list", "osa_stage_list")
        )
    if value.get("callback_event") == "SESSION_COMPLETE":
        return _is_night(data.get("sleep_data"))
    return isinstance(value.get("callback_event"), str)


def _is_night(night: Any) -> bool:
    return (
        isinstance(night, dict)
        and all(_text(night, name) for name in ("session_id", "state", "session_start_time", "session_end_time"))
        and _stages(night, "sleep_stages", "osa_stages")
        and _number(night, "sleep_efficiency")
        and all(_whole(night, name) for name in SECONDS)
        and all(_null(night, name) or _whole(night, name) for name in SECONDS_OR_NULL)
        and all(_null(night, name) or _number(night, name) for name in NUMBERS_OR_NULL)
        and all(_null(night, name) or _text(night, name) for name in TEXTS_OR_NULL)
    )


def _null(data: dict[str, Any], name: str) -> bool:
    return name in data and data[name] is None


def _text(data: dict[str, Any], name: str) -> bool:
    return isinstance(data.get(name), str)


def _number(data: dict[str, Any], name: str) -> bool:
    return isinstance(data.get(name), int | float) and not isinstance(data[name], bool)


def _whole(data: dict[str, Any], name: str) -> bool:
    return _number(data, name) and data[name] == data[name] // 1


def _stages(data: dict[str, Any], sleep: str, breathing: str) -> bool:
    return _list(data.get(sleep)) and (_null(data, breathing) or _list(data.get(breathing)))


def _list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, int) and not isinstance(each, bool) for each in value)
