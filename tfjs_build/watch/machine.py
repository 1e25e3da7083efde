"""When to build what: a state machine for each watched thing, with no clock and no disk of its own.

              changed                 probed: settled                 ended
    idle ──────────────▶ settling ─────────────────────▶ building ──────────────▶ idle
                          │    ▲                            │
                          └────┘                            │ changed: its conversion is abandoned
             changed, or probed: not settled yet            ▼
                               ▲                          queued
                               └───────── ended ────────────┘

Time is a number of seconds that the caller gives; what is to be done comes back as commands. Settled means complete,
not only quiet: after a short quiet time the caller is asked to probe the source itself. Whoever saves again while a
conversion runs is waited for longer, so that a burst of saves costs two conversions, not one each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tfjs_build.records import record
from tfjs_build.sources.complete import Finding

QUIET_SECONDS = 0.05
"""How long a source must have been quiet before it is probed."""

BURST_QUIET_SECONDS = 0.4
"""The same once a conversion was overtaken."""

MOST_PATIENCE_SECONDS = 10.0
"""A source that is saved without end is built every now and then all the same."""

DOUBT_SECONDS = 0.5
"""How long a source must have been quiet that does not tell whether it is complete, and looks as if it were not."""

HOLD_SECONDS = 1.5
"""A failure is not believed before its source has been quiet for so long, unless the source is complete for certain."""

GONE_SECONDS = 0.5
"""A save may delete first and write then."""

FIRST_RETRY_SECONDS, MOST_RETRY_SECONDS = 0.05, 0.5
"""How soon an incomplete source is probed again; doubled each time."""

TELL_SECONDS = 1.0
"""How long a source may be incomplete before that is told."""

GIVE_UP_SECONDS = 30.0
"""A source that is incomplete and was not touched for so long is not being written: it is built, which says what is
wrong with it."""

NEVER = float("inf")

Phase = Literal["idle", "settling", "building", "queued"]


@record(frozen=True)
class Probe:
    """Look whether the source is complete, and answer with `probed`."""

    name: str


@record(frozen=True)
class Build:
    """Begin to build; say `ended` when that is over, in whatever way."""

    name: str


@record(frozen=True)
class Abandon:
    """End what was begun, and publish nothing of it; then say `ended`."""

    name: str


@record(frozen=True)
class Tell:
    """Say that the source is incomplete, or that it is gone."""

    name: str
    finding: Finding


Command: TypeAlias = "Probe | Build | Abandon | Tell"


@dataclass
class _Watched:
    phase: Phase = "idle"
    first: bool = False
    changed: float = 0.0
    since: float = 0.0
    wake: float = NEVER
    retry: float = FIRST_RETRY_SECONDS
    quiet: float = QUIET_SECONDS
    finding: Finding = "likely"
    told: Finding | None = None


@dataclass
class Machine:
    """The states of all watched things, by name."""

    _all: dict[str, _Watched] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def add(self, name: str, now: float, *, build: bool, changed: float = -NEVER) -> None:
        """Watch something new, last changed at `changed`; `build`: it is to be built now, whatever its state."""
        self._all[name] = _Watched()
        if build:
            self._all[name] = _Watched("settling", first=True, changed=changed, since=now, wake=now)

    def remove(self, name: str) -> list[Command]:
        """Forget something; if it is being built, that is to be abandoned."""
        known = self._all.pop(name, None)
        return [Abandon(name)] if known and known.phase == "building" else []

    def phase(self, name: str) -> Phase:
        """Return the state of something watched."""
        return self._all[name].phase

    def is_busy(self) -> bool:
        """Whether anything is being built, or has not been looked at for the first time."""
        return any(each.phase in ("building", "queued") or each.first for each in self._all.values())

    def changed(self, name: str, now: float) -> list[Command]:
        """Its source changed, or what else its output depends on."""
        each = self._all[name]
        if each.phase in ("idle", "building"):
            each.since = now
        each.changed, each.retry = now, FIRST_RETRY_SECONDS
        if each.phase == "building":
            each.phase, each.quiet = "queued", BURST_QUIET_SECONDS
            return [Abandon(name)]
        if each.phase != "queued":
            each.phase = "settling"
            self._settle(each, now)
        return []

    def due(self, now: float) -> list[Command]:
        """Return what the passing of time calls for."""
        names = [name for name, each in self._all.items() if each.phase == "settling" and each.wake <= now]
        for name in names:
            self._all[name].wake = NEVER  # until it is answered
        return [Probe(name) for name in names]

    def wake_at(self) -> float:
        """Return when `due` is to be called next."""
        return min((each.wake for each in self._all.values() if each.phase == "settling"), default=NEVER)

    def probed(self, name: str, finding: Finding, now: float) -> list[Command]:
        """The answer to a probe."""
        each = self._all[name]
        if each.phase != "settling":
            return []
        each.finding = finding
        quiet = now - each.changed
        if finding == "missing" and not each.first:
            if quiet < GONE_SECONDS:
                each.wake = each.changed + GONE_SECONDS
                return []
            each.phase = "idle"
            return self._tell(name, each)
        if finding == "incomplete" and quiet < GIVE_UP_SECONDS:
            each.first = False
            each.wake, each.retry = now + each.retry, min(2 * each.retry, MOST_RETRY_SECONDS)
            return self._tell(name, each) if now - each.since >= TELL_SECONDS else []
        if finding == "doubtful" and quiet < DOUBT_SECONDS:
            each.wake = each.changed + DOUBT_SECONDS
            return []
        each.phase, each.told = "building", None
        return [Build(name)]

    def is_believed(self, name: str, now: float) -> bool:
        """Whether a failure is to be told; if not, `ended` has it tried again."""
        each = self._all[name]
        return each.finding in ("complete", "missing", "incomplete") or now - each.changed >= HOLD_SECONDS

    def ended(
        self, name: str, now: float, *, published: bool = False, again: float | None = None, told: bool = False
    ) -> None:
        """A build is over: something was published (or was up to date already), it failed, or it was abandoned.

        `again` is when to try once more, where it could not be carried out. `told`: it failed for a reason that no
        save under way can be, and that was told.
        """
        each = self._all.get(name)
        if each is None:
            return
        if published:
            each.quiet = QUIET_SECONDS
        if each.phase == "queued":
            each.phase = "settling"
            self._settle(each, now)
            return
        if again is not None:
            each.phase, each.wake = "settling", again
            return
        each.first = False
        if not published and not told and not self.is_believed(name, now):
            each.phase, each.wake = "settling", each.changed + HOLD_SECONDS
        else:
            each.phase = "idle"

    def _settle(self, each: _Watched, now: float) -> None:
        patient = now - each.since < MOST_PATIENCE_SECONDS
        each.wake = max(now, each.changed + (each.quiet if patient else QUIET_SECONDS))

    def _tell(self, name: str, each: _Watched) -> list[Command]:
        if each.told == each.finding:
            return []
        each.told = each.finding
        return [Tell(name, each.finding)]
