"""What a thread looks like after each event: a reducer without input or output.

    conversation.apply(event)    for each native event of a stream, in order
    conversation.end(...)        when the stream has ended, for whatever reason

``entries`` only ever grows, so a screen can remember how far it has printed. What changes before it is settled changes
in place; what changes afterwards comes again as a new entry, and the old one is marked ``superseded``.
Unknown events, items and updates change nothing.
"""

from copy import deepcopy
from dataclasses import dataclass

from .failures import ClientFailure
from .fields import Fields
from .items import Answer, Item, Level, Note, Questions, ToolCall, UserMessage, Widget, Workflow, read_item
from .updates import update_item


@dataclass(slots=True, eq=False)
class Entry:
    """An item's place in the conversation.

    settled: nothing more is to come. withdrawn: the assistant took it back. superseded: a later entry replaces it.
    """

    item: Item
    settled: bool = False
    withdrawn: bool = False
    superseded: bool = False

    @property
    def gone(self) -> bool:
        """No longer part of the thread."""
        return self.withdrawn or self.superseded


RECONNECTING = "reconnecting"


class Conversation:
    """One thread as this client knows it. ``thread_id`` is "" until the server has created it.

    ``progress`` is what to say while the user waits, ``stopping``: the user has asked for the answer's end.
    """

    def __init__(self, thread_id: str = "", title: str = "") -> None:
        self.thread_id = thread_id
        self.title = title
        self.entries: list[Entry] = []
        self.progress = ""
        self.stopping = False
        self.failed = False
        self._by_id: dict[str, Entry] = {}
        self._began = 0
        self._stored: set[str] = set()
        self._told_again: set[str] = set()
        self._newest: Entry | None = None

    @property
    def pending(self) -> ToolCall | Questions | None:
        """What the assistant waits for: the newest item, when that is an open tool call or question."""
        for entry in reversed(self.entries):
            if entry.gone or isinstance(entry.item, Note):
                continue
            item = entry.item
            return item if isinstance(item, ToolCall | Questions) and item.pending else None
        return None

    @property
    def last_question(self) -> str:
        """The id of the user's newest message, "" before the first."""
        messages = (one.item for one in reversed(self.entries) if not one.gone)
        return next((item.id for item in messages if isinstance(item, UserMessage)), "")

    @property
    def asked(self) -> list[str]:
        """The texts of the user's messages, oldest first."""
        return [one.item.text for one in self.entries if isinstance(one.item, UserMessage)]

    def load(self, items: list[Fields], *, growing: bool = False) -> None:
        """Add stored items, oldest first. ``growing``: a run goes on, and the newest may be what it has said so far."""
        for data in items:
            self._put(read_item(data), settled=True)
        if not growing:
            return
        self._stored = set(self._by_id)
        if self.entries and isinstance(self.entries[-1].item, Answer):
            self._newest = self.entries[-1]
            self._newest.settled = False

    def begin(self) -> None:
        """A new exchange starts: forget how the last one ended."""
        self.failed = self.stopping = False
        self.progress = ""
        self._began = len(self.entries)
        self._told_again.clear()

    def away(self) -> None:
        """The connection is lost, and is being made again."""
        self.progress = RECONNECTING

    def end(self, *, stopped: bool = False, failure: ClientFailure | None = None) -> None:
        """The stream is over. What was still open is settled as it is: a run may end without a word about it."""
        self.progress = ""
        self.stopping = False
        self._newest = None
        self._stored.clear()
        for entry in self.entries:
            entry.settled = True
        if stopped:
            self.note(Note("dim", "stopped"))
        if failure is not None:
            self.failed = True
            self.note(Note("danger", failure.text, retry=failure.retry))

    def rewind(self, item_id: str) -> None:
        """Forget what came after an item, which the server does before it answers again."""
        entry = self._by_id.get(item_id)
        if entry is not None:
            for later in self.entries[self.entries.index(entry) + 1 :]:
                later.settled = later.superseded = True

    def note(self, note: Note) -> None:
        """Put a remark where the conversation stands."""
        self.entries.append(Entry(note, settled=True))

    def apply(self, event: Fields) -> None:
        """Take one native event in."""
        if self.progress == RECONNECTING:
            self.progress = ""
        match event.text("type"):
            case "thread.created" | "thread.updated":
                self._head(event.child("thread"))
            case "thread.item.added":
                self._add(read_item(event.child("item")))
            case "thread.item.done" | "thread.item.replaced":
                self._told_again.discard(event.child("item").text("id"))
                self._put(read_item(event.child("item")), settled=True)
            case "thread.item.updated":
                self._update(event.text("item_id"), event.child("update"))
            case "thread.item.removed":
                self._remove(event.text("item_id"))
            case "progress_update":
                self.progress = event.text("text")
            case "notice" | "error" | "client_effect":
                self._remark(event)
            case "run.snapshot" | "run.ended":
                self._run(event)
            case _:
                pass

    def _head(self, thread: Fields) -> None:
        self.thread_id = thread.text("id") or self.thread_id
        self.title = thread.text("title") or self.title

    def _add(self, item: Item | None) -> None:
        """An item begins to grow. One that was stored in full is only told again, from its beginning to its end."""
        if item is None or isinstance(item, Note):
            return
        known = self._by_id.get(item.id)
        if known is not None and known is self._newest:
            self._newest = None
        elif item.id in self._stored:
            self._stored.discard(item.id)
            self._told_again.add(item.id)
            return
        self._put(item, settled=False)

    def _replace(self, items: list[Fields]) -> None:
        """The items of this run are these, and no others; they may yet grow."""
        read = [item for data in items if (item := read_item(data)) is not None and not isinstance(item, Note)]
        kept = {item.id for item in read}
        if any(self._by_id.get(key) is self._newest for key in kept):
            self._newest = None
        for entry in self.entries[self._began :]:
            if not entry.gone and not isinstance(entry.item, Note | UserMessage) and entry.item.id not in kept:
                self._remove(entry.item.id)
        for item in read:
            self._put(item, settled=False)

    def _run(self, event: Fields) -> None:
        """News of the run itself: all that it has said so far, or how it ended."""
        if event.text("type") == "run.snapshot":
            self._replace(event.children("items"))
        elif event.text("status") in ("failed", "interrupted") and not self.failed:
            self.failed = True
            self.note(Note("danger", f"The answer ended early ({event.text('status')}).", retry=True))

    def _put(self, item: Item | None, *, settled: bool) -> None:
        if item is None or isinstance(item, Note):
            return
        if not isinstance(item, UserMessage):
            self.progress = ""
        entry = self._by_id.get(item.id)
        if entry is None or entry.gone:
            self._append(item, settled=settled)
        elif not entry.settled or isinstance(item, Questions | ToolCall):
            _keep_sources(entry.item, item)
            entry.item = item
            entry.settled = entry.settled or settled
        elif entry.item != item:
            self._append(item, settled=settled)

    def _append(self, item: Item, *, settled: bool) -> None:
        entry = Entry(item, settled)
        if self._newest is not None:  # the run has gone on to something else
            self._newest.settled, self._newest = True, None
        if not isinstance(item, Note):
            before = self._by_id.get(item.id)
            if before is not None:
                before.superseded = True
            self._by_id[item.id] = entry
        self.entries.append(entry)

    def _update(self, item_id: str, update: Fields) -> None:
        entry = self._by_id.get(item_id)
        if entry is None or entry.gone or item_id in self._told_again:
            return
        if isinstance(entry.item, Answer):
            self.progress = ""
        if not entry.settled:
            update_item(entry.item, update)
            return
        item = deepcopy(entry.item)
        if update_item(item, update):
            self._append(item, settled=False)

    def _remove(self, item_id: str) -> None:
        entry = self._by_id.pop(item_id, None)
        if entry is None:
            return
        if entry.settled and isinstance(entry.item, Answer | Widget | Workflow):
            self.note(Note("dim", "The assistant took back what it had said."))
        entry.settled = entry.withdrawn = True

    def _remark(self, event: Fields) -> None:
        match event.text("type"):
            case "notice":
                self.note(Note(_level(event.text("level")), event.text("message"), event.text("title")))
            case "error":
                self.failed = True
                code = event.text("code") or "stream.error"
                message = event.text("message") or f"The answer failed ({code})."
                self.note(Note("danger", message, retry=event.flag("allow_retry")))
            case _:
                self.note(Note("dim", f"effect {event.text('name')}"))


def _keep_sources(before: Item, after: Item) -> None:
    """A finished message may come without the annotations that were streamed: keep those."""
    if isinstance(before, Answer) and isinstance(after, Answer):
        for old, new in zip(before.parts, after.parts, strict=False):
            new.sources = new.sources or old.sources


def _level(name: str) -> Level:
    match name:
        case "warning" | "danger":
            return name
        case _:
            return "info"
