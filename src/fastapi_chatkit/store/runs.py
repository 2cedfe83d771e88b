"""Scripts of a run after its admission: what is kept of it while it goes on, its end, and what is asked about it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import orjson

from ..errors import RunNotFound
from ..events import now
from ..identity import Owner
from ..rows import ItemRow, ThreadRow, item_row
from . import sql
from .base import Checkpoint, OwnedRun, Replica, RunEnd, RunLost, RunRow, RunSoFar
from .items import item_params
from .script import Each, Last, Params, Script, Step, scope
from .threads import get_thread, thread_params
from .turns import ACTIVE_STATUS, first_run

ITEMS_OF_RUN_WINDOW = 500
"""How many of a thread's newest items are searched for those of a run."""

SOME = 100
"""How many runs without a living process are looked at together."""


def checkpoint_runs(checkpoints: Sequence[Checkpoint]) -> Script[None]:
    """Replace what is kept of runs that go on."""
    yield Each(
        sql.CHECKPOINT_RUN,
        [
            scope(owner, run_id=run_id, checkpoint=items, checkpoint_seq=seq)
            for owner, run_id, items, seq in checkpoints
        ],
    )


# --- the end ------------------------------------------------------------------------------------------------------


def end_run(owner: Owner, end: RunEnd) -> Script[None]:
    """Store the last items, then the end, and give the thread free."""
    params = _end_params(owner, end)
    if not end.items:
        ended = yield Last(sql.END_ACTIVE_RUN, params)
    else:
        *others, last = end.items
        for item in others:
            stored = yield Step(sql.PUT_ITEM_OF_RUN, {**params, **_item_params(owner, end, item)})
            if not stored:
                return (yield from _tell_why(owner, end))
        ended = yield Last(sql.END_ACTIVE_RUN_WITH_ITEM, {**params, **_item_params(owner, end, last)})
    return None if ended else (yield from _tell_why(owner, end))


def _tell_why(owner: Owner, end: RunEnd) -> Script[None]:
    """Nothing was written: an earlier attempt at this has come through, or the thread is gone, or somebody else has
    ended the run.
    """
    done = yield from _is_done(owner, end)
    if not done:
        yield from get_thread(owner, end.thread_id)
        raise RunLost


def _is_done(owner: Owner, end: RunEnd) -> Script[bool]:
    """Whether an earlier attempt at this end has come through, and nobody was told."""
    rows = yield Step(sql.GET_RUN, scope(owner, run_id=end.run_id))
    return bool(rows) and (RunRow(*rows[0]).status, RunRow(*rows[0]).ended_at) == (end.status, end.ended_at)


def withdraw_run(owner: Owner, end: RunEnd) -> Script[bool]:
    """End a run that waits; whether it was there and waited, or an earlier attempt at this has come through."""
    params = _end_params(owner, end)
    touched = yield Step(sql.TOUCH_THREAD, params)
    ended = (yield Step(sql.END_QUEUED_RUN, params)) if touched else ()
    if not ended:
        return (yield from _is_done(owner, end))
    for item in end.items:
        yield Step(sql.PUT_ITEM, {**params, **_item_params(owner, end, item)})
    return True


def abandon_run(owner: Owner, end: RunEnd, new_thread: bool) -> Script[None]:
    """End the run if it is there; else put it there as ended, so that it can no longer be admitted.

    Its key and its message are taken back: whoever asked was told to ask again. They stay where the run was confirmed
    to somebody who did. A run that begins its thread cannot be put there: the thread is made for a moment instead,
    which waits for whoever is about to commit one of this id, and goes with all that came with it. It stays where
    another run came after this one.
    """
    params = _end_params(owner, end)
    nothing = ThreadRow(end.thread_id, None, end.ended_at, ACTIVE_STATUS, None, "{}")
    if (yield Step(sql.INSERT_THREAD_IF_NEW, thread_params(owner, nothing, seq=0))):
        yield Last(sql.DELETE_THREAD, params)
        return
    yield Step(sql.TOUCH_THREAD, params)
    is_there = yield Step(sql.GET_RUN, params)
    taken_back = yield Step(sql.TAKE_BACK_KEY, params)
    if is_there and not taken_back:
        yield Step(sql.RELEASE_THREAD, params)
        yield Last(sql.END_RUN, params)
    elif new_thread and (yield from _is_alone(owner, end)):
        yield Last(sql.DELETE_THREAD, params)
    else:
        yield Step(sql.RELEASE_THREAD, params)
        yield Step(sql.DELETE_MESSAGE_OF_RUN, params)
        yield Last(sql.ABANDON_RUN, params)


def _is_alone(owner: Owner, end: RunEnd) -> Script[bool]:
    """Whether nobody has found the run's thread and gone on in it."""
    newest = yield Step(sql.NEWEST_RUN, scope(owner, thread_id=end.thread_id, limit=1))
    return not newest or RunRow(*newest[0]).id == end.run_id


def confirm_run(owner: Owner, run_id: str) -> Script[bool]:
    """Keep the run from being taken back; whether it is there for that."""
    rows = yield Last(sql.CONFIRM_RUN, scope(owner, run_id=run_id, now=now()))
    return bool(rows)


def recover_run(orphan: OwnedRun, end: RunEnd, keep: bool) -> Script[bool]:
    """End a run whose process is dead, with what was kept of it; whether it was there and its process dead, or an
    earlier attempt at this has come through.
    """
    owner = orphan.owner
    params = _end_params(owner, end)
    touched = yield Step(sql.TOUCH_THREAD, params)
    found = (yield Step(sql.ORPHAN, params)) if touched else ()
    if not found:
        return (yield from _is_done(owner, end))
    for item in _checkpointed(found[0][0]) if keep else ():
        yield Step(sql.ADD_ITEM_IF_NEW, {**params, **_item_params(owner, end, item)})
    yield Step(sql.RELEASE_THREAD, params)
    yield Last(sql.RECOVER_RUN, params)
    return True


def request_stop(owner: Owner, run_id: str, reason: str) -> Script[str | None]:
    """Leave the request in the run's row; the process that is to read it."""
    rows = yield Last(sql.STOP_RUN, scope(owner, run_id=run_id, stop_reason=reason))
    return rows[0][0] if rows else None


def _end_params(owner: Owner, end: RunEnd) -> Params:
    return scope(
        owner,
        thread_id=end.thread_id,
        run_id=end.run_id,
        run_status=end.status,
        stop_reason=end.stop_reason,
        ended_at=end.ended_at,
        now=now(),
    )


def _item_params(owner: Owner, end: RunEnd, item: ItemRow) -> Params:
    return item_params(owner, end.thread_id, item, end.run_id)


def _checkpointed(checkpoint: str | None) -> list[ItemRow]:
    return [item_row(item) for item in orjson.loads(checkpoint)] if checkpoint else []


# --- what is asked ------------------------------------------------------------------------------------------------


def get_run(owner: Owner, run_id: str) -> Script[RunRow]:
    """The run, or :class:`RunNotFound`."""
    rows = yield Step(sql.GET_RUN, scope(owner, run_id=run_id))
    if not rows:
        raise RunNotFound
    return RunRow(*rows[0])


def current_run(owner: Owner, thread_id: str) -> Script[RunRow]:
    """The run that goes on, or waits first, or came last; or which of the two is not there."""
    first = yield from first_run(owner, thread_id)
    if first is not None:
        return first
    rows = yield Step(sql.NEWEST_RUN, scope(owner, thread_id=thread_id, limit=1))
    if not rows:
        yield from get_thread(owner, thread_id)
        raise RunNotFound
    return RunRow(*rows[0])


def run_so_far(owner: Owner, thread_id: str, run_id: str) -> Script[RunSoFar]:
    """The visible items that a run stored, in order, then those of its checkpoint, which is right where both have one:
    its log goes on from there.
    """
    params = scope(owner, thread_id=thread_id, run_id=run_id, limit=ITEMS_OF_RUN_WINDOW)
    kept = yield Step(sql.CHECKPOINT_OF_RUN, params)  # first: what is stored after this is among the items
    rows = yield Step(sql.ITEMS_OF_RUN, params)
    checkpoint, seq = kept[0] if kept else (None, None)
    growing = {item.id: item for item in _checkpointed(checkpoint) if not item.hidden}
    stored = [ItemRow(*row[:-1]) for row in sorted(rows, key=itemgetter(-1))]
    items = [growing.pop(item.id, item) for item in stored]
    return RunSoFar([*items, *growing.values()], seq or 0)


# --- processes ----------------------------------------------------------------------------------------------------


def renew_lease(replica: str, seconds: float, log_id: str | None) -> Script[bool]:
    """Add to a process's time, from now on; whether it still had some."""
    held = yield Step(sql.HOLDS_LEASE, {"replica": replica})
    yield Last(sql.RENEW_LEASE, {"replica": replica, "seconds": seconds, "log_id": log_id})
    return bool(held)


def replicas() -> Script[list[Replica]]:
    """Those that have a lease."""
    rows = yield Step(sql.LIST_REPLICAS, {})
    return sorted((Replica(*row) for row in rows), key=itemgetter(0))


def release_lease(replica: str) -> Script[None]:
    """A process has ended."""
    yield Last(sql.RELEASE_LEASE, {"replica": replica})


def forget_leases(seconds: float) -> Script[None]:
    """Those that ended so long ago."""
    yield Last(sql.FORGET_LEASES, {"seconds": seconds})


def runs_of_replica(replica: str) -> Script[dict[str, str | None]]:
    """The runs of a process, and why they are to be stopped."""
    rows = yield Step(sql.RUNS_OF_REPLICA, {"replica": replica})
    found: dict[str, str | None] = {}
    for run_id, reason in rows:
        found[run_id] = reason or found.get(run_id)
    return found


def orphaned_runs() -> Script[list[OwnedRun]]:
    """Some of the runs whose process is dead. Where several are, each who asks begins with another: so they do not all
    end the same runs.
    """
    dead = [row[0] for row in (yield Step(sql.DEAD_REPLICAS, {}))]
    random.shuffle(dead)
    found: list[OwnedRun] = []
    for replica in dead:
        rows = yield Step(sql.ORPHANED_RUNS, {"replica": replica, "limit": SOME - len(found)})
        found += _owned(rows)
        if len(found) >= SOME:
            break
    return found


def active_runs(limit: int) -> Script[list[OwnedRun]]:
    """Everybody's, the oldest first."""
    rows = yield Step(sql.LIST_RUNS, {"limit": limit})
    return _owned(rows)


def _owned(rows: Sequence[Sequence[Any]]) -> list[OwnedRun]:
    return [OwnedRun(Owner(*row[:2]), RunRow(*row[2:])) for row in rows]
