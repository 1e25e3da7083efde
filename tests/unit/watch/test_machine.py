"""The watch's state machine, with scripted events and a scripted clock."""

from __future__ import annotations

import pytest

from tfjs_build.sources.complete import Finding
from tfjs_build.watch import machine
from tfjs_build.watch.machine import Abandon, Build, Command, Machine, Probe, Tell


class Script:
    """A machine that watches `net`, a clock, and a source of which every probe says `finding`."""

    def __init__(self, finding: Finding = "complete") -> None:
        self.machine = Machine()
        self.machine.add("net", 0.0, build=False)
        self.now = 0.0
        self.finding: Finding = finding
        self.done: list[tuple[float, Command]] = []
        self.last_wake = 0.0

    def change(self) -> None:
        self._take(self.machine.changed("net", self.now))

    def end(self, *, published: bool) -> None:
        self.machine.ended("net", self.now, published=published)

    def run(self, seconds: float) -> list[Command]:
        """Let time pass; return what was to be done, without the probes, which are answered."""
        before, until = len(self.done), self.now + seconds
        while (wake := self.machine.wake_at()) <= until:
            self.now = max(self.now, wake)
            self._take(self.machine.due(self.now))
        self.now = until
        return [command for _, command in self.done[before:]]

    def _take(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Probe):
                self._take(self.machine.probed("net", self.finding, self.now))
            else:
                self.done.append((round(self.now, 3), command))


BUILD, ABANDON = Build("net"), Abandon("net")


def test_nothing_happens_where_nothing_changes() -> None:
    script = Script()
    assert script.run(1000.0) == []
    assert script.machine.phase("net") == "idle"


def test_a_save_is_built_once_it_is_quiet() -> None:
    script = Script()
    script.change()
    assert script.machine.phase("net") == "settling"
    assert script.run(machine.QUIET_SECONDS - 0.001) == []
    assert script.run(0.002) == [BUILD]
    assert script.machine.phase("net") == "building"
    script.end(published=True)
    assert script.machine.phase("net") == "idle"
    assert script.run(1000.0) == []


def test_every_change_puts_it_off() -> None:
    script = Script()
    for _ in range(5):
        script.change()
        assert script.run(machine.QUIET_SECONDS * 0.9) == []
    assert script.run(machine.QUIET_SECONDS) == [BUILD]


def test_a_change_during_a_conversion_abandons_it_and_the_last_one_wins() -> None:
    script = Script()
    script.change()
    script.run(0.1)
    script.change()
    assert script.done[-1][1] == ABANDON
    assert script.machine.phase("net") == "queued"
    script.change()  # nothing more to abandon
    assert script.done[-1][1] == ABANDON
    script.end(published=False)
    assert script.run(machine.BURST_QUIET_SECONDS) == [BUILD]


@pytest.mark.parametrize("interval", [0.01, 0.06, 0.2, 0.39])
@pytest.mark.parametrize("conversion", [0.05, 0.3, 3.0])
def test_a_burst_of_a_hundred_saves_begins_two_conversions_at_most(interval: float, conversion: float) -> None:
    """Unless it lasts longer than anybody's patience."""
    script = Script()
    saves = min(100, int(machine.MOST_PATIENCE_SECONDS / interval) - 2)
    ends: float | None = None
    for index in range(saves + 1000):
        if index < saves:
            script.change()
        begun = script.run(interval)
        if ABANDON in [command for _, command in script.done[-2:]] and script.machine.phase("net") == "queued":
            script.end(published=False)
            ends = None
        if BUILD in begun:
            ends = script.now + conversion
        if ends is not None and script.now >= ends and script.machine.phase("net") == "building":
            script.end(published=True)
            ends = None
    builds = [command for _, command in script.done if command == BUILD]
    # Where a conversion takes less time than lies between two saves, there is no burst: each is published in turn.
    if conversion > interval:
        assert 1 <= len(builds) <= 2, script.done
    assert script.machine.phase("net") == "idle"


def test_saves_without_end_are_built_now_and_then() -> None:
    script = Script()
    script.change()
    script.run(0.1)
    builds = 1
    for _ in range(400):
        script.change()
        if script.machine.phase("net") == "queued":
            script.end(published=False)
        builds += script.run(0.1).count(BUILD)
    assert 2 <= builds <= 400


def test_an_incomplete_source_is_probed_until_it_is_complete() -> None:
    script = Script("incomplete")
    script.change()
    assert script.run(0.9) == []
    assert script.run(0.5) == [Tell("net", "incomplete")]
    for _ in range(100):  # a slow copy over minutes
        script.change()
        assert script.run(2.0) == []
    script.finding = "complete"
    script.change()
    assert script.run(0.1) == [BUILD]


def test_a_source_that_stays_incomplete_is_built_in_the_end_to_say_why() -> None:
    script = Script("incomplete")
    script.change()
    assert script.run(machine.GIVE_UP_SECONDS - 1) == [Tell("net", "incomplete")]
    assert script.run(2.0) == [BUILD]
    assert script.machine.is_believed("net", script.now)


def test_a_source_that_is_replaced_by_deletion_is_not_told_of() -> None:
    script = Script("missing")
    script.change()
    assert script.run(machine.GONE_SECONDS / 2) == []
    script.finding = "complete"
    script.change()
    assert script.run(1.0) == [BUILD]


def test_a_source_that_is_gone_is_told_of_once_and_comes_back() -> None:
    script = Script("missing")
    script.change()
    assert script.run(1000.0) == [Tell("net", "missing")]
    assert script.machine.phase("net") == "idle"
    script.change()
    assert script.run(1000.0) == []
    script.finding = "complete"
    script.change()
    assert script.run(1.0) == [BUILD]
    script.end(published=True)
    script.finding = "missing"
    script.change()
    assert script.run(1.0) == [Tell("net", "missing")]


def test_where_the_format_does_not_tell_it_is_left_quiet_for_longer() -> None:
    script = Script("doubtful")
    script.change()
    assert script.run(machine.DOUBT_SECONDS - 0.01) == []
    assert script.run(0.02) == [BUILD]


@pytest.mark.parametrize("finding", ["likely", "doubtful"])
def test_a_failure_is_believed_once_the_source_has_been_quiet(finding: Finding) -> None:
    script = Script(finding)
    script.change()
    assert script.run(machine.DOUBT_SECONDS + 0.1) == [BUILD]
    assert not script.machine.is_believed("net", script.now)
    script.end(published=False)
    assert script.run(machine.HOLD_SECONDS) == [BUILD]  # tried again
    assert script.machine.is_believed("net", script.now)
    script.end(published=False)
    assert script.run(1000.0) == []


def test_a_failure_that_no_save_explains_is_final() -> None:
    script = Script("likely")
    script.change()
    assert script.run(0.1) == [BUILD]
    script.machine.ended("net", script.now, told=True)
    assert script.machine.phase("net") == "idle"
    assert script.run(1000.0) == []


def test_a_failure_of_a_complete_source_is_believed_at_once() -> None:
    script = Script("complete")
    script.change()
    assert script.run(0.1) == [BUILD]
    assert script.machine.is_believed("net", script.now)
    script.end(published=False)
    assert script.machine.phase("net") == "idle"


def test_what_is_new_is_built_at_once_even_where_it_is_missing() -> None:
    script = Script("missing")
    script.machine.add("net", 0.0, build=True)
    assert script.machine.is_busy()
    assert script.run(0.0) == [BUILD]
    assert script.machine.is_busy()
    script.end(published=False)
    assert not script.machine.is_busy()


def test_what_cannot_be_carried_out_is_tried_again() -> None:
    script = Script()
    script.machine.add("net", 0.0, build=True)
    assert script.run(0.0) == [BUILD]
    script.machine.ended("net", script.now, again=script.now + 0.1)
    assert script.machine.is_busy()  # it has still not been built for the first time
    assert script.run(0.2) == [BUILD]


def test_a_first_build_does_not_wait_for_what_is_incomplete() -> None:
    script = Script("incomplete")
    script.machine.add("net", 0.0, build=True, changed=0.0)
    assert script.run(0.0) == []
    assert not script.machine.is_busy()


def test_what_is_removed_while_it_is_built_is_abandoned() -> None:
    script = Script()
    assert script.machine.remove("net") == []
    script.machine.add("net", 0.0, build=True)
    script.run(0.0)
    assert script.machine.remove("net") == [ABANDON]
    script.machine.ended("net", script.now)
    assert "net" not in script.machine
