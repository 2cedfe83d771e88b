"""Every statement, as SQL that SQLite and PostgreSQL both run, with ``:named`` parameters.

Each statement is scoped to its owner, but for those on the schema itself and on what processes do (:data:`UNSCOPED`);
``tests/unit/store/test_sql.py`` fails for one that is not.

Whatever changes a thread's items takes the thread's row first, so that two that change the same thread wait for each
other, and nobody waits in a circle.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from ..rows import Order
from .script import CLOCK, THREAD, Chain

TABLES: Final = ("threads", "items", "attachments", "feedback", "runs", "replicas")

SCHEMA_VERSION: Final = "SELECT version_num FROM alembic_version"

OWNER: Final = "organization_id = :organization_id AND user_id = :user_id"
IN_THREAD: Final = f"{OWNER} AND thread_id = :thread_id"

THREAD_ROW: Final = f"threads WHERE {OWNER} AND id = :thread_id"
"""What ``{thread}`` stands for in a statement by itself."""

_THREAD_COLUMNS: Final = "id, title, created_at, status, allowed_image_domains, metadata"
_DIRECTION: Final[dict[Order, tuple[str, str]]] = {"asc": (">", "ASC"), "desc": ("<", "DESC")}

# --- threads ------------------------------------------------------------------------------------------------------

GET_THREAD = f"SELECT {_THREAD_COLUMNS} FROM threads WHERE {OWNER} AND id = :thread_id"

_INSERT_THREAD = f"""
INSERT INTO threads (organization_id, user_id, {_THREAD_COLUMNS}, updated_at, last_seq, active_run_id)
VALUES (
    :organization_id, :user_id, :thread_id, :title, :created_at, :status, :allowed_image_domains, :metadata, :now, :seq,
    :active_run_id
)
"""

INSERT_THREAD = f"{_INSERT_THREAD} RETURNING last_seq, {_THREAD_COLUMNS}"

INSERT_THREAD_IF_NEW = f"{_INSERT_THREAD} ON CONFLICT (organization_id, user_id, id) DO NOTHING RETURNING id"

UPSERT_THREAD = f"""{_INSERT_THREAD}
ON CONFLICT (organization_id, user_id, id) DO UPDATE SET
    title = excluded.title, status = excluded.status, allowed_image_domains = excluded.allowed_image_domains,
    metadata = excluded.metadata, updated_at = excluded.updated_at
"""

NEXT_SEQ = f"""
UPDATE threads SET last_seq = last_seq + 1, updated_at = :now WHERE {OWNER} AND id = :thread_id
RETURNING last_seq, {_THREAD_COLUMNS}
"""

TAKE_FREE_THREAD = f"""
UPDATE threads SET last_seq = last_seq + 1, updated_at = :now, active_run_id = :run_id
WHERE {OWNER} AND id = :thread_id AND status = :open AND active_run_id IS NULL
    AND NOT EXISTS (SELECT id FROM runs WHERE {IN_THREAD} AND ended_at IS NULL)
RETURNING last_seq, {_THREAD_COLUMNS}
"""
"""Make a new run the thread's active one, if the thread takes messages and no run goes on or waits in it."""

TAKE_THREAD = f"""
UPDATE threads SET last_seq = last_seq + 1, updated_at = :now, active_run_id = :run_id
WHERE {OWNER} AND id = :thread_id AND active_run_id IS NULL
RETURNING last_seq, {_THREAD_COLUMNS}
"""

_OF_RUN: Final = "AND active_run_id = :run_id"
"""The fence: what a run writes is refused once the thread's active run is another, or none."""

NEXT_SEQ_OF_RUN = f"""
UPDATE threads SET last_seq = last_seq + 1, updated_at = :now WHERE {OWNER} AND id = :thread_id {_OF_RUN}
RETURNING last_seq, {_THREAD_COLUMNS}
"""

RELEASE_THREAD = f"""
UPDATE threads SET updated_at = :now, active_run_id = NULL WHERE {OWNER} AND id = :thread_id {_OF_RUN}
RETURNING last_seq, {_THREAD_COLUMNS}
"""

RELEASE_THREAD_WITH_ITEM = f"""
UPDATE threads SET last_seq = last_seq + 1, updated_at = :now, active_run_id = NULL
WHERE {OWNER} AND id = :thread_id {_OF_RUN}
RETURNING last_seq, {_THREAD_COLUMNS}
"""

TOUCH_THREAD = f"UPDATE threads SET updated_at = :now WHERE {OWNER} AND id = :thread_id RETURNING {_THREAD_COLUMNS}"

TOUCH_THREAD_OF_RUN = f"""
UPDATE threads SET updated_at = :now WHERE {OWNER} AND id = :thread_id {_OF_RUN} RETURNING {_THREAD_COLUMNS}
"""

DELETE_THREAD = f"DELETE FROM threads WHERE {OWNER} AND id = :thread_id RETURNING id"

CHANGEABLE = frozenset({"title", "status", "allowed_image_domains", "metadata"})


@cache
def change_thread(columns: tuple[str, ...], of_run: bool, untitled: bool = False) -> str:
    """Set the named columns, which must be among :data:`CHANGEABLE`; with ``untitled`` a title stays as it is."""
    if not CHANGEABLE.issuperset(columns):
        raise ValueError("unknown thread column")
    kept = ("title",) if untitled else ()
    values = {column: f"COALESCE({column}, :{column})" if column in kept else f":{column}" for column in columns}
    assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
    return (
        f"UPDATE threads SET {assignments}, updated_at = :now WHERE {OWNER} AND id = :thread_id "
        f"{_OF_RUN if of_run else ''} RETURNING {_THREAD_COLUMNS}"
    )


@cache
def list_threads(order: Order, after: bool) -> str:
    """A page of threads by (created_at, id)."""
    compare, direction = _DIRECTION[order]
    cursor = f"AND (created_at, id) {compare} (SELECT created_at, id FROM threads WHERE {OWNER} AND id = :after)"
    return (
        f"SELECT {_THREAD_COLUMNS} FROM threads WHERE {OWNER} {cursor if after else ''} "
        f"ORDER BY created_at {direction}, id {direction} LIMIT :limit"
    )


# --- items --------------------------------------------------------------------------------------------------------

GET_ITEM = f"SELECT id, type, data FROM items WHERE {IN_THREAD} AND id = :item_id"

ITEM_RUN = f"SELECT run_id, type FROM items WHERE {IN_THREAD} AND id = :item_id"

_VISIBLE: Final[dict[bool, str]] = {True: "", False: "AND NOT hidden"}
"""What to add for a query that includes hidden items, and for one that does not."""


@cache
def item_seq(hidden: bool) -> str:
    """An item's position."""
    return f"SELECT seq FROM items WHERE {IN_THREAD} AND id = :item_id {_VISIBLE[hidden]}"


_INSERT_ITEM: Final = f"""
INSERT INTO items (organization_id, user_id, thread_id, id, seq, type, hidden, run_id, data)
SELECT :organization_id, :user_id, :thread_id, :item_id, last_seq, :type, :hidden, :item_run_id, :data FROM {THREAD}
"""

INSERT_ITEM_IF_NEW = f"{_INSERT_ITEM} ON CONFLICT (organization_id, user_id, thread_id, id) DO NOTHING"

UPSERT_ITEM = f"""{_INSERT_ITEM}
ON CONFLICT (organization_id, user_id, thread_id, id) DO UPDATE SET
    type = excluded.type, hidden = excluded.hidden, data = excluded.data
"""

UPDATE_ITEM = f"UPDATE items SET data = :data WHERE {IN_THREAD} AND id = :item_id"

DELETE_ITEM = f"DELETE FROM items WHERE {IN_THREAD} AND id = :item_id"

DELETE_ITEM_IN_THREAD = f"{DELETE_ITEM} AND EXISTS (SELECT id FROM {THREAD})"

DELETE_ITEMS_OF_BEGUN_RUNS_AFTER = f"""
DELETE FROM items WHERE {IN_THREAD} AND seq > :seq AND NOT EXISTS (
    SELECT id FROM runs WHERE {IN_THREAD} AND began_at IS NULL AND runs.id = items.run_id
)
"""
"""All that comes after, but the messages that wait for their answers, or waited in vain."""

DELETE_MESSAGE_OF_RUN = f"""
DELETE FROM items WHERE {IN_THREAD} AND run_id = :run_id AND seq = (
    SELECT seq FROM runs WHERE {OWNER} AND id = :run_id
)
"""
"""The message that a run was admitted with, where it still is."""

MOVE_ITEM = f"""
UPDATE items SET seq = (SELECT last_seq FROM {THREAD}), run_id = :run_id
WHERE {IN_THREAD} AND id = :item_id AND EXISTS (SELECT id FROM {THREAD})
"""
"""To the thread's end, as the message of a run that begins."""

NEWEST_ITEMS = f"SELECT id, type, data FROM items WHERE {IN_THREAD} ORDER BY seq DESC LIMIT :limit"


_NOT_WAITING: Final = f"""AND NOT EXISTS (
    SELECT id FROM runs WHERE {IN_THREAD} AND ended_at IS NULL AND status = 'queued' AND runs.id = items.run_id
)"""


def _page_of_items(columns: str, order: Order, after: bool, hidden: bool, waiting: bool = True) -> str:
    compare, direction = _DIRECTION[order]
    visible = _VISIBLE[hidden]
    left = "" if waiting else _NOT_WAITING
    cursor = f"AND seq {compare} (SELECT seq FROM items WHERE {IN_THREAD} AND id = :after {visible})"
    return (
        f"SELECT {columns} FROM items WHERE {IN_THREAD} {visible} {left} "
        f"{cursor if after else ''} ORDER BY seq {direction} LIMIT :limit"
    )


@cache
def list_items(order: Order, after: bool, hidden: bool, waiting: bool) -> str:
    """A page of items by sequence, without the hidden ones unless asked; with the messages that wait, or without."""
    return _page_of_items("id, type, data", order, after, hidden, waiting)


@cache
def thread_with_items(order: Order, after: bool) -> str:
    """The thread beside each item of a page, so that both are of one moment; beside nothing where there is none.

    A join keeps no order: each row ends with the item's sequence number.
    """
    columns = ", ".join(f"thread.{column}" for column in _THREAD_COLUMNS.split(", "))
    return (
        f"SELECT {columns}, item.id, item.type, item.data, item.seq FROM "
        f"(SELECT {_THREAD_COLUMNS} FROM threads WHERE {OWNER} AND id = :thread_id) AS thread LEFT JOIN "
        f"({_page_of_items('seq, id, type, data', order, after, hidden=False)}) AS item ON TRUE"
    )


# --- attachments and feedback -------------------------------------------------------------------------------------

UPSERT_ATTACHMENT = """
INSERT INTO attachments (organization_id, user_id, id, thread_id, data)
VALUES (:organization_id, :user_id, :id, :thread_id, :data)
ON CONFLICT (organization_id, user_id, id) DO UPDATE SET thread_id = excluded.thread_id, data = excluded.data
"""

GET_ATTACHMENT = f"SELECT data FROM attachments WHERE {OWNER} AND id = :id"

BIND_ATTACHMENT = f"UPDATE attachments SET thread_id = :thread_id WHERE {OWNER} AND id = :id RETURNING data"

UPDATE_ATTACHMENT = f"UPDATE attachments SET data = :data WHERE {OWNER} AND id = :id"

DELETE_ATTACHMENT = f"DELETE FROM attachments WHERE {OWNER} AND id = :id"

UPSERT_FEEDBACK = """
INSERT INTO feedback (organization_id, user_id, thread_id, item_id, kind, created_at)
VALUES (:organization_id, :user_id, :thread_id, :item_id, :kind, :now)
ON CONFLICT (organization_id, user_id, thread_id, item_id) DO UPDATE SET
    kind = excluded.kind, created_at = excluded.created_at
"""

# --- runs ---------------------------------------------------------------------------------------------------------

_RUN_COLUMNS: Final = "id, thread_id, status, attempt, created_at, ended_at, stop_reason"

INSERT_RUN = f"""
INSERT INTO runs (
    organization_id, user_id, id, thread_id, seq, status, attempt, created_at, began_at, replica, request_key,
    request_digest
)
SELECT
    :organization_id, :user_id, :run_id, :thread_id, last_seq, :run_status, 1, :run_created_at, :run_began_at, :replica,
    :request_key, :request_digest
FROM {THREAD}
"""

START_RUN = f"""
UPDATE runs SET status = 'running', began_at = :now
WHERE {OWNER} AND id = :run_id AND status = 'queued' AND EXISTS (SELECT id FROM {THREAD})
"""

CHECKPOINT_RUN = f"""
UPDATE runs SET checkpoint = :checkpoint, checkpoint_seq = :checkpoint_seq
WHERE {OWNER} AND id = :run_id AND ended_at IS NULL
"""

END_RUN = f"""
UPDATE runs SET status = :run_status, stop_reason = :stop_reason, ended_at = :ended_at, checkpoint = NULL,
    checkpoint_seq = NULL
WHERE {OWNER} AND id = :run_id AND ended_at IS NULL
"""

END_RUN_IN_THREAD = f"{END_RUN} AND EXISTS (SELECT id FROM {THREAD})"

END_QUEUED_RUN = f"{END_RUN} AND thread_id = :thread_id AND status = 'queued' RETURNING id"

RECOVER_RUN = f"""
UPDATE runs SET
    status = :run_status, stop_reason = :stop_reason, ended_at = :ended_at, checkpoint = NULL,
    checkpoint_seq = NULL, attempt = attempt + 1
WHERE {OWNER} AND id = :run_id AND ended_at IS NULL
"""

ABANDON_RUN = f"""
INSERT INTO runs (
    organization_id, user_id, id, thread_id, seq, status, attempt, created_at, ended_at, stop_reason
)
SELECT
    :organization_id, :user_id, :run_id, :thread_id, last_seq, :run_status, 1, :ended_at, :ended_at, :stop_reason
FROM {THREAD}
ON CONFLICT (organization_id, user_id, id) DO UPDATE SET
    status = excluded.status, stop_reason = excluded.stop_reason, ended_at = excluded.ended_at
    WHERE runs.ended_at IS NULL
"""

CONFIRM_RUN = f"""
UPDATE runs SET confirmed_at = :now WHERE {OWNER} AND id = :run_id AND request_key IS NOT NULL RETURNING id
"""
"""Of this and :data:`TAKE_BACK_KEY` the first wins, whoever does it."""

TAKE_BACK_KEY = f"""
UPDATE runs SET request_key = NULL WHERE {OWNER} AND id = :run_id AND confirmed_at IS NULL RETURNING id
"""

STOP_RUN = f"""
UPDATE runs SET stop_requested = COALESCE(stop_requested, :stop_reason)
WHERE {OWNER} AND id = :run_id AND ended_at IS NULL
RETURNING replica
"""

STOP_RUNS = f"""
UPDATE runs SET stop_requested = :stop_reason WHERE {IN_THREAD} AND ended_at IS NULL AND stop_requested IS NULL
RETURNING id
"""

UNBEGUN_RUN_OF_ITEM = f"""
SELECT id FROM runs WHERE {IN_THREAD} AND began_at IS NULL AND id = (
    SELECT run_id FROM items WHERE {IN_THREAD} AND id = :item_id
)
"""
"""The run that a message was stored with, if it never began."""

GET_RUN = f"SELECT {_RUN_COLUMNS} FROM runs WHERE {OWNER} AND id = :run_id"

GET_RUN_OF_KEY = f"SELECT {_RUN_COLUMNS}, request_digest FROM runs WHERE {OWNER} AND request_key = :request_key"

FORGET_KEY = f"UPDATE runs SET request_key = NULL WHERE {OWNER} AND request_key = :request_key"

ACTIVE_RUNS = f"""
SELECT {_RUN_COLUMNS}, stop_requested FROM runs WHERE {IN_THREAD} AND ended_at IS NULL ORDER BY seq LIMIT :limit
"""
"""The run that goes on, where one does, and those that wait, in their order."""

NEWEST_RUN = f"SELECT {_RUN_COLUMNS} FROM runs WHERE {IN_THREAD} ORDER BY seq DESC LIMIT :limit"

CHECKPOINT_OF_RUN = f"SELECT checkpoint, checkpoint_seq FROM runs WHERE {OWNER} AND id = :run_id"

ITEMS_OF_RUN = f"""
SELECT id, type, data, seq FROM (SELECT id, type, data, seq, run_id, hidden FROM items WHERE {IN_THREAD}
    ORDER BY seq DESC LIMIT :limit) AS newest
WHERE run_id = :run_id AND NOT hidden
"""
"""The visible items that a run stored, among the thread's newest, in no order."""

# --- processes ----------------------------------------------------------------------------------------------------

RENEW_LEASE = f"""
INSERT INTO replicas (id, lease_until, log_id) VALUES (:replica, {CLOCK} + :seconds, :log_id)
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until, log_id = excluded.log_id
"""

LIST_REPLICAS = f"SELECT id, log_id FROM replicas WHERE lease_until > {CLOCK}"

HOLDS_LEASE = f"SELECT id FROM replicas WHERE id = :replica AND lease_until > {CLOCK}"

RELEASE_LEASE = "DELETE FROM replicas WHERE id = :replica"

FORGET_LEASES = f"DELETE FROM replicas WHERE lease_until < {CLOCK} - :seconds"

_IS_DEAD: Final = f"NOT EXISTS (SELECT id FROM replicas WHERE replicas.id = runs.replica AND lease_until > {CLOCK})"

DEAD_REPLICAS = f"""
WITH RECURSIVE busy (replica) AS (
    SELECT min(replica) FROM runs WHERE ended_at IS NULL
    UNION ALL
    SELECT (SELECT min(replica) FROM runs WHERE ended_at IS NULL AND replica > busy.replica) FROM busy
    WHERE busy.replica IS NOT NULL
)
SELECT replica FROM busy WHERE replica IS NOT NULL
    AND NOT EXISTS (SELECT id FROM replicas WHERE replicas.id = busy.replica AND lease_until > {CLOCK})
"""
"""Processes that are dead, and drive runs that go on by what the database knows. It looks at one run of each process:
every process asks this all the time, and there may be a million runs.
"""

ORPHANED_RUNS = f"""
SELECT organization_id, user_id, {_RUN_COLUMNS} FROM runs WHERE ended_at IS NULL AND replica = :replica
LIMIT :limit
"""
"""Some runs of a process, in no order."""

ORPHAN = f"SELECT checkpoint FROM runs WHERE {IN_THREAD} AND id = :run_id AND ended_at IS NULL AND {_IS_DEAD}"

RUNS_OF_REPLICA = "SELECT id, stop_requested FROM runs WHERE ended_at IS NULL AND replica = :replica"

LIST_RUNS = f"""
SELECT organization_id, user_id, {_RUN_COLUMNS} FROM runs WHERE ended_at IS NULL ORDER BY created_at LIMIT :limit
"""

UNSCOPED: Final = frozenset(
    {
        HOLDS_LEASE,
        RENEW_LEASE,
        LIST_REPLICAS,
        RELEASE_LEASE,
        FORGET_LEASES,
        DEAD_REPLICAS,
        ORPHANED_RUNS,
        RUNS_OF_REPLICA,
        LIST_RUNS,
        SCHEMA_VERSION,
    }
)
"""What is of no owner, or of all."""

# --- what is done in one step -------------------------------------------------------------------------------------

PUT_ITEM = Chain(NEXT_SEQ, (UPSERT_ITEM,))

PUT_ITEM_OF_RUN = Chain(NEXT_SEQ_OF_RUN, (UPSERT_ITEM,))

ADD_ITEM_IF_NEW = Chain(NEXT_SEQ, (INSERT_ITEM_IF_NEW,))

ADD_MESSAGE_TO_FREE_THREAD = Chain(TAKE_FREE_THREAD, (UPSERT_ITEM, INSERT_RUN))

CREATE_THREAD = Chain(INSERT_THREAD, (UPSERT_ITEM, INSERT_RUN))

ADD_MESSAGE = {
    "running": Chain(TAKE_THREAD, (UPSERT_ITEM, INSERT_RUN)),
    "queued": Chain(NEXT_SEQ, (UPSERT_ITEM, INSERT_RUN)),
}
"""By the status that the message's run has from now on."""

ADD_RUN = {"running": Chain(TAKE_THREAD, (INSERT_RUN,)), "queued": Chain(NEXT_SEQ, (INSERT_RUN,))}

MOVE_MESSAGE = Chain(NEXT_SEQ, (MOVE_ITEM,))

START_QUEUED_RUN = Chain(TAKE_THREAD, (START_RUN,))

START_QUEUED_RUN_OF_MESSAGE = Chain(TAKE_THREAD, (MOVE_ITEM, START_RUN))
"""The message moves to the thread's end: its answer comes next, as if it had been sent only now."""

END_ACTIVE_RUN = Chain(RELEASE_THREAD, (END_RUN_IN_THREAD,))

END_ACTIVE_RUN_WITH_ITEM = Chain(RELEASE_THREAD_WITH_ITEM, (UPSERT_ITEM, END_RUN_IN_THREAD))

REMOVE_ITEM = Chain(TOUCH_THREAD, (DELETE_ITEM_IN_THREAD,))
"""Takes the thread's lock, as everything that changes its items: a retry of the same item waits, or is waited for."""

REMOVE_ITEM_OF_RUN = Chain(TOUCH_THREAD_OF_RUN, (DELETE_ITEM_IN_THREAD,))
