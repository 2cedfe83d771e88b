"""Just enough of a terminal to see what a person sees: text, line feeds, cursor movements and erasing.

The cursor cannot reach what has scrolled off the top, as in a real terminal: a live region that outgrows the window
leaves its traces in ``scrollback``, and a test sees them.
"""

import re

_TOKEN = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\r\n]|[^\x1b\r\n]+", re.DOTALL)


class Emulator:
    """A window of ``height`` lines over all the lines that were ever printed."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._lines = [""]
        self._row = self._column = 0

    def feed(self, output: str) -> "Emulator":
        """Take in what a program wrote."""
        for token in _TOKEN.finditer(output):
            if token[2] is not None:
                self._control(token[1], token[2])
            elif token[0] == "\n":
                self._row += 1
                self._column = 0
                self._lines += [""] * (self._row + 1 - len(self._lines))
            elif token[0] == "\r":
                self._column = 0
            elif not token[0].startswith("\x1b"):
                line = self._lines[self._row].ljust(self._column)
                self._column += len(token[0])
                self._lines[self._row] = line[: self._column - len(token[0])] + token[0] + line[self._column :]
        return self

    @property
    def scrollback(self) -> list[str]:
        """Every line from the first on, without blanks at line ends and at the bottom."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip().split("\n")

    def _control(self, argument: str, letter: str) -> None:
        match letter:
            case "A":
                top = max(0, len(self._lines) - self._height)
                self._row = max(top, self._row - int(argument or 1))
            case "B":
                self._row = min(len(self._lines) - 1, self._row + int(argument or 1))
            case "C":
                self._column += int(argument or 1)
            case "D":
                self._column = max(0, self._column - int(argument or 1))
            case "J" if argument in ("", "0"):
                del self._lines[self._row + 1 :]
                self._lines[self._row] = self._lines[self._row][: self._column]
            case "K":
                kept = self._lines[self._row][: self._column] if argument in ("", "0") else ""
                self._lines[self._row] = kept
            case _:
                pass
