"""The network that the suite breaks does break, and heals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.network import Link

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@asynccontextmanager
async def echo_behind_a_link() -> AsyncIterator[Link]:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    link = Link(server.sockets[0].getsockname()[1])
    await link.listen()
    try:
        yield link
    finally:
        await link.close()
        server.close()


@asynccontextmanager
async def connection_to(link: Link) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def said_back(streams: Streams, data: bytes) -> bytes:
    streams[1].write(data)
    return await asyncio.wait_for(streams[0].readexactly(len(data)), 10)


async def is_reset(streams: Streams) -> bool:
    try:
        return not await asyncio.wait_for(streams[0].read(1), 10)
    except ConnectionResetError:
        return True


async def test_bytes_pass_in_both_directions_and_so_does_the_end() -> None:
    async with echo_behind_a_link() as link, connection_to(link) as streams:
        assert await said_back(streams, b"x" * 3_000_000) == b"x" * 3_000_000
        streams[1].write_eof()
        assert await asyncio.wait_for(streams[0].read(), 10) == b""


async def test_a_cut_resets_what_is_there_and_what_comes() -> None:
    async with echo_behind_a_link() as link:
        async with connection_to(link) as streams:
            await said_back(streams, b"hello")
            link.cut()
            assert await is_reset(streams)
        async with connection_to(link) as streams:
            assert await is_reset(streams)
        link.heal()
        async with connection_to(link) as streams:
            assert await said_back(streams, b"again") == b"again"


@pytest.mark.parametrize("made", ["before", "meanwhile"])
async def test_silence_holds_everything_back_until_it_heals(made: str) -> None:
    async with echo_behind_a_link() as link:
        if made == "meanwhile":
            link.silence()
        async with connection_to(link) as streams:
            if made == "before":
                await said_back(streams, b"hello")
                link.silence()
            answer = asyncio.create_task(said_back(streams, b"late"))
            await asyncio.sleep(0.3)
            assert not answer.done()
            link.heal()
            assert await answer == b"late"


async def test_a_silence_may_end_with_the_connections_that_were_in_it() -> None:
    async with echo_behind_a_link() as link, connection_to(link) as streams:
        await said_back(streams, b"hello")
        link.silence()
        streams[1].write(b"lost")
        link.heal(reset=True)
        assert await is_reset(streams)


async def test_a_server_that_is_away_resets_the_connection() -> None:
    async with echo_behind_a_link() as away:
        link = Link(away.port)
        await away.close()
        await link.listen()
        async with connection_to(link) as streams:
            assert await is_reset(streams)
        await link.close()
