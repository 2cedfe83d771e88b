"""The Responses API: a response as the stream of events of ``POST /v1/responses``, and as one JSON object."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import assert_never

from fastapi_chatkit.testing.wire.dialect import break_off, usage_of
from fastapi_chatkit.testing.wire.encoding import Sleep, Step, alphanumeric_id, encode, hex_id
from fastapi_chatkit.testing.wire.parts import (
    Chunks,
    Citation,
    FileCitation,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    UrlCitation,
)
from fastapi_chatkit.testing.wire.replies import (
    Answer,
    Completed,
    Drop,
    Incomplete,
    Malformed,
    Stall,
    StreamError,
    Usage,
)
from fastapi_chatkit.testing.wire.requests import JsonObject, WireRequest

_PLACEHOLDER = "\x00delta\x00"
_ENCODED_PLACEHOLDER = encode(_PLACEHOLDER)

_NO_LOGPROBS: list[JsonObject] = []


class ResponsesWriter:
    """Writes one answer; ``document`` is the response object, which grows as items are done."""

    def __init__(self, answer: Answer, request: WireRequest) -> None:
        self.document = _response(request.json)
        self._answer = answer
        self._usage = usage_of(answer, request)
        self._sequence = 0

    def steps(self) -> Iterator[Step]:
        """The events from ``response.created`` to the terminal one, or to where the answer breaks off."""
        yield self._event("response.created", response=self.document)
        yield self._event("response.in_progress", response=self.document)
        for index, part in enumerate(self._answer.parts):
            match part:
                case Text() | Refusal():
                    yield from self._message(index, part)
                case Reasoning():
                    yield from self._reasoning(index, part)
                case ToolCall():
                    yield from self._function_call(index, part)
                case _:
                    assert_never(part)
        yield from self._ending()

    def _message(self, index: int, part: Text | Refusal) -> Iterator[Step]:
        item: JsonObject = {
            "id": hex_id("msg_"),
            "type": "message",
            "status": "in_progress",
            "content": [],
            "role": "assistant",
        }
        yield self._event("response.output_item.added", output_index=index, item=item)
        where = {"item_id": item["id"], "output_index": index, "content_index": 0}
        empty, whole = _content(part, ""), _content(part, part.chunks.text)
        yield self._event("response.content_part.added", **where, part=empty)
        if isinstance(part, Text):
            name, done = "response.output_text", {"text": part.chunks.text, "logprobs": _NO_LOGPROBS}
            yield from self._deltas(f"{name}.delta", part.chunks, {**where, "delta": _PLACEHOLDER, "logprobs": []})
            for number, annotation in enumerate(whole["annotations"]):
                fields = {"annotation_index": number, "annotation": annotation}
                yield self._event("response.output_text.annotation.added", **where, **fields)
        else:
            name, done = "response.refusal", {"refusal": whole["refusal"]}
            yield from self._deltas(f"{name}.delta", part.chunks, {**where, "delta": _PLACEHOLDER})
        if self._answer.is_cut_at(index):
            return
        yield self._event(f"{name}.done", **where, **done)
        yield self._event("response.content_part.done", **where, part=whole)
        yield self._done(index, item, content=[whole])

    def _reasoning(self, index: int, part: Reasoning) -> Iterator[Step]:
        item: JsonObject = {"id": hex_id("rs_"), "type": "reasoning", "summary": []}
        yield self._event("response.output_item.added", output_index=index, item=item)
        name = "response.reasoning_summary_text"
        summary: list[JsonObject] = []
        for number, chunks in enumerate(part.chunks):
            where = {"item_id": item["id"], "output_index": index, "summary_index": number}
            whole = {"type": "summary_text", "text": chunks.text}
            yield self._event(
                "response.reasoning_summary_part.added", **where, part={"type": "summary_text", "text": ""}
            )
            yield from self._deltas(f"{name}.delta", chunks, {**where, "delta": _PLACEHOLDER})
            if self._answer.is_cut_at(index) and number == len(part.chunks) - 1:
                return
            yield self._event(f"{name}.done", **where, text=chunks.text)
            yield self._event("response.reasoning_summary_part.done", **where, part=whole)
            summary.append(whole)
        yield self._done(index, item, summary=summary)

    def _function_call(self, index: int, part: ToolCall) -> Iterator[Step]:
        call_id = part.call_id or alphanumeric_id("call_")
        item: JsonObject = {"id": hex_id("fc_"), "type": "function_call", "status": "in_progress"}
        item |= {"arguments": "", "call_id": call_id, "name": part.name}
        yield self._event("response.output_item.added", output_index=index, item=item)
        name = "response.function_call_arguments"
        where = {"item_id": item["id"], "output_index": index}
        yield from self._deltas(f"{name}.delta", part.chunks, {**where, "delta": _PLACEHOLDER})
        if self._answer.is_cut_at(index):
            return
        yield self._event(f"{name}.done", **where, arguments=part.chunks.text)
        yield self._done(index, item, arguments=part.chunks.text)

    def _ending(self) -> Iterator[Step]:
        end = self._answer.end
        match end:
            case Completed():
                ended = {"status": "completed", "completed_at": int(time.time()), "usage": _usage(self._usage)}
                yield self._terminal("response.completed", ended)
            case Incomplete():
                ended = {
                    "status": "incomplete",
                    "incomplete_details": {"reason": end.reason},
                    "usage": _usage(self._usage),
                }
                yield self._terminal("response.incomplete", ended)
            case StreamError(event="error"):
                yield self._event("error", code=end.code, message=end.message, param=None)
            case StreamError():
                ended = {"status": "failed", "error": {"code": end.code, "message": end.message}}
                yield self._terminal("response.failed", ended)
            case Stall() | Drop() | Malformed():
                yield from break_off(end)
            case _:
                assert_never(end)

    def _event(self, name: str, /, **fields: object) -> bytes:
        data = encode({"type": name, "sequence_number": self._sequence, **fields})
        self._sequence += 1
        return b"event: %b\ndata: %b\n\n" % (name.encode(), data)

    def _terminal(self, name: str, ended: JsonObject) -> bytes:
        self.document |= ended
        return self._event(name, response=self.document)

    def _done(self, index: int, item: JsonObject, **fields: object) -> bytes:
        item = item | fields
        if "status" in item:
            item["status"] = self._answer.status_at(index)
        self.document["output"].append(item)
        return self._event("response.output_item.done", output_index=index, item=item)

    def _deltas(self, name: str, chunks: Chunks, fields: JsonObject) -> Iterator[Step]:
        # The frames of a part differ in the number and the text only; both are put between bytes that are encoded once.
        head = b'event: %b\ndata: {"type":"%b","sequence_number":' % (name.encode(), name.encode())
        middle, tail = encode(fields)[1:].split(_ENCODED_PLACEHOLDER)
        for number, texts in enumerate(chunks.writes()):
            if chunks.delay and number:
                yield Sleep(chunks.delay)
            frames = [
                b"%b%d,%b%b%b\n\n" % (head, sequence, middle, text, tail)
                for sequence, text in enumerate(texts, self._sequence)
            ]
            self._sequence += len(texts)
            yield b"".join(frames)


def _content(part: Text | Refusal, text: str) -> JsonObject:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": text}
    annotations = [_annotation(citation, text) for citation in part.annotations] if text else []
    return {"type": "output_text", "annotations": annotations, "logprobs": [], "text": text}


def _annotation(citation: Citation, text: str) -> JsonObject:
    match citation:
        case UrlCitation(url, title, start, end):
            end = len(text) if end is None else end
            return {"type": "url_citation", "start_index": start, "end_index": end, "title": title, "url": url}
        case FileCitation(file_id, filename, index):
            return {"type": "file_citation", "file_id": file_id, "filename": filename, "index": index}
        case _:
            assert_never(citation)


def _usage(usage: Usage) -> JsonObject:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _response(asked: JsonObject) -> JsonObject:
    """A response in progress: what was asked for is repeated, what was not has the API's default."""
    defaults: JsonObject = {
        "background": False,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "user": None,
    }
    repeated = {name: asked[name] for name in defaults if asked.get(name) is not None}
    state: JsonObject = {
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    created = {"id": hex_id("resp_"), "object": "response", "created_at": int(time.time()), "completed_at": None}
    return {**created, **state, "model": asked["model"], **defaults, **repeated}
