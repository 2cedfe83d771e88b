"""The event log in Redis: what a run says in one process can be followed in every other."""

from importlib.util import find_spec

if find_spec("redis") is None or find_spec("hiredis") is None:
    raise ImportError("Redis needs more packages: pip install 'fastapi-chatkit[redis]'")

from .log import RedisEventLog

__all__ = ["RedisEventLog"]
