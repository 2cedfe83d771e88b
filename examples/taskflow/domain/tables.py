"""The tables. Their names begin with ``taskflow_``: in SQLite they share a file with the chat's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from .rules import Priority, Recurrence, Status, Via, now


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time; SQLite, which knows none, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What is stored."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What was stored, in UTC."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it so
        datetime: UTCDateTime,
        Status: String(20),
        Priority: String(20),
        Recurrence: String(20),
        Via: String(10),
    }


class Project(Base):
    """Tasks that belong together. Who changes anything in it holds its row until the commit."""

    __tablename__ = "taskflow_projects"
    __table_args__ = (
        Index(
            "taskflow_one_default",
            "owner",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str] = mapped_column(String(255))
    is_default: Mapped[bool] = mapped_column(default=False)
    last_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Member(Base):
    """Somebody who sees a project, and may change it."""

    __tablename__ = "taskflow_members"

    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)
    added_at: Mapped[datetime] = mapped_column(default=now)


class Worker(Base):
    """Somebody who can be given tasks: a member, by the same id, or an agent."""

    __tablename__ = "taskflow_workers"

    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(10))


class Task(Base):
    """A task. People know it by its ``number`` in its project."""

    __tablename__ = "taskflow_tasks"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        ForeignKeyConstraint(["project_id", "assignee"], [Worker.project_id, Worker.id]),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status] = mapped_column(default="pending")
    priority: Mapped[Priority] = mapped_column(default="medium")
    due: Mapped[date | None]
    due_day: Mapped[int | None]  # the day of the month that was asked for: shorter months move `due`, not this
    assignee: Mapped[str | None] = mapped_column(String(255))
    progress: Mapped[int] = mapped_column(default=0)
    recurrence: Mapped[Recurrence] = mapped_column(default="none")
    follows: Mapped[int | None] = mapped_column(ForeignKey("taskflow_tasks.key", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    completed_at: Mapped[datetime | None]

    tag_rows: Mapped[list[Tag]] = relationship(order_by="Tag.position", cascade="all, delete-orphan", lazy="selectin")

    @property
    def id(self) -> int:
        """What it is known by."""
        return self.number

    @property
    def tags(self) -> list[str]:
        """Its tags, in their order."""
        return [row.name for row in self.tag_rows]


class Tag(Base):
    """A tag of a task."""

    __tablename__ = "taskflow_tags"

    task_key: Mapped[int] = mapped_column(ForeignKey(Task.key, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    position: Mapped[int]


class Entry(Base):
    """One change, written in its transaction: the audit log. It outlives the task that it is about."""

    __tablename__ = "taskflow_audit"
    __table_args__ = (UniqueConstraint("project_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(String(255))
    via: Mapped[Via]
    action: Mapped[str] = mapped_column(String(30))
    task_number: Mapped[int | None]
    title: Mapped[str | None] = mapped_column(String(200))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str | None] = mapped_column(String(100))  # of the request that added the task

    @property
    def task_id(self) -> int | None:
        """What the task is known by."""
        return self.task_number


Index("taskflow_audit_of_task", Entry.project_id, Entry.task_number)
