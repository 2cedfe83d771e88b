"""The documentation is true: what exists is in it, what is in it exists, its examples run and its commands answer."""

from __future__ import annotations

import base64
import dataclasses
import inspect
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

import click
import pytest
from pydantic import SecretStr

import fastapi_chatkit
from examples.taskflow.mcp_tools import TaskFlowTools
from examples.taskflow.offline import wire as taskflow_wire
from examples.taskflow.offline.intents import Talk
from examples.taskflow.offline.reading import intent_of as task_intent_of
from examples.taskflow.settings import Settings as TaskFlowSettings
from fastapi_chatkit import ChatKit, RequestContext, Turn, testing
from fastapi_chatkit.agents.mcp import MCPServer, servers_from
from fastapi_chatkit.agents.mcp.failures import (
    Garbled,
    Refused,
    TimedOut,
    Unreachable,
    failure_of,
    not_tried,
    unknown_tool,
)
from fastapi_chatkit.agents.offline.intents import intent_of
from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.agents.tool_result import FailureReason, ToolResult
from fastapi_chatkit.auth.development import DevelopmentTokens, development_key
from fastapi_chatkit.cli.main import COMMANDS, cli
from fastapi_chatkit.cli.terminal.commands import Commands
from fastapi_chatkit.client import Answer, AsyncChatKitClient, Patience, Run
from fastapi_chatkit.client import __all__ as client_names
from fastapi_chatkit.client.client import Attachments, Items, Runs, Threads
from fastapi_chatkit.dialects.jsonrpc import CODES, SUBMIT, JSONRPCDialect
from fastapi_chatkit.dialects.native import NativeDialect
from fastapi_chatkit.errors import ChatKitError
from fastapi_chatkit.operations import NAMES, OPERATIONS
from fastapi_chatkit.settings import FIELDS, PREFIXES, RESERVED, Settings, variable_of
from fastapi_chatkit.testing import OpenAIWireServer
from tests.support.forking import Forks
from tests.support.nginx import nginx_binary
from tests.support.postgres import Postgres, debian_postgres, run_apart
from tests.support.redis import debian_redis
from tests.support.server import Server, free_port, message, parse_native, text_of

ROOT = Path(__file__).parents[1]
TASKFLOW = ("--app", "examples.taskflow.main:app")
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
BASH = shutil.which("bash")
ALICE = {"X-User-ID": "alice", "Authorization": "Bearer key-of-alice", "Content-Type": "application/json"}


# --- reading Markdown -------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Fence:
    """A fenced block: the page, the headings above it (innermost last), its language and its text."""

    page: Path
    heading: str
    language: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.page.stem}: {self.heading}"


def fences(page: Path, *languages: str) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    found: list[Fence] = []
    heading, language, lines = "", "", cast("list[str] | None", None)
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            if lines is None:
                language, lines = line[3:].strip(), []
            else:
                found.append(Fence(page, heading, language, "\n".join(lines) + "\n"))
                lines = None
        elif lines is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
    return [fence for fence in found if not languages or fence.language in languages]


def section(page: Path, heading: str) -> str:
    """The text below a heading of the second level."""
    return page.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows."""
    lines = (line for line in text.splitlines() if line.startswith("| ") and not line.startswith("|--"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]


def code(cell: str) -> str:
    """The text of a cell without its backticks."""
    return cell.strip("`")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


PYTHON = [fence for page in PAGES for fence in fences(page, "python")]
APPS = [fence for fence in PYTHON if "FastAPI(" in fence.text and "def test_" not in fence.text]
TESTS = [fence for fence in PYTHON if "def test_" in fence.text]


def named(fence: Fence) -> str:
    return fence.id


# --- what exists is documented ----------------------------------------------------------------------------------------


def shown_default(value: Any) -> str:
    """A setting's default as the table has it."""
    if value is None:
        return "(unset)"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "(none)" if value in ((), "") else f"`{value}`"


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_setting_is_there_with_its_default_and_its_values(field: str) -> None:
    table = {code(row[0]): row[1:] for row in rows((DOCS / "settings.md").read_text())}
    info = Settings.model_fields[field]
    default, meaning = table[variable_of(field)]
    assert default == shown_default(info.default)
    for choice in get_args(info.annotation):
        if isinstance(choice, str):
            assert f"`{choice}`" in meaning
    for bound in info.metadata:
        limit = getattr(bound, "le", None)
        assert limit is None or str(limit) in meaning


def test_no_page_names_a_setting_that_is_none() -> None:
    known = {name.upper() for name in FIELDS} | RESERVED
    for page in PAGES:
        for prefix, name in re.findall(r"\b((?:TASKFLOW_)?CHATKIT_)([A-Z][A-Z_]*)", page.read_text()):
            assert prefix in PREFIXES
            assert name in known, f"{page.name}: {prefix}{name}"


def test_every_setting_of_the_example_is_there_and_no_other() -> None:
    table = {code(row[0]): row[1:] for row in rows(section(DOCS / "taskflow.md", "Settings"))[1:]}
    assert set(table) == {f"TASKFLOW_{name.upper()}" for name in TaskFlowSettings.model_fields}
    for page in PAGES:
        for name in re.findall(r"\bTASKFLOW_(?!CHATKIT_)[A-Z_]+", page.read_text()):
            assert name in table, f"{page.name}: {name}"


def test_every_tool_of_the_example_is_there_with_its_arguments() -> None:
    listed = section(DOCS / "taskflow.md", "The tools")
    table = {code(name): row[1] for row in rows(listed)[1:] for name in row[0].split(", ")}
    tools = {tool.name: tool for tool in TaskFlowTools(cast("Any", None)).all()}
    assert set(table) == set(tools)
    for name, tool in tools.items():
        arguments = re.findall(r"`(\w+)`", table[name])
        assert set(arguments) == set(tool.parameters["properties"]) - {"project_id"}, name


def error_classes(base: type[ChatKitError] = ChatKitError) -> Iterator[type[ChatKitError]]:
    yield base
    for derived in base.__subclasses__():
        yield from error_classes(derived)


def test_every_error_is_there_and_no_other() -> None:
    table = section(DOCS / "protocol.md", "Errors")
    documented = [(int(row[0]), code(row[1])) for row in rows(table) if row[0].isdigit()]
    assert len(set(documented)) == len(documented)
    assert set(documented) == {(kind.status, kind.code) for kind in error_classes() if "code" in vars(kind)}


def test_every_json_rpc_code_is_there() -> None:
    text = section(DOCS / "protocol.md", "JSON-RPC dialect")
    codes = {kind.code for kind in error_classes()}
    for number in {-32700, -32600, -32601, -32602, -32603, *(CODES[name] for name in CODES.keys() & codes)}:
        assert str(number) in text, number


def requests_in(page: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The requests among the JSON examples, with the heading that each stands under."""
    for fence in fences(page, "json"):
        payload = json.loads(fence.text)
        if payload.get("type") in NAMES or "method" in payload:
            yield fence.heading, payload


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_an_example_that_decodes(name: str) -> None:
    examples = [payload for heading, payload in requests_in(DOCS / "protocol.md") if heading == f"`{name}`"]
    assert [payload["type"] for payload in examples] == [name]
    assert isinstance(NativeDialect().call(examples[0]).command("").operation, OPERATIONS[name])


def test_the_json_rpc_examples_decode() -> None:
    calls = [payload for _, payload in requests_in(DOCS / "protocol.md") if "method" in payload]
    assert SUBMIT in [payload["method"] for payload in calls]
    for payload in calls:
        JSONRPCDialect().call(payload).command("")


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(cli)
    return [(name, cast("click.Command", cli.get_command(context, name))) for name in COMMANDS]


@pytest.mark.parametrize(("name", "command"), commands(), ids=list(COMMANDS))
def test_every_command_is_there_with_its_options_and_no_others(name: str, command: click.Command) -> None:
    text = section(DOCS / "cli.md", name)
    table = {code(row[0]): row[1] for row in rows(text) if code(row[0]).startswith("--")}
    options = {param.opts[-1]: param for param in command.params if isinstance(param, click.Option)}
    assert table.keys() == options.keys()
    for option, param in options.items():
        if isinstance(param.default, str | int) and not param.is_flag and param.default != "":
            assert f"`{param.default}`" in table[option]
        if isinstance(param.envvar, str):
            assert f"`{param.envvar}`" in table[option]
        if isinstance(param.type, click.Choice):
            line = next(line for line in text.splitlines() if line.startswith(f"| `{option}`"))
            assert all(f"`{choice}`" in line for choice in param.type.choices)


def test_every_command_of_a_conversation_is_there() -> None:
    text = section(DOCS / "cli.md", "chat")
    for name in Commands(cast("Any", None)).names:
        assert f"| `{name}" in text


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_the_front_door_is_there() -> None:
    text = (DOCS / "library.md").read_text()
    for name in fastapi_chatkit.__all__:
        assert f"`{name}" in text
    for name in inspect.signature(ChatKit).parameters:
        assert re.search(rf"`{name}`|[(, ]{name}[,)]", text), name
    for name in public(ChatKit):
        assert re.search(rf"`(await )?{name}(\(\))?`", text), name
    # What `repr` leaves out is for the package itself.
    for name in {field.name for field in dataclasses.fields(Turn) if field.repr} | {
        name for name in public(Turn) if callable(getattr(Turn, name)) or isinstance(vars(Turn)[name], property)
    }:
        assert re.search(rf"`(await )?turn\.{name}\b", text), name
    for name in {field.name for field in dataclasses.fields(RequestContext)}:
        assert f"`{name}`" in text
    for name in public(fastapi_chatkit.Agent):
        assert f"`{name}`" in text, name


def test_the_agent_for_models_is_there() -> None:
    table = {code(cell) for row in rows((DOCS / "agents.md").read_text()) for cell in row[0].split(", ")}
    assert set(inspect.signature(OpenAIAgent).parameters) <= table
    defaults = {name: p.default for name, p in inspect.signature(OpenAIAgent).parameters.items()}
    shown = {code(row[0]): row[1] for row in rows((DOCS / "agents.md").read_text()) if len(row) == 3}
    for name in ("history_limit", "history_tokens", "max_turns", "timeout", "max_retries"):
        assert shown[name] == str(defaults[name])
    for name in testing.__all__:
        assert f"`{name}`" in (DOCS / "agents.md").read_text() or f"`{name}(" in (DOCS / "agents.md").read_text(), name


def test_servers_of_tools_are_there() -> None:
    page = DOCS / "tools.md"
    shown = {code(row[0]): row[1] for row in rows(section(page, "In code")) if row[0].startswith("`")}
    for field in dataclasses.fields(MCPServer):
        assert shown[field.name] in ("", "all", "none", f"`{field.default}`", str(field.default)), field.name
    for field in dataclasses.fields(ToolResult):
        assert f"`{field.name}`" in section(page, "Lines and widgets after a call")
    for line in fences(page, "bash"):
        for value in re.findall(r"^CHATKIT_MCP_SERVERS=(.+)$", line.text, re.MULTILINE):
            assert servers_from(" ".join(shlex.split(value)))


def test_every_failure_of_a_tool_is_there() -> None:
    server = MCPServer(name="NAME", url="http://127.0.0.1/mcp")
    table = {row[2]: code(row[1]) for row in rows(section(DOCS / "tools.md", "When a tool does not answer"))[1:]}
    errors = [Unreachable(begun=True), Unreachable(begun=False), TimedOut(), Garbled(), Exception(), unknown_tool()]
    errors += [not_tried(server), *map(Refused, (401, 403, 404, 429, 500))]
    failures = {failure.message: failure.reason for failure in (failure_of(error, server) for error in errors)}
    assert failures.items() <= table.items()
    assert len(table) == len(failures) + 1  # and the tool's own
    assert set(failures.values()) == set(get_args(FailureReason))


def test_the_client_is_there() -> None:
    text = (DOCS / "client.md").read_text()
    for name in set(client_names) - {"AnswerEvent", "RunStatus"}:
        assert re.search(rf"\b{name}\b", text), name
    for name in inspect.signature(AsyncChatKitClient).parameters:
        assert f"`{name}`" in text or f"`{name}=" in text or name == "url"
    for name in public(AsyncChatKitClient):
        assert f"client.{name}(" in text, name
    for name, kind in {"threads": Threads, "items": Items, "runs": Runs, "attachments": Attachments}.items():
        assert f"`client.{name}." in text
        for method in public(kind):
            assert re.search(rf"`(client\.{name})?\.{method}\(", text), (name, method)
    for name in public(Answer):
        assert f"answer.{name}" in text, name
    for name in {"outcome", "run_id", "thread_id", "last_event_id", "on_reconnect"}:
        assert f"answer.{name}" in text, name
    for name in {*Run.model_fields, "active"}:
        assert f"`{name}`" in text, name
    numbers = ", ".join(f"{field.name}={field.default}" for field in dataclasses.fields(Patience))
    assert f"Patience({numbers})" in " ".join(text.split())


def test_every_part_and_event_of_the_component_is_there() -> None:
    page = (DOCS / "ui.md").read_text()
    sources = "\n".join(path.read_text() for path in (ROOT / "web/src").rglob("*.ts"))
    for parts in re.findall(r'\bpart="([\w -]+)"', sources):
        for name in parts.split():
            assert f"`{name}`" in page, name
    put_together = {f"header-{side}-action" for side in ("left", "right")} | {
        f"{what}-button" for what in ("send", "stop")
    }
    documented = re.findall(r"`([\w-]+)`", "".join(row[1] for row in rows(section(DOCS / "ui.md", "Your own style"))))
    for name in set(documented) - put_together:
        assert re.search(rf"\b{name}\b", sources), name
    for event in re.findall(r'\bemit\("([a-z.]+)"', sources):
        assert f"`chatkit.{event}`" in page, event


# --- what is documented exists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


def test_the_readme_links_every_page() -> None:
    for page in DOCS.glob("*.md"):
        assert f"(docs/{page.name})" in README.read_text()


def test_both_stand_ins_know_the_words_to_try() -> None:
    tried = re.findall(r"`([a-z][^`]* [^`]+)`", section(README, "Two commands").split("Say:")[1].split("What you")[0])
    talk, plain = section(DOCS / "quickstart.md", "2. Talk").split("without TaskFlow")
    tried += [words for row in rows(talk)[1:] for words in re.findall(r"`([^`/]+)`", row[0])]
    assert len(tried) > 12
    for words in tried:
        assert task_intent_of(words, date(2026, 11, 26)) != Talk("unknown"), words
    tried = [code(row[0].split(",")[0]) for row in rows(plain)[1:]]
    assert len(tried) > 4
    for words in tried:
        assert intent_of(words).name != "echo", words


@pytest.mark.parametrize("fence", PYTHON, ids=named)
def test_python_examples_compile(fence: Fence) -> None:
    compile(fence.text, fence.id, "exec")


@pytest.mark.parametrize("fence", TESTS, ids=named)
def test_examples_of_tests_pass(fence: Fence) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(fence.text, fence.id, "exec"), names)  # noqa: S102 - the examples are ours
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


# --- examples run -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


def endpoints(source: str) -> list[str]:
    """Where an example has its endpoints."""
    mount = re.search(r'app\.mount\("([^"]+)"', source)
    paths = re.findall(r'path="([^"]+)"', source) or ["/chatkit"]
    return [(mount[1] if mount else "") + path for path in paths]


def say(server: Server, path: str, text: str, headers: dict[str, str] | None = None) -> Any:
    body = {"type": "threads.create", "params": {"input": message(text)}}
    return server.client.post(server.url + path, json=body, headers={**ALICE, **(headers or {})})


def example(page: str, heading: str) -> str:
    return next(fence.text for fence in APPS if fence.id == f"{page}: {heading}")


@pytest.mark.parametrize("fence", APPS, ids=named)
def test_every_application_answers(fence: Fence, forks: Forks, tmp_path: Path, postgres: Postgres) -> None:
    with OpenAIWireServer("Sunny.") as model:
        env = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "any"} if "OpenAIAgent" in fence.text else {}
        if "PostgresStore" in fence.text:
            env["CHATKIT_DATABASE_URL"] = run_apart(postgres.create_database())
        with forks.serve_app(tmp_path, fence.text, **env) as server:
            for path in endpoints(fence.text):
                response = say(server, path, "hello")
                assert response.status_code == 200, response.text
                events = parse_native(response.content)
                assert "error" not in [event["type"] for event in events], server.log
                assert events[-1]["type"] == "thread.item.done"
                assert events[-1]["item"]["type"] != "user_message"


def test_the_clients_example_converses(servers: Callable[[str], Server]) -> None:
    script = next(fence.text for fence in PYTHON if fence.id == "client: A conversation")
    script = script.replace("http://127.0.0.1:8000", servers("").url)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.startswith("1, 2, 3.\ncompleted\n"), done.stderr
    assert done.stdout.endswith("\nTrue\n")


def test_the_six_lines_say_what_they_hear(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, example("README", "In your own application")) as server:
        assert text_of(parse_native(say(server, "/chatkit", "hi").content)) == "You said: hi"


def test_the_functions_do_what_their_comments_say(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, example("library", "Functions that answer")) as server:
        events = server.send("A title, please")
        thread_id = events[0]["thread"]["id"]
        assert "A title, please" in [event["thread"].get("title") for event in events if "thread" in event]
        widget = events[-1]["item"]
        assert widget["type"] == "widget"
        place = {"thread_id": thread_id, "item_id": widget["id"]}
        action = widget["widget"]["children"][1]["onClickAction"]
        action = {"type": action["type"], "payload": action["payload"]}
        assert text_of(server.events("threads.custom_action", **place, action=action)) == "count: {'count': 1}"
        updated = server.op("threads.sync_custom_action", **place, action=action)["updated_item"]
        assert updated["widget"]["children"][0]["value"] == "1"
        server.op("items.feedback", thread_id=thread_id, item_ids=[widget["id"]], kind="positive")
        audio = base64.b64encode(b"12345").decode()
        heard = server.op("input.transcribe", audio_base64=audio, mime_type="audio/webm")
        assert heard == {"text": "5 bytes of audio/webm"}


def test_the_authenticator_knows_its_users(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, example("library", "Who is calling")) as server:
        for headers, status, problem in (
            ({"Authorization": "Bearer wrong"}, 401, "invalid_token"),
            ({"X-User-ID": "bob"}, 403, "user_mismatch"),
        ):
            response = say(server, "/chatkit", "hello", headers)
            assert (response.status_code, response.json()["code"]) == (status, problem)
        assert say(server, "/chatkit", "hello", {"X-Forwarded-For": "203.0.113.9"}).status_code == 200


def test_the_attachments_are_taken(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, example("library", "Attachments")) as server:
        attachment = server.op("attachments.create", name="plan.pdf", size=3, mime_type="application/pdf")
        assert attachment["upload_descriptor"]["url"].endswith(attachment["id"])
        sent = {**message("here"), "attachments": [attachment["id"]]}
        assert text_of(server.events("threads.create", input=sent)) == "You sent 1 files."
        assert server.op("attachments.delete", attachment_id=attachment["id"]) == {}


# --- the README's commands --------------------------------------------------------------------------------------------


def shell_examples() -> list[tuple[str, str]]:
    """Each curl command of the README with the output that stands below it."""
    blocks = fences(README, "bash", "text")
    pairs = [(one.text, other) for one, other in itertools.pairwise(blocks) if "curl" in one.text]
    assert all(output.language == "text" for _, output in pairs)
    return [(command, output.text) for command, output in pairs]


def differs(actual: str, expected: str) -> str:
    """The first part of ``expected`` that is missing; ``…`` in it stands for anything."""
    first, *rest = expected.strip().split("…")
    if not actual.startswith(first):
        return first
    at = len(first)
    for part in rest:
        found = actual.find(part, at)
        if found < 0:
            return part
        at = found + len(part)
    return "" if rest[-1:] == [""] or actual.endswith(rest[-1] if rest else first) else f"{expected[-80:]} at the end"


@pytest.fixture(scope="module")
def servers(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """What `make serve` runs, for the commands of the pages, and the same with the chat switched off."""
    with (
        forks.serve(tmp_path_factory.mktemp("on"), *TASKFLOW) as on,
        forks.serve(tmp_path_factory.mktemp("off"), *TASKFLOW, CHATKIT_DATABASE_URL="") as off,
    ):
        yield lambda output: off if "503" in output else on


def token_of(user: str, server: Server) -> str:
    """What `fastapi-chatkit token` prints in the folder of a server."""
    return DevelopmentTokens(development_key(path=server.cwd / "chatkit.key")).sign(user)


def bash(command: str, server: Server, **variables: str) -> str:
    """What a command prints that is meant for the server of `make serve`."""
    command = command.replace("http://127.0.0.1:8000", server.url)
    command = command.replace(".venv/bin/fastapi-chatkit", f"{sys.executable} -m fastapi_chatkit.cli.main")
    environment = {**os.environ, **variables}
    done = subprocess.run(
        [str(BASH), "-ec", command], capture_output=True, text=True, timeout=30, cwd=server.cwd, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.replace("\r\n", "\n").strip()


@pytest.mark.skipif(shutil.which("curl") is None or BASH is None, reason="the README's commands need bash and curl")
@pytest.mark.parametrize(("command", "output"), shell_examples(), ids=lambda text: text.splitlines()[0][:40])
def test_curl_commands_answer_as_shown(command: str, output: str, servers: Callable[[str], Server]) -> None:
    server = servers(output)
    actual = bash(command.replace("curl ", "curl -sS ", 1), server, TOKEN=token_of("alice", server))
    assert not differs(actual, output), actual


@pytest.mark.skipif(shutil.which("curl") is None or BASH is None, reason="the README's commands need bash and curl")
def test_a_killed_server_ends_its_answer_as_shown(tmp_path: Path) -> None:
    blocks = fences(README, "sh", "text")
    recipe, output = next((one.text, after.text) for one, after in itertools.pairwise(blocks) if one.language == "sh")
    command = recipe.replace("8001", str(free_port()))
    command = command.replace(".venv/bin/fastapi-chatkit", f"{sys.executable} -m fastapi_chatkit.cli.main")
    done = subprocess.run([str(BASH), "-c", command], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert not differs(done.stdout.strip(), output), done.stdout[-2000:] + done.stderr


@pytest.mark.skipif(shutil.which("curl") is None or BASH is None, reason="the page's commands need bash and curl")
def test_the_walk_with_curl_answers_as_shown(servers: Callable[[str], Server]) -> None:
    text = section(DOCS / "taskflow.md", "With curl")
    steps = re.findall(r"^```bash\n(.*?)^```\n\n^```text\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(steps) == text.count("```bash")
    said = bash("echo; echo '---8<---'\n".join(command for command, _ in steps), servers("")).split("---8<---\n")
    for (command, output), actual in zip(steps, said, strict=True):
        assert not differs(actual.strip(), output), f"{command}\n{actual}"


@pytest.mark.skipif(shutil.which("curl") is None or BASH is None, reason="the page's commands need bash and curl")
def test_the_walk_with_two_replicas_is_as_shown(tmp_path: Path) -> None:
    for find in (nginx_binary, debian_postgres, debian_redis):
        find()  # or skip; continuous integration has them
    steps = re.findall(r"^```bash\n(.*?)^```\n\n^```text\n(.*?)^```$", (DOCS / "replicas.md").read_text(), re.M | re.S)
    recipe = "echo '---8<---'\n".join(command for command, _ in steps)
    recipe = recipe.replace(".venv/bin/fastapi-chatkit", f"{sys.executable} -m fastapi_chatkit.cli.main")
    for port in ("8001", "8002", "8080", "5433", "6380"):
        recipe = recipe.replace(port, str(free_port()))
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    parts = run_with_servers(recipe, tmp_path).split("---8<---\n")
    for (command, output), actual in zip(steps, parts, strict=True):
        assert not differs(actual.strip(), output), f"{command}\n{actual}"


def run_with_servers(recipe: str, cwd: Path) -> str:
    """What commands print that start servers; none of these is left, nor their files."""
    said, errors = cwd / "said", cwd / "errors"
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, which another user may not enter
        os.chmod(folder, 0o755)  # noqa: S103 - as /tmp is
        with said.open("wb") as out, errors.open("wb") as err:  # a pipe would be open for as long as a server is
            bash = subprocess.Popen(
                [str(BASH), "-ec", recipe], cwd=cwd, env={**os.environ, "TMPDIR": folder}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
        try:
            code = bash.wait(timeout=120)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(bash.pid, signal.SIGTERM)
            bash.wait(60)
        assert code == 0, said.read_text() + errors.read_text()
        assert not list(Path(folder).iterdir())
    return said.read_text()


@pytest.mark.parametrize("api", [None, "responses", "chat_completions"])
def test_the_walk_in_the_terminal_is_as_shown(api: str | None, forks: Forks, tmp_path: Path) -> None:
    (walk,) = fences(DOCS / "taskflow.md", "transcript")
    lines = re.findall(r"^› (.+)$", walk.text, re.MULTILINE)
    with ExitStack() as stack:
        env: dict[str, str] = {}
        if api is not None:
            model = stack.enter_context(OpenAIWireServer(taskflow_wire.reply))
            env = {"OPENAI_BASE_URL": model.base_url, "CHATKIT_API": api}
        server = stack.enter_context(forks.serve(tmp_path, *TASKFLOW, **env))
        command = [sys.executable, "-m", "fastapi_chatkit.cli.main", "chat", "--url", server.url]
        done = subprocess.run(
            command, input="\n".join(lines), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=60, check=True, cwd=tmp_path,
        )  # fmt: skip
    said = done.stdout.replace("> ", "› ").replace("effect tasks.changed\n", "")
    assert not differs(undrawn(said), undrawn(walk.text)), done.stdout


def undrawn(conversation: str) -> str:
    """Its words, without the lines of boxes, and without the dates of the day on which it was held."""
    words = " ".join(re.sub(r"[\u2500-\u257f]", " ", conversation).split())
    return re.sub(r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}( \d{4})?", "(a date)", words)


@pytest.mark.skipif(BASH is None, reason="the README's commands need bash")
def test_the_readme_begins_with_a_token(servers: Callable[[str], Server]) -> None:
    command = next(fence.text for fence in fences(README, "bash") if fence.text.startswith("TOKEN="))
    server = servers("")
    signed = bash(command + "echo $TOKEN", server)
    assert DevelopmentTokens(development_key(path=server.cwd / "chatkit.key")).verify(signed) == "alice"


def test_the_readme_shows_each_401_a_400_and_a_503() -> None:
    shown = " ".join(output for _, output in shell_examples())
    for problem in ("missing_user", "missing_token", "local_only", "invalid_json", "not_initialized"):
        assert f'"code":"{problem}"' in shown
