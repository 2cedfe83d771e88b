"""``python -m fastapi_chatkit.testing.wire``: the server by hand, with a model that repeats what it is told.

It lets everything that speaks to OpenAI run on a machine without a network or a key::

    OPENAI_BASE_URL=http://127.0.0.1:8091/v1 OPENAI_API_KEY=anything fastapi-chatkit serve
"""

from __future__ import annotations

import argparse
import time
from functools import partial

from fastapi_chatkit.testing.wire.parts import Text
from fastapi_chatkit.testing.wire.replies import Reply
from fastapi_chatkit.testing.wire.requests import WireRequest
from fastapi_chatkit.testing.wire.server import OpenAIWireServer


def echo(request: WireRequest, *, delay: float = 0.0) -> Reply:
    """Repeats the newest message of the user, one word each ``delay`` seconds."""
    return Text(f"You said: {request.user_text}", delay=delay)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m fastapi_chatkit.testing.wire", description="A local OpenAI API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091, help="0 picks a free one (default: 8091)")
    parser.add_argument("--reply", help="what the model says each time (default: it repeats the user's message)")
    parser.add_argument("--delay", type=float, default=0.03, help="seconds between words (default: 0.03)")
    options = parser.parse_args()
    script = partial(echo, delay=options.delay) if options.reply is None else Text(options.reply, delay=options.delay)
    with OpenAIWireServer(script, host=options.host, port=options.port) as server:
        print(f"export OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY=anything", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
