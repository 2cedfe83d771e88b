"""What a thread consists of, as a terminal shows it: one dataclass a kind of item, read tolerantly from native JSON."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .fields import Fields, Json, printable

Level: TypeAlias = Literal["plain", "dim", "info", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where something in an answer comes from: a URL, a file's name or "" in ``where``."""

    title: str
    where: str


@dataclass(slots=True)
class Part:
    """One content part of an answer. It grows by chunks, joined only when somebody looks: long answers stay linear."""

    chunks: list[str]
    sources: list[Source] = field(default_factory=list[Source])

    @property
    def text(self) -> str:
        """The markdown so far."""
        if len(self.chunks) > 1:
            self.chunks[:] = ["".join(self.chunks)]
        return self.chunks[0] if self.chunks else ""


@dataclass(slots=True)
class Answer:
    """An assistant's message."""

    id: str
    parts: list[Part] = field(default_factory=list[Part])

    @property
    def text(self) -> str:
        """The whole message, its parts set apart by a blank line."""
        return "\n\n".join(text for part in self.parts if (text := part.text))

    @property
    def sources(self) -> list[Source]:
        """Each source once, in the order of mention."""
        return list(dict.fromkeys(source for part in self.parts for source in part.sources))


@dataclass(slots=True)
class UserMessage:
    """What the user said, with the names of what was attached."""

    id: str
    text: str
    attachments: list[str]


@dataclass(slots=True)
class Task:
    """One step of a workflow. ``status`` is none, loading or complete."""

    title: str
    detail: str
    status: str


@dataclass(slots=True)
class Workflow:
    """The steps that an assistant takes, or its reasoning."""

    id: str
    title: str
    tasks: list[Task]
    expanded: bool = False


@dataclass(slots=True)
class Widget:
    """A tree of widget components, kept as JSON: unknown ones included."""

    id: str
    root: dict[str, Json]


@dataclass(slots=True)
class Image:
    """A generated image; ``url`` is "" until it exists."""

    id: str
    url: str


@dataclass(slots=True)
class ToolCall:
    """A call of a tool that runs in the client."""

    id: str
    name: str
    arguments: Fields
    pending: bool


@dataclass(slots=True)
class Question:
    """One question of a structured input. Without ``options`` it is answered freely."""

    id: str
    text: str
    detail: str
    options: list[str]
    multiple: bool
    answer: str


@dataclass(slots=True)
class Questions:
    """A structured input: questions that the assistant puts to the user."""

    id: str
    questions: list[Question]
    pending: bool


@dataclass(slots=True)
class Note:
    """A remark beside the conversation: a notice, an error, a stop. It is no item of the thread.

    ``retry``: asking again may help.
    """

    level: Level
    text: str
    title: str = ""
    retry: bool = False


Item: TypeAlias = UserMessage | Answer | Workflow | Widget | Image | ToolCall | Questions | Note


def read_item(data: Fields) -> Item | None:
    """The item that ``data`` describes; None for what a terminal does not show (``end_of_turn``, unknown kinds)."""
    key = data.text("id")
    match data.text("type"):
        case "user_message":
            names = [one.text("name") for one in data.children("attachments")]
            return UserMessage(key, _user_text(data), names)
        case "assistant_message":
            return Answer(key, [read_part(one) for one in data.children("content")])
        case "workflow":
            return _workflow(key, data.child("workflow"))
        case "task":
            return Workflow(key, "", [read_task(data.child("task"))], expanded=True)
        case "widget":
            return Widget(key, data.child("widget").raw)
        case "generated_image":
            return Image(key, data.child("image").text("url"))
        case "client_tool_call":
            return ToolCall(key, data.text("name"), data.child("arguments"), data.text("status") != "completed")
        case "structured_input":
            questions = [_question(one) for one in data.children("inputs")]
            return Questions(key, questions, data.text("status") not in ("answered", "skipped"))
        case _:
            return None


def read_part(data: Fields) -> Part:
    """A content part with what it cites."""
    sources = [read_source(one.child("source")) for one in data.children("annotations")]
    return Part([data.text("text")], [source for source in sources if source.title or source.where])


def read_source(data: Fields) -> Source:
    """A source of any of the three kinds."""
    return Source(data.text("title") or data.text("label"), data.text("url") or data.text("filename"))


def read_task(data: Fields) -> Task:
    """A task of any of the five kinds, as a title and a detail."""
    title, detail = data.text("title"), data.text("content")
    if data.text("type") == "web_search":
        title = title or data.text("title_query") or "Search"
        detail = ", ".join(data.texts("queries"))
    sources = ", ".join(one.text("title") or one.text("filename") for one in data.children("sources"))
    detail = "\n".join(text for text in (detail, sources) if text)
    return Task(title, detail, data.text("status_indicator") or "none")


def _user_text(data: Fields) -> str:
    parts = [("@" if one.text("type") == "input_tag" else "") + one.text("text") for one in data.children("content")]
    quoted = data.text("quoted_text")
    return "".join([*(f"> {line}\n" for line in quoted.splitlines()), *parts])


def _workflow(key: str, data: Fields) -> Workflow:
    summary = data.child("summary")
    title = summary.text("title")
    duration = summary.text("duration")
    worked = data.text("type") == "custom"
    if not title and summary and not (worked and duration == "0"):
        title = f"{'Worked' if worked else 'Thought'} for {duration} s"
    tasks = [read_task(one) for one in data.children("tasks")]
    return Workflow(key, title, tasks, data.flag("expanded"))


def _question(data: Fields) -> Question:
    answer = data.child("answer")
    options = [one.text("value") for one in data.children("options")]
    return Question(
        id=printable(data.text("id")),
        text=data.text("question"),
        detail=data.text("description"),
        options=options,
        multiple=data.flag("multiple"),
        answer="(skipped)" if answer.flag("skipped") else ", ".join(answer.texts("values")),
    )
