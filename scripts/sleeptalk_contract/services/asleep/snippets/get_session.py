"""Read one night and say why a figure is missing."""

from sleeptalk.asleep import Asleep, why_null

# Asleep() reads ASLEEP_API_KEY and ASLEEP_USER_ID.
with Asleep() as asleep:
    night = asleep.get_session(
        "20220821093117_hz82a",
        timezone="Asia/Seoul",
    )

print(night.session.state, night.validity)
if night.stat is None:
    print("no statistics:", why_null(night, "stat"))
else:
    print("slept", night.stat.time_in_sleep, "s")
    print("in bed", night.stat.time_in_bed, "s")
    print("REM ratio", night.stat.rem_ratio)
