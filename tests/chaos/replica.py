"""One replica: ``fastapi-chatkit serve`` on a port that stays, behind links to its database and its Redis."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx2

from tests.chaos.network import Link
from tests.support.forking import ROOT, clean_environment
from tests.support.redis import die_with_the_parent
from tests.support.server import free_port

START_SECONDS = 60.0


@dataclass
class Life:
    """One process in a replica's place. ``who`` is its name in the audit; ``killed`` when it was ended on purpose."""

    who: str
    log: Path
    began: float
    killed: float | None = None
    ended: float | None = None
    code: int | None = None


class Replica:
    """The place ``name``. ``lives`` are its processes so far; ``state`` is what the suite has done to the last one."""

    def __init__(
        self, name: str, folder: Path, database_url: str, links: dict[str, Link], settings: dict[str, str]
    ) -> None:
        self.name = name
        self.port = free_port()
        self.links = links
        self.lives: list[Life] = []
        self.state: Literal["up", "stopped", "leaving", "down"] = "down"
        self._folder = folder
        self._database_url = database_url
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def life(self) -> Life:
        """Its process."""
        return self.lives[-1]

    def start(self) -> None:
        """Begin a process; it is not ready then."""
        who = f"{self.name}.{len(self.lives) + 1}"
        log = self._folder / f"replica-{who}.log"
        separator = "&" if "?" in self._database_url else "?"
        environment = {
            **clean_environment(),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "CHATKIT_DATABASE_URL": f"{self._database_url}{separator}application_name={who}",
            "CHATKIT_LOG_FORMAT": "json",
            "CHATKIT_AUTH": "trust",
            **self._settings,
        }
        command = [sys.executable, "-m", "fastapi_chatkit.cli.main", "serve"]
        command += ["--app", "tests.chaos.agent:app", "--port", str(self.port)]
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                preexec_fn=die_with_the_parent(),  # nothing in it needs a lock that another thread may hold
            )
        self.lives.append(Life(who, log, time.time()))
        self.state = "up"

    async def ready(self) -> None:
        """Wait until it answers that it is. :raises AssertionError: it has ended, or does not in time."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.look(), f"{self.life.who} has ended:\n{self.life.log.read_text()[-2000:]}"
            if (await self.says())["status"] in ("ok", "degraded"):
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{self.life.who} is not ready:\n{self.life.log.read_text()[-2000:]}")

    async def says(self) -> dict[str, Any]:
        """What it says of itself: ``status``, ``checks`` by name, and the ``code`` of HTTP."""
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{self.url}/readyz")
        except httpx2.TransportError as error:
            return {"status": repr(error), "checks": {}, "code": 0}
        return {**answer.json(), "code": answer.status_code}

    def look(self) -> bool:
        """Whether its process is there; when it is not, how it ended is known from then on."""
        if self._process is None or self._process.poll() is None:
            return self._process is not None
        if self.life.code is None:
            self.life.code, self.life.ended = self._process.returncode, time.time()
        return False

    def kill(self) -> None:
        """SIGKILL."""
        self.life.killed = time.time()
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(10)
        self.state = "down"
        self.look()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)
        self.state = "stopped"

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)
        self.state = "up"

    async def leave(self, patience: float) -> bool:
        """SIGTERM, and wait for the end; whether it came by itself."""
        self.life.killed = time.time()
        self._signal(signal.SIGTERM)
        self.state = "leaving"
        deadline = time.monotonic() + patience
        while self.look() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        left = not self.look()
        if not left:
            self.kill()
        self.state = "down"
        return left

    def _signal(self, sig: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(sig)
