"""Read the averages of a period, and who goes to bed late."""

from datetime import date, timedelta

from sleeptalk.asleep_v3 import Asleep, clock_difference

with Asleep() as asleep:
    result = asleep.average_stats(
        date_from=date(2024, 3, 1),
        date_to=date(2024, 4, 30),
    )

averages = result.average_stats
if averages is None:
    print("nobody slept")
else:
    print("falls asleep at", averages.sleep_time)
    for night in result.slept_sessions:
        late = clock_difference(
            night.start_time,
            averages.start_time,
        )
        if late > timedelta(hours=1):
            print(night.id, "begins late by", late)
