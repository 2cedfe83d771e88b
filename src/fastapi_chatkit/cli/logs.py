"""Log lines: text for people, JSON for collectors; both carry the ids that belong to the line."""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Literal

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


_PLAIN = re.compile(r"[\w.@:/+-]+")


def configure_logging(log_format: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error, from ``level`` on. The command line does this, never the library."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("httpx", "httpx2", "httpcore2", "mcp", "openai", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was passed as ``extra``, without empty values."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD and value is not None}


class TextFormatter(logging.Formatter):
    """``12:00:00 INFO  request  op=ListThreads status=200 ...``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without a traceback."""
        fields = " ".join(f"{name}={_text(value)}" for name, value in fields_of(record).items())
        return f"{super().formatMessage(record)}  {fields}".rstrip()

    def formatException(self, ei: Any) -> str:
        """The traceback, indented: what an exception says must not look like a line of its own."""
        return "\n".join(f"  | {line}" for line in super().formatException(ei).splitlines())


def _text(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


class JSONFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; ``exception`` has the traceback."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
