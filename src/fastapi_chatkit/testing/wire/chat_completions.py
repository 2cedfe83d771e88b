"""The Chat Completions API: the chunks of ``POST /v1/chat/completions``, and the completion as one JSON object."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import assert_never

from fastapi_chatkit.testing.wire.dialect import break_off, usage_of
from fastapi_chatkit.testing.wire.encoding import Sleep, Step, alphanumeric_id, encode
from fastapi_chatkit.testing.wire.parts import Chunks, Reasoning, Refusal, Text, ToolCall, UrlCitation
from fastapi_chatkit.testing.wire.replies import (
    Answer,
    Completed,
    Drop,
    Failure,
    Incomplete,
    Malformed,
    Stall,
    StreamError,
    Usage,
)
from fastapi_chatkit.testing.wire.requests import JsonObject, WireRequest, objects

_PLACEHOLDER = "\x00delta\x00"
_ENCODED_PLACEHOLDER = encode(_PLACEHOLDER)

_FINISH_REASON = {"max_output_tokens": "length", "content_filter": "content_filter"}


class ChatCompletionsWriter:
    """Writes one answer as one choice; all texts of the answer are one message here."""

    def __init__(self, answer: Answer, request: WireRequest) -> None:
        self._answer = answer
        self._usage = _usage(usage_of(answer, request))
        options = objects([request.json.get("stream_options")])
        self._include_usage = any(option.get("include_usage") is True for option in options)
        self._head: JsonObject = {
            "id": alphanumeric_id("chatcmpl-", 29),
            "created": int(time.time()),
            "model": request.model,
            "service_tier": "default",
            "system_fingerprint": None,
        }
        self._message: JsonObject = {"role": "assistant", "content": None, "refusal": None, "annotations": []}

    @property
    def document(self) -> JsonObject:
        """The ``chat.completion`` object."""
        choice = {"index": 0, "message": self._message, "logprobs": None, "finish_reason": self._finish_reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage}

    def steps(self) -> Iterator[Step]:
        """The chunks from the one with the role to ``[DONE]``, or to where the answer breaks off."""
        has_text = any(isinstance(part, Text) for part in self._answer.parts) or not self._answer.parts
        yield self._chunk({"role": "assistant", "content": "" if has_text else None, "refusal": None})
        if has_text:
            self._message["content"] = ""
        for part in self._answer.parts:
            match part:
                case Text():
                    yield from self._text(part)
                case Refusal():
                    yield from self._deltas({"refusal": _PLACEHOLDER}, part.chunks)
                    self._append("refusal", part.chunks.text)
                case Reasoning():
                    for chunks in part.chunks:
                        yield from self._deltas({"reasoning_content": _PLACEHOLDER}, chunks)
                        self._append("reasoning_content", chunks.text)
                case ToolCall():
                    yield from self._tool_call(part)
                case _:
                    assert_never(part)
        yield from self._ending()

    def _text(self, part: Text) -> Iterator[Step]:
        yield from self._deltas({"content": _PLACEHOLDER}, part.chunks)
        self._append("content", part.chunks.text)
        annotations = [
            _annotation(citation, part.chunks.text)
            for citation in part.annotations
            if isinstance(citation, UrlCitation)
        ]
        if annotations:
            self._message["annotations"] += annotations
            yield self._chunk({"annotations": annotations})

    def _tool_call(self, part: ToolCall) -> Iterator[Step]:
        calls: list[JsonObject] = self._message.setdefault("tool_calls", [])
        index = len(calls)
        call = {"id": part.call_id or alphanumeric_id("call_"), "type": "function"}
        calls.append({**call, "function": {"name": part.name, "arguments": part.chunks.text}})
        yield self._chunk({"tool_calls": [{"index": index, **call, "function": {"name": part.name, "arguments": ""}}]})
        yield from self._deltas(
            {"tool_calls": [{"index": index, "function": {"arguments": _PLACEHOLDER}}]}, part.chunks
        )

    def _ending(self) -> Iterator[Step]:
        end = self._answer.end
        match end:
            case Completed() | Incomplete():
                yield self._chunk({}, self._finish_reason)
                if self._include_usage:
                    usage: JsonObject = {
                        **self._head,
                        "object": "chat.completion.chunk",
                        "choices": [],
                        "usage": self._usage,
                    }
                    yield b"data: %b\n\n" % encode(usage)
                yield b"data: [DONE]\n\n"
            case StreamError():
                yield b"data: %b\n\n" % encode(Failure(500, end.message, end.code).body)
            case Stall() | Drop() | Malformed():
                yield from break_off(end)
            case _:
                assert_never(end)

    @property
    def _finish_reason(self) -> str:
        if isinstance(self._answer.end, Incomplete):
            return _FINISH_REASON[self._answer.end.reason]
        return "tool_calls" if "tool_calls" in self._message else "stop"

    def _append(self, name: str, text: str) -> None:
        self._message[name] = (self._message.get(name) or "") + text

    def _chunk(self, delta: JsonObject, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
        if self._include_usage:
            chunk["usage"] = None
        return b"data: %b\n\n" % encode(chunk)

    def _deltas(self, delta: JsonObject, chunks: Chunks) -> Iterator[Step]:
        # The chunks of one part differ in the text only; it is put between bytes that are encoded once.
        head, tail = self._chunk(delta).split(_ENCODED_PLACEHOLDER)
        for number, texts in enumerate(chunks.writes()):
            if chunks.delay and number:
                yield Sleep(chunks.delay)
            yield b"".join([b"%b%b%b" % (head, text, tail) for text in texts])


def _annotation(citation: UrlCitation, text: str) -> JsonObject:
    end = len(text) if citation.end is None else citation.end
    fields = {"start_index": citation.start, "end_index": end, "title": citation.title, "url": citation.url}
    return {"type": "url_citation", "url_citation": fields}


def _usage(usage: Usage) -> JsonObject:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
