"""The tools, as an agent's client sees them: the modern protocol and the one with a handshake."""

from typing import Any

import httpx2
import pytest
from mcp_types import CallToolResult

from tests.support.taskflow import Person, text_of

READ, WRITE, DESTROY = (True, False), (False, False), (False, True)

TOOLS: dict[str, tuple[set[str], set[str], tuple[bool, bool]]] = {
    "list_projects": (set(), set(), READ),
    "list_tasks": (set(), {"task_id", "status", "search", "tags", "due", "sort", "limit", "project_id"}, READ),
    "add_task": (
        {"title"},
        {"description", "priority", "due", "tags", "assignee", "recurrence", "request_id", "project_id"},
        WRITE,
    ),
    "update_task": (
        {"task_id"},
        {"title", "description", "priority", "due", "tags", "recurrence", "status", "project_id"},
        WRITE,
    ),
    "start_task": ({"task_id"}, {"project_id"}, WRITE),
    "request_review": ({"task_id"}, {"project_id"}, WRITE),
    "complete_task": ({"task_id"}, {"project_id"}, WRITE),
    "delete_task": ({"task_id"}, {"project_id"}, DESTROY),
    "update_progress": ({"task_id", "progress"}, {"project_id"}, WRITE),
    "assign_task": ({"task_id", "worker"}, {"project_id"}, WRITE),
    "list_workers": (set(), {"project_id"}, READ),
    "audit_log": (set(), {"task_id", "limit", "project_id"}, READ),
}

VALUES = {"title": "x", "task_id": 1, "progress": 1, "worker": "assistant"}

modes = pytest.mark.parametrize("mode", ["auto", "legacy"])


@modes
async def test_the_tools_are_described(alice: Person, mode: str) -> None:
    async with alice.tools(mode) as tools:
        listed = (await tools.client.list_tools()).tools
        capabilities = tools.client.server_capabilities
        assert capabilities.tools
        assert not capabilities.tools.list_changed
        assert tools.client.session.protocol_version == {"auto": "2026-07-28", "legacy": "2025-11-25"}[mode]
    assert [tool.name for tool in listed] == [f"taskflow_{name}" for name in TOOLS]
    for tool in listed:
        required, optional, hints = TOOLS[tool.name.removeprefix("taskflow_")]
        assert set(tool.input_schema.get("required", [])) == required
        assert set(tool.input_schema["properties"]) == required | optional
        assert all(schema["description"] for schema in tool.input_schema["properties"].values())
        assert tool.title
        assert tool.description
        assert tool.output_schema
        assert tool.annotations
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == hints


@modes
async def test_every_tool_works_and_is_recorded_as_the_chats(alice: Person, mode: str) -> None:
    async with alice.tools(mode) as tools:
        (project,) = (await tools.call("list_projects"))["projects"]
        where = {"id": project["id"], "name": "Default"}
        added = await tools.call("add_task", title="buy milk", priority="high", due="2027-01-31", recurrence="monthly")
        assert added == {"project": where, "task": alice.get("/projects/default/tasks/1")["task"]}
        changed = await tools.call("update_task", task_id=1, title="buy oat milk", tags=["Shop"], description="1 l")
        assert (changed["task"]["title"], changed["task"]["tags"]) == ("buy oat milk", ["shop"])
        assert (await tools.call("assign_task", task_id=1, worker="Assistant"))["task"]["assignee"] == "assistant"
        assert (await tools.call("start_task", task_id=1))["task"]["status"] == "in_progress"
        assert (await tools.call("update_progress", task_id=1, progress=60))["task"]["progress"] == 60
        assert (await tools.call("request_review", task_id=1))["task"]["status"] == "review"
        assert (await tools.call("update_task", task_id=1, status="in_progress"))["task"]["status"] == "in_progress"
        completed = await tools.call("complete_task", task_id=1)
        assert (completed["task"]["status"], completed["next"]["due"]) == ("completed", "2027-02-28")
        assert (await tools.call("update_task", task_id=1, status="pending", due=""))["task"]["due"] is None
        deleted = await tools.call("delete_task", task_id=2)
        assert deleted == {"project": where, "deleted": completed["next"]}
        listed = await tools.call("list_tasks", status="open", search="milk", tags=["shop"], sort="due", limit=5)
        assert (listed["project"], listed["total"], listed["tasks"][0]["id"]) == (where, 1, 1)
        filters = {"status": "open", "search": "milk", "tags": ["shop"], "sort": "due", "limit": 5}
        assert listed["filters"] == filters
        workers = (await tools.call("list_workers"))["workers"]
        assert [worker["kind"] for worker in workers] == ["human", "agent"]
        entries = (await tools.call("audit_log", task_id=1))["entries"]
        assert entries == alice.get("/projects/default/audit", task_id=1)["entries"]
    assert {(entry["actor"], entry["via"]) for entry in alice.log()} == {(alice.user_id, "chat")}
    assert [entry["action"] for entry in alice.log(task_id=1)] == [
        "created",
        "updated",
        "assigned",
        "started",
        "progress_updated",
        "review_requested",
        "rejected",
        "completed",
        "updated",
        "reopened",
    ]


async def test_the_text_of_a_result_is_its_data(alice: Person) -> None:
    alice.add("a task")
    async with alice.tools() as tools:
        result = await tools.result("list_tasks")
    assert text_of(result) == httpx2.get(f"{alice.url}/api/projects/default/tasks", headers=alice.headers).text


async def test_a_project_is_named_by_its_id(alice: Person) -> None:
    project = alice.post("/projects", name="other")["project"]
    async with alice.tools() as tools:
        assert (await tools.call("add_task", title="there", project_id=project["id"]))["project"] == project
        assert (await tools.call("list_tasks", project_id=project["id"]))["total"] == 1
        assert (await tools.call("list_tasks"))["total"] == 0
        names = [entry["name"] for entry in (await tools.call("list_projects"))["projects"]]
    assert sorted(names) == ["Default", "other"]


async def test_what_a_model_leaves_empty_is_not_meant(alice: Person) -> None:
    alice.add("a task", description="kept", due="2027-01-01")
    async with alice.tools() as tools:
        nothing = dict.fromkeys(("title", "description", "priority", "due", "tags", "recurrence", "status"))
        assert (await tools.call("update_task", task_id=1, **nothing))["task"]["description"] == "kept"
        assert (await tools.call("update_task", task_id=1, description="", tags=[]))["task"]["description"] == ""
        assert (await tools.call("add_task", title="b", due="", tags=None))["task"]["due"] is None
        assert (await tools.call("list_tasks", status=None, limit=None))["filters"] == {}


async def test_text_that_looks_like_json_stays_text(alice: Person) -> None:
    async with alice.tools() as tools:
        task = (await tools.call("add_task", title='["a"]', description='{"a": [1]}'))["task"]
        assert (task["title"], task["description"]) == ('["a"]', '{"a": [1]}')
        assert (await tools.call("update_task", task_id=1, title="[1, 2]"))["task"]["title"] == "[1, 2]"
        assert (await tools.call("list_tasks", search="[1,"))["total"] == 1


async def test_the_same_request_adds_once(alice: Person) -> None:
    async with alice.tools() as tools:
        first = await tools.call("add_task", title="once", request_id="r1")
        assert await tools.call("add_task", title="once", request_id="r1") == first
        assert (await tools.call("list_tasks"))["total"] == 1


@modes
@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("start_task", {"task_id": 7}, "There is no task 7 in the project Default."),
        ("list_tasks", {"project_id": 2147483647}, "There is no project 2147483647."),
        ("start_task", {"task_id": 0}, "`task_id` must be greater than or equal to 1."),
        ("start_task", {"task_id": 10**30}, "`task_id` must be less than or equal to 2147483647."),
        ("start_task", {"task_id": "first"}, "`task_id` must be a valid integer."),
        ("start_task", {}, "`task_id` is missing."),
        ("start_task", {"task_id": 1, "why": "x"}, "taskflow_start_task has no argument `why`."),
        ("add_task", {"title": " "}, "`title` must have at least 1 character."),
        ("add_task", {"title": "x" * 201}, "`title` must have at most 200 characters."),
        ("add_task", {"title": "x", "description": "x" * 4001}, "`description` must have at most 4000 characters."),
        ("add_task", {"title": "x", "due": "Friday"}, "`due` must be a date as YYYY-MM-DD."),
        ("add_task", {"title": "x", "due": "1000-01-01"}, "`due` must be a date from 1970-01-01 to 2999-12-31."),
        ("add_task", {"title": "x", "priority": "top"}, "`priority` must be 'low', 'medium' or 'high'."),
        ("add_task", {"title": "x", "assignee": "Zoe"}, None),
        ("update_task", {"task_id": 1, "status": "completed"}, "`status` must be 'pending' or 'in_progress'."),
        ("update_progress", {"task_id": 1, "progress": 101}, "`progress` must be less than or equal to 100."),
        ("update_progress", {"task_id": 1, "progress": -1}, "`progress` must be greater than or equal to 0."),
        ("list_tasks", {"limit": 101}, "`limit` must be less than or equal to 100."),
        ("list_tasks", {"tags": [1]}, "`tags.0` must be a valid string."),
        ("request_review", {"task_id": 1}, "Task 1 is pending: only a task that is in progress can be sent to review."),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing(
    alice: Person, mode: str, name: str, arguments: dict[str, Any], sentence: str | None
) -> None:
    alice.add("a task")
    async with alice.tools(mode) as tools:
        said = await tools.fail(name, **arguments)
        assert said.endswith(".")
        assert sentence is None or said == sentence
    assert [entry["action"] for entry in alice.log()] == ["created"]


async def test_an_unknown_tool_is_an_error(alice: Person) -> None:
    async with alice.tools() as tools:
        result = await tools.client.call_tool("taskflow_drop_everything", {})
    assert isinstance(result, CallToolResult)
    assert result.is_error


async def test_another_users_project_is_not_there(alice: Person, bob: Person) -> None:
    project = alice.post("/projects", name="secret")["project"]["id"]
    alice.add("a task", project)
    async with bob.tools() as tools:
        for name, (required, _, _) in TOOLS.items():
            if name != "list_projects":
                given = {
                    key: {"title": "x", "task_id": 1, "progress": 1, "worker": "assistant"}[key] for key in required
                }
                assert await tools.fail(name, project_id=project, **given) == f"There is no project {project}."
        assert len((await tools.call("list_projects"))["projects"]) == 1


@pytest.mark.parametrize("body", [{}, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}])
def test_nothing_is_told_to_whom_has_no_token(alice: Person, body: Any) -> None:
    response = httpx2.post(f"{alice.url}/mcp", json=body)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    response = httpx2.post(f"{alice.url}/mcp", json=body, headers={"Authorization": "Bearer x"})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:1234"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_only_this_machines_names_are_answered(alice: Person, headers: dict[str, str], status: int) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    response = httpx2.post(f"{alice.url}/mcp", json=body, headers={**alice.headers, **accept, **headers})
    assert response.status_code == status
