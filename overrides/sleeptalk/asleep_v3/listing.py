"""The sessions of a user one after another, read in pages of a list that may change meanwhile.

A page is named by an offset, so a session that appears or is deleted moves all that come after it: a reader that asks
for one page after another sees some twice, and never sees those that moved to a page it has already read. So each page
begins with the last session of the page before. Where it has no session that was seen, the list has become shorter: the
reader goes back until it meets one, or the beginning. All that comes before a session that was seen was seen itself.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from sleeptalk.errors import ConfigurationError, ContractViolation
from sleeptalk.runtime.options import check_count
from sleeptalk_generated.asleep_v3.client import LIST_SESSIONS
from sleeptalk_generated.asleep_v3.models import ListedSession, Order, SessionListResponse
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

LONGEST_PAGE: Final = 100
SHORTEST_PAGE: Final = 20
"""The most that a page has by an older text. Without regard to what was asked for, such a page may not be the last."""
FRUITLESS: Final = 5
"""How many pages without anything new, beyond those of all that was seen, no list explains."""


class SessionPages:
    """Which page is read next, and what is new in it. Raises ConfigurationError for arguments that cannot be sent."""

    def __init__(
        self,
        date_from: date | None,
        date_to: date | None,
        order: Order | str,
        timezone: ZoneInfo | str | None,
        page_size: int,
    ) -> None:
        check_period(date_from, date_to)
        if not isinstance(order, str) or not Order(order).is_known:
            raise ConfigurationError(f'order must be "ASC" or "DESC", not {order!r}.')
        check_count("page_size", page_size)
        if not 1 < page_size <= LONGEST_PAGE:
            raise ConfigurationError(f"page_size must be from 2 to {LONGEST_PAGE}, not {page_size}.")
        self._arguments = {"date_gte": date_from, "date_lte": date_to, "order_by": Order(order), "timezone": timezone}
        self._size = page_size
        self._offset = 0
        self._seen: set[str] = set()
        self._longest = min(page_size, SHORTEST_PAGE)
        self._back = 0
        self._repeated = 0
        self.finished = False

    @property
    def call(self) -> Call[SessionListResponse]:
        """The call that reads the next page."""
        arguments = {**self._arguments, "offset": self._offset, "limit": self._size}
        return Call(operation=LIST_SESSIONS, arguments=arguments)

    def new_of(self, answer: SessionListResponse) -> Iterator[ListedSession]:
        """Yield the sessions of the page that were not seen before. Once all are taken, the next page is known.

        Raises ContractViolation where the pages of the service do not follow from each other.
        """
        page = answer.result.sleep_session_list
        if self._offset and self._seen.isdisjoint(session.session_id for session in page):
            self._back += 1
            self._refuse_circles(self._back, self._size)
            self._offset = max(0, self._offset - self._size + 1)
            return
        before = len(self._seen)
        for session in page:
            if session.session_id not in self._seen:
                self._seen.add(session.session_id)
                yield session
        self._longest = max(self._longest, len(page))
        self.finished = len(page) < self._longest
        if len(self._seen) > before:
            self._back = self._repeated = 0
        elif not self.finished:
            self._repeated += 1
            self._refuse_circles(self._repeated, self._longest)
        self._offset += len(page) - 1

    def _refuse_circles(self, pages: int, step: int) -> None:
        """Raise ContractViolation where more pages had nothing new than all that were seen have, `step` on each."""
        if pages > FRUITLESS + len(self._seen) // (step - 1) + 1:
            message = (
                f"The list of sessions goes round in circles: {pages} pages had nothing new,"
                f" and the page at the offset {self._offset} is not the last."
            )
            raise ContractViolation(message, path="$.result.sleep_session_list")


def check_period(date_from: object, date_to: object, *, required: bool = False) -> None:
    """Raise ConfigurationError unless both are dates in order; they may be None unless they are required."""
    for name, value in (("date_from", date_from), ("date_to", date_to)):
        if (required or value is not None) and (not isinstance(value, date) or isinstance(value, datetime)):
            kind = type(value).__name__
            raise ConfigurationError(f"{name} must be a datetime.date, a day in the time zone, not a {kind}.")
    if isinstance(date_from, date) and isinstance(date_to, date) and date_from > date_to:
        raise ConfigurationError(f"date_from must not be after date_to: {date_from} is after {date_to}.")
