"""The least that goes through Redis: redis-py, a pipeline of XADDs after the other, one XREAD. Nothing is kept."""

import asyncio
from collections.abc import Sequence
from os import urandom
from typing import Any

from redis.asyncio import Redis

from benchmarks.through_redis import STREAMS, URL, through_redis

_END = b"\n"
_ROUND_SECONDS = 0.002
_BLOCK_MILLISECONDS = 1000


class _Writer:
    """What was said and not sent, for each stream."""

    def __init__(self, redis: Any, keys: Sequence[str]) -> None:
        self._redis = redis
        self._waiting: dict[str, list[str]] = {key: [] for key in keys}
        self._seqs = dict.fromkeys(keys, 0)

    async def say(self, key: str, words: Sequence[str]) -> None:
        """A token, then a turn of the event loop."""
        waiting = self._waiting[key]
        for word in words:
            waiting.append(word)
            await asyncio.sleep(0)
        waiting.append(_END.decode())

    async def send(self, tokens: int) -> None:
        """Send so many in all, those of a stream that came meanwhile in one entry."""
        while tokens:
            pipeline = self._redis.pipeline(transaction=False)
            for key, waiting in self._waiting.items():
                if waiting:
                    self._seqs[key] += len(waiting)
                    pipeline.xadd(key, {b"text": "".join(waiting)}, id=f"1-{self._seqs[key]}", maxlen=4096)
                    tokens -= len(waiting)
                    waiting.clear()
            await pipeline.execute()
            await asyncio.sleep(_ROUND_SECONDS)


async def _read(redis: Any, keys: Sequence[str]) -> list[str]:
    texts = {key.encode(): bytearray() for key in keys}
    at: dict[bytes, bytes | str] = dict.fromkeys(texts, "0-0")
    while at:
        for key, entries in await redis.xread(at, block=_BLOCK_MILLISECONDS):
            for entry_id, fields in entries:
                texts[key] += fields[b"text"]
                at[key] = entry_id
            if texts[key].endswith(_END):
                del at[key]
    return [bytes(text.removesuffix(_END)).decode() for text in texts.values()]


async def _way(words: Sequence[str]) -> Sequence[str]:
    keys = [f"bare:{urandom(16).hex()}" for _ in range(STREAMS)]
    async with Redis.from_url(URL, protocol=2) as writing, Redis.from_url(URL, protocol=2) as reading:
        writer = _Writer(writing, keys)
        texts = asyncio.create_task(_read(reading, keys))
        says = [writer.say(key, words) for key in keys]
        await asyncio.gather(writer.send((len(words) + 1) * STREAMS), *says)
        return await texts


app = through_redis(_way)
