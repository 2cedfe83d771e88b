"""What a run is measured on: the cores, who gets which, and the description that is printed with the figures."""

import os
import platform
import resource
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks import postgres, redis_server

LIBRARIES = (
    "fastapi-chatkit",
    "openai-chatkit",
    "openai-agents",
    "openai",
    "mcp",
    "fastapi",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "sqlalchemy",
    "aiosqlite",
    "asyncpg",
    "orjson",
    "redis",
    "hiredis",
)

_FILES = 16_384


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where: the measured server alone on one core, the client and the model's server on the others.

    Both are empty where there is but one core, or where processes cannot be pinned.
    """

    server: frozenset[int] = frozenset()
    load: frozenset[int] = frozenset()

    @classmethod
    def of_this_process(cls) -> "Cores":
        """The cores that this process may use now, shared out."""
        allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(frozenset(allowed[:1]), frozenset(allowed[1:])) if len(allowed) > 1 else cls()


def pin(pid: int, cores: frozenset[int]) -> None:
    """Keep a process, and whatever it starts later, on these cores; nothing where there are none. 0 is this one."""
    if cores:
        os.sched_setaffinity(pid, cores)


def raise_file_limit() -> None:
    """Allow this process and those it starts the thousands of sockets that the cases open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def describe(cores: Cores) -> dict[str, object]:
    """What the figures were measured on, for the report."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "commit": _commit(),
        "cpu": _cpu_model(),
        "cores": len(cores.server | cores.load) or os.cpu_count(),
        "pinned": bool(cores.server),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": postgres.version(),
        "redis": redis_server.version(),
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str | None:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
