"""The lists of one server's tools: one for all callers where it says that they see the same, else one a caller."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from mcp_types import Tool

from .caller import Caller, current_caller
from .peers import IDLE, MAX_PEERS
from .tasks import Tasks
from .toollist import Listing, ToolList


class Lists:
    """``fetch`` answers what its caller sees.

    No list knows whose it is: it is fetched for the current caller, who for the common list is another one each time.
    """

    def __init__(self, fetch: Callable[[Caller], Awaitable[Listing]], tasks: Tasks, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._tasks = tasks
        self._clock = clock
        self._lists: OrderedDict[bytes, ToolList] = OrderedDict()
        self._common: ToolList | None = None

    async def get(self, caller: Caller, *, failing: bool = False) -> Sequence[Tool] | None:
        """The tools that the current caller sees, as by :meth:`ToolList.get`."""
        known = self.of(caller)
        tools = await known.get(failing=failing)
        now = self.of(caller)  # another one if the server has said meanwhile that not all see the same
        return tools if now is known else await now.get(failing=failing)

    def of(self, caller: Caller) -> ToolList:
        """The caller's list, which may not have been fetched."""
        if self._common is not None:
            return self._common
        known = self._lists.get(caller.key)
        if known is None:
            known = self._lists[caller.key] = self._new()
        known.used_at = self._clock()
        self._lists.move_to_end(caller.key)
        self._trim()
        return known

    def known(self, caller: Caller) -> ToolList | None:
        """The caller's list, if there is one."""
        return self._common or self._lists.get(caller.key)

    def expire(self) -> None:
        """The server said that its tools have changed."""
        for known in (self._common, *self._lists.values()):
            if known is not None:
                known.expire()

    def _new(self) -> ToolList:
        new = ToolList(lambda: self._fetched(new), self._tasks, self._clock)
        return new

    def _trim(self) -> None:
        """Let those go that nobody uses: each token that is renewed leaves one behind."""
        oldest = self._clock() - IDLE
        while len(self._lists) > MAX_PEERS or next(iter(self._lists.values())).used_at <= oldest:
            self._lists.popitem(last=False)

    async def _fetched(self, known: ToolList) -> Listing:
        caller = current_caller.get()
        listing = await self._fetch(caller)
        if listing.public:
            self._common = known
            self._lists.clear()
        elif self._common is known:  # no longer: what was fetched is the caller's alone
            self._common = None
            known.used_at = self._clock()
            self._lists[caller.key] = known
        return listing
