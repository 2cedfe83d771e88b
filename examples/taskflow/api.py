"""The REST API: ``place`` says who acts where, ``domain`` does it, ``route`` answers what is refused."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from .domain import audit, fields, inputs, listing, outputs, projects, tasks
from .domain.rules import Transition
from .place import APlace, AUser
from .route import Route

router = APIRouter(prefix="/api", route_class=Route, tags=["TaskFlow"])

TaskId = Annotated[fields.Id, Path()]


# --- projects ---------------------------------------------------------------------------------------------------------


@router.get("/projects")
def list_projects(user: AUser) -> outputs.Projects:
    """The caller's projects."""
    user.default()
    with user.database.reading() as session:
        found = projects.listed(session, user.id)
        counts = projects.counts(session, [project.id for project in found])
        return outputs.Projects(projects=[_counted(project, counts[project.id]) for project in found])


@router.post("/projects", status_code=201)
def create_project(user: AUser, new: inputs.NewProject) -> outputs.InProject:
    """Make a project of which the caller is the only member."""
    with user.database.writing() as session:
        project = projects.create(session, user.id, user.via, new.name)
        return outputs.InProject(project=outputs.Project.model_validate(project))


@router.get("/projects/{project}")
def get_project(place: APlace) -> outputs.OneProject:
    """A project, with the numbers of its tasks and its members."""
    with place.reading() as work:
        counts = projects.counts(work.session, [work.project.id])[work.project.id]
        return outputs.OneProject(project=_counted(work.project, counts), members=list(projects.members(work)))


@router.post("/projects/{project}/members", status_code=201)
def add_member(place: APlace, new: inputs.NewMember) -> outputs.OneMember:
    """Let a user see and change the project."""
    with place.writing() as work:
        worker = projects.add_member(work, new.user_id, new.name)
        return outputs.OneMember.model_validate({"project": work.project, "member": worker})


@router.get("/projects/{project}/workers")
def list_workers(place: APlace) -> outputs.Workers:
    """Who can be given tasks."""
    with place.reading() as work:
        return outputs.Workers.model_validate({"project": work.project, "workers": projects.workers(work)})


@router.get("/projects/{project}/audit")
def audit_log(
    place: APlace, task_id: Annotated[fields.Id | None, Query()] = None, limit: Annotated[fields.Limit, Query()] = 50
) -> outputs.Audit:
    """The newest changes, newest first."""
    with place.reading() as work:
        entries = audit.entries(work, task_number=task_id, limit=limit)
        return outputs.Audit.model_validate({"project": work.project, "entries": entries})


def _counted(project: Any, counts: Any) -> outputs.CountedProject:
    return outputs.CountedProject(id=project.id, name=project.name, counts=outputs.Counts(**counts))


# --- tasks ------------------------------------------------------------------------------------------------------------


@router.get("/projects/{project}/tasks")
def list_tasks(place: APlace, filters: Annotated[inputs.TaskFilters, Query()]) -> outputs.Listed:
    """The tasks that match all filters."""
    with place.reading() as work:
        found, total = listing.tasks(work, filters)
        given = filters.model_dump(mode="json", exclude_unset=True)
        return outputs.Listed.model_validate(
            {"project": work.project, "tasks": found, "total": total, "filters": given}
        )


@router.post("/projects/{project}/tasks", status_code=201)
def add_task(place: APlace, new: inputs.NewTask, response: Response) -> outputs.OneTask:
    """Add a task; 200 instead of 201 where the same request has added it before."""
    with place.writing() as work:
        task, added = tasks.add(work, new)
        response.status_code = 201 if added else 200
        return outputs.OneTask.model_validate({"project": work.project, "task": task})


@router.get("/projects/{project}/tasks/{task_id}")
def get_task(place: APlace, task_id: TaskId) -> outputs.OneTask:
    """A task."""
    with place.reading() as work:
        return outputs.OneTask.model_validate({"project": work.project, "task": tasks.get(work, task_id)})


@router.patch("/projects/{project}/tasks/{task_id}")
def update_task(place: APlace, task_id: TaskId, change: inputs.TaskChange) -> outputs.OneTask:
    """Change the fields that are sent; a `status` takes the transition that leads to it."""
    with place.writing() as work:
        task = tasks.update(work, task_id, change)
        return outputs.OneTask.model_validate({"project": work.project, "task": task})


@router.delete("/projects/{project}/tasks/{task_id}")
def delete_task(place: APlace, task_id: TaskId) -> outputs.Deleted:
    """Delete a task; the answer and the audit log have it as it was."""
    with place.writing() as work:
        return outputs.Deleted.model_validate({"project": work.project, "deleted": tasks.delete(work, task_id)})


def _transition(path: str, transition: Transition) -> None:
    @router.post(f"/projects/{{project}}/tasks/{{task_id}}/{path}", name=f"{transition}_task")
    def move(place: APlace, task_id: TaskId) -> outputs.Moved:
        """Take a task to its next state; `next` is the following occurrence of a recurring one."""
        with place.writing() as work:
            task, following = tasks.move(work, task_id, transition)
            return outputs.Moved.model_validate({"project": work.project, "task": task, "next": following})


_transition("start", "start")
_transition("request-review", "request_review")
_transition("complete", "complete")
_transition("reject", "reject")
_transition("reopen", "reopen")
