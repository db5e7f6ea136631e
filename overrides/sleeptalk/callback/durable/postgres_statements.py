"""The table of the PostgreSQL store and the statements on it. The jobs beside it are procrastinate's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString

from sleeptalk.callback.durable.postgres_jobs import QUEUE

if TYPE_CHECKING:
    from sleeptalk.callback.durable.delivery import Accepted, Selection

EXISTS: Final = """
SELECT to_regclass('procrastinate_jobs') IS NOT NULL, to_regclass('sleeptalk_callbacks') IS NOT NULL,
    to_regclass('sleeptalk_schema') IS NOT NULL
"""
FOUND_VERSION: Final = "SELECT version FROM sleeptalk_schema"
SETUP_LOCK: Final = "SELECT pg_advisory_lock(7236833164)"
SCHEMA: Final = """
CREATE TABLE sleeptalk_callbacks (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    id text PRIMARY KEY,
    topic text NOT NULL,
    lane text NOT NULL,
    event text NOT NULL,
    session_id text,
    "window" text,
    user_id text,
    other_user_id text,
    received timestamptz NOT NULL,
    revision_of text,
    body bytea,
    headers text,
    state text NOT NULL DEFAULT 'waiting',
    attempt integer NOT NULL DEFAULT 0,
    due timestamptz,
    finished timestamptz,
    error text
);
CREATE INDEX sleeptalk_topics ON sleeptalk_callbacks (topic, seq);
CREATE INDEX sleeptalk_unfinished ON sleeptalk_callbacks (received) WHERE finished IS NULL;
"""
VERSION: Final = "CREATE VIEW sleeptalk_schema AS SELECT {} AS version"
INSERT: Final = """
INSERT INTO sleeptalk_callbacks
    (id, topic, lane, event, session_id, "window", user_id, other_user_id, received, body, headers, revision_of)
VALUES (%(id)s, %(topic)s, %(lane)s, %(event)s, %(session)s, %(window)s, %(user)s, %(other)s, %(received)s,
    %(body)s, %(headers)s,
    (SELECT id FROM sleeptalk_callbacks WHERE topic = %(topic)s ORDER BY seq DESC LIMIT 1))
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

RUNNING: Final = """
    SELECT args->>'identity' AS id, attempts FROM procrastinate_jobs WHERE queue_name = 'sleeptalk' AND status = 'doing'
"""
ENTRIES: Final = f"""
SELECT c.id, CASE WHEN c.state = 'waiting' AND j.id IS NOT NULL THEN 'running' ELSE c.state END AS state,
    c.event, c.session_id, c."window", coalesce(c.user_id, c.other_user_id),
    CASE WHEN c.state = 'waiting' AND j.id IS NOT NULL THEN j.attempts + 1 ELSE c.attempt END,
    c.received, CASE WHEN c.state = 'waiting' AND j.id IS NULL THEN c.due END, c.finished, c.revision_of, c.error,
    c.body, c.headers
FROM sleeptalk_callbacks c LEFT JOIN ({RUNNING}) j USING (id)
"""  # noqa: S608  # nothing but constants
COUNTS: Final = """
SELECT state, count(*), extract(epoch FROM now() - min(received)) FROM sleeptalk_callbacks GROUP BY state
"""
COUNT_RUNNING: Final = f"""
SELECT count(*) FROM sleeptalk_callbacks c JOIN ({RUNNING}) j USING (id) WHERE c.state = 'waiting'
"""  # noqa: S608  # nothing but constants

_LANE_KEY: Final = "('x' || left(lane, 16))::bit(64)::bigint"
LANE_LOCK: Final = f"""
SELECT pg_try_advisory_xact_lock({_LANE_KEY}) FROM sleeptalk_callbacks WHERE id = %s AND state = 'waiting'
"""  # noqa: S608  # nothing but constants
"""Held by who handles a callback of the lane, until its transaction ends, and gone with its connection."""
READ: Final = """
SELECT body, headers, received, revision_of, pg_current_xact_id()::text FROM sleeptalk_callbacks
WHERE id = %s AND state = 'waiting'
"""
FINISH: Final = """
UPDATE sleeptalk_callbacks SET state = 'done', attempt = %s, finished = now(), due = NULL, error = NULL
WHERE id = %s AND state = 'waiting' AND pg_current_xact_id()::text = %s
"""
FAIL: Final = """
UPDATE sleeptalk_callbacks SET state = %(state)s, attempt = %(attempt)s, error = %(error)s,
    due = CASE WHEN %(state)s = 'waiting' THEN now() + make_interval(secs => %(pause)s) END,
    finished = CASE WHEN %(state)s = 'dead' THEN now() END
WHERE id = %(id)s AND state = 'waiting'
"""
LEFT_RUNNING: Final = f"""
SELECT jobs.id, jobs.attempts
FROM procrastinate_jobs jobs LEFT JOIN sleeptalk_callbacks ON args->>'identity' = sleeptalk_callbacks.id
WHERE queue_name = 'sleeptalk' AND status = 'doing' AND NOT EXISTS (
    SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = ({_LANE_KEY} >> 32) & 4294967295
        AND objid::bigint = {_LANE_KEY} & 4294967295)
"""  # noqa: S608  # nothing but constants
"""Jobs that are said to run although nobody has the lock of their lane."""

REVIVE: Final = """
UPDATE sleeptalk_callbacks SET state = 'waiting', attempt = 0, due = NULL, finished = NULL, error = NULL
WHERE id = %s AND state = 'dead' RETURNING lane
"""
NO_LONGER_DUE: Final = "UPDATE sleeptalk_callbacks SET due = NULL WHERE id = ANY(%s) AND state = 'waiting'"
HASTEN: Final = """
UPDATE procrastinate_jobs SET scheduled_at = now()
WHERE queue_name = 'sleeptalk' AND status = 'todo' AND scheduled_at > now() AND args->>'identity' = ANY(%s)
RETURNING args->>'identity'
"""
SET_BACK: Final = """
UPDATE procrastinate_jobs SET scheduled_at = now()
WHERE queue_name = 'sleeptalk' AND status = 'todo'
    AND scheduled_at > now() + make_interval(secs => least(%(longest)s + 1, %(first)s * 2 ^ least(attempts, 30)))
"""
"""Lets jobs run that are due later than their pause is long: the database's clock was set back."""
DROP_JOBS: Final = """
DELETE FROM procrastinate_jobs
WHERE queue_name = 'sleeptalk' AND status IN ('todo', 'failed') AND args->>'identity' = ANY(%s)
"""
REMOVE: Final = "DELETE FROM sleeptalk_callbacks WHERE id = ANY(%s)"
BLANK: Final = """
UPDATE sleeptalk_callbacks SET body = NULL, headers = NULL, error = NULL
WHERE body IS NOT NULL AND state = 'done' AND finished < now() - make_interval(secs => %s)
"""
FORGET: Final = """
DELETE FROM sleeptalk_callbacks WHERE state = 'done' AND finished < now() - make_interval(secs => %s)
"""
assert QUEUE == "sleeptalk"  # as the statements have it


def row_of(accepted: Accepted, headers: str) -> dict[str, Any]:
    """Return the values of a callback's row. PostgreSQL keeps no NUL in a text: it becomes U+FFFD."""
    subject = accepted.subject
    user, other = (*accepted.users, None, None)[:2]
    texts = {"event": subject.event, "session": subject.session_id, "user": user, "other": other, "headers": headers}
    return {
        "id": accepted.id,
        "topic": accepted.topic,
        "lane": accepted.lane,
        "window": None if subject.window is None else str(subject.window),
        "received": accepted.callback.received,
        "body": accepted.callback.raw,
        **{name: None if text is None else without_nul(text) for name, text in texts.items()},
    }


def without_nul(text: str) -> str:
    """Return a text as the store has it."""
    return text.replace("\0", "\ufffd")


def where(selection: Selection) -> tuple[LiteralString, list[Any]]:
    """Return the condition of a selection on the columns of ENTRIES, and its values."""
    parts: list[LiteralString] = ["true"]
    values: list[Any] = []
    if selection.ids is not None:
        parts.append("c.id = ANY(%s)")
        values.append(list(selection.ids))
    if selection.state is not None:
        parts.append("CASE WHEN c.state = 'waiting' AND j.id IS NOT NULL THEN 'running' ELSE c.state END = %s")
        values.append(selection.state)
    if selection.session is not None:
        parts.append("c.session_id = %s")
        values.append(without_nul(selection.session))
    if selection.user is not None:
        parts.append("(c.user_id = %s OR c.other_user_id = %s)")
        values += [without_nul(selection.user)] * 2
    return " AND ".join(parts), values
