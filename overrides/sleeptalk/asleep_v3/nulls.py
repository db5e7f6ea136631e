"""Why a field of a night of data v3 is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sleeptalk.asleep.nulls import CallbackDataV3, Data
from sleeptalk.asleep.nulls import why_null as why_null_of_any

if TYPE_CHECKING:
    from sleeptalk.asleep.fields import NightField as NightFieldV2
    from sleeptalk.asleep.reasons import NullReason
    from sleeptalk.asleep_v3.fields import NightField
    from sleeptalk.asleep_v3.night import Night
    from sleeptalk_generated.asleep_v3.models import SessionResult

DataV3: TypeAlias = "Night | SessionResult | CallbackDataV3"


def why_null(night: DataV3 | Data, field: NightField | NightFieldV2) -> NullReason | None:
    """Return why a field is null or absent, or None where it has a value.

    - `night`: what `get_session` returned, or a callback's event or data, of any version.
    - `field`: the name of a statistic, of a field of the session, or `stat` for the statistics as a whole. A type
      checker finds one that is misspelt; a name that is only known at run time is a `NightField` by `typing.cast`.

    Where several reasons apply, a reason of the whole session comes before one of the contract, which comes before one
    of this night: NOT_IN_V2, NOT_COMPLETE, INVALID; NO_REAL_TIME, TWO_STAGE, NO_BREATHING, NO_SNORING; NEVER_SLEPT,
    NO_SUCH_STAGE, NO_CYCLE, NOT_INTERRUPTED, NOT_COMPUTED. The stages of an OPEN session are missing by contract
    (NO_REAL_TIME), its end and its statistics are still to come. The `sentence` of a reason is for people.

    Raises UnknownField for a name that the data does not have, ConfigurationError for data of another kind: a `stat`
    alone does not show why a value is missing. Source: Get Session.
    """
    return why_null_of_any(cast("Any", night), cast("Any", field))
