"""A process that has imported the server once and forks one per request: real processes that start in milliseconds.

Reads a JSON object per line: ``{"argv", "cwd", "env", "log"}``; writes ``started <pid>`` and ``ended <pid> <code>``.
``argv`` is ``uvicorn ...`` or ``fastapi-chatkit ...``. It holds no threads, so a fork is a clean copy. The arguments of
the process itself are more modules to import.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import sys
import traceback

PRELOADED = (
    "uvicorn.main",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.lifespan.on",
    "asyncpg",
    "sqlalchemy.dialects.sqlite",
    "alembic.command",
    "alembic.autogenerate",
    "alembic.ddl.sqlite",
    "chatkit.agents",
    "chatkit.server",
    "fastapi_chatkit",
    "fastapi_chatkit.agents.offline",
    "fastapi_chatkit.agents.sdk_server",
    "fastapi_chatkit.cli.main",
    "fastapi_chatkit.cli.serve",
    "fastapi_chatkit.store.sdk_store",
    "fastapi_chatkit.store.migrate",
    "fastapi_chatkit.store.postgres",
)


def main() -> None:
    """Serve until standard input closes; then end what is still running."""
    for module in (*PRELOADED, *sys.argv[1:]):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    _say("ready")
    while True:
        readable, _, _ = select.select([0, wake_read], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
            _reap(children)
        if 0 in readable:
            line = sys.stdin.buffer.readline()
            if not line:
                break
            children.add(_fork(json.loads(line), (wake_read, wake_write)))
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def _reap(children: set[int]) -> None:
    for pid in list(children):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            children.discard(pid)
            _say(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _fork(job: dict, pipes: tuple[int, int]) -> int:
    pid = os.fork()
    if pid:
        _say(f"started {pid}")
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 70
    try:
        _become(job, pipes)
        _run(job["argv"])
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 - the edge of a process: it ends as an interpreter would
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _become(job: dict, pipes: tuple[int, int]) -> None:
    for pipe in pipes:
        os.close(pipe)
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    sys.path.insert(0, job["cwd"])
    importlib.invalidate_caches()


def _run(argv: list[str]) -> None:
    program, *sys.argv[1:] = argv
    sys.argv[0] = program
    if program == "uvicorn":
        importlib.import_module("uvicorn.main").main()
    else:
        importlib.import_module("fastapi_chatkit.cli.main").main()


if __name__ == "__main__":
    main()
