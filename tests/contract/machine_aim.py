"""Drawn calls hit too little: this turns most of them to what is there.

What is drawn does not depend on what is stored, so that Hypothesis can draw it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from fastapi_chatkit.rows import ItemRow, PageQuery
from fastapi_chatkit.store.base import (
    Admission,
    NewMessage,
    Retry,
    RunEnd,
    RunStart,
    StructuredAnswer,
    ToolOutput,
    WidgetAction,
)
from tests.contract.machine_calls import ITEMS, RUNS, THREADS, Call
from tests.contract.model import Account, Entry, Model, Run, Thread, pending

T = TypeVar("T")
AnyAdmission = TypeVar("AnyAdmission", Retry, StructuredAnswer, WidgetAction)


def aimed(call: Call, model: Model) -> Call:
    """The call at the ``aim``-th of what it can be about; as it was drawn where there is none, or ``aim`` is 0."""
    return _Aim(model.account(call.owner), call.aim).call(call) if call.aim else call


class _Aim:
    def __init__(self, account: Account, number: int) -> None:
        self._account = account
        self._number = number

    def call(self, call: Call) -> Call:
        match call.name, call.args:
            case "admit" | "start_run" | "end_run" | "withdraw_run" | "recover_run", _:
                args = self._of_run(call.name, *call.args)
            case "get_run" | "checkpoint_run" | "request_stop", (run_id, *others):
                args = (self._one(self._account.runs, run_id), *others)
            case "run_so_far", (thread_id, run_id):
                run = self._run(lambda _: True)
                args = (thread_id, run_id) if run is None else (run.row.thread_id, run.row.id)
            case "get_attachment", (attachment_id,):
                args = (self._one(self._account.attachments, attachment_id),)
            case "list_threads", (page,):
                args = (self._page(page, [thread.row.id for thread in self._account.in_order()]),)
            case "put_thread" | "remove_thread" | "put_attachment" | "remove_attachment", _:
                args = call.args
            case _, (thread_id, *others):
                thread = self._thread(thread_id)
                args = (thread_id, *others) if thread is None else (thread.row.id, *self._in(thread, call.name, others))
            case _:
                args = call.args
        return replace(call, args=args)

    def _in(self, thread: Thread, name: str, args: Sequence[Any]) -> tuple[Any, ...]:
        """What follows the thread in a call's arguments."""
        match name, args:
            case "get_item" | "item_run", (item_id,):
                return (self._item(thread, item_id),)
            case "remove_item", (item_id, run_id):
                return self._item(thread, item_id), self._writer(thread, run_id)
            case "change_thread", (changes, run_id):
                return changes, self._writer(thread, run_id)
            case "put_item", (row, run_id):
                known = [entry.row.id for entry in thread.entries]
                return _renamed(row, self._one([key for key in ITEMS if key not in known], row.id)), self._writer(
                    thread, run_id
                )
            case "put_feedback", (item_ids, kind):
                return tuple(self._item(thread, item_id, _shown) for item_id in item_ids), kind
            case "list_items" | "get_thread_with_items", (page,):
                return (self._page(page, [entry.row.id for entry in thread.entries if entry.shown or page.limit == 1]),)
            case _:
                return tuple(args)

    def _of_run(self, name: str, *args: Any) -> tuple[Any, ...]:
        match name, args:
            case "admit", (admission, start):
                admission = self._admission(admission)
                return admission, _digested(self._unused(start), admission)
            case "start_run", _:
                run = self._run(lambda run: run.row.status == "queued")
                return args if run is None else (run.admission, run.row.id)
            case "end_run", (end,):
                return (self._end(end, lambda run: run.row.status == "running"),)
            case "withdraw_run", (end,):
                return (self._end(end, lambda run: run.row.status == "queued"),)
            case _, (end,):
                return (self._end(end, lambda run: run.goes_on),)
        raise AssertionError(name)

    # --- admissions and ends --------------------------------------------------------------------------------------

    def _admission(self, admission: Admission) -> Admission:
        match admission:
            case NewMessage(new_thread=True):
                free = [name for name in THREADS if name not in self._account.threads]
                return self._message(admission, self._one(free, admission.thread_id))
            case NewMessage(thread_id=thread_id):
                thread = self._thread(thread_id)
                return self._message(admission, thread.row.id if thread else thread_id)
            case ToolOutput():
                thread = self._thread(admission.thread_id, lambda thread: any(map(_waits, thread.entries[-1:])))
                return admission if thread is None else replace(admission, thread_id=thread.row.id)
            case StructuredAnswer():
                return self._at_item(admission, lambda entry: pending(entry, "structured_input"))
            case Retry():
                return self._at_item(admission, lambda entry: entry.row.type == "user_message")
            case WidgetAction():
                return self._at_item(admission, lambda entry: entry.row.type == "widget")

    def _message(self, new: NewMessage, thread_id: str) -> NewMessage:
        """Some with an attachment that is not there: what was done before it was missed must be undone."""
        known = tuple(key for key in new.attachment_ids if key in self._account.attachments or self._number % 2)
        message = {**new.message, "thread_id": thread_id}
        return replace(new, thread_id=thread_id, message=message, attachment_ids=known)

    def _at_item(self, admission: AnyAdmission, wanted: Callable[[Entry], bool]) -> AnyAdmission:
        thread = self._thread(admission.thread_id, lambda thread: any(map(wanted, thread.entries)))
        if thread is None:
            return admission
        return replace(admission, thread_id=thread.row.id, item_id=self._item(thread, admission.item_id or "", wanted))

    def _unused(self, run: RunStart) -> RunStart:
        return replace(run, run_id=self._one([key for key in RUNS if key not in self._account.runs], run.run_id))

    def _end(self, end: RunEnd, wanted: Callable[[Run], bool]) -> RunEnd:
        """Of a run that can end so, or of any."""
        run = self._run(wanted) if self._number % 3 else self._run(lambda _: True)
        if run is None:
            return end
        return replace(end, run_id=run.row.id, thread_id=run.row.thread_id if self._number < 5 else end.thread_id)

    def _run(self, wanted: Callable[[Run], bool]) -> Run | None:
        return self._one([run for run in self._account.runs.values() if wanted(run)], None)

    def _writer(self, thread: Thread, run_id: str | None) -> str | None:
        """Mostly the run that may write; nobody where nobody was drawn."""
        active = self._account.active(thread.row.id)
        return run_id if run_id is None or active is None or self._number == 5 else active.row.id

    # --- one of some ----------------------------------------------------------------------------------------------

    def _one(self, some: Sequence[T] | dict[T, Any], otherwise: T) -> T:
        found = list(some)
        return found[self._number % len(found)] if found else otherwise

    def _thread(self, thread_id: str, wanted: Callable[[Thread], bool] = lambda _: True) -> Thread | None:
        drawn = self._account.threads.get(thread_id)
        if drawn is not None and wanted(drawn):
            return drawn
        return self._one([thread for thread in self._account.in_order() if wanted(thread)], None)

    def _item(self, thread: Thread, item_id: str, wanted: Callable[[Entry], bool] = lambda _: True) -> str:
        found = [entry.row.id for entry in thread.entries if wanted(entry)]
        return item_id if item_id in found else self._one(found, item_id)

    def _page(self, page: PageQuery, ids: list[str]) -> PageQuery:
        return page if page.after is None else page._replace(after=self._one(ids, page.after))


def _digested(start: RunStart, admission: Admission) -> RunStart:
    """What asks for the same thing has the same digest; each new thread is the same to a client."""
    new = isinstance(admission, NewMessage) and admission.new_thread
    digest = "new" if new else admission.thread_id
    return start if start.key is None else replace(start, key=replace(start.key, digest=digest))


def _renamed(row: ItemRow, item_id: str) -> ItemRow:
    return row._replace(id=item_id, data=json.dumps({**json.loads(row.data), "id": item_id}))


def _shown(entry: Entry) -> bool:
    return entry.shown


def _waits(entry: Entry) -> bool:
    return pending(entry, "client_tool_call")
