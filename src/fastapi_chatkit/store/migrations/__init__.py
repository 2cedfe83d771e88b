"""Alembic migrations; ``HEAD`` is what this version of the code needs, so that a start need not load Alembic."""

from typing import Final

from ..base import StoreError

HEAD: Final = "0004"
"""Revisions are numbers of four digits: their order tells an older schema from a newer one."""


def check_version(current: str | None, *, may_be_older: bool = False) -> None:
    """Compare a database's schema with the one that this version needs; ``may_be_older`` where it will be migrated.

    :raises StoreError: it is of another version; the message says what to do.
    """
    if current is not None and current > HEAD:
        raise StoreError(
            f"the database has schema {current}, which this version of fastapi-chatkit does not know: "
            "upgrade fastapi-chatkit, or use another database"
        )
    if current == HEAD or may_be_older:
        return
    if current is None:
        raise StoreError("the database has no schema of fastapi-chatkit's yet: run `fastapi-chatkit migrate`")
    raise StoreError(f"the database has schema {current} and this version needs {HEAD}: run `fastapi-chatkit migrate`")
