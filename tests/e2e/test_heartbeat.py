"""A silent stream says that it is alive, and nothing else."""

import json
from pathlib import Path

from tests.support.server import FUNCTION_APP, HEADERS, message, parse_native, serve_app, text_of


def test_silence_is_filled_with_comments(tmp_path: Path) -> None:
    source = FUNCTION_APP.replace("asyncio.sleep(0.05)", "asyncio.sleep(0.5)")
    with serve_app(tmp_path, source, CHATKIT_HEARTBEAT_SECONDS="0.1") as server:
        body = json.dumps({"type": "threads.create", "params": {"input": message("slow 3")}})
        answer = server.client.post(server.endpoint, content=body, headers=HEADERS).content
    assert answer.count(b": ping\n\n") >= 6
    assert text_of(parse_native(answer)) == "word0 word1 word2 "
