"""Calls of the store's port as data, drawn from few ids, so that they meet what is there, was there or is another's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import ItemRow, Page, PageQuery, ThreadRow
from fastapi_chatkit.store.base import (
    Admission,
    Admitted,
    Checkpoint,
    NewMessage,
    OwnedRun,
    RequestKey,
    Retry,
    RunEnd,
    RunRow,
    RunSoFar,
    RunStart,
    Store,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)
from tests.contract.model import ALIVE, Model, Refused
from tests.contract.rows import ALICE, ALICE_AT_ACME, BOB, TIME, assistant, attachment, hidden, item, user, user_json

OWNERS = (ALICE, BOB, ALICE_AT_ACME)
THREADS = ("thr_a", "thr_b", "Thr_ü")
ITEMS = tuple("abcdefg")
RUNS = tuple(f"run_{number}" for number in range(12))
ATTACHMENTS = ("atc_1", "atc_2")
MOMENTS = (TIME, "2026-01-31T12:00:00.000001Z")
ACTIVE = '{"type":"active"}'
STATUSES = (ACTIVE, ACTIVE, '{"type":"locked"}', '{"type":"closed","reason":"done"}')


@dataclass(frozen=True)
class Call:
    """One call, of a store as of the model; ``machine_aim`` tells what ``aim`` is for."""

    name: str
    owner: Owner
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    aim: int = 0

    async def of(self, store: Store) -> Any:
        """What a store answers or raises."""
        match self.name, self.args:
            case "recover_run", (end,):
                orphan = RunRow(end.run_id, end.thread_id, "running", 1, "", None, None)
                call = store.recover_run(OwnedRun(self.owner, orphan), end)
            case "checkpoint_run", (run_id, items):
                call = store.checkpoint_runs([Checkpoint(self.owner, run_id, items, len(items))])
            case _:
                call = getattr(store, self.name)(self.owner, *self.args, **self.options)
        return (await asyncio.gather(call, return_exceptions=True))[0]

    def expected_of(self, model: Model) -> Any:
        """What the model answers or raises."""
        try:
            return getattr(model, self.name)(self.owner, *self.args, **self.options)
        except Refused as refused:
            return refused


def agrees(answer: Any, expected: Any) -> bool:
    """Whether a store's answer is the one that the model expects."""
    if isinstance(expected, Refused):
        return isinstance(answer, Exception) and expected.allows(answer)
    return not isinstance(answer, BaseException) and plain(answer) == plain(expected)


def plain(answer: Any) -> Any:
    """An answer with the JSON in it decoded: the order of keys is nobody's promise."""
    match answer:
        case str():
            return json.loads(answer) if answer.startswith("{") else answer
        case ItemRow():
            return answer.id, answer.type, json.loads(answer.data)
        case Page():
            return [plain(row) for row in answer.data], answer.has_more, answer.after
        case Admitted():
            return answer.thread, plain(answer.item), answer.waits
        case RunRow() | bool():
            return answer
        case RunSoFar():
            return plain(answer.items), answer.seq
        case list():
            return [plain(row) for row in answer]
        case (ThreadRow() as thread, Page() as page):
            return thread, plain(page)
        case _:
            return answer


# --- rows ---------------------------------------------------------------------------------------------------------


QUESTIONS = [{"id": "q1", "type": "freeform", "question": "?"}, {"id": "q2", "type": "freeform", "question": "?"}]


def row(kind: str, item_id: str, thread_id: str, text: str = "") -> ItemRow:
    """An item of a kind, which is a type or a type with its status."""
    match kind.split():
        case ["user_message"]:
            return user(item_id, text, thread_id)
        case ["assistant_message"]:
            return assistant(item_id, text, thread_id)
        case ["hidden_context_item"]:
            return hidden(item_id, thread_id)
        case ["client_tool_call", status]:
            return item("client_tool_call", item_id, thread_id, status=status, call_id=text, name="tool", arguments={})
        case ["structured_input", status]:
            return item("structured_input", item_id, thread_id, status=status, inputs=QUESTIONS)
        case _:
            return item(kind, item_id, thread_id, content=text)


KINDS = (
    "user_message",
    "user_message",
    "assistant_message",
    "hidden_context_item",
    "sdk_hidden_context",
    "client_tool_call pending",
    "client_tool_call pending",
    "client_tool_call completed",
    "structured_input pending",
    "structured_input answered",
    "widget",
    "of_the_future",
)

kinds = st.sampled_from(KINDS)
texts = st.sampled_from(("", "one", "zwei ü"))
aims = st.integers(0, 5)
run_ids = st.sampled_from(RUNS)
thread_rows = st.builds(
    ThreadRow,
    id=st.sampled_from(THREADS),
    title=st.sampled_from((None, "title")),
    created_at=st.sampled_from(MOMENTS),
    status=st.sampled_from(STATUSES),
    allowed_image_domains=st.sampled_from((None, '["example.com"]')),
    metadata=st.sampled_from(("{}", '{"a":1}')),
)
changes = st.builds(
    ThreadChanges,
    st.fixed_dictionaries(
        {},
        optional={
            "title": st.sampled_from((None, "changed")),
            "status": st.sampled_from(STATUSES),
            "allowed_image_domains": st.sampled_from((None, "[]")),
            "metadata": st.just('{"b":2}'),
        },
    ),
)


def pages(cursors: Sequence[str]) -> st.SearchStrategy[PageQuery]:
    """Pages from the start, and after a cursor that may be anything."""
    after = st.sampled_from((None, None, *cursors, "unknown"))
    return st.builds(PageQuery, st.sampled_from((1, 2, 3, 100)), st.sampled_from(("asc", "desc")), after)


# --- calls --------------------------------------------------------------------------------------------------------


class Calls:
    """Strategies for calls by some owners about some threads, items and attachments."""

    def __init__(
        self,
        owners: Sequence[Owner],
        threads: Sequence[str],
        items: Sequence[str] = ITEMS,
        attachments: Sequence[str] = ATTACHMENTS,
    ) -> None:
        self._owners = st.sampled_from(owners)
        self._threads = st.sampled_from(threads)
        self._items = st.sampled_from(items)
        self._attachments = st.sampled_from(attachments)

    def _call(self, name: str, *args: st.SearchStrategy[Any], **options: st.SearchStrategy[Any]) -> Any:
        values = st.tuples(*args)
        return st.builds(Call, st.just(name), self._owners, values, st.fixed_dictionaries(options), aims)

    def rows(self) -> st.SearchStrategy[ItemRow]:
        return st.builds(row, kinds, self._items, self._threads, texts)

    # threads

    def put_thread(self) -> st.SearchStrategy[Call]:
        rows = st.builds(lambda row, key: row._replace(id=key), thread_rows, self._threads)
        return self._call("put_thread", rows)

    def change_thread(self) -> st.SearchStrategy[Call]:
        return self._call("change_thread", self._threads, changes, st.none() | run_ids)

    def remove_thread(self) -> st.SearchStrategy[Call]:
        return self._call("remove_thread", self._threads)

    def get_thread(self) -> st.SearchStrategy[Call]:
        return self._call("get_thread", self._threads)

    def list_threads(self) -> st.SearchStrategy[Call]:
        return self._call("list_threads", pages(THREADS))

    def get_thread_with_items(self) -> st.SearchStrategy[Call]:
        return self._call("get_thread_with_items", self._threads, pages(ITEMS))

    # items

    def put_item(self) -> st.SearchStrategy[Call]:
        return self._call("put_item", self._threads, self.rows(), st.none() | run_ids)

    def ask(self) -> st.SearchStrategy[Call]:
        kinds = st.sampled_from(("client_tool_call pending", "structured_input pending"))
        return self._call("put_item", self._threads, st.builds(row, kinds, self._items, self._threads), st.none())

    def remove_item(self) -> st.SearchStrategy[Call]:
        return self._call("remove_item", self._threads, self._items, st.none() | run_ids)

    def get_item(self) -> st.SearchStrategy[Call]:
        return self._call("get_item", self._threads, self._items)

    def item_run(self) -> st.SearchStrategy[Call]:
        return self._call("item_run", self._threads, self._items)

    def list_items(self) -> st.SearchStrategy[Call]:
        return self._call("list_items", self._threads, pages(ITEMS), hidden=st.booleans())

    def put_feedback(self) -> st.SearchStrategy[Call]:
        ids = st.lists(self._items, max_size=3).map(tuple)
        return self._call("put_feedback", self._threads, ids, st.sampled_from(("positive", "negative")))

    # attachments

    def put_attachment(self) -> st.SearchStrategy[Call]:
        bound = st.fixed_dictionaries({"name": texts}, optional={"thread_id": self._threads})
        return self._call(
            "put_attachment", st.builds(lambda key, fields: attachment(key, **fields), self._attachments, bound)
        )

    def get_attachment(self) -> st.SearchStrategy[Call]:
        return self._call("get_attachment", self._attachments)

    def remove_attachment(self) -> st.SearchStrategy[Call]:
        return self._call("remove_attachment", self._attachments)

    # runs

    def get_run(self) -> st.SearchStrategy[Call]:
        return self._call("get_run", run_ids)

    def current_run(self) -> st.SearchStrategy[Call]:
        return self._call("current_run", self._threads)

    def run_so_far(self) -> st.SearchStrategy[Call]:
        return self._call("run_so_far", self._threads, run_ids)

    def end_run(self) -> st.SearchStrategy[Call]:
        return self._call("end_run", self._ends())

    def withdraw_run(self) -> st.SearchStrategy[Call]:
        return self._call("withdraw_run", self._ends())

    def recover_run(self) -> st.SearchStrategy[Call]:
        return self._call("recover_run", self._ends())

    def _ends(self) -> st.SearchStrategy[RunEnd]:
        return st.builds(
            RunEnd,
            run_ids,
            self._threads,
            st.sampled_from(("completed", "failed", "cancelled", "interrupted")),
            st.sampled_from((None, "why")),
            st.sampled_from(MOMENTS),
            st.lists(self.rows(), max_size=3).map(tuple),
        )

    def start_run(self) -> st.SearchStrategy[Call]:
        return self._call("start_run", self._admissions(), run_ids)

    def checkpoint_run(self) -> st.SearchStrategy[Call]:
        items = st.lists(self.rows(), max_size=2, unique_by=lambda row: row.id)
        return self._call("checkpoint_run", run_ids, items.map(lambda rows: f"[{','.join(row.data for row in rows)}]"))

    def request_stop(self) -> st.SearchStrategy[Call]:
        return self._call("request_stop", run_ids, st.sampled_from(("cancelled", "deleted")))

    def add_message(self) -> st.SearchStrategy[Call]:
        return self._admit(self._messages(new=False))

    def begin_thread(self) -> st.SearchStrategy[Call]:
        return self._admit(self._messages(new=True))

    def put_out(self) -> st.SearchStrategy[Call]:
        return self._admit(self._outputs())

    def answer(self) -> st.SearchStrategy[Call]:
        return self._admit(self._answers())

    def retry(self) -> st.SearchStrategy[Call]:
        return self._admit(self._retries())

    def act(self) -> st.SearchStrategy[Call]:
        return self._admit(self._actions())

    def _messages(self, *, new: bool) -> st.SearchStrategy[NewMessage]:
        def message(thread_id: str, item_id: str, text: str, attachments: list[str]) -> NewMessage:
            return NewMessage(thread_id, user_json(item_id, text, thread_id), tuple(attachments), new)

        attachments = st.just([]) | st.lists(self._attachments, max_size=2)
        return st.builds(message, self._threads, self._items, texts, attachments)

    def _outputs(self) -> st.SearchStrategy[ToolOutput]:
        return st.builds(ToolOutput, self._threads, st.sampled_from((None, 1, {"a": ["ü"]})))

    def _answers(self) -> st.SearchStrategy[StructuredAnswer]:
        given = st.sampled_from(({}, {"q1": {"values": ["x"]}}, {"q2": {"values": ["y"]}, "other": {"values": ["z"]}}))
        return st.builds(StructuredAnswer, self._threads, self._items, st.just("answered"), given)

    def _retries(self) -> st.SearchStrategy[Retry]:
        return st.builds(Retry, self._threads, self._items)

    def _actions(self) -> st.SearchStrategy[WidgetAction]:
        return st.builds(WidgetAction, self._threads, st.none() | self._items)

    def _admissions(self) -> st.SearchStrategy[Admission]:
        messages = self._messages(new=False)
        return st.one_of(messages, self._outputs(), self._answers(), self._retries(), self._actions())

    def _admit(self, admission: st.SearchStrategy[Admission]) -> st.SearchStrategy[Call]:
        start = st.builds(
            RunStart,
            run_ids,
            st.sampled_from(MOMENTS),
            replica=st.sampled_from(("", ALIVE)),
            max_waiting=st.sampled_from((0, 1, 8, 8)),
            stop_others=st.sampled_from((None, None, "superseded")),
            key=st.none() | st.none() | st.builds(RequestKey, st.just("key"), st.just(""), st.sampled_from(MOMENTS)),
        )
        return self._call("admit", admission, start)

    # several of these

    def reads(self) -> st.SearchStrategy[Call]:
        return st.one_of(
            self.get_thread(),
            self.get_item(),
            self.item_run(),
            self.get_run(),
            self.current_run(),
            self.run_so_far(),
            self.get_attachment(),
            self.list_threads(),
            self.list_items(),
            self.get_thread_with_items(),
        )

    def admissions(self) -> st.SearchStrategy[Call]:
        return st.one_of(
            self.add_message(), self.begin_thread(), self.put_out(), self.answer(), self.retry(), self.act()
        )

    def changes(self) -> st.SearchStrategy[Call]:
        return st.one_of(
            self.put_item(),
            self.remove_item(),
            self.put_feedback(),
            self.end_run(),
            self.start_run(),
            self.withdraw_run(),
            self.recover_run(),
            self.checkpoint_run(),
            self.request_stop(),
            self.put_thread(),
            self.change_thread(),
            self.remove_thread(),
            self.put_attachment(),
            self.remove_attachment(),
        )
