"""``GET /healthz`` (the process answers) and ``GET /readyz`` (it can serve); neither needs a user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ..errors import ChatKitError
from ..eventlog.base import LogUnavailable

logger = logging.getLogger(__name__)

READY_TIMEOUT_SECONDS = 2.0

Check = Callable[[], Awaitable[None]]


def health_routes(required: dict[str, Check], others: dict[str, Check] | None = None) -> list[Route]:
    """The two routes. Each check raises when its part cannot serve. Only those that are ``required`` make the process
    unready: taking every process out of the balancer would turn what the ``others`` lose into an outage.
    """

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> JSONResponse:
        results = {name: await _result(name, check) for name, check in required.items()}
        ready = all(result == "ok" for result in results.values())
        results |= {name: await _result(name, check) for name, check in (others or {}).items()}
        whole = all(result == "ok" for result in results.values())
        status = "unavailable" if not ready else "ok" if whole else "degraded"
        return JSONResponse({"status": status, "checks": results}, status_code=200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _result(name: str, check: Check) -> str:
    """``ok``, or in words what is wrong."""
    try:
        await asyncio.wait_for(check(), READY_TIMEOUT_SECONDS)
    except LogUnavailable as error:
        return str(error)  # for the operator; the log itself says it in the server's log
    except ChatKitError as error:
        logger.warning("not ready: %s: %s", name, error.detail)
        return "unavailable"
    except Exception as error:
        logger.warning("not ready: %s", name, exc_info=error)
        return "unavailable"
    return "ok"
