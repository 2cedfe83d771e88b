"""Who acts, and in which project: what every endpoint of the API begins with."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from .domain import projects
from .domain.audit import Work
from .domain.database import Database
from .domain.errors import NotFound
from .domain.fields import MAX_ID
from .domain.rules import Via
from .identity import Caller, caller_in


async def _caller(request: Request) -> Caller:
    return caller_in(request.headers, request.app.state.tokens)


@dataclass(frozen=True, slots=True)
class User:
    """A caller, and the database to act on."""

    database: Database
    id: str
    via: Via

    def default(self) -> int:
        """The id of their Default project, which is made on first need."""
        with self.database.reading() as session:
            found = projects.default_id(session, self.id)
        if found is None:
            with self.database.writing() as session:
                found = projects.make_default(session, self.id, self.via)
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """A user in a project (``None``: their Default); whether it is theirs is asked in each transaction."""

    user: User
    project_id: int | None

    @contextmanager
    def reading(self) -> Generator[Work]:
        """A transaction that changes nothing."""
        project_id = self.project_id or self.user.default()
        with self.user.database.reading() as session:
            project = projects.visible(session, self.user.id, project_id)
            yield Work(session, project, self.user.id, self.user.via)

    @contextmanager
    def writing(self) -> Generator[Work]:
        """A transaction that holds the project: committed at the end, undone by an exception."""
        project_id = self.project_id or self.user.default()
        with self.user.database.writing() as session:
            project = projects.visible(session, self.user.id, project_id, lock=True)
            yield Work(session, project, self.user.id, self.user.via)


async def _user(
    request: Request,
    caller: Annotated[Caller, Depends(_caller)],
    via: Annotated[Via, Header(alias="X-TaskFlow-Via")] = "api",
) -> User:
    return User(request.app.state.database, caller.user_id, via)


async def _place(
    user: Annotated[User, Depends(_user)],
    project: Annotated[str, Path(description="The project's id, or `default`")],
) -> Place:
    if project == "default":
        return Place(user, None)
    is_id = project.isascii() and project.isdecimal() and len(project) <= len(str(MAX_ID))
    if not (is_id and 0 < int(project) <= MAX_ID):
        raise NotFound("There is no such project.")
    return Place(user, int(project))


AUser = Annotated[User, Depends(_user)]
APlace = Annotated[Place, Depends(_place)]
