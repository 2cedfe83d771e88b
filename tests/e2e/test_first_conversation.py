"""From an empty folder to a durable conversation, over a real socket."""

from pathlib import Path

from tests.support.server import serve_app, text_of


def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    with serve_app(tmp_path) as server:
        events = server.send("say 5")
        assert text_of(events) == "word0 word1 word2 word3 word4 "
        thread_id = events[0]["thread"]["id"]
        server.send("say 2", thread_id)
        before = server.op("items.list", thread_id=thread_id)
    with serve_app(tmp_path) as server:
        assert server.op("items.list", thread_id=thread_id) == before
        assert [item["type"] for item in before["data"]] == ["assistant_message", "user_message"] * 2
