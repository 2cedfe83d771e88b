"""Tasks over HTTP: what is added, changed, moved, deleted, and what the audit log says of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.taskflow import Person

PLAIN = {
    "description": "",
    "status": "pending",
    "priority": "medium",
    "due": None,
    "tags": [],
    "assignee": None,
    "progress": 0,
    "recurrence": "none",
    "completed_at": None,
}


def last(person: Person) -> tuple[str, Any]:
    entry = person.log()[-1]
    assert (entry["actor"], entry["via"]) == (person.user_id, "api")
    return entry["action"], entry["changes"]


def test_a_task_is_added_with_what_goes_without_saying(alice: Person) -> None:
    answer = alice.post(title="  Buy \n groceries ")
    task = answer["task"]
    assert answer["project"]["name"] == "Default"
    assert task["created_at"].endswith("Z")
    assert task == {
        "id": 1,
        "title": "Buy groceries",
        **PLAIN,
        "created_at": task["created_at"],
        "updated_at": task["updated_at"],
    }
    assert alice.get("/projects/default/tasks/1")["task"] == task
    assert last(alice) == ("created", {"title": [None, "Buy groceries"]})


def test_a_task_is_added_with_all_that_can_be_said(alice: Person) -> None:
    fields = {
        "description": "two\nlines; 🛒 'quoted'; --",
        "priority": "high",
        "due": "2027-02-28",
        "assignee": "Assistant",
        "recurrence": "weekly",
    }
    task = alice.add("Ünïcode", tags=["#Home", " shop ", "home"], **fields)
    said = {**fields, "assignee": "assistant", "tags": ["home", "shop"]}
    assert {name: task[name] for name in said} == said
    changes = {name: [None, value] for name, value in said.items()}
    assert last(alice) == ("created", {"title": [None, "Ünïcode"], **changes})


def test_numbers_are_the_projects_own_and_never_given_twice(alice: Person) -> None:
    assert [alice.add(title)["id"] for title in "ab"] == [1, 2]
    alice.send("DELETE", "/projects/default/tasks/2")
    assert alice.add("c")["id"] == 3
    project = alice.post("/projects", name="other")["project"]["id"]
    assert alice.add("d", project)["id"] == 1


def test_the_same_request_adds_once(alice: Person) -> None:
    first = alice.post(title="once", request_id="r1")
    again = alice.post(status=200, title="twice", request_id="r1")
    assert again == first
    assert alice.get()["total"] == 1
    assert len(alice.log()) == 1
    alice.send("DELETE", "/projects/default/tasks/1")
    said = alice.refused(409, "POST", "/projects/default/tasks", json={"title": "once", "request_id": "r1"})
    assert said == "This was added as task 1, which has been deleted since."
    assert alice.add("another", request_id="r2")["id"] == 2


def test_fields_that_are_sent_are_changed_and_recorded(alice: Person) -> None:
    alice.add("old", due="2027-01-01", tags=["a", "b"], description="text")
    task = alice.patch(1, title="new", due=None, tags=["b", "c"], description="", priority="low")
    expected = {"title": "new", "due": None, "tags": ["b", "c"], "description": "", "priority": "low"}
    assert {name: task[name] for name in expected} == expected
    assert task["updated_at"] > task["created_at"]
    changes = {
        "title": ["old", "new"],
        "due": ["2027-01-01", None],
        "tags": [["a", "b"], ["b", "c"]],
        "description": ["text", ""],
        "priority": ["medium", "low"],
    }
    assert last(alice) == ("updated", changes)


def test_nothing_changed_is_nothing_recorded(alice: Person) -> None:
    task = alice.add("same", tags=["a"], due="2027-01-01")
    assert alice.patch(1, title="same", tags=["a"], due="2027-01-01", progress=0, status="pending") == task
    assert alice.patch(1) == task
    assert [entry["action"] for entry in alice.log()] == ["created"]


def test_a_task_goes_through_every_transition_and_each_is_recorded(alice: Person) -> None:
    alice.add("a task")
    steps = [
        ("start", "in_progress", "started", {}),
        ("request-review", "review", "review_requested", {}),
        ("reject", "in_progress", "rejected", {}),
        ("complete", "completed", "completed", {"progress": [0, 100]}),
        ("reopen", "pending", "reopened", {"progress": [100, 0]}),
        ("complete", "completed", "completed", {"progress": [0, 100]}),
    ]
    before = "pending"
    for transition, status, action, others in steps:
        answer = alice.move(1, transition)
        assert (answer["task"]["status"], answer["next"]) == (status, None)
        assert (answer["task"]["completed_at"] is not None) == (status == "completed")
        assert last(alice) == (action, {"status": [before, status], **others})
        before = status


def test_a_transition_from_the_wrong_state_is_refused_and_changes_nothing(alice: Person) -> None:
    alice.add("a task")
    path = "/projects/default/tasks/1"
    assert alice.refused(409, "POST", f"{path}/request-review") == (
        "Task 1 is pending: only a task that is in progress can be sent to review."
    )
    assert alice.refused(409, "POST", f"{path}/reopen") == "Task 1 is pending already."
    alice.move(1, "complete")
    assert alice.refused(409, "POST", f"{path}/complete") == "Task 1 is completed already."
    assert alice.refused(409, "PATCH", path, json={"title": "new", "status": "review"}) == (
        "Task 1 is completed and cannot become in review from there."
    )
    assert alice.get(path)["task"]["title"] == "a task"
    assert [entry["action"] for entry in alice.log()] == ["created", "completed"]


def test_a_state_that_is_sent_takes_its_transition(alice: Person) -> None:
    alice.add("a task")
    for status in ("in_progress", "review", "in_progress", "completed", "pending"):
        assert alice.patch(1, status=status)["status"] == status
    actions = [entry["action"] for entry in alice.log()]
    assert actions == ["created", "started", "review_requested", "rejected", "completed", "reopened"]


def test_progress_is_recorded_while_a_task_is_not_completed(alice: Person) -> None:
    alice.add("a task")
    assert alice.patch(1, progress=40)["progress"] == 40
    assert last(alice) == ("progress_updated", {"progress": [0, 40]})
    alice.move(1, "complete")
    said = alice.refused(409, "PATCH", "/projects/default/tasks/1", json={"progress": 50})
    assert said == "Task 1 is completed: reopen it before its progress changes."


def test_a_task_is_given_to_a_worker_by_id_or_name(alice: Person, bob: Person) -> None:
    alice.post("/projects/default/members", user_id=bob.user_id, name="Bob")
    alice.add("a task")
    assert alice.patch(1, assignee="bOB")["assignee"] == bob.user_id
    assert last(alice) == ("assigned", {"assignee": [None, bob.user_id]})
    assert alice.patch(1, assignee="me")["assignee"] == alice.user_id
    assert alice.patch(1, assignee=None)["assignee"] is None
    assert alice.patch(1, assignee="assistant")["assignee"] == "assistant"
    said = alice.refused(404, "PATCH", "/projects/default/tasks/1", json={"assignee": "Carol"})
    workers = f"{alice.user_id}, {bob.user_id}, assistant"
    assert said == f"There is no worker Carol in the project Default; there are: {workers}."
    alice.post("/projects/default/members", user_id=f"{bob.user_id}-too", name="bob")
    said = alice.refused(409, "PATCH", "/projects/default/tasks/1", json={"assignee": "Bob"})
    assert said == f"Several workers are called Bob, name one by id: {bob.user_id}, {bob.user_id}-too."


def test_a_deleted_task_is_gone_and_the_log_has_what_it_held(alice: Person) -> None:
    task = alice.add("a task", tags=["a"], priority="low")
    response = alice.send("DELETE", "/projects/default/tasks/1")
    assert response.json() == {"project": alice.get()["project"], "deleted": task}
    assert last(alice) == ("deleted", {"title": ["a task", None], "tags": [["a"], None], "priority": ["low", None]})
    assert alice.get()["tasks"] == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/start")):
        said = alice.refused(404, method, f"/projects/default/tasks/1{path}", json={} if method == "PATCH" else None)
        assert said == "There is no task 1 in the project Default."


@pytest.mark.parametrize(
    ("recurrence", "due", "expected"),
    [
        ("daily", "2027-12-31", "2028-01-01"),
        ("weekly", "2027-02-25", "2027-03-04"),
        ("monthly", "2027-01-31", "2027-02-28"),
    ],
)
def test_completing_a_recurring_task_adds_the_next(alice: Person, recurrence: str, due: str, expected: str) -> None:
    fields = {"description": "d", "priority": "high", "tags": ["x", "a"], "assignee": "assistant"}
    alice.add("again", due=due, recurrence=recurrence, **fields)
    alice.move(1, "start")
    answer = alice.move(1, "complete")
    following = answer["next"]
    assert answer["task"]["status"] == "completed"
    assert following == {
        **answer["task"],
        **{"id": 2, "due": expected, "status": "pending", "progress": 0, "completed_at": None},
        **{name: following[name] for name in ("created_at", "updated_at")},
    }
    completed, created = alice.log()[-2:]
    assert (completed["action"], completed["task_id"]) == ("completed", 1)
    assert (created["action"], created["task_id"], created["changes"]["due"]) == ("created", 2, [None, expected])


def test_a_month_that_is_too_short_does_not_move_the_day_for_good(alice: Person) -> None:
    alice.add("rent", due="2027-01-31", recurrence="monthly")
    dues = [alice.move(number, "complete")["next"]["due"] for number in (1, 2, 3)]
    assert dues == ["2027-02-28", "2027-03-31", "2027-04-30"]
    alice.patch(4, due="2027-04-29")
    assert alice.move(4, "complete")["next"]["due"] == "2027-05-29"


def test_a_recurring_task_without_a_day_is_counted_from_today(alice: Person) -> None:
    alice.add("again", recurrence="daily")
    before = date.today()
    due = date.fromisoformat(alice.move(1, "complete")["next"]["due"])
    assert due in (before + timedelta(days=1), date.today() + timedelta(days=1))


def test_a_recurring_task_that_is_completed_again_has_one_next(alice: Person) -> None:
    alice.add("again", due="2027-01-01", recurrence="daily")
    following = alice.move(1, "complete")["next"]
    alice.move(1, "reopen")
    assert alice.move(1, "complete")["next"] == following
    assert alice.get()["total"] == 2
    alice.send("DELETE", "/projects/default/tasks/2")
    alice.move(1, "reopen")
    assert alice.move(1, "complete")["next"]["id"] == 3
