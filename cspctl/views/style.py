"""Colour as a value that is handed in: plain by default, ANSI on a terminal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Wraps text that has already been escaped. With `colour` off every method returns its argument."""

    colour: bool = False

    def _sgr(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    def bold(self, text: str) -> str:
        return self._sgr("1", text)

    def dim(self, text: str) -> str:
        return self._sgr("2", text)

    def red(self, text: str) -> str:
        return self._sgr("31", text)

    def green(self, text: str) -> str:
        return self._sgr("32", text)

    def yellow(self, text: str) -> str:
        return self._sgr("33", text)

    def cyan(self, text: str) -> str:
        return self._sgr("36", text)

    def severity(self, severity: str, text: str) -> str:
        """Errors red, warnings yellow, the rest cyan."""
        paint = {"error": self.red, "warning": self.yellow}.get(severity, self.cyan)
        return paint(text)


PLAIN = Style()
