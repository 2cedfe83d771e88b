"""Ours as the page in a browser has it: says a text at a model's pace, and anything else again, at once."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI

from benchmarks.browser.talk import ARTICLE, RATE, tokens
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn) -> AsyncIterator[str]:
    """A word after the other of what was said; `article 2000` is answered with so many tokens, each at its time."""
    command, _, rest = turn.text.partition(" ")
    if command != ARTICLE:
        for word in turn.text.split():
            yield f"{word} "
        return
    clock = asyncio.get_running_loop().time
    started = clock()
    for number, token in enumerate(tokens(int(rest))):
        await asyncio.sleep(started + number / RATE - clock())
        yield token
