"""As others have it: an entry for each token, and a blocking XREAD for each stream that somebody reads."""

import asyncio
from collections.abc import Sequence
from os import urandom
from typing import Any

from redis.asyncio import Redis

from benchmarks.through_redis import STREAMS, URL, through_redis

_BLOCK_MILLISECONDS = 1000


async def _say(redis: Any, key: str, words: Sequence[str]) -> None:
    for word in words:
        await redis.xadd(key, {b"text": word})
    await redis.xadd(key, {b"end": b""})


async def _read(redis: Any, key: str) -> str:
    text, at = bytearray(), "0-0"
    while True:
        for _, entries in await redis.xread({key: at}, block=_BLOCK_MILLISECONDS):
            for entry_id, fields in entries:
                if b"end" in fields:
                    return text.decode()
                text += fields[b"text"]
                at = entry_id


async def _way(words: Sequence[str]) -> Sequence[str]:
    keys = [f"each:{urandom(16).hex()}" for _ in range(STREAMS)]
    async with Redis.from_url(URL, protocol=2, max_connections=2 * STREAMS) as redis:
        texts = asyncio.gather(*(_read(redis, key) for key in keys))
        await asyncio.gather(*(_say(redis, key, words) for key in keys))
        return await texts


app = through_redis(_way)
