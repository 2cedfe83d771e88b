"""Titles that people half remember: word by word, whatever the case, plural or ending."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

Task = dict[str, Any]
"""A task as the tools tell it."""

_FILLER = frozenset(("a", "an", "the", "my", "our", "your", "some", "of", "to", "for", "with", "and", "in", "on", "at",
                     "by", "about", "task", "tasks"))  # fmt: skip
_ENDINGS = ("ing", "ies", "ed", "es", "s", "y", "e")
_LONG_ENOUGH = 3
"""What an ending leaves of a word; shorter stems would make words equal that are not."""


def words(text: str) -> list[str]:
    """The words in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("'", ""))


def stem(word: str) -> str:
    """A word without its ending: "groceries" and "grocery" are ``grocer``."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LONG_ENOUGH:
            return word[: -len(ending)]
    return word


def _stems(text: str) -> list[str]:
    """The stems of the words that tell titles apart; of all words if there are no others."""
    said = words(text)
    return [stem(word) for word in said if word not in _FILLER] or [stem(word) for word in said]


def search_word(title: str) -> str:
    """What to search for so that no task is missed that :func:`matches` would find: the longest stem, as it was typed.

    Typed, because a search by the database knows nothing of accents.
    """
    typed = [word for word in re.findall(r"[^\W_]+", title) if word.casefold() not in _FILLER] or [title.strip()]
    longest = max(typed, key=len)
    lower = longest.casefold()
    plain = stem(lower)
    return longest[: len(plain)] if len(lower) == len(longest) else longest


def matches(title: str, tasks: Sequence[Task], *, quoted: bool = False) -> list[Task]:
    """The tasks that ``title`` may mean: those with just this title, else with the same words, else with all of these.

    The better kind hides the worse ones: who says "buy milk" does not mean "buy milk powder". Numbers alone are all of
    a title or nothing: "-1" is not "Version 1". ``quoted``: no word is a filler, "a to b" is not "b".
    """
    exact = [task for task in tasks if " ".join(words(_title(task))) == " ".join(words(title))]
    wanted = {stem(word) for word in words(title)} if quoted else set(_stems(title))
    if exact or not any(map(str.isalpha, "".join(wanted))):
        return exact
    if quoted:
        return [task for task in tasks if wanted <= {stem(word) for word in words(_title(task))}]
    same = [task for task in tasks if set(_stems(_title(task))) == wanted]
    return same or [task for task in tasks if wanted <= {stem(word) for word in words(_title(task))}]


def _title(task: Task) -> str:
    return str(task.get("title", ""))
