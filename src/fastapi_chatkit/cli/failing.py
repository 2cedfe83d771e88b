"""How a command ends that cannot do what it should: with a sentence on standard error, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import click

from ..eventlog.base import LogUnavailable
from ..settings import SettingsError
from ..store.base import StoreError


@contextmanager
def failing_in_words() -> Generator[None]:
    """Ends the process where something is wrong that an operator can correct: 1 failed, 2 usage."""
    try:
        yield
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (SettingsError, StoreError, LogUnavailable) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
