"""Alembic migrations; ``HEAD`` is what this version of the code needs, so that a start need not load Alembic."""

from typing import Final

HEAD: Final = "0001"
