"""A client of ChatKit servers: typed, and it resumes by itself.

From the wire to what an application sees, one module a step:

``transport``  one POST an operation: JSON replies, frames of streams, failures as this package's errors
``patience``   how long and how often it is tried again
``answer``     one streamed answer: its events, each once, across broken connections
``text``       pure: the text of an answer, put together from its events
``client``     the operations by name, answering with the models of ``chatkit.types``

Nothing here knows the server: any endpoint that speaks ChatKit's native dialect will do.
"""

try:
    import httpx2 as _httpx2
except ModuleNotFoundError as error:
    hint = "fastapi_chatkit.client needs httpx2: pip install 'fastapi-chatkit[client]'"
    raise ModuleNotFoundError(hint, name=error.name) from error

from .answer import Answer, Reconnecting
from .client import AsyncChatKitClient
from .errors import (
    AnswerFailed,
    BadReply,
    Broken,
    Busy,
    ClientError,
    Conflict,
    NotFound,
    Refused,
    Unauthorized,
    Unreachable,
)
from .events import AnswerEvent, RunEnded, RunSnapshot, RunStarted, UnknownEvent
from .patience import Patience
from .run import Outcome, Run, RunStatus

__all__ = [
    "Answer",
    "AnswerEvent",
    "AnswerFailed",
    "AsyncChatKitClient",
    "BadReply",
    "Broken",
    "Busy",
    "ClientError",
    "Conflict",
    "NotFound",
    "Outcome",
    "Patience",
    "Reconnecting",
    "Refused",
    "Run",
    "RunEnded",
    "RunSnapshot",
    "RunStarted",
    "RunStatus",
    "Unauthorized",
    "UnknownEvent",
    "Unreachable",
]

del _httpx2
