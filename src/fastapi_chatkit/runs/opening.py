"""What every stream begins with, before its agent says anything."""

from __future__ import annotations

from chatkit import types as sdk

from ..operations import AddStructuredInput, AddUserMessage, CreateThread, StreamingOperation
from ..store.base import Admitted
from .live import LiveRun
from .recorder import Recorder

WAITING = "Waiting for the answer before this one"
"""What a stream says whose run is in line."""


def log_opening(
    recorder: Recorder, run: LiveRun, operation: StreamingOperation, admitted: Admitted, options: sdk.StreamOptions
) -> None:
    """What every stream begins with, in the SDK's order; one whose run is in line says so."""
    recorder.log("run.started", {"run_id": run.id, "thread_id": run.thread_id, "attempt": 1})
    if isinstance(operation, CreateThread):
        recorder.log_json("thread.created", '"thread":' + admitted.thread.public())
    if isinstance(operation, (CreateThread, AddUserMessage)) and admitted.item is not None:
        recorder.log_item("thread.item.done", admitted.item)
    recorder.log("stream_options", {"stream_options": options.model_dump()})
    if isinstance(operation, AddStructuredInput) and admitted.item is not None:
        recorder.log_item("thread.item.replaced", admitted.item)
    if admitted.waits:
        recorder.log("progress_update", {"text": WAITING})
