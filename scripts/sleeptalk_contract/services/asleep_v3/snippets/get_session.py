"""Read one night of data v3, and say what is special about it."""

from sleeptalk.asleep_v3 import Asleep, why_null

# Asleep() reads ASLEEP_API_KEY and ASLEEP_USER_ID.
with Asleep() as asleep:
    night = asleep.get_session(
        "20220821093117_hz82a",
        timezone="Asia/Seoul",
    )

print(night.session.state, *night.sentences)
if night.stat is None:
    print("no statistics:", why_null(night, "stat"))
else:
    print("slept", night.stat.time_in_sleep, "s")
    print("woke", night.stat.waso_count, "times")
    print("REM ratio", night.stat.rem_ratio)
