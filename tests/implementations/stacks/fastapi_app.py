"""All three parts with FastAPI, served by uvicorn; with `stock`, what is not valid is answered as FastAPI does."""

import hmac
import sys
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from tests.implementations.stacks import records
from tests.implementations.stacks.listening import listening

app = FastAPI()
TIMEZONES = available_timezones()


def refused(_request: Request, _error: Exception) -> JSONResponse:
    """Refuse in one sentence, where FastAPI would list what is wrong."""
    return JSONResponse({"detail": "The request is not valid"}, 422)


if "stock" not in sys.argv:
    app.add_exception_handler(RequestValidationError, refused)


def with_key(x_api_key: Annotated[str, Header()] = "") -> None:
    if not hmac.compare_digest(x_api_key.encode(), records.API_KEY.encode()):
        raise HTTPException(401, records.NO_KEY)


def known_timezone(timezone: Annotated[str, Header()] = "UTC") -> ZoneInfo:
    if timezone not in TIMEZONES:
        raise HTTPException(400, records.BAD_TIMEZONE)
    return ZoneInfo(timezone)


@app.get("/data/v2/sessions/{session_id}", dependencies=[Depends(with_key)])
def session(
    session_id: str,
    x_user_id: Annotated[str, Header(min_length=1)],
    timezone: Annotated[ZoneInfo, Depends(known_timezone)],
) -> dict[str, Any]:
    if not records.SESSION_ID.fullmatch(session_id):
        raise HTTPException(422, records.malformed(session_id))
    night = records.night_of(session_id, x_user_id, timezone)
    if night is None:
        raise HTTPException(404, records.not_found(session_id))
    return night


@app.get("/api/technology/time-analysis/{task_id}")
def task(task_id: str) -> JSONResponse:
    if not records.TASK_ID.fullmatch(task_id):
        return JSONResponse(records.bad_task_id(), 422)
    found = records.task_of(task_id)
    return JSONResponse(records.no_task(task_id), 404) if found is None else JSONResponse(found)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class Window(Strict):
    user_id: str
    session_id: str
    seq_num: int
    inference_seq_num: int
    stage_list: list[int]
    osa_stage_list: list[int] | None


class Night(Strict):
    session_id: str
    state: str
    session_start_time: str
    session_end_time: str
    sleep_stages: list[int]
    osa_stages: list[int] | None
    sleep_efficiency: float
    sleep_latency: int | None
    sleep_time: str | None
    wakeup_latency: int | None
    wake_time: str | None
    time_in_wake: int
    time_in_sleep_period: int
    time_in_sleep: int
    time_in_bed: int
    time_in_rem: int | None
    time_in_light: int | None
    time_in_deep: int | None
    time_in_stable_breath: int | None
    time_in_unstable_breath: int | None
    wake_ratio: float | None
    sleep_ratio: float | None
    rem_ratio: float | None
    light_ratio: float | None
    deep_ratio: float | None
    stable_breath_ratio: float | None
    unstable_breath_ratio: float | None
    breathing_pattern: str | None
    estimated_ahi: float | None


class Whole(Strict):
    user_id: str
    session_id: str
    sleep_data: Night


class WindowCallback(Strict):
    callback_event: Literal["INFERENCE_COMPLETE"]
    callback_data: Window


class WholeCallback(Strict):
    callback_event: Literal["SESSION_COMPLETE"]
    callback_data: Whole


@app.post("/callback", status_code=204, dependencies=[Depends(with_key)])
def callback(_received: WindowCallback | WholeCallback) -> Response:
    return Response(status_code=204)


if __name__ == "__main__":
    with listening() as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201  # the one who starts it reads it
        uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
