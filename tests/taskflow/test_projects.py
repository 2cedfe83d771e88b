"""Projects, members and workers, over HTTP."""

import pytest

from tests.support.taskflow import Person

NOBODY = {"pending": 0, "in_progress": 0, "review": 0, "completed": 0}


def test_a_user_has_a_project_of_their_own_from_the_first_request_on(alice: Person, bob: Person) -> None:
    (mine,) = alice.get("/projects")["projects"]
    (theirs,) = bob.get("/projects")["projects"]
    assert mine == {"id": mine["id"], "name": "Default", "counts": NOBODY}
    assert theirs["name"] == "Default"
    assert theirs["id"] != mine["id"]
    assert alice.get("/projects/default")["project"] == mine


def test_a_project_counts_its_tasks_by_state(alice: Person) -> None:
    project = alice.post("/projects", name=" A  project ")["project"]
    assert project["name"] == "A project"
    for title in ("one", "two", "three"):
        alice.add(title, project["id"])
    alice.move(1, "start", project["id"])
    alice.move(2, "complete", project["id"])
    listed = alice.get("/projects")["projects"]
    assert [entry["name"] for entry in listed] == ["Default", "A project"]
    expected = {"project": {**project, "counts": {**NOBODY, "pending": 1, "in_progress": 1, "completed": 1}}}
    assert alice.get(f"/projects/{project['id']}") == {**expected, "members": [alice.user_id]}


def test_another_users_project_is_not_there(alice: Person, bob: Person) -> None:
    project = alice.post("/projects", name="secret")["project"]["id"]
    alice.add("a task", project)
    for method, path in (
        ("GET", ""),
        ("GET", "/tasks"),
        ("POST", "/tasks"),
        ("GET", "/tasks/1"),
        ("PATCH", "/tasks/1"),
        ("DELETE", "/tasks/1"),
        ("POST", "/tasks/1/complete"),
        ("GET", "/audit"),
        ("GET", "/workers"),
        ("POST", "/members"),
    ):
        body = {"POST": {"title": "x"} if path == "/tasks" else {"user_id": "x"}, "PATCH": {"title": "x"}}.get(method)
        said = bob.refused(404, method, f"/projects/{project}{path}", json=body)
        assert said == f"There is no project {project}."
    assert bob.refused(404, "GET", "/projects/2147483647") == "There is no project 2147483647."
    assert alice.get(f"/projects/{project}/tasks")["tasks"][0]["title"] == "a task"
    assert [entry["action"] for entry in alice.log(project)] == ["created"]


@pytest.mark.parametrize("name", ["0", "-1", "x", "1.5", "99999999999", "²", "9" * 400])
def test_what_is_no_projects_id_is_not_there(alice: Person, name: str) -> None:
    assert alice.refused(404, "GET", f"/projects/{name}") == "There is no such project."


def test_a_member_sees_and_changes_the_project(alice: Person, bob: Person) -> None:
    project = alice.post("/projects", name="ours")["project"]
    path = f"/projects/{project['id']}"
    member = alice.post(f"{path}/members", user_id=bob.user_id, name="Bob B.")["member"]
    assert member == {"id": bob.user_id, "name": "Bob B.", "kind": "human"}
    bob.add("by Bob", project["id"])
    assert alice.get(path)["members"] == [alice.user_id, bob.user_id]
    assert [entry["actor"] for entry in alice.log(project["id"])] == [bob.user_id]
    newest = bob.get(f"{path}/audit", limit=2)["entries"][1]
    assert (newest["action"], newest["changes"]) == ("member_added", {"member": [None, bob.user_id]})


def test_a_member_is_let_in_once_and_is_not_the_agent(alice: Person) -> None:
    twice = {"user_id": alice.user_id}
    assert alice.refused(409, "POST", "/projects/default/members", json=twice) == (
        f"{alice.user_id} is a member of the project Default already."
    )
    agent = alice.refused(409, "POST", "/projects/default/members", json={"user_id": "assistant"})
    assert agent == "assistant is the agent of the project Default, and cannot be a member."


def test_the_workers_are_the_members_and_the_agent(alice: Person, bob: Person) -> None:
    project = alice.post("/projects", name="p")["project"]
    alice.post(f"/projects/{project['id']}/members", user_id=bob.user_id)
    assert alice.get(f"/projects/{project['id']}/workers") == {
        "project": project,
        "workers": [
            {"id": alice.user_id, "name": alice.user_id, "kind": "human"},
            {"id": bob.user_id, "name": bob.user_id, "kind": "human"},
            {"id": "assistant", "name": "Assistant", "kind": "agent"},
        ],
    }


def test_a_user_who_is_called_like_the_agent_has_a_project_too(alice: Person) -> None:
    namesake = Person(alice.url, "assistant")
    assert namesake.add("mine", assignee="assistant")["assignee"] == "assistant"
    workers = namesake.get("/projects/default/workers")["workers"]
    assert workers == [{"id": "assistant", "name": "assistant", "kind": "human"}]
