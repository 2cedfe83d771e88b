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
    ItemNotFound,
    ItemState,
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
    RunRow,
    RunStart,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)

ACTIVE = '{"type":"active"}'
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
    """An item; ``serial`` tells one that was deleted from one that was put again under its id."""

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
class Account:
    """What one owner has."""

    threads: dict[str, Thread] = field(default_factory=dict[str, Thread])
    runs: dict[str, RunRow] = field(default_factory=dict[str, RunRow])
    attachments: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def thread(self, thread_id: str) -> Thread:
        """:raises Refused: there is none."""
        if thread_id not in self.threads:
            raise Refused(ThreadNotFound)
        return self.threads[thread_id]

    def copy(self) -> Account:
        threads = {key: thread.copy() for key, thread in self.threads.items()}
        return Account(threads, dict(self.runs), dict(self.attachments))

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

    def change_thread(self, owner: Owner, thread_id: str, changes: ThreadChanges) -> ThreadRow:
        thread = self.account(owner).thread(thread_id)
        thread.row = thread.row._replace(**changes.values)
        return thread.row

    def remove_thread(self, owner: Owner, thread_id: str) -> None:
        account = self.account(owner)
        account.thread(thread_id)
        del account.threads[thread_id]
        account.runs = {key: run for key, run in account.runs.items() if run.thread_id != thread_id}
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
        thread = self.account(owner).thread(thread_id)
        found = thread.find(item.id)
        if found is None:
            thread.entries.append(Entry(item, run_id, self._serial()))
        else:
            found.row = item

    def remove_item(self, owner: Owner, thread_id: str, item_id: str) -> None:
        thread = self.account(owner).threads.get(thread_id)
        if thread is not None:
            thread.keep([entry for entry in thread.entries if entry.row.id != item_id])

    def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        thread = self.account(owner).threads.get(thread_id)
        found = thread.find(item_id) if thread else None
        return (False, None) if found is None else (True, found.run_id)

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
        return self.account(owner).runs[run_id]

    def end_run(self, owner: Owner, end: RunEnd) -> None:
        if end.items:
            self.account(owner).thread(end.thread_id)
        for item in end.items:
            self.put_item(owner, end.thread_id, item, end.run_id)
        run = self.account(owner).runs.get(end.run_id)
        if run is not None and run.ended_at is None:
            ended = run._replace(status=end.status, stop_reason=end.stop_reason, ended_at=end.ended_at)
            self.account(owner).runs[run.id] = ended

    def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted:
        account = self.account(owner)
        taken: Reasons = [Taken] if run.run_id in account.runs else []
        match admission:
            case NewMessage():
                admitted = self._take_message(owner, admission, taken)
            case ToolOutput():
                admitted = _complete(account.thread(admission.thread_id), admission, taken)
            case StructuredAnswer():
                admitted = _answer(account.thread(admission.thread_id), admission, taken)
            case Retry():
                admitted = _rewind(account.thread(admission.thread_id), admission, taken)
            case WidgetAction():
                admitted = _act(account.thread(admission.thread_id), admission, taken)
        row = RunRow(run.run_id, admission.thread_id, "running", 1, run.created_at, None, None)
        account.runs[run.run_id] = row
        return admitted

    def _take_message(self, owner: Owner, new: NewMessage, taken: Reasons) -> Admitted:
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
        self.put_item(owner, new.thread_id, row)
        return Admitted(self.get_thread(owner, new.thread_id), row)


# --- what an admission does to a thread ---------------------------------------------------------------------------


def _complete(thread: Thread, output: ToolOutput, taken: Reasons) -> Admitted:
    newest = thread.entries[-1] if thread.entries else None
    waits = newest is not None and pending(newest, "client_tool_call")
    _refuse(*taken, None if waits else ItemState)
    assert newest is not None
    newest.row = _row({**json.loads(newest.row.data), "status": "completed", "output": output.result})
    thread.keep([entry for entry in thread.entries if not pending(entry, "client_tool_call")])
    return Admitted(thread.row, newest.row)


def _answer(thread: Thread, answer: StructuredAnswer, taken: Reasons) -> Admitted:
    asked = _shown(thread, answer.item_id, taken)
    _refuse(*taken, None if pending(asked, "structured_input") else ItemState)
    item = json.loads(asked.row.data)
    for question in item["inputs"]:
        values = answer.answers.get(question["id"], {}).get("values", [])
        question["answer"] = {"values": values, "skipped": not values}
    asked.row = _row({**item, "status": answer.status})
    return Admitted(thread.row, asked.row)


def _rewind(thread: Thread, retry: Retry, taken: Reasons) -> Admitted:
    locked: Reasons = [] if thread.row.status == ACTIVE else [ThreadLocked]
    message = _shown(thread, retry.item_id, [*taken, *locked])
    _refuse(*taken, *locked, None if message.row.type == "user_message" else ItemState)
    thread.keep(thread.entries[: thread.entries.index(message) + 1])
    return Admitted(thread.row, message.row)


def _act(thread: Thread, action: WidgetAction, taken: Reasons) -> Admitted:
    if action.item_id is None:
        _refuse(*taken)
        return Admitted(thread.row, None)
    widget = _shown(thread, action.item_id, taken)
    _refuse(*taken, None if widget.row.type == "widget" else ItemState)
    return Admitted(thread.row, widget.row)


def _shown(thread: Thread, item_id: str, others: Reasons) -> Entry:
    """An item that the client can name: one that is hidden is not there for it."""
    found = thread.find(item_id, hidden=False)
    if found is None:
        raise Refused(ItemNotFound, *others)
    return found


def pending(entry: Entry, kind: str) -> bool:
    """Whether an item of this type waits for an answer."""
    return entry.row.type == kind and json.loads(entry.row.data)["status"] == "pending"


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
