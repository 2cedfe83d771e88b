"""Every error a caller can see: one tree, one shape.

::

    ChatKitError                      status  code
    ├── NotInitialized                   503  not_initialized
    ├── Unauthorized                     401
    │   ├── MissingUser                       missing_user
    │   ├── MissingToken                      missing_token
    │   ├── LocalOnly                         local_only
    │   └── InvalidToken                      invalid_token
    ├── UserMismatch                     403  user_mismatch
    ├── UnsupportedMediaType             415  unsupported_media_type
    ├── TooLarge                         413  too_large
    ├── InvalidJSON                      400  invalid_json
    ├── InvalidRequest                   422  invalid_request
    │   ├── UnknownOperation                  invalid_request
    │   ├── InvalidParams                     invalid_request
    │   └── NotEnabled                        invalid_request
    ├── IdempotencyMismatch              422  idempotency_mismatch
    ├── NotFound                         404
    │   ├── ThreadNotFound                    thread_not_found
    │   ├── ItemNotFound                      item_not_found
    │   ├── AttachmentNotFound                attachment_not_found
    │   └── RunNotFound                       run_not_found
    ├── Conflict                         409
    │   ├── RunActive                         run_active
    │   ├── ThreadLocked                      thread_locked
    │   └── ItemState                         item_state
    ├── QueueFull                        429  queue_full
    ├── Overloaded                       503  overloaded
    │   └── InDoubt                           overloaded
    ├── Draining                         503  draining
    └── InternalError                    500  internal

``detail`` is written for the caller and never holds the request's values, a token, SQL, a path or the text of an
exception. ``http/problems.py`` is the only place that renders these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: ``path`` is dotted (``params.input.content.0.text``), ``message`` names the rule."""

    path: str
    message: str


class ChatKitError(Exception):
    """Base of all errors that are shown to a caller; ``status`` is HTTP's, ``retry_after`` is in seconds."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    default_detail: ClassVar[str] = "Error: internal error"
    retry_after: ClassVar[int | None] = None
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str | None = None, *, errors: tuple[FieldError, ...] = ()) -> None:
        self.detail = detail or self.default_detail
        self.errors = errors
        super().__init__(self.detail)


class NotInitialized(ChatKitError):
    """Chat is switched off, or its store could not be opened."""

    status = 503
    code = "not_initialized"
    default_detail = "ChatKit server not initialized"


class Unauthorized(ChatKitError):
    """The caller is not known."""

    status = 401


class MissingUser(Unauthorized):
    """No usable ``X-User-ID``."""

    code = "missing_user"
    default_detail = "Missing X-User-ID header"


class MissingToken(Unauthorized):
    """No usable bearer token."""

    code = "missing_token"
    default_detail = "Missing Authorization header with Bearer token"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class LocalOnly(Unauthorized):
    """``AUTH=local`` and a caller from elsewhere."""

    code = "local_only"
    default_detail = (
        "AUTH=local and a caller that is not on loopback, or came through a proxy (or by another host's name): "
        "call it as localhost or 127.0.0.1, or set CHATKIT_AUTH=trust behind a gateway that verifies users"
    )


class InvalidToken(Unauthorized):
    """The token did not verify."""

    code = "invalid_token"
    default_detail = "The bearer token is not valid"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class UserMismatch(ChatKitError):
    """The token belongs to another user than ``X-User-ID``."""

    status = 403
    code = "user_mismatch"
    default_detail = "The bearer token belongs to another user than X-User-ID"


class UnsupportedMediaType(ChatKitError):
    """The body is not declared as JSON."""

    status = 415
    code = "unsupported_media_type"
    default_detail = "Content-Type must be application/json"


class TooLarge(ChatKitError):
    """The body is larger than ``MAX_BODY_BYTES``."""

    status = 413
    code = "too_large"
    default_detail = "The request body is too large"


class InvalidJSON(ChatKitError):
    """The body is not JSON."""

    status = 400
    code = "invalid_json"
    default_detail = "Invalid JSON payload"


class InvalidRequest(ChatKitError):
    """JSON, but no operation or one with wrong parameters."""

    status = 422
    code = "invalid_request"
    default_detail = "The request is not a valid ChatKit operation"


class UnknownOperation(InvalidRequest):
    """The ``type`` or ``method`` names no operation."""

    default_detail = "Unknown operation"


class InvalidParams(InvalidRequest):
    """The operation's parameters are wrong."""

    default_detail = "The operation's parameters are not valid"


class NotEnabled(InvalidRequest):
    """An operation of ChatKit that this server was not given the means for."""

    default_detail = "This operation is not enabled on this server"


class IdempotencyMismatch(ChatKitError):
    """The key was used within the last 24 hours to ask for something else."""

    status = 422
    code = "idempotency_mismatch"
    default_detail = "This Idempotency-Key was used with another request: use a new key for a new request"


class NotFound(ChatKitError):
    """Not there, or another user's: nothing tells the two apart."""

    status = 404


class ThreadNotFound(NotFound):
    """No such thread for this user."""

    code = "thread_not_found"
    default_detail = "Thread not found"


class ItemNotFound(NotFound):
    """No such item in this thread."""

    code = "item_not_found"
    default_detail = "Item not found"


class AttachmentNotFound(NotFound):
    """No such attachment for this user."""

    code = "attachment_not_found"
    default_detail = "Attachment not found"


class RunNotFound(NotFound):
    """No such run for this user."""

    code = "run_not_found"
    default_detail = "Run not found"


class Conflict(ChatKitError):
    """Valid, but not in the state that things are in."""

    status = 409


class RunActive(Conflict):
    """An answer is being written in this thread, and ``ON_BUSY=reject``."""

    code = "run_active"
    default_detail = "An answer is being written in this thread: wait for its end, or cancel it"


class ThreadLocked(Conflict):
    """The thread is locked or closed and takes no messages."""

    code = "thread_locked"
    default_detail = "The thread is locked"


class ItemState(Conflict):
    """The item is of another kind, or no longer waits for this."""

    code = "item_state"
    default_detail = "The item is not in a state that allows this"


class QueueFull(ChatKitError):
    """As many messages as may wait in one thread do."""

    status = 429
    code = "queue_full"
    default_detail = "Too many messages wait in this thread, try again when some are answered"
    retry_after = 5


class Overloaded(ChatKitError):
    """The server cannot take this now."""

    status = 503
    code = "overloaded"
    default_detail = "The server is overloaded, try again shortly"
    retry_after = 2


class InDoubt(Overloaded):
    """The database went away while it committed: whether the work is stored is not known."""


class Draining(ChatKitError):
    """The server is shutting down."""

    status = 503
    code = "draining"
    default_detail = "The server is shutting down, try again shortly"
    retry_after = 2


class InternalError(ChatKitError):
    """Anything that should not have happened; the log has the cause under the request's id."""
