"""The pattern's store: the SDK's `Store` over an asyncio SQLAlchemy engine, a session per call."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, delete, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.pattern.tables import AttachmentRow, Base, ItemRow, ThreadRow

Row = TypeVar("Row", ThreadRow, ItemRow, AttachmentRow)
Dated = TypeVar("Dated", ThreadRow, ItemRow)

item_adapter: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
attachment_adapter: TypeAdapter[Attachment] = TypeAdapter(Attachment)


@dataclass
class RequestContext:
    """Who asks, and what came with the request."""

    user_id: str
    request_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


def make_engine(database_url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite://` or `postgresql+asyncpg://`; SQLite writes ahead and waits for its turn."""
    if not database_url.startswith("sqlite"):
        return create_async_engine(database_url, pool_size=10, max_overflow=0)  # as many as the others have, all kept
    engine = create_async_engine(database_url, connect_args={"timeout": 30})

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


class SQLAlchemyStore(Store[RequestContext]):
    """Threads, items and attachments in a relational database, each seen by its owner alone."""

    def __init__(self, database_url: str) -> None:
        self.engine = make_engine(database_url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def initialize_schema(self) -> None:
        """Create the tables that are missing."""
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()

    async def load_thread(self, thread_id: str, context: RequestContext) -> ThreadMetadata:
        async with self.sessions() as session:
            row = await self._owned(session, ThreadRow, thread_id, context)
            return ThreadMetadata.model_validate(row.data)

    async def save_thread(self, thread: ThreadMetadata, context: RequestContext) -> None:
        await self._merge(
            ThreadRow(
                id=thread.id,
                user_id=context.user_id,
                created_at=thread.created_at,
                data=thread.model_dump(mode="json"),
            )
        )

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: RequestContext
    ) -> Page[ThreadMetadata]:
        statement = select(ThreadRow).where(ThreadRow.user_id == context.user_id)
        rows, has_more = await self._page(ThreadRow, statement, limit, after, order)
        threads = [ThreadMetadata.model_validate(row.data) for row in rows]
        return Page(data=threads, has_more=has_more, after=threads[-1].id if has_more else None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
    ) -> Page[ThreadItem]:
        statement = select(ItemRow).where(ItemRow.thread_id == thread_id, ItemRow.user_id == context.user_id)
        rows, has_more = await self._page(ItemRow, statement, limit, after, order)
        items = [item_adapter.validate_python(row.data) for row in rows]
        return Page(data=items, has_more=has_more, after=items[-1].id if has_more else None)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        async with self.sessions() as session:
            session.add(self._item_row(thread_id, item, context))
            await session.commit()

    async def save_item(self, thread_id: str, item: ThreadItem, context: RequestContext) -> None:
        await self._merge(self._item_row(thread_id, item, context))

    async def load_item(self, thread_id: str, item_id: str, context: RequestContext) -> ThreadItem:
        async with self.sessions() as session:
            row = await self._owned(session, ItemRow, item_id, context)
            return item_adapter.validate_python(row.data)

    async def delete_thread(self, thread_id: str, context: RequestContext) -> None:
        await self._delete(ThreadRow, thread_id, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: RequestContext) -> None:
        await self._delete(ItemRow, item_id, context)

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        data = attachment.model_dump(mode="json")
        await self._merge(AttachmentRow(id=attachment.id, user_id=context.user_id, data=data))

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        async with self.sessions() as session:
            row = await self._owned(session, AttachmentRow, attachment_id, context)
            return attachment_adapter.validate_python(row.data)

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        await self._delete(AttachmentRow, attachment_id, context)

    @staticmethod
    def _item_row(thread_id: str, item: ThreadItem, context: RequestContext) -> ItemRow:
        return ItemRow(
            id=item.id,
            thread_id=thread_id,
            user_id=context.user_id,
            created_at=item.created_at,
            data=item.model_dump(mode="json"),
        )

    async def _owned(self, session: AsyncSession, table: type[Row], row_id: str, context: RequestContext) -> Row:
        row = await session.scalar(select(table).where(table.id == row_id, table.user_id == context.user_id))
        if row is None:
            raise NotFoundError(f"{row_id} not found")
        return row

    async def _merge(self, row: Row) -> None:
        async with self.sessions() as session:
            await session.merge(row)
            await session.commit()

    async def _delete(self, table: type[Row], row_id: str, context: RequestContext) -> None:
        async with self.sessions() as session:
            await session.execute(delete(table).where(table.id == row_id, table.user_id == context.user_id))
            await session.commit()

    async def _page(
        self, table: type[Dated], statement: Select[Dated], limit: int, after: str | None, order: str
    ) -> tuple[list[Dated], bool]:
        async with self.sessions() as session:
            if after:
                cursor = await session.scalar(select(table.created_at).where(table.id == after))
                passed: ColumnElement[bool] = (
                    table.created_at < cursor if order == "desc" else table.created_at > cursor
                )
                statement = statement.where(passed)
            column = table.created_at.desc() if order == "desc" else table.created_at.asc()
            rows = list(await session.scalars(statement.order_by(column).limit(limit + 1)))
        return rows[:limit], len(rows) > limit
