from collections.abc import AsyncIterator

import pytest

from tests.support.running import Bench, bench


@pytest.fixture
async def runs() -> AsyncIterator[Bench]:
    """An engine with an agent that a test writes."""
    async with bench() as made:
        yield made
