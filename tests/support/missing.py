"""What a test needs of the machine and it has not."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(package: str, why: str) -> NoReturn:
    """At a desk the test is skipped, and says why; in continuous integration it fails, for there it is installed."""
    reason = f"needs {why}: apt install {package}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
