"""What no page of these tests may do, whatever it is shown: break its policy, ask another origin, fail unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request

LISTENER = """
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error(`policy broken: ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`));
"""


@dataclass
class Watch:
    """What a browser context has done."""

    origins: set[str]
    elsewhere: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])

    async def begin(self, context: BrowserContext) -> None:
        """Listen from now on."""
        await context.add_init_script(LISTENER)
        context.on("request", self._requested)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.failed.append(str(error.error)))

    def check(self) -> None:
        """Fail where a page has done what it may not."""
        assert not self.failed, self.failed
        assert not self.broken, self.broken
        assert not self.elsewhere, self.elsewhere

    def _requested(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and f"{url.scheme}://{url.netloc}" not in self.origins:
            self.elsewhere.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")
        if message.text.startswith("policy broken: "):
            self.broken.append(message.text)
