"""Whether an answer is right. A figure of a wrong answer is worth nothing, so a wrong one stops the run."""

import json
import re
from typing import Any

from benchmarks.client import Reply
from benchmarks.workload import Script

PAGE = 20

_DELTA = re.compile(rb'"delta":"([^"\\]*)"')


class WrongAnswer(AssertionError):
    """A server answered something else than what it was asked for."""


def streamed_text(body: bytes) -> str:
    """The text deltas of a stream, joined. The words have no quotes and no escapes, so that no JSON need be parsed."""
    return b"".join(_DELTA.findall(body)).decode()


def check_stream(reply: Reply, script: Script, who: str) -> None:
    """The reply is a finished stream whose deltas are the script's text, and whose message at the end is that text."""
    body = _checked_body(reply, b"text/event-stream", who)
    _check_text(streamed_text(body), script, who)
    if f'"text":"{script.text}"'.encode() not in body.rpartition(b'"thread.item.done"')[2]:
        raise WrongAnswer(f"{who}: the stream does not end with the whole message: {body[-500:]!r}")


def check_partial(reply: Reply, script: Script, who: str) -> None:
    """The deltas that have come so far are the script's text, though the stream goes on."""
    _check_text(streamed_text(reply.body), script, who)


def check_frames(reply: Reply, who: str) -> None:
    """Every frame is JSON, in the native dialect, and the events come in the SDK's order."""
    events: list[dict[str, Any]] = []
    for frame in reply.body.split(b"\n\n"):
        if frame.startswith(b"data: "):
            events.append(json.loads(frame[6:]))
        elif frame and not frame.startswith(b":"):
            raise WrongAnswer(f"{who}: not a native frame: {frame[:200]!r}")
    kinds = [event["type"] for event in events]
    if kinds[:3] != ["thread.created", "thread.item.done", "stream_options"]:
        raise WrongAnswer(f"{who}: a new thread's stream begins with {kinds[:3]}")


def thread_id(reply: Reply, who: str) -> str:
    """The thread that a `threads.create` made."""
    body = _checked_body(reply, b"text/event-stream", who)
    event = json.loads(body.partition(b"\n\n")[0][len(b"data: ") :])
    return str(event["thread"]["id"])


def message_id(reply: Reply) -> str:
    """The user's message of a stream."""
    for frame in reply.body.split(b"\n\n"):
        event = json.loads(frame[len(b"data: ") :])
        if event["type"] == "thread.item.done" and event["item"]["type"] == "user_message":
            return str(event["item"]["id"])
    raise WrongAnswer("a stream without its message")


def check_page(reply: Reply, who: str) -> None:
    """The reply is a page of 20 different things with more to come; for a thread it is its `items`."""
    answer = json.loads(_checked_body(reply, b"application/json", who))
    page = answer.get("items", answer)
    ids = {thing["id"] for thing in page["data"]}
    if len(page["data"]) != PAGE or len(ids) != PAGE or not page["has_more"]:
        raise WrongAnswer(f"{who}: a page of {len(ids)} things, has_more {page['has_more']}")


def check_items(reply: Reply, scripts: Script, who: str) -> None:
    """The page's items alternate between what the user said and the script's text."""
    answer = json.loads(reply.body)
    data = answer.get("items", answer)["data"]
    said = {"user_message": scripts.message, "assistant_message": scripts.text}
    for item in data:
        if "".join(part["text"] for part in item["content"]) != said[item["type"]]:
            raise WrongAnswer(f"{who}: an item has another text: {item}")


def check_rewound(reply: Reply, message: str, who: str) -> None:
    """The reply is a thread's newest items, of which the first answers the message of that id, the second."""
    answer = json.loads(_checked_body(reply, b"application/json", who))
    newest = [(item["type"], item["id"]) for item in answer["data"][:2]]
    if newest[0][0] != "assistant_message" or newest[1] != ("user_message", message):
        raise WrongAnswer(f"{who}: after the retry from {message} the thread ends with {newest}")


def _checked_body(reply: Reply, media_type: bytes, who: str) -> bytes:
    body = reply.body
    if reply.status != 200 or b"content-type: " + media_type not in reply.head.lower():
        raise WrongAnswer(f"{who}: {reply.head!r} {body[:500]!r}")
    return body


def _check_text(text: str, script: Script, who: str) -> None:
    if text != script.text:
        raise WrongAnswer(f"{who}: {len(text)} characters instead of {len(script.text)}: ...{text[-100:]!r}")
