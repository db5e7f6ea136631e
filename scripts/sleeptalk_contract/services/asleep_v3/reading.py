"""One night of data v3, as `sleeptalk get` reads and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.asleep_v3 import Asleep, Epoch, Stat
from sleeptalk.drawing import hypnogram
from sleeptalk_contract.contract.reading import Page, Reading
from sleeptalk_contract.services.asleep.reading import TIMEZONE, page_of, rows_of, worded
from sleeptalk_generated.asleep_v3 import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk.asleep_v3 import Night

_OF_THE_SESSION: Final = ("end_time", "sleep_stages", "breath_stages", "snoring_stages")


def _read(
    session_id: str, *, url: str, credentials: Mapping[str, str], timeout: float, timezone: str | None = None
) -> Night:
    key, user = credentials["x-api-key"], credentials["x-user-id"]
    with Asleep(key, user, base_url=url, timeout=timeout) as asleep:
        return asleep.get_session(session_id, timezone=timezone)


def _page(night: Night) -> Page:
    remarks = [("peculiarity", f"{each}: {each.sentence}") for each in night.peculiarities]
    remarks.append(("valid", "yes" if night.is_valid else "no"))
    remarks.append(("missing data", worded("missing_data_ratio", night.missing_data_ratio)))
    return page_of(night, remarks, _OF_THE_SESSION, Stat)


READING: Final = Reading(
    identifier="SESSION_ID",
    summary="Show one night of data v3: its statistics, its stages, and why something is missing.",
    read=_read,
    page=_page,
    rows=rows_of,
    columns=tuple(Epoch.__annotations__),
    svg=hypnogram,
    address=SERVER,
    options=(TIMEZONE,),
)
