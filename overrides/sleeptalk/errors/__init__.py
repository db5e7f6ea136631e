"""Every error that Sleeptalk raises, in one tree, one class per meaning.

SleeptalkError
├── ConfigurationError        an argument, an option or an environment variable cannot be used as it is
├── UnknownField              why_null was asked about a field that the data does not have
├── CallFailed                a call to a service did not return a result
│   ├── InvalidHeaderValue    a key, user id or time zone that a header cannot carry; nothing was sent
│   ├── InvalidSessionId      the session id is not 14 digits, `_` and 5 of [a-z0-9]; refused here or answered 422
│   ├── InvalidTaskId         the task id is not a UUID; refused here or answered 422
│   ├── InvalidTimezone       400: the service does not know the time zone
│   ├── Unauthorized          401: the API key is missing or wrong
│   ├── Forbidden             403: the key may not do this
│   │   ├── PlanExpired       403 that says so: the plan of the key has ended
│   │   └── QuotaExceeded     403 that says so: the calls that were agreed are used up
│   ├── SessionNotFound       404: no such session, or it belongs to another user
│   ├── UserNotFound          404: no user has this id
│   ├── TaskNotFound          404: no such task, or it has expired
│   ├── RequestRefused        400 or 422 for another reason
│   │   ├── FileTooLarge      413: the file is larger than the appliance takes
│   │   └── InvalidUserId     400 or 401: the user id is empty or malformed
│   ├── RateLimited           429, or 403 that says so: too many requests; `retry_after` is how long to wait
│   ├── ServerError           5xx
│   │   └── StorageFull       507: the storage of the appliance is full, no task was started
│   ├── UnexpectedStatus      an answer that the contract does not know: 204, 302, 418, a 404 of some proxy
│   ├── ContractViolation     an answer whose body breaks the contract; `path` is where
│   ├── ResponseTooLarge      the decoded body is larger than the limit
│   ├── ConnectionFailed      no whole answer came: refused, reset, name not resolved, TLS, cut in mid-body
│   ├── DeadlineExceeded      the time for the whole call ran out
│   │   ├── SessionTimeout    wait_for_session: not COMPLETE in time
│   │   └── TaskTimeout       wait_for_time_analysis and analyse_time: not finished in time; `task_id` is to go on with
│   ├── TaskRejected          the task ended as rejected: its input cannot be analysed
│   ├── TaskFailed            the task ended as failed: the service broke, the same input may work later
│   └── TaskCancelled         the task ended as cancelled: somebody has called it off
├── CallbackError             a callback was refused; `status` is what to answer
│   ├── CallbackUnreadable    400: the body is not JSON
│   ├── CallbackForbidden     401: the API key is missing, wrong, or given twice with different values
│   └── CallbackInvalid       422: the body is JSON, and breaks the contract; `path` is where
└── StoreUnavailable          the store of an inbox is full, locked, lost or not reachable

No message, attribute or traceback holds an API key, not even a traceback that shows the variables of our frames. What a
service answered is in `detail`, with the keys that were sent to it replaced; the bytes that it sent are in
`response.content`, untouched.

`from_json` and `from_dict` of a Night or a TimeAnalysisTask raise ContractViolation; those of the classes within them,
such as `Session`, raise ValueError.

Each service has a module here, apart from its client: a receiver of callbacks needs no HTTP client for its errors.
"""

from sleeptalk.errors.asleep import (
    InvalidSessionId,
    InvalidTimezone,
    InvalidUserId,
    PlanExpired,
    QuotaExceeded,
    SessionNotFound,
    SessionTimeout,
    UnknownField,
    UserNotFound,
)
from sleeptalk.errors.callback import (
    CallbackError,
    CallbackForbidden,
    CallbackInvalid,
    CallbackUnreadable,
    StoreUnavailable,
)
from sleeptalk.errors.phonexia import (
    FileTooLarge,
    InvalidTaskId,
    StorageFull,
    TaskCancelled,
    TaskFailed,
    TaskNotFound,
    TaskRejected,
    TaskTimeout,
)
from sleeptalk.runtime.errors import (
    CallFailed,
    ConfigurationError,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    Forbidden,
    InvalidHeaderValue,
    RateLimited,
    RequestRefused,
    ResponseTooLarge,
    ServerError,
    SleeptalkError,
    Unauthorized,
    UnexpectedStatus,
)

__all__ = [
    "CallFailed",
    "CallbackError",
    "CallbackForbidden",
    "CallbackInvalid",
    "CallbackUnreadable",
    "ConfigurationError",
    "ConnectionFailed",
    "ContractViolation",
    "DeadlineExceeded",
    "FileTooLarge",
    "Forbidden",
    "InvalidHeaderValue",
    "InvalidSessionId",
    "InvalidTaskId",
    "InvalidTimezone",
    "InvalidUserId",
    "PlanExpired",
    "QuotaExceeded",
    "RateLimited",
    "RequestRefused",
    "ResponseTooLarge",
    "ServerError",
    "SessionNotFound",
    "SessionTimeout",
    "SleeptalkError",
    "StorageFull",
    "StoreUnavailable",
    "TaskCancelled",
    "TaskFailed",
    "TaskNotFound",
    "TaskRejected",
    "TaskTimeout",
    "Unauthorized",
    "UnexpectedStatus",
    "UnknownField",
    "UserNotFound",
]


def __dir__() -> list[str]:
    return __all__
