"""FastAPI applications as users write them: two receivers of callbacks, and a service that hands out nights."""

import json
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

import sleeptalk.callback
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.services.asleep.sandbox.nights import (
    SANDBOX_API_KEY,
    SANDBOX_USER_ID,
    SCENARIOS,
)

NIGHTS = {night.session_id: night for night in SCENARIOS.values()}


def mounted_receiver() -> FastAPI:
    """Mount the receiver that `sleeptalk.callback.asgi` makes, as README shows."""
    received: list[sleeptalk.callback.Callback] = []
    app = FastAPI()
    app.mount("/callbacks", sleeptalk.callback.asgi(received.append, api_key=SANDBOX_API_KEY))
    return app


class HandwrittenCallback(BaseModel):
    """What a user reads from the vendor's page at first sight."""

    callback_event: str
    callback_data: dict[str, Any]


def handwritten_receiver() -> FastAPI:
    """Receive callbacks without sleeptalk: the key as a required header, the body as a model."""
    app = FastAPI()

    @app.post("/callbacks/", status_code=204)
    def receive(callback: HandwrittenCallback, x_api_key: Annotated[str, Header()]) -> None:
        if x_api_key != SANDBOX_API_KEY:
            raise HTTPException(401, "wrong key")
        assert callback.callback_data["session_id"]

    return app


def night_service() -> FastAPI:
    """Hand out the sandbox's nights: what is read is right, what is refused is FastAPI's own way of refusing."""
    app = FastAPI()

    @app.get("/data/v2/sessions/{session_id}")
    def session(
        session_id: str,
        x_api_key: Annotated[str, Header()],
        x_user_id: Annotated[str, Header()],
        timezone: Annotated[str, Header()] = "UTC",
    ) -> dict[str, Any]:
        if x_api_key != SANDBOX_API_KEY:
            raise HTTPException(401, "wrong key")
        zone = timezone_named(timezone)
        if zone is None:
            raise HTTPException(400, "The invalid timezone is provided")
        night = NIGHTS.get(session_id)
        if night is None or x_user_id != SANDBOX_USER_ID:
            raise HTTPException(404, f"Unable to find the sleep session of id {session_id}")
        result: dict[str, Any] = json.loads(json.dumps(night.as_result(timezone, zone)))
        return {"detail": "ok", "result": result}

    return app
