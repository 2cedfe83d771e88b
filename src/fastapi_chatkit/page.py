"""The chat page of ``serve``, at ``/``: the component, and nothing else.

A page on this machine is given the identity that the terminal client has here, so that both show the same threads. With
any other ``CHATKIT_AUTH`` the page says nothing of who its user is: that is for the gateway in front to say.
"""

from __future__ import annotations

import html

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from .auth.headers import is_local
from .hosts import login
from .http.ui import files_route
from .settings import Settings
from .ui import PAGE

HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def add_page(app: FastAPI, path: str, settings: Settings) -> bool:
    """Serve the page at ``/`` for the endpoint at ``path``. ``False``: the application has a page of its own there."""
    if any(route.matches(_OF_THE_PAGE)[0] is Match.FULL for route in app.router.routes):
        return False
    name = html.escape(path.strip("/"))
    document = (PAGE / "index.html").read_text(encoding="utf-8").replace("{chatkit}", name)

    async def page(request: Request) -> Response:
        return HTMLResponse(document, headers=HEADERS)

    async def identity(request: Request) -> Response:
        if settings.auth != "local" or not is_local(request) or request.headers.get("sec-fetch-site") == "cross-site":
            return JSONResponse({"detail": "There is none for pages from elsewhere."}, 404)
        from .auth.development import DevelopmentTokens, development_key  # what signs is loaded when somebody asks

        token = DevelopmentTokens(development_key(settings.token_key)).sign(login())
        return JSONResponse({"user": login(), "token": token}, headers={"Cache-Control": "no-store"})

    base = f"{path.rstrip('/')}/page"
    app.router.routes.append(Route("/", page, include_in_schema=False))
    app.router.routes.append(Route(f"{base}/identity", identity, include_in_schema=False))
    app.router.routes.append(files_route(base, PAGE))
    return True


_OF_THE_PAGE: Scope = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
