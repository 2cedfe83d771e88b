"""Ours with a function agent: the README's six lines, with the script of `workload.py` as the answer."""

from collections.abc import AsyncIterator

from fastapi import FastAPI

from benchmarks.workload import Script
from fastapi_chatkit import ChatKit, Turn

app = FastAPI()
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn) -> AsyncIterator[str]:
    """Stream the script that the user's message asks for."""
    async for piece in Script.parse(turn.text).pieces():
        yield piece
