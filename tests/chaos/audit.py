"""An audit that knows nothing of the code under test: triggers write down who changed which run and which item.

A connection says who it is by ``application_name``, which each replica's URL sets for the process (``a.2``: the second
process in place ``a``). All that is written to a thread's items is written under the lock of the thread's row, and all
that is written to a run under its own, so ``n`` is the order in which it came to be.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.support.postgres import execute, fetch

INSTALL = """
CREATE SCHEMA audit;
CREATE TABLE audit.changes (
    n bigserial PRIMARY KEY, at double precision, xid bigint, pid int, who text, what text, row text, deleted boolean
);
CREATE FUNCTION audit.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit.changes (at, xid, pid, who, what, row, deleted) VALUES (
        extract(epoch FROM clock_timestamp()), txid_current(), pg_backend_pid(), current_setting('application_name'),
        TG_TABLE_NAME, to_json(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END)::text, TG_OP = 'DELETE'
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON chatkit.runs FOR EACH ROW EXECUTE FUNCTION audit.note();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON chatkit.items FOR EACH ROW EXECUTE FUNCTION audit.note();
"""

Row = dict[str, Any]


class Change(NamedTuple):
    """One change of one row. ``old`` is ``None`` for a new one, ``new`` for one that was deleted."""

    n: int
    at: float
    xid: int
    pid: int
    who: str
    old: Row | None
    new: Row | None


@dataclass
class AuditedRun:
    """One run's rows through time."""

    id: str
    thread_id: str
    user: str
    changes: list[Change] = field(default_factory=list)

    @property
    def first(self) -> Change:
        """Its admission."""
        return self.changes[0]

    @property
    def last(self) -> Row:
        """Its row as it is, or was when it was deleted."""
        change = self.changes[-1]
        return change.new or change.old or {}

    @property
    def deleted(self) -> bool:
        """Whether it went with its thread."""
        return self.changes[-1].new is None

    @property
    def ends(self) -> list[Change]:
        """The changes that ended it."""
        return [change for change in self.changes if _ended(change.new) and not _ended(change.old)]

    @property
    def begin(self) -> Change | None:
        """The change that let it go on."""
        return next((change for change in self.changes if change.new and change.new["status"] == "running"), None)


def _ended(row: Row | None) -> bool:
    return row is not None and row["ended_at"] is not None


@dataclass
class Audit:
    """All that was written, by run and by thread."""

    runs: dict[str, AuditedRun] = field(default_factory=dict)
    items: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    """The changes of items, by thread."""

    def items_at_end(self, run: AuditedRun) -> list[dict[str, Any]]:
        """The visible items of a run as they were stored when it ended, in their order."""
        end = run.ends[0]
        return self.items_at(run, end)

    def items_at(self, run: AuditedRun, change: Change) -> list[dict[str, Any]]:
        """The run's visible items when a transaction was through."""
        rows: dict[str, Row] = {}
        for other in self.items[run.thread_id]:
            if other.n > change.n and other.xid != change.xid:
                continue
            row = other.new or other.old or {}
            rows.pop(row["id"], None)
            if other.new is not None:
                rows[row["id"]] = row
        mine = [row for row in rows.values() if row["run_id"] == run.id and not row["hidden"]]
        return [json.loads(row["data"]) for row in sorted(mine, key=lambda row: row["seq"])]


async def install(url: str) -> None:
    """Begin to write down."""
    await execute(url, INSTALL)


async def read(url: str) -> Audit:
    """What was written down."""
    return audit_of(await fetch(url, "SELECT n, at, xid, pid, who, what, row, deleted FROM audit.changes ORDER BY n"))


def audit_of(rows: Iterable[tuple[Any, ...]]) -> Audit:
    """The same from rows of (n, at, xid, pid, who, table, JSON of the row, whether it was deleted)."""
    audit = Audit()
    known: dict[tuple[str, str, str], Row] = {}
    for n, at, xid, pid, who, what, data, deleted in rows:
        row: Row = json.loads(data)
        key = what, row["thread_id"], row["id"]
        change = Change(n, at, xid, pid, who, known.pop(key, None), None if deleted else row)
        if not deleted:
            known[key] = row
        if what == "items":
            audit.items[row["thread_id"]].append(change)
        else:
            run = audit.runs.setdefault(row["id"], AuditedRun(row["id"], row["thread_id"], row["user_id"]))
            run.changes.append(change)
    return audit
