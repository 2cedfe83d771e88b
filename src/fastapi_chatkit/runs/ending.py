"""Stores how a run ended, however long the database takes."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ..errors import Overloaded
from ..identity import Owner
from ..store.base import RunEnd, Store

logger = logging.getLogger(__name__)

END_RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""How long to wait between attempts to store a run's end."""


async def store_end(store: Store, owner: Owner, end: RunEnd, fields: dict[str, Any]) -> None:
    """Store the end; a database that is overloaded for a while must not cost the answer. ``fields`` are for the log.

    :raises Overloaded: it could not be stored for a minute.
    :raises ThreadNotFound: the thread was deleted meanwhile.
    """
    for delay in END_RETRY_SECONDS:
        try:
            await store.end_run(owner, end)
        except Overloaded:
            logger.warning("the end of run %s waits for the database", end.run_id, extra=fields)
            await asyncio.sleep(delay)
        else:
            return
    await store.end_run(owner, end)
