"""``fastapi-chatkit chat`` as a process: one question, a pipe, a person at a terminal."""

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from fastapi_chatkit.auth.development import DevelopmentTokens, development_key
from tests.unit.cli.emulator import Emulator
from tests.unit.cli.fake_server import NOW, FakeServer

RUN = "from fastapi_chatkit.cli.chat import chat; chat()"


HERE = Path(__file__).parent
"""A folder without a key for tokens."""


def run(
    fake: FakeServer, *arguments: str, lines: str = "", cwd: Path = HERE, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CHATKIT_URL": fake.url, "LC_ALL": "C.UTF-8", **variables}
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(
        command,
        input=lines,
        capture_output=True,
        timeout=30,
        check=False,
        env=environment,
        encoding="utf-8",
        cwd=cwd,
    )


def test_one_question_prints_the_answers_markdown_and_nothing_else(fake: FakeServer) -> None:
    done = run(fake, "hello", "**there**", "--user", "ada")
    assert (done.returncode, done.stdout, done.stderr) == (0, "You said: hello **there**\n", "")
    headers, body = fake.requests[0]
    assert (headers["x-user-id"], headers["authorization"], headers["accept-language"]) == (
        "ada",
        "Bearer local",
        "en-US",
    )
    assert body["params"]["input"] == {
        "content": [{"type": "input_text", "text": "hello **there**"}],
        "attachments": [],
        "inference_options": {},
    }
    assert fake.operations == ["threads.create"]


def test_a_question_can_come_from_standard_input_and_continue_a_thread(fake: FakeServer) -> None:
    thread_id = fake.add_thread("Old")
    done = run(fake, "--thread", thread_id, "-", lines="two\nlines\n")
    assert (done.returncode, done.stdout) == (0, "You said: two\nlines\n")
    assert fake.operations == ["threads.add_user_message"]


def test_an_answer_that_fails_is_kept_and_makes_the_exit_code_one(fake: FakeServer) -> None:
    done = run(fake, "fail")
    assert (done.returncode, done.stdout) == (1, "Half an ans\n")
    assert done.stderr == "✗ The answer failed (stream.error).\n"


def test_a_server_that_goes_away_in_the_middle_is_a_failure(fake: FakeServer) -> None:
    done = run(fake, "vanish")
    assert done.returncode == 1
    assert "The connection to the server was lost." in done.stderr


def test_a_refusal_shows_detail_code_and_hint(fake: FakeServer) -> None:
    done = run(fake, "hello", CHATKIT_TOKEN="wrong")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "✗ The token is not valid (invalid_token, 401)",
        "  Pass a valid token with --token or CHATKIT_TOKEN.",
    ]


def token_in(fake: FakeServer) -> str:
    return fake.requests[-1][0]["authorization"].removeprefix("Bearer ")


def test_with_a_key_at_hand_the_token_is_the_users(fake: FakeServer, tmp_path: Path) -> None:
    tokens = DevelopmentTokens(development_key(path=tmp_path / "chatkit.key"))
    assert run(fake, "hello", "--user", "ada", cwd=tmp_path).returncode == 0
    assert tokens.verify(token_in(fake)) == "ada"
    assert run(fake, "hello", "--user", "ada", cwd=tmp_path, CHATKIT_TOKEN_KEY="k" * 32).returncode == 0
    assert DevelopmentTokens(SecretStr("k" * 32)).verify(token_in(fake)) == "ada"
    assert run(fake, "hello", "--token", "mine", cwd=tmp_path).returncode == 0
    assert token_in(fake) == "mine"


def test_without_a_key_none_is_made(fake: FakeServer, tmp_path: Path) -> None:
    assert run(fake, "hello", cwd=tmp_path).returncode == 0
    assert token_in(fake) == "local"
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_token_is_wrong_usage(fake: FakeServer) -> None:
    done = run(fake, "hello", "--user", " ada", CHATKIT_TOKEN_KEY="k" * 32)
    assert (done.returncode, fake.requests) == (2, [])
    assert "--user" in done.stderr


def test_no_server_says_how_to_start_one(fake: FakeServer) -> None:
    done = run(fake, "--url", "http://127.0.0.1:9", "hello")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "✗ No server at http://127.0.0.1:9/chatkit.",
        "  Start one with: fastapi-chatkit serve",
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--url", "localhost:8000", "x"], "is no http:// or https:// URL"),
        (["--url", "http://", "x"], "is no http:// or https:// URL"),
        (["--url", "http://[bad", "x"], "is no http:// or https:// URL"),
        (["--thread", "t", "--new"], "exclude each other"),
        (["--token", "a\nb", "x"], "printable"),
        (["--user", "", "x"], "printable"),
        (["  "], "The question is empty"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage_exits_with_two(fake: FakeServer, arguments: list[str], complaint: str) -> None:
    done = run(fake, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr


def test_a_client_tool_that_tells_the_time_needs_nobody(fake: FakeServer) -> None:
    done = run(fake, "time")
    assert done.returncode == 0
    result = fake.requests[1][1]["params"]["result"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", result["time"])
    assert fake.operations == ["threads.create", "threads.add_client_tool_output"]
    assert done.stdout == f"The tool said: {json.dumps(result)}\n"


def test_a_question_that_nobody_answers_is_a_failure(fake: FakeServer) -> None:
    done = run(fake, "ask")
    assert done.returncode == 1
    assert "What to drink?" in done.stderr
    assert done.stderr.endswith("left unanswered\n")


def test_the_lines_of_a_pipe_are_messages_in_one_thread(fake: FakeServer) -> None:
    done = run(fake, lines="hi\n\nbye\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "> hi\n\nYou said: hi\n\n> bye\n\nYou said: bye\n"
    assert fake.operations == ["threads.create", "threads.add_user_message"]


def test_a_pipe_can_answer_what_the_assistant_asks(fake: FakeServer) -> None:
    done = run(fake, lines='ask\n2, 1\n\ntool\n{"n": [1]}\ntool\nplain words\ntool\n\n')
    assert done.returncode == 0
    answers = {"q1": {"values": ["coffee", "tea"], "skipped": False}, "q2": {"values": [], "skipped": True}}
    assert fake.requests[1][1]["params"]["input"] == {"status": "answered", "answers": answers}
    results = [
        body["params"]["result"] for _, body in fake.requests if body["type"] == "threads.add_client_tool_output"
    ]
    assert results == [{"n": [1]}, "plain words", {}]
    assert '⚙ pick(colour="red")' in done.stderr


def test_a_pipe_that_met_a_failure_exits_with_one_after_its_last_line(fake: FakeServer) -> None:
    done = run(fake, lines="fail\n/open 7\nbye\n")
    assert done.returncode == 1
    assert done.stdout.endswith("> bye\n\nYou said: bye\n")
    assert "There is no conversation 7." in done.stderr


def test_commands_list_open_rename_retry_and_delete_threads(fake: FakeServer) -> None:
    content = [{"type": "output_text", "text": "Earlier."}]
    old = fake.add_thread("Old", [{"id": "a", "type": "assistant_message", "created_at": NOW, "content": content}])
    fake.add_thread("Newer")
    lines = "/threads\n/open 2\nhello\n/retry\n/rename  Better name\n/threads\n/delete 1\n/bogus\n/rename\n/quit\nx\n"
    done = run(fake, lines=lines)
    assert done.returncode == 0
    assert re.search(r"^  1  Newer  \d+ d ago\n  2  Old ", done.stdout, re.MULTILINE)
    assert fake.threads[old]["title"] == "Better name"
    assert list(fake.threads) == [old]
    assert "Once more, with feeling." in done.stdout
    retry = next(body for _, body in fake.requests if body["type"] == "threads.retry_after_item")
    assert retry["params"]["item_id"] == fake.threads[old]["stored"][1]["id"]
    assert "There is no command /bogus." in done.stderr
    assert "You said: x" not in done.stdout
    assert {"type": "threads.update", "params": {"thread_id": old, "title": "Better name"}} in [
        body for _, body in fake.requests
    ]


def test_a_path_is_a_message_and_no_command(fake: FakeServer) -> None:
    assert "You said: /etc/hosts is what?" in run(fake, lines="/etc/hosts is what?\n").stdout


def test_an_encoding_without_the_answers_characters_loses_only_those(fake: FakeServer) -> None:
    done = run(fake, "so \N{GRINNING FACE} so", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "You said: so ? so\n")


class Person:
    """Somebody at a terminal of 80 columns and 24 lines."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._before = pytest.importorskip("termios").tcgetattr(terminal)
        self._raw = b""

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def sees(self, text: str) -> None:
        """Wait until ``text`` is on the screen."""
        deadline = time.monotonic() + 15
        while text not in self.screen:
            assert self._read(), f"The program ended, and {text!r} had not appeared:\n{self.screen}"
            assert time.monotonic() < deadline, f"{text!r} did not appear:\n{self.screen}"

    def leaves(self, process: subprocess.Popen[bytes], code: int = 0) -> None:
        """The program ends and gives the terminal back as it was."""
        deadline = time.monotonic() + 15
        while self._read():
            assert time.monotonic() < deadline, f"The program does not end:\n{self.screen}"
        assert process.wait(10) == code, self.screen
        assert pytest.importorskip("termios").tcgetattr(self._terminal) == self._before

    def _read(self) -> bool:
        """Take in what there is; False when nothing more can come."""
        if select.select([self._terminal], [], [], 0.2)[0]:
            try:
                self._raw += os.read(self._terminal, 65_536)
            except OSError:  # Linux says so when the program has closed the terminal
                return False
        return True

    @property
    def screen(self) -> str:
        return "\n".join(Emulator(24).feed(self._raw.decode(errors="replace")).scrollback)


@contextmanager
def person(fake: FakeServer, *arguments: str) -> Iterator[tuple[Person, subprocess.Popen[bytes]]]:
    pty = pytest.importorskip("pty")
    fcntl = pytest.importorskip("fcntl")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    ada = Person(ours)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x18\x00\x50\x00\x00\x00\x00\x00")
    environment = {
        **os.environ,
        "CHATKIT_URL": fake.url,
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    # The terminal must be the process's own, or Ctrl-C means nothing there.
    code = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {RUN}"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--user", "ada", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield ada, process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_person_converses_stops_an_answer_and_leaves(fake: FakeServer) -> None:
    with person(fake) as (ada, process):
        ada.sees("as ada")
        ada.sees("›")
        ada.type("hello\r")
        ada.sees("You said: hello")
        ada.type("slow\r")
        ada.sees("one two three one")
        ada.type("\x03")
        ada.sees("stopped")
        assert fake.hung_up.wait(5)
        ada.type("and on\r")
        ada.sees("You said: and on")
        ada.type("\x03")
        ada.sees("Ctrl-C again leaves")
        ada.type("\x03")
        ada.leaves(process)
    assert fake.operations == ["threads.list", "threads.create", "threads.add_user_message", "threads.add_user_message"]


def test_keys_typed_while_an_answer_streams_are_kept_for_the_prompt(fake: FakeServer) -> None:
    with person(fake, "--new") as (ada, process):
        ada.sees("›")
        ada.type("long\r")
        ada.sees("Paragraph 3 of many")
        ada.type("next")
        ada.sees("Paragraph 59 of many")
        ada.sees("› next")
        assert ada.screen.count("next") == 1
        ada.type("\r")
        ada.sees("You said: next")
        ada.type("\x04")
        ada.leaves(process)
        paragraphs = [line for line in ada.screen.splitlines() if line.startswith("Paragraph")]
    assert paragraphs == [f"Paragraph {number} of many, with some words in it." for number in range(60)]


def test_a_person_finds_the_newest_thread_open_and_answers_its_question(fake: FakeServer) -> None:
    fake.add_thread("Older")
    asked = {
        "id": "u",
        "type": "user_message",
        "created_at": NOW,
        "content": [{"type": "input_text", "text": "Which?"}],
    }
    call = {
        "id": "c",
        "type": "client_tool_call",
        "created_at": NOW,
        "status": "pending",
        "name": "pick",
        "arguments": {},
    }
    newest = fake.add_thread("Choosing", [asked, call])
    with person(fake) as (ada, process):
        ada.sees("Continuing “Choosing”")
        ada.sees("› Which?")
        ada.sees("The assistant calls pick.")
        ada.sees("result:")
        ada.type("blue\r")
        ada.sees('The tool said: "blue"')
        ada.type("two\x1b\rlines\r")
        ada.sees("You said: two lines")
        ada.type("/delete 1\r")
        ada.sees("There is no conversation 1.")
        ada.type("/threads\r")
        ada.sees("  2  Older")
        ada.type("/delete 2\r")
        ada.sees("[y/N]")
        ada.type("n\r")
        ada.type("/quit\r")
        ada.leaves(process)
    assert len(fake.threads) == 2
    said = [body["params"] for _, body in fake.requests if body["type"] == "threads.add_user_message"]
    assert [(one["thread_id"], one["input"]["content"][0]["text"]) for one in said] == [(newest, "two\nlines")]


def test_one_question_at_a_terminal_streams_live_and_ends(fake: FakeServer) -> None:
    with person(fake, "rich") as (ada, process):
        ada.sees("The end.")
        ada.leaves(process)
        assert "•" in ada.screen
        assert "Ctrl-C stops" not in ada.screen


def test_a_terminal_without_a_server_is_told_at_once(fake: FakeServer) -> None:
    with person(fake, "--url", "http://127.0.0.1:9/chatkit") as (ada, process):
        ada.sees("Start one with: fastapi-chatkit serve")
        ada.leaves(process, 1)
