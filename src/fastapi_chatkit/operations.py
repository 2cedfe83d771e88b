"""The operations that a client can ask for, validated: a closed union that both dialects decode into.

Parameters are the official SDK's, with limits added. Names are accepted in snake_case and camelCase; what is free-form
(an action's payload, a tag's data, a tool's result) is passed on untouched, and unknown fields of message content are
kept.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from .errors import FieldError, InvalidParams

DEFAULT_PAGE = 20
MAX_PAGE = 100
MAX_ERRORS = 20

Identifier = Annotated[str, Field(min_length=1, max_length=255)]


class Params(BaseModel):
    """Base of all parameters."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, loc_by_alias=False, frozen=True)


# --- parts --------------------------------------------------------------------------------------------------------


class TextPart(Params):
    """Text of a user's message."""

    model_config = ConfigDict(extra="allow")

    type: Literal["input_text"]
    text: str


class TagPart(Params):
    """An @-mention in a user's message."""

    model_config = ConfigDict(extra="allow")

    type: Literal["input_tag"]
    id: Identifier
    text: str
    data: dict[str, Any] = Field(default_factory=dict[str, Any])
    group: str | None = None
    interactive: bool = False


class ToolChoice(Params):
    """A tool that the user picked in the composer."""

    id: Identifier


class InferenceOptions(Params):
    """The model and tool that the user picked for one message."""

    tool_choice: ToolChoice | None = None
    model: Annotated[str, Field(max_length=255)] | None = None


class UserInput(Params):
    """A message as the composer sends it; ``attachments`` are ids."""

    content: Annotated[
        list[Annotated[TextPart | TagPart, Field(discriminator="type")]], Field(min_length=0, max_length=500)
    ]
    attachments: Annotated[list[Identifier], Field(default_factory=list, max_length=50)]
    quoted_text: str | None = None
    inference_options: InferenceOptions = Field(default_factory=InferenceOptions)


class ActionInput(Params):
    """A widget's action."""

    type: Identifier
    payload: Any = None


class AnswerInput(Params):
    """The answer to one question."""

    values: list[str] = Field(default_factory=list)
    skipped: bool = False


class Submission(Params):
    """Answers by question id."""

    status: Literal["answered", "skipped"] = "answered"
    answers: dict[str, AnswerInput] = Field(default_factory=dict[str, AnswerInput])


# --- operations that stream ---------------------------------------------------------------------------------------


class CreateThread(Params):
    """``threads.create``"""

    input: UserInput


class AddUserMessage(Params):
    """``threads.add_user_message``"""

    thread_id: Identifier
    input: UserInput


class AddClientToolOutput(Params):
    """``threads.add_client_tool_output``"""

    thread_id: Identifier
    result: Any


class AddStructuredInput(Params):
    """``threads.add_structured_input``"""

    thread_id: Identifier
    item_id: Identifier
    input: Submission


class RetryAfterItem(Params):
    """``threads.retry_after_item``"""

    thread_id: Identifier
    item_id: Identifier


class CustomAction(Params):
    """``threads.custom_action``"""

    thread_id: Identifier
    item_id: Identifier | None = None
    action: ActionInput


StreamingOperation = (
    CreateThread | AddUserMessage | AddClientToolOutput | AddStructuredInput | RetryAfterItem | CustomAction
)

# --- operations on runs -------------------------------------------------------------------------------------------


class AttachRun(Params):
    """``runs.attach``: follow a run, the thread's newest unless one is named, from after the offset ``after``."""

    thread_id: Identifier
    run_id: Identifier | None = None
    after: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}-(0|[1-9][0-9]{0,11})$")] | None = None


class CancelRun(Params):
    """``runs.cancel``: stop a run, keeping its text; one that has ended stays as it is."""

    thread_id: Identifier
    run_id: Identifier | None = None


class GetRun(Params):
    """``runs.get``"""

    thread_id: Identifier
    run_id: Identifier | None = None


# --- operations that answer at once -------------------------------------------------------------------------------


class PageParams(Params):
    """``limit`` of 0 or nothing means 20, more than 100 means 100; ``after`` is the last id of the page before."""

    limit: Annotated[int, Field(ge=0)] | None = None
    order: Literal["asc", "desc"] = "desc"
    after: Identifier | None = None

    @field_validator("limit")
    @classmethod
    def _bound(cls, value: int | None) -> int:
        return min(value or DEFAULT_PAGE, MAX_PAGE)

    @property
    def page_size(self) -> int:
        """How many rows to read, 1 to 100."""
        return self.limit or DEFAULT_PAGE


class ListThreads(PageParams):
    """``threads.list``"""


class GetThread(Params):
    """``threads.get_by_id``"""

    thread_id: Identifier


class UpdateThread(Params):
    """``threads.update``"""

    thread_id: Identifier
    title: Annotated[str, Field(max_length=1000)]


class DeleteThread(Params):
    """``threads.delete``"""

    thread_id: Identifier


class ListItems(PageParams):
    """``items.list``"""

    thread_id: Identifier


class GiveFeedback(Params):
    """``items.feedback``"""

    thread_id: Identifier
    item_ids: Annotated[list[Identifier], Field(max_length=1000)]
    kind: Literal["positive", "negative"]


class CreateAttachment(Params):
    """``attachments.create``; ``size`` is in bytes."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    size: Annotated[int, Field(ge=0, le=2**53)]
    mime_type: Identifier


class DeleteAttachment(Params):
    """``attachments.delete``"""

    attachment_id: Identifier


class Transcribe(Params):
    """``input.transcribe``"""

    audio_base64: str
    mime_type: Identifier


class SyncCustomAction(Params):
    """``threads.sync_custom_action``"""

    thread_id: Identifier
    item_id: Identifier | None = None
    action: ActionInput


Query = (
    ListThreads
    | GetThread
    | UpdateThread
    | DeleteThread
    | ListItems
    | GiveFeedback
    | CreateAttachment
    | DeleteAttachment
    | Transcribe
    | SyncCustomAction
)

RunQuery = CancelRun | GetRun

Operation = StreamingOperation | AttachRun | RunQuery | Query

STREAMING = (CreateThread, AddUserMessage, AddClientToolOutput, AddStructuredInput, RetryAfterItem, CustomAction)
"""What begins a run, and streams it."""

STREAMED = (*STREAMING, AttachRun)

OPERATIONS: dict[str, type[Operation]] = {
    "threads.create": CreateThread,
    "threads.add_user_message": AddUserMessage,
    "threads.add_client_tool_output": AddClientToolOutput,
    "threads.add_structured_input": AddStructuredInput,
    "threads.retry_after_item": RetryAfterItem,
    "threads.custom_action": CustomAction,
    "threads.sync_custom_action": SyncCustomAction,
    "threads.get_by_id": GetThread,
    "threads.list": ListThreads,
    "threads.update": UpdateThread,
    "threads.delete": DeleteThread,
    "items.list": ListItems,
    "items.feedback": GiveFeedback,
    "attachments.create": CreateAttachment,
    "attachments.delete": DeleteAttachment,
    "input.transcribe": Transcribe,
    "runs.attach": AttachRun,
    "runs.cancel": CancelRun,
    "runs.get": GetRun,
}

NAMES = frozenset(OPERATIONS)

NAME_OF: dict[type[Params], str] = {model: name for name, model in OPERATIONS.items()}
"""For the log."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(model) for name, model in OPERATIONS.items()}


def field_names() -> frozenset[str]:
    """Every name that parameters can have, in both spellings."""
    fields = {
        field for model in (*Params.__subclasses__(), *PageParams.__subclasses__()) for field in model.model_fields
    }
    return frozenset(fields | {to_camel(field) for field in fields})


def decode(name: str, params: object) -> Operation:
    """The operation called ``name``, one of :data:`NAMES`, with validated ``params``.

    :raises InvalidParams: the parameters are wrong; ``errors`` has each field's path and rule, never its value.
    """
    if not isinstance(params, dict):
        raise InvalidParams("`params` must be an object", errors=(FieldError("params", "must be an object"),))
    try:
        return _ADAPTERS[name].validate_python(params)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> InvalidParams:
    """A validation error without the values that caused it."""
    found = error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
    fields = tuple(FieldError(_path(e["loc"]), _message(e)) for e in found)
    return InvalidParams(errors=fields)


def _path(location: tuple[int | str, ...]) -> str:
    """Dotted path from the body's root, without union tags and without keys that the client chose."""
    path = ["params"]
    after_content_index = False
    for part in location:
        if not after_content_index:
            path.append("*" if path[-1] == "answers" else str(part))
        after_content_index = isinstance(part, int) and path[-2] == "content"
    return ".".join(path)


def _message(error: ErrorDetails) -> str:
    if error["type"] == "union_tag_invalid":
        return f"Input should be one of {error.get('ctx', {}).get('expected_tags')}"
    return error["msg"]
