"""``serve --workers N``: so many processes behind one socket, and one that minds them and serves nothing itself.

Uvicorn has a supervisor too. It starts an application that cannot be imported again and again, has its servers closed
by uvicorn and not drained, and passes on no second signal; a kill of it leaves its workers behind.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from multiprocessing.connection import Connection, wait
from types import FrameType

from .failing import failing_in_words
from .logs import configure_logging
from .serving import Job, application, run

logger = logging.getLogger(__name__)

SPAWN = multiprocessing.get_context("spawn")
"""Each worker begins anew: no thread of a library is lost on the way to it, and no connection is there twice."""

STOP_SECONDS = 20.0
"""How long a worker may take to end after its drain, before it is killed."""

SHORT_SECONDS = 10.0
"""A worker that dies sooner than that is likely to do so again: the next one has to wait a moment."""

PAUSE_SECONDS = 1.0


class Worker:
    """One process."""

    def __init__(self, job: Job, listener: socket.socket, *, greets: bool) -> None:
        self.news, theirs = SPAWN.Pipe(duplex=False)
        self.process = SPAWN.Process(target=_work, args=(job, listener, theirs, greets))
        self.born = time.monotonic()
        self.started = False
        self.waited_for = True
        """Whether it may still say that it has started."""
        # Ctrl-C is for whoever minds them, from the first moment on: until the worker has a group of its own.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def look(self) -> None:
        """Hear whether it has started by now."""
        if self.waited_for and self.news.poll():
            self.waited_for = False
            with contextlib.suppress(EOFError):
                self.started = self.news.recv()

    def tell(self, number: int) -> None:
        """Send it a signal."""
        if self.process.pid is not None and self.process.is_alive():
            os.kill(self.process.pid, number)


class Workers:
    """All of them. The first has to start before the others do, so that what is wrong is said once."""

    def __init__(self, job: Job, listener: socket.socket) -> None:
        self._job = job
        self._listener = listener
        self._workers: list[Worker] = []
        self._due = [time.monotonic()]
        """When workers are to be started."""
        self._begun = 0
        """How many were."""
        self._told = 0
        """How often they were told to stop."""
        self._kill_at: float | None = None
        """When those are killed that have been told to stop and have not; 0 when they have been."""
        self._code = 0
        self._woken, self._wakes = os.pipe()

    def run(self) -> int:
        """Mind them until a signal says to stop, or until none can be started; the exit code."""
        os.set_blocking(self._wakes, False)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, _nothing)  # what counts is the number that comes through the pipe
        while self._workers or self._due:
            for number in self._signals():
                self._stop(number)
            self._look()
            self._start()
        return self._code

    def _signals(self) -> bytes:
        """Wait until something happens, or is to be done; the signals that have come."""
        times = [*self._due, *([self._kill_at] if self._kill_at else [])]
        sentinels = [worker.process.sentinel for worker in self._workers]
        news = [worker.news for worker in self._workers if worker.waited_for]
        happened = wait([self._woken, *sentinels, *news], max(min(times) - time.monotonic(), 0) if times else None)
        return os.read(self._woken, 64) if self._woken in happened else b""

    def _look(self) -> None:
        for worker in list(self._workers):
            worker.look()
            if worker.started and self._begun == 1 and self._kill_at is None:
                self._due += [time.monotonic()] * (self._job.workers - 1)
                self._begun = self._job.workers
            if not worker.process.is_alive():
                self._workers.remove(worker)
                self._lost(worker)
        if self._kill_at and time.monotonic() >= self._kill_at:
            self._kill()

    def _lost(self, worker: Worker) -> None:
        """A worker has ended: another takes its place, unless all are to stop or none can be started."""
        worker.process.join()
        worker.news.close()
        code = worker.process.exitcode or 0
        if self._kill_at is not None:
            return
        if not worker.started and not any(other.started for other in self._workers):
            self._code = code if code > 0 else 1
            self._stop(signal.SIGTERM)
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        logger.warning("worker %d has ended with %s: another takes its place", worker.process.pid, how)
        now = time.monotonic()
        self._due.append(now if now - worker.born > SHORT_SECONDS else now + PAUSE_SECONDS)

    def _start(self) -> None:
        now = time.monotonic()
        for due in [due for due in self._due if due <= now]:
            self._due.remove(due)
            self._workers.append(Worker(self._job, self._listener, greets=self._begun == 0))
            self._begun = self._begun or 1

    def _stop(self, number: int) -> None:
        """Tell all to drain and end; said once more, to end now; and then end them."""
        self._told += 1
        if self._told == 1:
            self._due.clear()
            self._listener.close()  # else connections would be made that nobody takes, once the workers have closed it
            self._kill_at = time.monotonic() + self._job.settings.drain_seconds + STOP_SECONDS
        elif self._told > 2 and self._workers:
            self._code = 128 + number  # as a shell calls the end by a signal
            self._kill()
            return
        for worker in self._workers:
            worker.tell(signal.SIGTERM if self._told == 1 else signal.SIGINT)

    def _kill(self) -> None:
        self._kill_at = 0.0
        for worker in self._workers:
            logger.error("worker %d does not stop: it is killed", worker.process.pid)
            worker.tell(signal.SIGKILL)


def _work(job: Job, listener: socket.socket, news: Connection, greets: bool) -> None:
    """What a worker does."""
    os.setpgrp()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    configure_logging(job.settings.log_format, job.settings.log_level)
    with failing_in_words():
        run(job, application(job), listener, greets=greets, started=lambda: _tell(news))


def _tell(news: Connection) -> None:
    with contextlib.suppress(OSError):  # who minds us is gone: we are told to stop, too
        news.send(True)


def _end_with_the_parent() -> None:
    """However that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _nothing(number: int, frame: FrameType | None) -> None:
    """A signal without a handler would end us."""
