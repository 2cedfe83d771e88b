"""What is said in the browser: a text of all that answers are made of, piece by piece as a model says it."""

import re
from collections.abc import Iterator
from itertools import cycle, islice

ARTICLE = "article"
"""The message that is answered with so many tokens of the text: `article 2000`."""
RATE = 100
"""Tokens a second."""

_TOKEN = re.compile(r"\s*(?:\w{1,6}|[^\w\s]+)|\s+$")
"""About what a model's tokens are: a short word with the space before it, half a long one, or some signs."""

_WORDS = (
    "The harbour was built in **1874**, when the river was moved, and has been *dredged* every spring since: the log "
    "of that work, kept in `harbour/ledger.txt`, is the longest that the [archive](https://example.org/archive) has. "
    "Three of its volumes are lost; what they said can be told from the letters of the engineers, who wrote home more "
    "often than they wrote to the council.\n\n"
    "It follows that the depth at the northern quay can be known for each year but four. What that means for the ships "
    "of the time is another matter: most of them drew less than two metres, and the largest never came in at all.\n\n"
)
_LIST = (
    "1. Take the depth from the ledger, where it has one.\n"
    "2. Where it has none, take the mean of the years around it:\n"
    "   - not more than two years away;\n"
    "   - from the same quay.\n"
    "3. Leave the year out, and say so.\n\n"
)
_LINE = """    depth_{0} = soundings.get("quay {0}", None)  # metres below the datum of {1}
    if depth_{0} is None:
        depth_{0} = mean(nearby("quay {0}", years=2)) or 0.0
"""
_CODE = (
    "```python\n"
    "def depths(soundings: dict[str, float]) -> list[float]:\n"
    '    """The depth at each quay, in metres."""\n'
    + "".join(_LINE.format(quay, 1874 + quay) for quay in range(1, 9))
    + "    return [depth_1, depth_2, depth_3]\n```\n\n"
)
_ROW = "| quay {0} | {1} | {2:.2f} m | {3} | `ledger/{1}` |\n"
_TABLE = (
    "| quay | first year | depth | ships a year | source |\n| --- | ---: | ---: | ---: | :-- |\n"
    + "".join(_ROW.format(quay, 1874 + quay, 2.1 + quay / 7, 40 * quay) for quay in range(1, 13))
    + "\n"
)
PARTS = (_WORDS, _LIST, _CODE, _TABLE)


def tokens(count: int) -> list[str]:
    """So many tokens of the text, which goes on with chapter after chapter."""
    return list(islice(_endless(), count))


def _endless() -> Iterator[str]:
    for chapter in cycle(range(1, 1000)):
        yield from _TOKEN.findall(f"## Chapter {chapter}\n\n{''.join(PARTS)}")
