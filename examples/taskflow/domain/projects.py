"""Projects, their members and those who can be given tasks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .audit import Work, record
from .errors import Conflict, NotFound
from .rules import Status, Via
from .tables import Member, Project, Task, Worker

DEFAULT = "Default"
AGENT = "assistant"


def default_id(session: Session, user_id: str) -> int | None:
    """The user's own project, once there is one."""
    return session.scalar(select(Project.id).where(Project.owner == user_id, Project.is_default))


def make_default(session: Session, user_id: str, via: Via) -> int:
    """The user's own project, made unless somebody else has just done so."""
    try:
        with session.begin_nested():
            return create(session, user_id, via, DEFAULT, is_default=True).id
    except IntegrityError:
        found = default_id(session, user_id)
        if found is None:
            raise
        return found


def create(session: Session, user_id: str, via: Via, name: str, *, is_default: bool = False) -> Project:
    """A new project with its owner and the agent."""
    project = Project(name=name, owner=user_id, is_default=is_default, last_number=0)
    session.add(project)
    session.flush()
    work = Work(session, project, user_id, via)
    record(work, "project_created", after={"name": name})
    _let_in(work, user_id, user_id)
    if session.get(Worker, (project.id, AGENT)) is None:  # a user may be called like the agent
        session.add(Worker(project_id=project.id, id=AGENT, name="Assistant", kind="agent"))
    session.flush()
    return project


def visible(session: Session, user_id: str, project_id: int, *, lock: bool = False) -> Project:
    """A project of which the user is a member; with ``lock``, changed by nobody else until the commit.

    :raises NotFound: there is none, or it is not theirs.
    """
    query = (
        select(Project)
        .join(Member, Member.project_id == Project.id)
        .where(Project.id == project_id, Member.user_id == user_id)
    )
    project = session.scalar(query.with_for_update(of=Project) if lock else query)
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    return project


def listed(session: Session, user_id: str) -> Sequence[Project]:
    """The projects of which the user is a member, their own Default first."""
    query = select(Project).join(Member, Member.project_id == Project.id).where(Member.user_id == user_id)
    own = Project.is_default & (Project.owner == user_id)
    return session.scalars(query.order_by(own.desc(), Project.id)).all()


def counts(session: Session, project_ids: Sequence[int]) -> dict[int, dict[Status, int]]:
    """How many tasks of each project are in which state; states without any are left out."""
    query = (
        select(Task.project_id, Task.status, func.count())
        .where(Task.project_id.in_(project_ids))
        .group_by(Task.project_id, Task.status)
    )
    found: dict[int, dict[Status, int]] = {project_id: {} for project_id in project_ids}
    for project_id, status, count in session.execute(query):
        found[project_id][status] = count
    return found


def members(work: Work) -> Sequence[str]:
    """Who may see the project."""
    query = select(Member.user_id).where(Member.project_id == work.project.id)
    return work.session.scalars(query.order_by(Member.added_at, Member.user_id)).all()


def add_member(work: Work, user_id: str, name: str | None) -> Worker:
    """Let a user see and change the project.

    :raises Conflict: they are a member already, or called like the agent.
    """
    if work.session.get(Member, (work.project.id, user_id)) is not None:
        raise Conflict(f"{user_id} is a member of the project {work.project.name} already.")
    if work.session.get(Worker, (work.project.id, user_id)) is not None:
        raise Conflict(f"{user_id} is the agent of the project {work.project.name}, and cannot be a member.")
    return _let_in(work, user_id, name or user_id)


def _let_in(work: Work, user_id: str, name: str) -> Worker:
    worker = Worker(project_id=work.project.id, id=user_id, name=name, kind="human")
    work.session.add_all([Member(project_id=work.project.id, user_id=user_id), worker])
    record(work, "member_added", after={"member": user_id})
    work.session.flush()
    return worker


def workers(work: Work) -> Sequence[Worker]:
    """Who can be given tasks: people first, then the agent."""
    query = select(Worker).where(Worker.project_id == work.project.id)
    return work.session.scalars(query.order_by(Worker.kind.desc(), Worker.id)).all()


def worker_called(work: Work, word: str) -> Worker:
    """A worker by id, or else by name in any case; ``me`` is who acts.

    :raises NotFound: there is none.
    :raises Conflict: there are several of that name.
    """
    everybody = workers(work)
    word = work.actor if word.casefold() == "me" else word
    found = [worker for worker in everybody if worker.id == word] or [
        worker for worker in everybody if word.casefold() in (worker.id.casefold(), worker.name.casefold())
    ]
    if not found:
        names = ", ".join(worker.id for worker in everybody)
        raise NotFound(f"There is no worker {word} in the project {work.project.name}; there are: {names}.")
    if len(found) > 1:
        names = ", ".join(worker.id for worker in found)
        raise Conflict(f"Several workers are called {word}, name one by id: {names}.")
    return found[0]
