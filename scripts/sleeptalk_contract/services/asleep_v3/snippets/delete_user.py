"""Delete a user with everything that was recorded."""

from sleeptalk.asleep_v3 import Asleep
from sleeptalk.errors import CallFailed, UserNotFound

with Asleep() as asleep:
    user_id = asleep.create_user().user_id
    try:
        asleep.delete_user(user_id)
        print("deleted")
    except UserNotFound:
        print("was not there")
    except CallFailed as error:
        # It is not sent again: perhaps it was done.
        print("look whether it is gone:", error)
