"""The words of which phrases about changes are made, as patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from .attributes import PRIORITY
from .intents import Acting, DateProblem, Target, Unsure
from .quoting import Said

Found = re.Match[str]
Make = Callable[[Said, Found, Target, date], "Acting | DateProblem | Unsure | None"]

T = r"(?P<t>\S|\S.*?\S)"
SET = r"(?:set|change|update|edit|modify|make|put|adjust|move)"
DONE = r"(?:complete(?:d)?|done|finished|closed|resolved|checked(?:\s+off)?|finito)"
BEGUN = r"(?:in[-\s]progress|in\s+the\s+works|started|under\s*way|ongoing|active|begun|doing)"
OPEN = (
    r"(?:not\s+(?:yet\s+)?(?:complete(?:d)?|done|finished|started)|incomplete|undone|unfinished|pending"
    r"|open(?:ed)?|to-?do|to\s+do|reopened)"
)
LEVEL = rf"(?:very\s+)?(?P<level>{PRIORITY})"
TO = r"(?:\s+(?:to|as|into|is)(?:\s+be)?\s*:?\s+|\s*[=:]\s*)"
I_HAVE = r"(?:(?:i|we)(?:'ve|\s+have)?\s+(?:(?:just|already|finally|now)\s+)*)"
I_AM = r"(?:(?:i'm|i\s+am|we're|we\s+are)\s+(?:(?:now|all|already|just|currently|finally)\s+)*)"


WHO = r"(?P<who>@?[^\W\d_][\w.'@-]*(?:\s[^\W\d_][\w.'-]*)?|\S)"
DATE = r"(?P<date>.+)"
FIELD_DUE = r"(?:the\s+)?(?:due\s*dates?|deadlines?|due)"
FIELD_TITLE = r"(?:the\s+)?(?:title|name)"
FIELD_TEXT = r"(?:the\s+|a\s+)?(?:description|notes?|details?|comment)"
FIELD_TAGS = r"(?:the\s+|a\s+)?(?:tags?|labels?)"
FIELD_PRIORITY = r"(?:the\s+)?prio(?:rity)?"
FIELD_OFTEN = r"(?:the\s+)?(?:recurrence|repetition|frequency)"
CLEAR = r"(?:remove|clear|delete|drop|unset|erase|cancel|empty)"
OF = r"\s+(?:of|for|on|from|in)\s+"
PERCENT = r"(?<![\w.,+\-/])(?P<percent>\d{1,4})\s*(?:%|per\s?cent|pct)"


def refuse(unsure: Unsure) -> Make:
    return lambda said, found, target, today: unsure
