"""The hash chain of the audit log, and the naming of what was done to it.

Terms. A row's *digest* is the SHA-256 of its canonical content: every column but the hash itself, among them
its number and the hash of the row before. A row is *intact at* n when its stored hash is its digest with the
number n. So content, place and predecessor are all under the hash, and each row vouches for all before it.

Premises. Whoever tampers can write anything into the file, but cannot find two contents with one digest.
Someone who rewrites every hash up to the last row leaves a chain that is sound in itself, as does someone who
cuts rows off its end: only an anchor kept elsewhere tells.

The naming rebuilds the order in which rows were written by following the links (a row's `prev_hash` is its
predecessor's hash) from the start; where the links break, a row that is intact at some number begins a new
stretch there. Every row that finds no number of its own was inserted; every number without a row was deleted;
a placed row that is not intact was edited; an intact row at another place than insertions and deletions before
it explain was reordered.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from cspctl.ledger.encoding import json_text
from cspctl.model.audit import Anchor, AuditFault

GENESIS = "0" * 64

# How far from its present number a row whose predecessor is gone is looked for.
_REACH = 1_000
# How far two candidates for one place are followed to see which of them the log goes on from.
_DEPTH = 1_000


def digest(content: Mapping[str, Any]) -> str:
    """Of a row without its hash, as lower-case hexadecimal."""
    return hashlib.sha256(json_text(content).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A row as stored; after tampering a column may hold a value of any type."""

    content: Mapping[str, Any]
    hash: Any

    @property
    def seq(self) -> Any:
        return self.content["seq"]

    @property
    def number(self) -> int:
        """For messages: the row's present number, or 0 when that is not even a number."""
        return int(self.seq) if isinstance(self.seq, int | float) and isfinite(self.seq) else 0

    @property
    def prev_hash(self) -> Any:
        return self.content["prev_hash"]

    def intact_at(self, number: Any) -> bool:
        try:
            return bool(digest({**self.content, "seq": number}) == self.hash)
        except (TypeError, ValueError):  # a column holds bytes or infinity: nothing this tool ever wrote
            return False


def is_sound(links: Iterable[Link]) -> bool:
    """The quick answer, one digest per row and nothing kept: every row in its place, with its predecessor."""
    expected, previous = 1, GENESIS
    for link in links:
        if link.seq != expected or link.prev_hash != previous or not link.intact_at(expected):
            return False
        expected, previous = expected + 1, link.hash
    return True


def name_faults(links: Sequence[Link]) -> list[AuditFault]:
    """What was done to the rows, given by their present number; empty for a sound chain."""
    layout = _Layout(sorted(links, key=_present_order))
    found = [*layout.inserted(), *layout.deleted(), *layout.edited(), *layout.reordered()]
    return sorted(found, key=lambda fault: (fault.seq, fault.kind))


def compare_anchor(anchor: Anchor, last: int, hash_there: Any | None) -> list[AuditFault]:
    """`last` is the log's last number, `hash_there` the hash now stored at the anchor's number, if any."""
    if anchor.seq > last:
        message = f"the log ends at row {last}, but the anchor saw row {anchor.seq}: its end was cut off"
        return [AuditFault(anchor.seq, "truncated", message)]
    if hash_there is not None and hash_there != anchor.hash:
        message = f"row {anchor.seq} is not the one the anchor saw: it or rows before it were written anew"
        return [AuditFault(anchor.seq, "rewritten", message)]
    return []


def _present_order(link: Link) -> tuple[bool, float, str]:
    is_number = isinstance(link.seq, int | float)
    return (not is_number, link.seq if is_number else 0, repr(link.seq))


def _around(number: int) -> Iterator[int]:
    """The numbers near it, nearest first."""
    for distance in range(1, _REACH):
        yield number + distance
        if number > distance:
            yield number - distance


class _Layout:
    """Rows at the numbers they were written with."""

    def __init__(self, rows: Sequence[Link]) -> None:
        self._rows = rows
        self._after: dict[Any, list[Link]] = defaultdict(list)
        for row in rows:
            self._after[row.prev_hash].append(row)
        self._hashes = {row.hash for row in rows} | {GENESIS}
        self._at: dict[int, Link] = {}
        self._number: dict[int, int] = {}
        self._strangers: list[Link] = []
        self._follow(GENESIS, 1)
        for row in self._homeless():
            self._resume_at(row)
        for row in self._homeless():
            self._fill_gap(row)
        self._intact = {number: row.intact_at(number) for number, row in self._at.items()}

    def _follow(self, previous: Any, number: int) -> None:
        """Place the rows linked to `previous`, one after the other, until a link leads nowhere."""
        while number not in self._at:
            candidates = [row for row in self._after[previous] if id(row) not in self._number]
            if not candidates:
                return
            row = candidates[0] if len(candidates) == 1 else max(candidates, key=self._claim(number))
            self._place(row, number)
            previous, number = row.hash, number + 1

    def _claim(self, number: int) -> Any:
        """How well a row fits a number that several claim."""
        return lambda row: (row.intact_at(number), self._depth(row), row.seq == number)

    def _depth(self, row: Link) -> int:
        """How many intact rows go on from this one, as far as _DEPTH."""
        for depth in range(_DEPTH):
            following = self._after[row.hash]
            if not following:
                return depth
            row = following[0]
        return _DEPTH

    def _place(self, row: Link, number: int) -> None:
        self._at[number] = row
        self._number[id(row)] = number

    def _homeless(self) -> Iterator[Link]:
        """Rows that have no number yet, also when the one before just changed that."""
        return (row for row in self._rows if id(row) not in self._number)

    def _resume_at(self, row: Link) -> None:
        """Go on from a row whose predecessor is lost, if it is intact at a number that is free."""
        number = self._written_as(row)
        if number is not None and number > 0 and number not in self._at:
            self._place(row, number)
            self._follow(row.hash, number + 1)

    def _fill_gap(self, row: Link) -> None:
        """What is neither linked nor intact was edited where a row is wanting, and inserted elsewhere."""
        if isinstance(row.seq, int) and 0 < row.seq <= max(self._at, default=0) + 1 and row.seq not in self._at:
            self._place(row, row.seq)
            self._follow(row.hash, row.seq + 1)
        else:
            self._strangers.append(row)

    def _written_as(self, row: Link) -> int | None:
        """The number it is intact at; looked for only where nothing else can tell it."""
        if not isinstance(row.seq, int) or row.intact_at(row.seq):
            return row.seq if isinstance(row.seq, int) else None
        if row.prev_hash in self._hashes:
            return None
        return next((number for number in _around(row.seq) if row.intact_at(number)), None)

    def inserted(self) -> Iterator[AuditFault]:
        for row in self._strangers:
            yield AuditFault(row.number, "inserted", f"row {row.seq} was not written by the log: it was added later")

    def deleted(self) -> Iterator[AuditFault]:
        for before, after in pairwise([0, *sorted(self._at)]):
            first, last = before + 1, after - 1
            if first == last:
                yield AuditFault(first, "deleted", f"row {first} is missing")
            elif first < last:
                yield AuditFault(first, "deleted", f"rows {first} to {last} are missing")

    def edited(self) -> Iterator[AuditFault]:
        for number, row in self._at.items():
            if not self._intact[number]:
                yield AuditFault(row.number, "edited", f"row {row.seq} does not match its hash: it was changed")
            elif (fault := self._disowned(number, row)) is not None:
                yield fault

    def _disowned(self, number: int, row: Link) -> AuditFault | None:
        """An intact row whose successor, intact too, remembers another hash: changed, and hashed anew."""
        if number == 1 and row.prev_hash != GENESIS:
            return AuditFault(row.number, "edited", f"row {row.seq} is the first, but names one before it")
        following = self._at.get(number + 1)
        if following is None or not self._intact[number + 1] or following.prev_hash == row.hash:
            return None
        message = f"row {row.seq} was changed and hashed anew: row {following.seq} remembers another hash of it"
        return AuditFault(row.number, "edited", message)

    def reordered(self) -> Iterator[AuditFault]:
        strangers = {id(row) for row in self._strangers}
        gone = {number: number - 1 - rank for rank, number in enumerate(sorted(self._at))}
        added = 0
        for row in self._rows:
            if id(row) in strangers:
                added += 1
                continue
            number = self._number[id(row)]
            explained = (number, number + added - gone[number])
            if row.seq not in explained and self._intact[number]:
                yield AuditFault(row.number, "reordered", f"row {row.seq} was written as row {number}")
