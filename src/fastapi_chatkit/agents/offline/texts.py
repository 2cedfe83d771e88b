"""What the offline agent says, and how it shortens what others said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Final

MAX_COUNT = 1000
MAX_WORDS = 5000
DEFAULT_COUNT = 20
DEFAULT_WORDS = 500

HOW_TO_CONNECT: Final = (
    "To talk to a model, set `OPENAI_API_KEY` (or `OPENAI_BASE_URL`, for any OpenAI-compatible server) and "
    "`CHATKIT_MODEL`, then restart the server."
)

WHO: Final = """\
I am the **offline stand-in** of fastapi-chatkit. No model is connected, so I cannot think about what you write.
All the rest is real: your message was stored, and this answer streams to you on the path that a model's would take."""

ABOUT: Final = f"{WHO}\n\n{HOW_TO_CONNECT}"

CONNECT: Final = """\
### Connect a model

Set these in the environment or in a `.env` file, then restart the server:

```sh
OPENAI_API_KEY=sk-...                       # for OpenAI, or:
OPENAI_BASE_URL=http://localhost:11434/v1   # any OpenAI-compatible server
CHATKIT_MODEL=gpt-5-mini                    # the model, by the name its server knows it under
```

Or answer from code of your own: decorate an async generator with `@chat.respond`."""

HELP: Final = """\
### What I can show you

| Say | and you get |
| --- | --- |
| `widget` | a card whose buttons count |
| `form` | a form that shows what you filled in |
| `what time is it` | a client tool: your side answers |
| `ask me something` | a structured question |
| `steps` | a workflow with tasks |
| `markdown`, `table`, `code` | formatted text |
| `write 500 words`, `count to 100` | a long answer, good for stopping half-way |
| `notice` | a notice beside the conversation |
| `effect` | a client effect, for the page around the chat |
| `error` | a failure that you can retry |

Anything else comes back to you."""

HINTS: Final = (
    "`widget`",
    "`what time is it`",
    "`steps`",
    "`ask me something`",
    "`form`",
    "`markdown`",
    "`count to 50`",
    "`write 500 words`",
    "`error`",
)

TABLE: Final = """\
| Stage | What happens | What is kept |
| :--- | :--- | ---: |
| Request | the caller is identified, the message checked | nothing yet |
| Admission | the message and its run are stored | 1 message |
| Answer | text is logged and streamed, piece by piece | the text so far |
| End | the answer is stored | 1 answer |"""

CODE: Final = """\
An agent of your own is an async generator:

```python
from fastapi import FastAPI
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)

@chat.respond
async def reply(turn: Turn):
    yield f"You said: {turn.text}"
```"""

MARKDOWN: Final = f"""\
# A heading

Some text with **bold**, *italic*, ~~struck~~ and `code`, and [a link](https://fastapi.tiangolo.com).

## A list

1. First
2. Second
   - a detail
   - another one
3. Third

> A quotation, which may run on
> for more than one line.

## A table

{TABLE}

## Some code

{CODE}

---

That was most of it."""

SENTENCES: Final = (
    "An answer begins with a request: one message, sent by a page or by a terminal.",
    "The server first asks who is calling, because every thread belongs to somebody.",
    "Then it reads the message and checks each field, and what it does not understand it refuses before storing any.",
    "The message is written to the database next, so that nothing which was accepted can be lost.",
    "Only then does a run start.",
    "A run is one answer to one request, and it belongs to the server, not to the connection that asked for it.",
    "The agent inside the run hands over small pieces of text, a word or half a word at a time.",
    "A recorder takes each piece and appends it to a log, where every reader finds it in the same order.",
    "The first of these readers is the connection that asked.",
    "It has no path of its own, which is why a second reader sees exactly what the first one saw.",
    "Pieces that wait together are merged, which saves work and cannot be seen.",
    "When the last piece has been said, the whole message is stored under an id that nothing else will ever have.",
    "If you press stop in the middle, the run ends there, and the words so far stay in the thread.",
    "The next turn is told of it, so that an agent knows why its last sentence has no end.",
    "Items are kept in order by a counter and never by a clock, because clocks jump and counters do not.",
    "A widget travels the same way, as a tree of plain components that the page draws as it likes.",
    "A client tool turns the road around: the server asks, and the page answers.",
    "A question with choices waits in the thread until somebody answers it, or decides not to.",
    "A failure is told in plain words, and what was said before it is kept.",
    "No model thought of these sentences.",
    "They were written in advance, to give you something to scroll, to stop and to come back to.",
    "A model would write better ones, and it would reach you in the same way.",
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shortened(text: str, width: int) -> str:
    """``text`` on one line of at most ``width`` characters, cut at a word where there is one, without controls."""
    flat = " ".join(_CONTROL.sub(" ", text.lstrip()[: 4 * width + 4]).split())
    if len(flat) <= width:
        return flat
    cut = flat[:width]
    at_word, space, _ = cut.rpartition(" ")
    return f"{(at_word if space else cut[:-1]).rstrip(' ,;:.')}…"


def quoted(name: str, width: int = 80) -> str:
    """``name`` as inline code in markdown."""
    return f"`{shortened(name.replace('`', ''), width) or '?'}`"


def emphasized(text: str) -> str:
    """``text`` in bold type in markdown."""
    return f"**{text.replace('*', '').strip() or '?'}**"


def long_text(words: int) -> str:
    """Prose of exactly ``words`` words, 1 to ``MAX_WORDS``, five sentences to a paragraph."""
    return "".join(_prose(words)).rstrip(".,:") + "."


def _prose(words: int) -> Iterator[str]:
    for index, sentence in enumerate(cycle(SENTENCES)):
        taken = sentence.split()[:words]
        words -= len(taken)
        yield (("\n\n" if index % 5 == 0 else " ") if index else "") + " ".join(taken)
        if words == 0:
            return


def counting(limit: int) -> str:
    """The numbers from 1 to ``limit``, ten to a line."""
    rows = (range(start, min(start + 10, limit + 1)) for start in range(1, limit + 1, 10))
    return ",  \n".join(", ".join(map(str, row)) for row in rows) + "."


def hints(number: int) -> str:
    """Three things to try; from one ``number`` of a message to the next they change."""
    first, second, third = (HINTS[(3 * (number - 1) + offset) % len(HINTS)] for offset in range(3))
    return f"Try {first}, {second} or {third}, or `help` for the whole list."
