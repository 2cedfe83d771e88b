"""What a message asks the agent to say, so that every token of the answer can be checked.

A message is ``say NONCE PART PART ...``. The agent that the replicas serve plays the parts; the checks know from the
same text what must be stored. The nonce is the message's own: each token, card and message names the one it answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "card", "swap", "gone", "tool", "block", "fail"]

FAILURE = "as it was told to"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the agent does.

    ``text`` says ``count`` tokens of at least ``width`` characters, ``pause`` seconds apart (0: without ever
    awaiting); ``card`` shows a widget, ``swap`` shows one and replaces it, ``gone`` shows one and takes it back;
    ``tool`` is silent for ``pause`` seconds and lets others work, ``block`` does not let them; ``fail`` ends it with an
    error.
    """

    kind: Kind
    count: int = 0
    pause: float = 0.0
    width: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.count}:{self.pause:g}:{self.width}"

    @classmethod
    def parse(cls, text: str) -> Part:
        """The part that ``str`` wrote."""
        kind, count, pause, width = text.split(":")
        return cls(kind, int(count), float(pause), int(width))  # type: ignore[arg-type]  # what `str` wrote is a kind


class Shown(NamedTuple):
    """An item of an answer: a ``message`` with its text, or a ``card`` with its value."""

    kind: Literal["message", "card"]
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """What one message asks for."""

    nonce: str
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " ".join(["say", self.nonce, *map(str, self.parts)])

    @classmethod
    def parse(cls, text: str) -> Script:
        """The script that ``str`` wrote."""
        _, nonce, *parts = text.split()
        return cls(nonce, tuple(map(Part.parse, parts)))

    def token(self, part: int, index: int) -> str:
        """One token of a part."""
        return f"{self.nonce}.{part}.{index:04d}".ljust(self.parts[part].width, "x") + " "

    def value(self, part: int, version: int = 1) -> str:
        """What a card shows."""
        return f"{self.nonce}.{part}.v{version}"

    def stages(self) -> Iterator[list[Shown]]:
        """What is shown as the answer goes on, each time that an item has come, gone or changed; texts are whole."""
        done: list[Shown] = []
        text = ""
        for at, part in enumerate(self.parts):
            match part.kind:
                case "text":
                    text += "".join(self.token(at, index) for index in range(part.count))
                case "card" | "swap" | "gone":
                    if text:
                        done.append(Shown("message", text))
                        yield list(done)
                        text = ""
                    yield [*done, Shown("card", self.value(at))]
                    if part.kind != "gone":
                        done.append(Shown("card", self.value(at, 2 if part.kind == "swap" else 1)))
                    yield list(done)
                case "fail":
                    break
                case "tool" | "block":
                    pass
        yield [*done, Shown("message", text)] if text else done

    @property
    def whole(self) -> list[Shown]:
        """What is shown at the end."""
        *_, last = self.stages()
        return last

    @property
    def fails(self) -> bool:
        """Whether it ends with an error."""
        return any(part.kind == "fail" for part in self.parts)

    def allows(self, shown: Sequence[Shown]) -> bool:
        """Whether these may be what there was of the answer at some moment."""
        return not shown or any(_is_moment_of(shown, stage) for stage in self.stages())


def _is_moment_of(shown: Sequence[Shown], stage: Sequence[Shown]) -> bool:
    if len(shown) != len(stage) or list(shown[:-1]) != list(stage[:-1]):
        return False
    last, whole = shown[-1], stage[-1]
    return last == whole or (last.kind == whole.kind == "message" and whole.text.startswith(last.text))


def shown_of(items: Sequence[dict[str, Any]]) -> list[Shown]:
    """The answer among items as the wire has them: users' messages and hidden items are left out."""
    found: list[Shown] = []
    for item in items:
        match item["type"]:
            case "assistant_message":
                found.append(Shown("message", "".join(part["text"] for part in item["content"])))
            case "widget":
                found.append(Shown("card", item["widget"]["children"][0]["value"]))
            case _:
                pass
    return found


def random_script(nonce: str, random: Random) -> Script:
    """A short answer or a long one, in one item or several; now and then a tool, a burst, or a failure."""
    parts: list[Part] = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        parts.append(_random_text(random))
        extra = random.random()
        if extra < 0.3:
            parts.append(Part(random.choice(("card", "swap", "gone"))))
        elif extra < 0.4:
            parts.append(Part("tool", pause=round(random.uniform(0.5, 3), 2)))
    if random.random() < 0.06:
        parts.append(Part("fail"))
    return Script(nonce, tuple(parts))


def _random_text(random: Random) -> Part:
    drawn = random.random()
    if drawn < 0.1:  # all at once, without awaiting
        return Part("text", random.randint(50, 400))
    if drawn < 0.2:  # few and large
        return Part("text", random.randint(2, 8), 0.1, random.choice((2_000, 9_000, 40_000)))
    return Part("text", random.randint(10, 120), round(random.uniform(0.01, 0.05), 3))
