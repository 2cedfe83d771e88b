"""The pattern: what an ordinary good team writes with the official SDK, FastAPI and SQLAlchemy.

One POST endpoint that takes the user from `X-User-ID` and hands the body to `ChatKitServer.process`, one store with a
session per call that keeps each model as JSON. Written as the SDK's guides and everyday SQLAlchemy have it, not as a
straw man: one engine, pooled connections, indexes, WAL, type adapters built once.
"""
