"""List the nights of a month, however many pages they take."""

from datetime import date

from sleeptalk.asleep_v3 import Asleep

with Asleep() as asleep:
    for session in asleep.list_sessions(
        date_from=date(2024, 3, 1),
        date_to=date(2024, 3, 31),
        timezone="Asia/Seoul",
        order="ASC",
    ):
        print(session.session_id, session.state)
