"""Which task a phrase means: numbers, a title, "it", "the second one"."""

from __future__ import annotations

import re

from .date_forms import SMALL_NUMBERS
from .intents import Mentioned, Numbers, Position, Target, Title, Unsure
from .quoting import QUOTED, Said

MOST_AT_ONCE = 10
"""How many tasks one message may change."""

_NOUN = r"(?:tasks?|to-?dos?|items?|tickets?|chores?|reminders?|entry|entries)"
_ONE_NOUN = r"(?:task|to-?do|item|ticket|chore|reminder|entry)"
_WORD_NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten"
_ONE = rf"(?:the )?+(?:{_NOUN} ?)?+(?:(?:numbers?|no\.?|nr\.?|id) ?)?+(?:[#№] ?)?+\d{{1,9}}+"
_JOIN = r"(?> ?[,&+;] ?(?:and )?| and | )"
_LIST = re.compile(rf"(?:both )?+{_ONE}(?:{_JOIN}{_ONE})*+", re.IGNORECASE)
"""For single spaces. Nothing in it is tried twice: what is optional is taken or left for good."""

_RANGE = re.compile(
    rf"(?:the\s+)?(?:{_NOUN}\s*)?(?:from\s+)?#?(\d{{1,9}})\s*(?:-|\u2013|to|through|thru|until)\s*#?(\d{{1,9}})",
    re.IGNORECASE,
)
_SPELLED = re.compile(rf"(?:the\s+)?{_NOUN}\s+(?:number\s+)?({_WORD_NUMBER})|(?:number|#)\s*({_WORD_NUMBER})", re.I)

_ORDINALS = {
    word: number
    for number, words in enumerate(("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th"))
    for word in words.split()
} | {"last": -1, "latter": -1, "former": 0, "top": 0, "bottom": -1}
_POSITION = re.compile(
    rf"(?:the\s+)?(?:very\s+)?({'|'.join(_ORDINALS)})(?:\s+(?:one|{_NOUN}))?(?:\s+(?:in|on|of)\s+(?:the|my)\s+list)?",
    re.I,
)
_MENTIONED = re.compile(
    rf"it|that|this|(?:that|this)\s+(?:one|{_NOUN})|the\s+(?:same\s+)?{_ONE_NOUN}|the\s+(?:new|same)\s+one"
    rf"|the\s+(?:new|last\s+created|newest)\s+{_NOUN}",
    re.I,
)
_EVERY = re.compile(
    r"both(?:\s+of\s+(?:them|these|those))?|them(?:\s+(?:all|both))?|(?:all|both)\s+of\s+(?:them|these"
    r"|those)|these|those",
    re.I,
)
_BULK = re.compile(
    r"(?:all|every|everything|anything|any|each)(?:\s+(?:of\s+)?(?:the|my|our"
    rf"|these)?\s*(?:\w+\s+){{0,3}}?(?:{_NOUN}|ones?|things?|lists?))?"
    rf"(?:\s+(?:in|on|from)\s+(?:the|my)\s+\w+)?"
    rf"|(?:the|my|our)\s+(?:(?:whole|entire|full)\s+)?(?:(?:task|to-?do)\s+)?lists?"
    r"|(?:my|our|the)?\s*(?:(?:completed?|done|finished|overdue|old|pending|open|other"
    rf"|remaining)\s+){{0,2}}(?:tasks|to-?dos|items|ones)",
    re.I,
)
_NOTHING = re.compile(rf"(?:a|an|some|one|any|the|another)?\s*(?:{_NOUN})?", re.I)

_LEADING = re.compile(
    rf"^(?:the|my|our|a|an|that|this)\s+|^{_NOUN}\s+(?:called|named|titled|about|with\s+the\s+title"
    r"|that\s+says|for|to|of)\s+"
    rf"|^{_NOUN}\s*:?\s+(?=\S)|^(?:one\s+)?(?:called|named|titled|about)\s+",
    re.I,
)
_TRAILING = re.compile(
    rf"\s+(?:{_NOUN}|one|please|now|right\s+now|today|yesterday|already|just\s+now|too|as\s+well|for\s+me"
    r"|thanks|thank\s+you"
    rf"|this\s+(?:morning|afternoon|evening)|an?\s+(?:hour|moment|minute)\s+ago"
    rf"|(?:off|from|in|on)\s+(?:the|my|our)\s+(?:\w+\s+)?list)$|[\s.,:;!]+$",
    re.I,
)
_CONDITION = re.compile(r"\b(?:if|unless|until|once|when|whenever|except|but|instead|only|or)\b", re.I)
_ANOTHER = re.compile(
    r"\b(?:and|then)\s+(?:then\s+)?(?:please\s+)?(?:add|create|delete|remove|complete|finish|mark|start"
    r"|assign|rename|reopen|close|set|change|list|show)\b",
    re.I,
)


def target_of(said: Said) -> Target | Unsure:
    """The tasks that a phrase means. Titles may be any words; numbers and "it" must be all that is said."""
    if (quotation := said.part(_stripped(said.text)).quotation()) is not None:
        return Title(quotation, quoted=True)
    text = " ".join(said.text.strip(" .,:;!").split())
    text = re.sub(r"(?:\s*,)?\s+(?:please|now|for\s+me|thanks|today|yesterday|already)$", "", text, flags=re.I)
    if _LIST.fullmatch(text):
        return _numbers(list(dict.fromkeys(int(number) for number in re.findall(r"\d+", text))))
    if found := _RANGE.fullmatch(text):
        first, last = int(found[1]), int(found[2])
        if first < last:
            return _numbers(range(first, min(last, first + MOST_AT_ONCE) + 1))
    if found := _SPELLED.fullmatch(text):
        return Numbers((SMALL_NUMBERS[(found[1] or found[2]).lower()],))
    if found := _POSITION.fullmatch(text):
        return Position(_ORDINALS[found[1].lower()])
    return _other(said, text)


def _other(said: Said, text: str) -> Target | Unsure:
    if _EVERY.fullmatch(text):
        return Mentioned(every=True)
    if _MENTIONED.fullmatch(text):
        return Mentioned()
    if _NOTHING.fullmatch(text):
        return Unsure("which")
    if _BULK.fullmatch(text):
        return Unsure("bulk")
    if _ANOTHER.search(text):
        return Unsure("several")
    if _CONDITION.search(text):
        return Unsure("condition")
    words = _stripped(text)
    if quotation := re.search(QUOTED, words):  # "the task called “Buy milk”"
        return Title(" ".join(said.whole(quotation[0]).split()), quoted=True)
    title = " ".join(words.split())
    if not any(map(str.isalpha, title)):  # "-1", "1.5": no number of a task, and not that of another one either
        return Unsure("which")
    if re.fullmatch(rf"(?:the\s+|my\s+|our\s+)?{_NOUN}", title, re.I):  # "my task": no word that tells it from others
        return Unsure("which")
    return Title(title)


def _numbers(numbers: list[int] | range) -> Numbers | Unsure:
    return Numbers(tuple(numbers)) if len(numbers) <= MOST_AT_ONCE else Unsure("too_many")


def _stripped(text: str) -> str:
    """Without the words around a title; never without all of them."""
    text = " ".join(text.split())
    while True:
        shorter = _TRAILING.sub("", _LEADING.sub("", text)).strip()
        if shorter == text or not shorter:
            return text
        text = shorter


def is_numbers(text: str) -> bool:
    """Whether a phrase is a task's number or several, and nothing else."""
    return isinstance(target_of(Said(text)), Numbers)
