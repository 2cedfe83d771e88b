"""Ours through Redis: one log writes, another reads, as in two processes."""

import asyncio
import re
from collections.abc import Sequence

from benchmarks.through_redis import STREAMS, URL, through_redis
from fastapi_chatkit.eventlog.redis import RedisEventLog
from fastapi_chatkit.events import LoggedEvent
from fastapi_chatkit.ids import new_id

_ITEM = "msg_0190a0b0c0d0e0f1"
_DELTA = re.compile(rb'"delta":"([^"]*)"')
_HEARTBEAT = 15.0


async def _say(log: RedisEventLog, run_id: str, words: Sequence[str]) -> None:
    """A token, then a turn of the event loop, as from a model that is read from a socket."""
    run = log.open(run_id, 1)
    for word in words:
        run.append_text(_ITEM, 0, word)
        await asyncio.sleep(0)
    run.append("run.ended", b"{}")


async def _read(log: RedisEventLog, run_id: str) -> list[LoggedEvent]:
    return [event async for batch in log.read(run_id, None, _HEARTBEAT) for event in batch]


async def _way(words: Sequence[str]) -> Sequence[str]:
    writing, reading = RedisEventLog(URL), RedisEventLog(URL)
    await asyncio.gather(writing.start(), reading.start())
    try:
        runs = [new_id("run") for _ in range(STREAMS)]
        readers = asyncio.gather(*(_read(reading, run) for run in runs))
        await asyncio.gather(*(_say(writing, run, words) for run in runs))
        streams = await readers
    finally:
        await asyncio.gather(writing.close(), reading.close())
    return [b"".join(_DELTA.findall(b"".join([event.data for event in events]))).decode() for events in streams]


app = through_redis(_way)
