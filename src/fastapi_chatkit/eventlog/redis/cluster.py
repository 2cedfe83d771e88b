"""A cluster: which node has a key, by redis-py's map of the slots. Commands go to the nodes themselves.

Who has which slot is looked up when it is first needed, and again after a node failed: beside what goes on, for the
nodes that have not failed are still where they were, and asking one that hangs takes a while. A look is not broken off
with whoever wanted it, or it would never get beyond the first node that hangs.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias, cast

from redis.asyncio.cluster import ClusterNode, NodesManager, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError,
    MovedError,
    RedisClusterException,
    RedisError,
    SlotNotCoveredError,
    TimeoutError,
)

from .address import Address
from .base import Connections
from .ending import end
from .line import COMMAND_SECONDS, MOVES, Command, Line, arguments, connection_to
from .pool import Pool

Place: TypeAlias = tuple[str, int]
"""A node's host and port."""

ASKING = Command(None, ("ASKING",))


class ClusterConnections(Connections):
    """The ways to a cluster."""

    clustered = True

    def __init__(self, address: Address) -> None:
        self.shown = address.shown
        self._address = address
        self._pools: dict[Place, Pool] = {}
        self._nodes: NodesManager | None = None
        self._is_known = False
        """Whether they have told who has which slot."""
        self._is_old = False
        """Whether that may be so no longer."""
        self._looking_up: asyncio.Task[NodesManager | RedisError] | None = None

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """As in :class:`.base.Connections`."""
        replies: list[Any] = [None] * len(commands)
        todo = range(len(commands))
        for _ in range(MOVES):
            try:
                nodes = await self._look_up()
            except RedisError as error:
                for index in todo:
                    replies[index] = error
                return replies
            groups = self._by_node(nodes, commands, todo, replies)
            await asyncio.gather(*(self._send_to(place, group, commands, replies) for place, group in groups.items()))
            todo = [index for index in todo if isinstance(replies[index], MovedError)]
            if not todo:
                break
        return replies

    def place(self, key: str) -> Hashable:
        """As in :class:`.base.Connections`."""
        try:
            return _place_of(self._nodes, key) if self._nodes is not None and self._is_known else None
        except ClusterDownError:
            return None

    def line(self, key: str | None, seconds: float) -> Line:
        """As in :class:`.base.Connections`."""

        async def find() -> AbstractConnection:
            nodes = await self._look_up()
            place = _any_place(nodes) if key is None else _place_of(nodes, key)
            return connection_to(self._address, place)

        return Line(find, self._learn, seconds)

    async def close(self) -> None:
        """As in :class:`.base.Connections`."""
        await end([self._looking_up] if self._looking_up else [])
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.close()
        await self._forget()

    def _by_node(
        self, nodes: NodesManager, commands: Sequence[Command], todo: Sequence[int], replies: list[Any]
    ) -> dict[Place, list[int]]:
        """Which commands go where. Those for any node join others; those for no node get their error now."""
        groups: dict[Place, list[int]] = defaultdict(list)
        for index in sorted(todo, key=lambda index: commands[index].key is None):
            key = commands[index].key
            try:
                place = _place_of(nodes, key) if key is not None else next(iter(groups), None) or _any_place(nodes)
            except ClusterDownError as error:
                replies[index] = error
                self._is_old = True
            else:
                groups[place].append(index)
        return groups

    async def _send_to(
        self, place: Place, group: Sequence[int], commands: Sequence[Command], replies: list[Any]
    ) -> None:
        answers = await self._pool(place).send([commands[index] for index in group])
        for index, answer in zip(group, answers, strict=True):
            if isinstance(answer, RedisError):
                await self._learn(answer)
            if isinstance(answer, AskError) and not isinstance(answer, MovedError):
                answer = (await self._pool(_place_in(answer)).send([ASKING, commands[index]]))[1]
            replies[index] = answer

    def _pool(self, place: Place) -> Pool:
        pool = self._pools.get(place)
        if pool is None:
            pool = self._pools[place] = Pool(self._address, place)
        return pool

    async def _learn(self, error: RedisError) -> None:
        """Where the error says who has a key now, believe it; where a node cannot be used, look up who is there."""
        if isinstance(error, MovedError) and self._nodes is not None and self._is_known:
            await self._nodes.move_slot(error)
        elif isinstance(error, ConnectionError | TimeoutError | ClusterDownError):
            self._is_old = True

    async def _look_up(self) -> NodesManager:
        """Who has which slot, as far as that is known. :raises RedisError: it is not, and no node tells."""
        looking = self._looking_up
        if looking is None or (looking.done() and (self._is_old or not self._is_known)):
            looking = self._looking_up = asyncio.get_running_loop().create_task(self._look())
        if self._nodes is not None and self._is_known:
            return self._nodes
        found = await asyncio.shield(looking)
        if isinstance(found, RedisError):
            raise found
        return found

    async def _look(self) -> NodesManager | RedisError:
        """Ask who has which slot; the answer is the error where no node tells."""
        self._is_old = False  # unless a node fails meanwhile
        nodes = self._nodes = self._nodes or _nodes_from(self._address)
        error = await _looked_up(nodes)
        if error is None:
            self._is_known = True
            return nodes
        await self._forget()  # it knows the nodes of then: begin again with those of the URL
        return error

    async def _forget(self) -> None:
        nodes, self._nodes, self._is_known = self._nodes, None, False
        if nodes is not None:
            await nodes.aclose()
            await nodes.aclose("startup_nodes")


def _place_of(nodes: NodesManager, key: str) -> Place:
    """:raises ClusterDownError: nobody has it."""
    try:
        node: ClusterNode = cast("Any", nodes).get_node_from_slot(key_slot(key.encode()))
    except SlotNotCoveredError as error:
        raise ClusterDownError(str(error)) from error
    return node.host, int(node.port)


def _place_in(error: Any) -> Place:
    """Where to ask instead, which redis-py does not type."""
    return str(error.host), int(error.port)


def _any_place(nodes: NodesManager) -> Place:
    node = random.choice(nodes.get_nodes_by_server_type("primary"))  # noqa: S311 - this spreads load, it hides nothing
    return node.host, int(node.port)


def _nodes_from(address: Address) -> NodesManager:
    cluster = RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
        require_full_coverage=False,  # what is there is used
        ssl=address.tls,
        **arguments(address, COMMAND_SECONDS),
    )
    return cluster.nodes_manager


async def _looked_up(nodes: NodesManager) -> RedisError | None:
    """Ask the nodes who has which slot; why none could tell, which is behind what redis-py says."""
    try:
        await nodes.initialize()
    except RedisError as error:
        return error
    except IndexError:
        return ClusterDownError("its nodes have no slots")
    except RedisClusterException as error:
        at: BaseException | None = error
        while at is not None and not isinstance(at, RedisError):
            at = at.__cause__ or at.__context__
        return at if at is not None else ConnectionError(str(error))
    return None
