"""How one user says something, and what the user remembers of it."""

from __future__ import annotations

import asyncio
from random import Random
from uuid import UUID

from tests.chaos.bare_client import BareClient
from tests.chaos.client import Client
from tests.chaos.history import History, Message, Reading
from tests.chaos.project_client import ProjectsClient
from tests.chaos.script import Script, random_script

MAX_THREADS = 4
"""How many threads a user keeps in mind: old ones grow, and new ones begin."""


class Speaker:
    """One user, with one client. What is said, and how, is drawn from the seed."""

    def __init__(self, url: str, name: str, seed: str, history: History) -> None:
        self.name = name
        self.random = Random(f"{seed}/{name}")
        network = Random(f"{seed}/{name}/network")
        is_projects = self.random.random() < 0.35
        client = ProjectsClient(url, name, network) if is_projects else BareClient(url, name, network, history.said)
        self.client: Client = client
        self.history = history
        self._threads: list[str] = []
        self._said = 0

    async def close(self) -> None:
        """Hang up."""
        await self.client.close()

    def say(
        self, *, script: Script | None = None, thread_id: str | None = None, new_thread: bool = False
    ) -> tuple[Message, asyncio.Task[None]]:
        """Something, in the thread that is named, or any; and the task that sends it and reads the answer."""
        known = self._threads if self.random.random() < 0.5 and not new_thread else []
        thread_id = thread_id or (self.random.choice(known) if known else None)
        return self._send(Message(self.name, script or self.new_script(), thread_id, self._key()))

    def ask_again(self, message: Message, item_id: str) -> tuple[Message, asyncio.Task[None]]:
        """For another answer to a message, whose item this is."""
        return self._send(Message(self.name, message.script, message.thread_id, self._key(), retry_of=item_id))

    def _send(self, message: Message) -> tuple[Message, asyncio.Task[None]]:
        known = message.thread_id
        message.heard = lambda heard: self._heard(heard, known)
        self.history.messages.append(message)
        return message, asyncio.create_task(self.client.say(message))

    def _heard(self, message: Message, thread_id: str | None) -> None:
        """It was acknowledged, or refused."""
        if message.reading is None:
            self._refused(message, thread_id)
            return
        self.reads(message.reading)
        if thread_id is None:
            self._remember(message.reading.thread_id)

    def _refused(self, message: Message, thread_id: str | None) -> None:
        """That a proxy had no server is no answer; nor that a thread is not there which was deleted."""
        status = str(message.refused).split()[0]
        gone = status == "404" and thread_id in self.history.deleted
        if status not in ("0", "429", "502", "503", "504") and not gone:
            self.history.wrong.append(f"{self.name} said {message.script.nonce} and was told {message.refused}")

    async def in_the_middle(self, message: Message) -> bool:
        """Wait for the answer to begin, and for a while; whether there is one."""
        await message.begun.wait()
        await asyncio.sleep(self.random.choice((0.0, 0.1, self.random.uniform(0.2, 2.5))))
        return message.reading is not None

    async def hang_up_in_the_middle(self, message: Message, saying: asyncio.Task[None]) -> bool:
        """Hang up in the middle; whether there is an answer."""
        begun = await self.in_the_middle(message)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        return begun

    async def some_thread(self) -> str | None:
        """One of the user's, made now where there is none."""
        if not self._threads:
            _, saying = self.say(new_thread=True)
            await saying
        return self.random.choice(self._threads) if self._threads else None

    def new_script(self) -> Script:
        """What to say next."""
        self._said += 1
        return random_script(f"{self.name}-{self._said}", self.random)

    def _key(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def reads(self, reading: Reading) -> Reading:
        """Another reading, which is written down."""
        self.history.readings.append(reading)
        return reading

    def _remember(self, thread_id: str) -> None:
        self._threads.append(thread_id)
        del self._threads[:-MAX_THREADS]

    def forget(self, thread_id: str) -> None:
        """Say nothing there any more."""
        if thread_id in self._threads:
            self._threads.remove(thread_id)
