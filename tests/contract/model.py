"""The store's contract on plain lists and dictionaries, written from the docstrings of ``store/base.py``.

A method has the name and the parameters of the port's, answers at once, and raises :class:`Refused` with every error
that the port may answer: where two reasons apply, the contract does not say which of them is told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi_chatkit.errors import (
    AttachmentNotFound,
    IdempotencyMismatch,
    ItemNotFound,
    ItemState,
    QueueFull,
    RunActive,
    RunNotFound,
    ThreadLocked,
    ThreadNotFound,
)
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import ItemRow, Page, PageQuery, ThreadRow
from fastapi_chatkit.store.base import (
    Admission,
    Admitted,
    NewMessage,
    Retry,
    RunEnd,
    RunLost,
    RunRow,
    RunSoFar,
    RunStart,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)

ACTIVE = '{"type":"active"}'
ALIVE = "alive"
"""The process that holds a lease."""

Reasons = list[type[Exception]]

HIDDEN = {"hidden_context_item", "sdk_hidden_context"}


class Taken(Exception):
    """An id that has to be new is in use, or one that has to be there is not: the port names no error for it."""


class Refused(Exception):
    """Nothing was changed; ``errors`` are those that say why, each as good as the others."""

    def __init__(self, *errors: type[Exception]) -> None:
        self.errors = errors

    def allows(self, error: Exception) -> bool:
        """Whether the port may answer this."""
        return type(error) in self.errors or Taken in self.errors


@dataclass
class Entry:
    """An item; ``serial`` tells one that was deleted from one that was put again under its id, or moved."""

    row: ItemRow
    run_id: str | None
    serial: int

    @property
    def shown(self) -> bool:
        """Whether clients see it."""
        return self.row.type not in HIDDEN


@dataclass
class Thread:
    """A thread with what belongs to it; items are in the order of their arrival."""

    row: ThreadRow
    serial: int
    entries: list[Entry] = field(default_factory=list[Entry])
    feedback: dict[str, str] = field(default_factory=dict[str, str])

    def find(self, item_id: str | None, *, hidden: bool = True) -> Entry | None:
        """An item."""
        found = (entry for entry in self.entries if entry.row.id == item_id)
        return next((entry for entry in found if hidden or entry.shown), None)

    def copy(self) -> Thread:
        return replace(self, entries=[replace(entry) for entry in self.entries], feedback=dict(self.feedback))

    def keep(self, entries: list[Entry]) -> None:
        """Delete all other items, with the verdicts on them."""
        self.entries = entries
        ids = {entry.row.id for entry in entries}
        self.feedback = {item_id: kind for item_id, kind in self.feedback.items() if item_id in ids}


@dataclass
class Run:
    """A run with what is kept of it; ``admission`` is what it was admitted with."""

    row: RunRow
    admission: Admission
    replica: str
    key: tuple[str, str] | None = None
    stop: str | None = None
    checkpoint: str | None = None
    seq: int = 0
    began: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended, be it that it waits."""
        return self.row.ended_at is None

    def end(self, end: RunEnd, attempt: int) -> None:
        """Nothing is kept of it beside its items."""
        self.checkpoint, self.seq = None, 0
        self.row = self.row._replace(
            status=end.status, stop_reason=end.stop_reason, ended_at=end.ended_at, attempt=attempt
        )

    def ended_as(self, end: RunEnd) -> bool:
        """Whether this end was stored before: its caller may not have been told."""
        return (self.row.status, self.row.ended_at) == (end.status, end.ended_at)


@dataclass
class Account:
    """What one owner has; runs are in the order of their admission."""

    threads: dict[str, Thread] = field(default_factory=dict[str, Thread])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    attachments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def thread(self, thread_id: str) -> Thread:
        """:raises Refused: there is none."""
        if thread_id not in self.threads:
            raise Refused(ThreadNotFound)
        return self.threads[thread_id]

    def copy(self) -> Account:
        threads = {key: thread.copy() for key, thread in self.threads.items()}
        return Account(threads, {key: replace(run) for key, run in self.runs.items()}, dict(self.attachments))

    def line(self, thread_id: str) -> list[Run]:
        """The thread's run that goes on, and those that wait, in their order."""
        return [run for run in self.runs.values() if run.row.thread_id == thread_id and run.goes_on]

    def active(self, thread_id: str) -> Run | None:
        """The run that may write."""
        return next((run for run in self.line(thread_id) if run.row.status == "running"), None)

    def run_of_key(self, value: str) -> Run | None:
        """The run that was begun with a key."""
        return next((run for run in self.runs.values() if run.key and run.key[0] == value), None)

    def unbegun(self, thread_id: str, run_id: str | None) -> bool:
        """Whether it is a run of the thread that never began: it waits, or was ended while it did."""
        run = self.runs.get(run_id or "")
        return run is not None and run.row.thread_id == thread_id and not run.began

    def fence(self, thread_id: str, run_id: str | None) -> None:
        """:raises Refused: what this run writes there is not taken."""
        active = self.active(thread_id)
        if run_id is not None and (active is None or active.row.id != run_id):
            raise Refused(RunLost if thread_id in self.threads else ThreadNotFound)

    def in_order(self) -> list[Thread]:
        """Threads by creation, then by the bytes of their id."""
        return sorted(self.threads.values(), key=lambda thread: (thread.row.created_at, thread.row.id.encode()))


class Model:
    """Every owner's account."""

    def __init__(self) -> None:
        self.accounts: dict[Owner, Account] = {}
        self._last_serial = 0

    def copy(self) -> Model:
        """A model that goes on by itself."""
        copied = Model()
        copied.accounts = {owner: account.copy() for owner, account in self.accounts.items()}
        copied._last_serial = self._last_serial
        return copied

    def _serial(self) -> int:
        self._last_serial += 1
        return self._last_serial

    def account(self, owner: Owner) -> Account:
        """What an owner has, which may be nothing."""
        return self.accounts.setdefault(owner, Account())

    # --- threads --------------------------------------------------------------------------------------------------

    def list_threads(self, owner: Owner, page: PageQuery) -> Page[ThreadRow]:
        rows = [thread.row for thread in self.account(owner).in_order()]
        return _page(rows, page, ThreadNotFound)

    def get_thread(self, owner: Owner, thread_id: str) -> ThreadRow:
        return self.account(owner).thread(thread_id).row

    def get_thread_with_items(self, owner: Owner, thread_id: str, page: PageQuery) -> tuple[ThreadRow, Page[ItemRow]]:
        return self.get_thread(owner, thread_id), self.list_items(owner, thread_id, page)

    def put_thread(self, owner: Owner, thread: ThreadRow) -> None:
        threads = self.account(owner).threads
        if thread.id in threads:
            kept = threads[thread.id].row.created_at  # a thread is created once
            threads[thread.id].row = thread._replace(created_at=kept)
        else:
            threads[thread.id] = Thread(thread, self._serial())

    def change_thread(
        self, owner: Owner, thread_id: str, changes: ThreadChanges, run_id: str | None = None
    ) -> ThreadRow:
        thread = self.account(owner).thread(thread_id)
        if changes.values:
            self.account(owner).fence(thread_id, run_id)
        thread.row = thread.row._replace(**changes.values)
        return thread.row

    def remove_thread(self, owner: Owner, thread_id: str) -> None:
        account = self.account(owner)
        account.thread(thread_id)
        del account.threads[thread_id]
        account.runs = {key: run for key, run in account.runs.items() if run.row.thread_id != thread_id}
        account.attachments = {
            key: record for key, record in account.attachments.items() if record.get("thread_id") != thread_id
        }

    # --- items ----------------------------------------------------------------------------------------------------

    def list_items(self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False) -> Page[ItemRow]:
        entries = self.account(owner).thread(thread_id).entries
        rows = [entry.row for entry in entries if hidden or entry.shown]
        return _page(rows, page, ItemNotFound)

    def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        found = self.account(owner).thread(thread_id).find(item_id)
        if found is None:
            raise Refused(ItemNotFound)
        return found.row

    def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        self.account(owner).fence(thread_id, run_id)
        self._put(owner, thread_id, item, run_id)

    def _put(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None, *, anew: bool = True) -> None:
        thread = self.account(owner).thread(thread_id)
        found = thread.find(item.id)
        if found is None:
            thread.entries.append(Entry(item, run_id, self._serial()))
        elif anew:
            found.row = item

    def remove_item(self, owner: Owner, thread_id: str, item_id: str, run_id: str | None = None) -> None:
        thread = self.account(owner).threads.get(thread_id)
        if thread is not None:
            self.account(owner).fence(thread_id, run_id)
            thread.keep([entry for entry in thread.entries if entry.row.id != item_id])

    def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        thread = self.account(owner).threads.get(thread_id)
        found = thread.find(item_id) if thread else None
        if found is None:
            return False, None
        return True, None if found.row.type == "user_message" else found.run_id

    def put_feedback(self, owner: Owner, thread_id: str, item_ids: tuple[str, ...], kind: str) -> None:
        thread = self.account(owner).thread(thread_id)
        if not all(thread.find(item_id, hidden=False) for item_id in item_ids):
            raise Refused(ItemNotFound)
        thread.feedback |= dict.fromkeys(item_ids, kind)

    # --- attachments ----------------------------------------------------------------------------------------------

    def put_attachment(self, owner: Owner, attachment: dict[str, Any]) -> None:
        account = self.account(owner)
        if attachment.get("thread_id") not in {None, *account.threads}:
            raise Refused(Taken)
        account.attachments[attachment["id"]] = dict(attachment)

    def get_attachment(self, owner: Owner, attachment_id: str) -> str:
        record = self.account(owner).attachments.get(attachment_id)
        if record is None:
            raise Refused(AttachmentNotFound)
        return json.dumps(record)

    def remove_attachment(self, owner: Owner, attachment_id: str) -> None:
        self.account(owner).attachments.pop(attachment_id, None)

    # --- runs -----------------------------------------------------------------------------------------------------

    def get_run(self, owner: Owner, run_id: str) -> RunRow:
        if run_id not in self.account(owner).runs:
            raise Refused(RunNotFound)
        return self.account(owner).runs[run_id].row

    def current_run(self, owner: Owner, thread_id: str) -> RunRow:
        account = self.account(owner)
        account.thread(thread_id)
        of_thread = [run for run in account.runs.values() if run.row.thread_id == thread_id]
        if not of_thread:
            raise Refused(RunNotFound)
        return next(iter(account.line(thread_id)), of_thread[-1]).row

    def run_so_far(self, owner: Owner, thread_id: str, run_id: str) -> RunSoFar:
        account = self.account(owner)
        thread, run = account.threads.get(thread_id), account.runs.get(run_id)
        stored = [entry for entry in thread.entries if entry.shown] if thread else []
        growing = {row.id: row for row in _checkpointed(run) if row.type not in HIDDEN}
        rows = [growing.pop(entry.row.id, entry.row) for entry in stored if entry.run_id == run_id]
        return RunSoFar([*rows, *growing.values()], run.seq if run else 0)

    def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted | RunRow:
        account = self.account(owner)
        key = run.key
        before = next(
            (other for other in account.runs.values() if key and other.key and other.key[0] == key.value), None
        )
        if key and before and before.row.created_at >= key.since:
            assert before.key is not None
            if before.key[1] == key.digest:
                return before.row
            raise Refused(IdempotencyMismatch, ThreadNotFound)
        line = account.line(admission.thread_id)
        taken: Reasons = [Taken] if run.run_id in account.runs else []
        if line and len([other for other in line if other.row.status == "queued"]) >= run.max_waiting:
            taken += [QueueFull if run.max_waiting else RunActive]
        admitted = self._prepare(owner, admission, run, taken, waits=bool(line))
        for other in line if run.stop_others else []:
            other.stop = other.stop or run.stop_others
        if before:
            before.key = None
        status = "queued" if line else "running"
        row = RunRow(run.run_id, admission.thread_id, status, 1, run.created_at, None, None)
        kept_key = (key.value, key.digest) if key else None
        account.runs[run.run_id] = Run(row, admission, run.replica, kept_key, began=not line)
        return admitted

    def _prepare(self, owner: Owner, admission: Admission, run: RunStart, taken: Reasons, *, waits: bool) -> Admitted:
        account = self.account(owner)
        if isinstance(admission, NewMessage):
            return self._take_message(owner, admission, run, taken, waits=waits)
        thread = account.thread(admission.thread_id)
        match admission:
            case ToolOutput():
                item = _complete(thread, admission, taken)
            case StructuredAnswer():
                item = _answer(thread, admission, taken)
            case Retry():
                message = _retried(thread, admission, taken)
                if not waits:
                    self._rewind(account, thread, message, run.run_id)
                item = message.row
            case WidgetAction():
                item = _act(thread, admission, taken)
        return Admitted(thread.row, item, waits)

    def start_run(self, owner: Owner, admission: Admission, run_id: str) -> Admitted | None:
        account = self.account(owner)
        line = account.line(admission.thread_id)
        run = account.runs.get(run_id)
        if run is None or not run.goes_on:
            gone = run is None and admission.thread_id not in account.threads
            raise Refused(ThreadNotFound if gone else RunLost)
        if not line or line[0] is not run:
            return None
        thread = account.thread(admission.thread_id)
        item: ItemRow | None = None
        match admission:
            case NewMessage():
                message = _shown(thread, admission.message["id"], _locked(thread))
                _refuse(*_locked(thread))
                item = message.row
                if run.row.status == "queued":
                    thread.entries.remove(message)
                    thread.entries.append(replace(message, serial=self._serial()))
            case Retry():
                message = _retried(thread, admission, [])
                item = message.row
                if run.row.status == "queued":
                    self._rewind(account, thread, message, run_id)
            case WidgetAction():
                item = _act(thread, admission, [])
            case StructuredAnswer():
                item = _answered(thread, admission)
            case ToolOutput():
                pass
        run.row = run.row._replace(status="running")
        run.began = True
        return Admitted(thread.row, item)

    def _rewind(self, account: Account, thread: Thread, message: Entry, run_id: str) -> None:
        """What came after a message goes, but for what never began. A message that never had its turn comes last."""
        name = thread.row.id
        if account.unbegun(name, message.run_id):
            thread.entries.remove(message)
            thread.entries.append(replace(message, serial=self._serial(), run_id=run_id))
            return
        later = thread.entries.index(message) + 1
        kept = [entry for entry in thread.entries[later:] if account.unbegun(name, entry.run_id)]
        thread.keep([*thread.entries[:later], *kept])

    def end_run(self, owner: Owner, end: RunEnd) -> None:
        account = self.account(owner)
        run = account.runs.get(end.run_id)
        if run is not None and run.ended_as(end):
            return
        account.thread(end.thread_id)
        account.fence(end.thread_id, end.run_id)
        assert run is not None
        self._finish(owner, run, end, run.row.attempt)

    def withdraw_run(self, owner: Owner, end: RunEnd) -> bool:
        run = self.account(owner).runs.get(end.run_id)
        if run is None or run.ended_as(end):
            return run is not None
        if run.row.thread_id != end.thread_id or run.row.status != "queued":
            return False
        self._finish(owner, run, end, run.row.attempt)
        return True

    def recover_run(self, owner: Owner, end: RunEnd) -> bool:
        """Of a process that never held a lease, where it is not :data:`ALIVE`."""
        run = self.account(owner).runs.get(end.run_id)
        if run is None or run.ended_as(end):
            return run is not None
        if run.row.thread_id != end.thread_id or not run.goes_on or run.replica == ALIVE:
            return False
        for item in _checkpointed(run):
            self._put(owner, end.thread_id, item, end.run_id, anew=False)
        run.end(end, run.row.attempt + 1)
        return True

    def _finish(self, owner: Owner, run: Run, end: RunEnd, attempt: int) -> None:
        for item in end.items:
            self._put(owner, end.thread_id, item, end.run_id)
        run.end(end, attempt)

    def checkpoint_run(self, owner: Owner, run_id: str, items: str) -> None:
        run = self.account(owner).runs.get(run_id)
        if run is not None and run.goes_on:
            run.checkpoint, run.seq = items, len(items)

    def request_stop(self, owner: Owner, run_id: str, reason: str) -> str | None:
        run = self.account(owner).runs.get(run_id)
        if run is None or not run.goes_on:
            return None
        run.stop = run.stop or reason
        return run.replica

    def _take_message(self, owner: Owner, new: NewMessage, run: RunStart, taken: Reasons, *, waits: bool) -> Admitted:
        account = self.account(owner)
        thread = account.threads.get(new.thread_id)
        _refuse(
            *taken,
            Taken if new.new_thread and thread else None,
            None if new.new_thread or thread else ThreadNotFound,
            ThreadLocked if not new.new_thread and thread and thread.row.status != ACTIVE else None,
            None if account.attachments.keys() >= set(new.attachment_ids) else AttachmentNotFound,
        )
        if new.new_thread:
            self.put_thread(owner, ThreadRow(new.thread_id, None, new.message["created_at"], ACTIVE, None, "{}"))
        bound = [{**account.attachments[key], "thread_id": new.thread_id} for key in new.attachment_ids]
        account.attachments |= {record["id"]: record for record in bound}
        row = _row({**new.message, "attachments": bound})
        self._put(owner, new.thread_id, row, run.run_id)
        return Admitted(self.get_thread(owner, new.thread_id), row, waits)


# --- what an admission does to a thread ---------------------------------------------------------------------------


def _complete(thread: Thread, output: ToolOutput, taken: Reasons) -> ItemRow:
    newest = thread.entries[-1] if thread.entries else None
    waits = newest is not None and pending(newest, "client_tool_call")
    _refuse(*taken, None if waits else ItemState)
    assert newest is not None
    newest.row = _row({**json.loads(newest.row.data), "status": "completed", "output": output.result})
    thread.keep([entry for entry in thread.entries if not pending(entry, "client_tool_call")])
    return newest.row


def _answer(thread: Thread, answer: StructuredAnswer, taken: Reasons) -> ItemRow:
    asked = _shown(thread, answer.item_id, taken)
    _refuse(*taken, None if pending(asked, "structured_input") else ItemState)
    item = json.loads(asked.row.data)
    for question in item["inputs"]:
        values = answer.answers.get(question["id"], {}).get("values", [])
        question["answer"] = {"values": values, "skipped": not values}
    asked.row = _row({**item, "status": answer.status})
    return asked.row


def _answered(thread: Thread, answer: StructuredAnswer) -> ItemRow | None:
    asked = thread.find(answer.item_id, hidden=False)
    return asked.row if asked else None


def _retried(thread: Thread, retry: Retry, taken: Reasons) -> Entry:
    reasons = [*taken, *_locked(thread)]
    message = _shown(thread, retry.item_id, reasons)
    _refuse(*reasons, None if message.row.type == "user_message" else ItemState)
    return message


def _locked(thread: Thread) -> Reasons:
    return [] if thread.row.status == ACTIVE else [ThreadLocked]


def _act(thread: Thread, action: WidgetAction, taken: Reasons) -> ItemRow | None:
    if action.item_id is None:
        _refuse(*taken)
        return None
    widget = _shown(thread, action.item_id, taken)
    _refuse(*taken, None if widget.row.type == "widget" else ItemState)
    return widget.row


def _shown(thread: Thread, item_id: str, others: Reasons) -> Entry:
    """An item that the client can name: one that is hidden is not there for it."""
    found = thread.find(item_id, hidden=False)
    if found is None:
        raise Refused(ItemNotFound, *others)
    return found


def pending(entry: Entry, kind: str) -> bool:
    """Whether an item of this type waits for an answer."""
    return entry.row.type == kind and json.loads(entry.row.data)["status"] == "pending"


def _checkpointed(run: Run | None) -> list[ItemRow]:
    return [_row(item) for item in json.loads(run.checkpoint)] if run and run.checkpoint else []


def _refuse(*errors: type[Exception] | None) -> None:
    reasons = [error for error in errors if error is not None]
    if reasons:
        raise Refused(*reasons)


def _row(item: dict[str, Any]) -> ItemRow:
    return ItemRow(item["id"], item["type"], json.dumps(item))


def _page(rows: list[Any], page: PageQuery, missing: type[Exception]) -> Page[Any]:
    """What follows the cursor, in the order asked for."""
    ordered = rows if page.order == "asc" else rows[::-1]
    if page.after is not None:
        ids = [row.id for row in ordered]
        if page.after not in ids:
            raise Refused(missing)
        ordered = ordered[ids.index(page.after) + 1 :]
    data = ordered[: page.limit]
    has_more = len(ordered) > page.limit
    return Page(data, has_more, data[-1].id if has_more else None)
