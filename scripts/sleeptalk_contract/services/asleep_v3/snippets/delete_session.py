"""Delete the audio and the analysis of one night."""

from sleeptalk.asleep_v3 import Asleep
from sleeptalk.errors import SessionNotFound

with Asleep() as asleep:
    try:
        asleep.delete_session("20240311133000_twost")
        print("deleted")
    except SessionNotFound:
        print("was not there")
