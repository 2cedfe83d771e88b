"""``GET /healthz`` (the process answers) and ``GET /readyz`` (it can serve); neither needs a user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..errors import ChatKitError

logger = logging.getLogger(__name__)

READY_TIMEOUT_SECONDS = 2.0

Check = Callable[[], Awaitable[None]]


def health_routes(checks: dict[str, Check]) -> list[Route]:
    """The two routes; each check raises when its part cannot serve."""

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> JSONResponse:
        results = {name: await _result(name, check) for name, check in checks.items()}
        ready = all(result == "ok" for result in results.values())
        body = {"status": "ok" if ready else "unavailable", "checks": results}
        return JSONResponse(body, status_code=200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _result(name: str, check: Check) -> str:
    try:
        await asyncio.wait_for(check(), READY_TIMEOUT_SECONDS)
    except ChatKitError as error:
        logger.warning("not ready: %s: %s", name, error.detail)
        return "unavailable"
    except Exception as error:
        logger.warning("not ready: %s", name, exc_info=error)
        return "unavailable"
    return "ok"
