"""Make a user, for whom nights can then be recorded."""

from sleeptalk.asleep_v3 import (
    Asleep,
    Gender,
    NewUser,
    UserMetadata,
)

known = UserMetadata(birth_year=1987, gender=Gender.FEMALE)
with Asleep() as asleep:
    made = asleep.create_user(NewUser(metadata=known))
print("keep this id:", made.user_id)
