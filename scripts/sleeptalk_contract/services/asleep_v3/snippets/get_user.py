"""Read a user with the last session."""

from sleeptalk.asleep_v3 import Asleep
from sleeptalk.errors import UserNotFound

with Asleep() as asleep:
    try:
        user = asleep.get_user(
            "G-20220821093117-SandboxUserSleeptalk",
        )
    except UserNotFound as error:
        print(error)
    else:
        last = user.last_session_info
        print("last:", last and last.session_id)
