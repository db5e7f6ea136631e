"""However many callbacks are begun and not ended, `listen` keeps a bounded part of them."""

import asyncio
from typing import Any

import pytest

from sleeptalk_contract.listening.endpoint import BODY_LIMIT, UNFINISHED_LIMIT, NoRoomError, Room, received

SCOPE = {"server": ("127.0.0.1", 1), "query_string": b"", "raw_path": b"/", "headers": []}
PIECE = b"x" * (BODY_LIMIT // 2)


async def _begin(room: Room, ends: asyncio.Event) -> Any:
    pieces = [PIECE]

    async def receive() -> dict[str, object]:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(), "more_body": True}
        await ends.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    return await received(SCOPE, receive, room)


def test_bodies_that_do_not_end_share_a_bound_and_those_that_end_make_room() -> None:
    async def run() -> None:
        room, ends = Room(), asyncio.Event()
        most = UNFINISHED_LIMIT // len(PIECE)
        async with asyncio.TaskGroup() as group:
            begun = [group.create_task(_begin(room, ends)) for _ in range(most)]
            await asyncio.sleep(0)
            with pytest.raises(NoRoomError):
                await _begin(room, ends)
            ends.set()
        assert all(task.result().body == PIECE for task in begun)
        assert (await _begin(room, ends)).complete

    asyncio.run(run())
