"""Every statement of ``store/sql.py`` by name."""

import inspect
import re
from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any, get_args

from fastapi_chatkit.rows import Order
from fastapi_chatkit.store import sql
from fastapi_chatkit.store.script import Chain

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
CHOICES: dict[str, list[Any]] = {
    "Order": list(get_args(Order)),
    "bool": [False, True],
    "tuple[str, ...]": list(
        chain.from_iterable(combinations(sorted(sql.CHANGEABLE), n) for n in range(1, len(sql.CHANGEABLE) + 1))
    ),
}


def statements() -> Iterator[tuple[str, Any]]:
    """Every statement of the module by name: its constants, and its functions with all their arguments."""
    everything = {name: value for name, value in vars(sql).items() if not name.startswith("_")}
    for name, value in everything.items():
        if isinstance(value, str) and STATEMENT.match(value):
            yield name, value
        function: Any = inspect.unwrap(value) if callable(value) else None
        if not inspect.isfunction(function) or function.__module__ != sql.__name__:
            continue
        choices = [CHOICES[parameter.annotation] for parameter in inspect.signature(function).parameters.values()]
        for arguments in product(*choices):
            yield f"{name}{arguments}", function(*arguments)


def chains() -> Iterator[tuple[str, Chain]]:
    """Every chain of the module by name: its constants, and those that are chosen from a dictionary."""
    for name, value in vars(sql).items():
        if isinstance(value, Chain):
            yield name, value
        elif isinstance(value, dict):
            for key, choice in value.items():
                if isinstance(choice, Chain):
                    yield f"{name}[{key!r}]", choice


STATEMENTS: dict[str, str] = dict(statements())
CHAINS: dict[str, Chain] = dict(chains())
