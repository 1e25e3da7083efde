"""Where the time of a prediction goes on wasm, and where dispatches and programs come from on webgl and webgpu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench import devices
from bench.contenders import Contender
from bench.prediction_tables import milliseconds
from bench.runs import reference, run_of
from bench.turns import profiles

PREDICTIONS = 20
CALLS = 15
"""Rows of calls that are told apart by their shapes."""


def show(name: str, contenders: Sequence[Contender], backends: Iterable[str]) -> None:
    """Print the profile of a network's models on each of the backends."""
    for backend in backends:
        print(f"\n{name}, {backend}")
        for line in _of_device(name, contenders, backend) if backend != "wasm" else _of_wasm(name, contenders):
            print(line)


def _of_wasm(name: str, contenders: Sequence[Contender]) -> list[str]:
    expected = reference(name)
    found = profiles(contenders, expected, PREDICTIONS)
    lines = []
    for contender in contenders:
        given = found.get(contender.label, {"error": contender.error})
        run = run_of(given, expected)
        lines.append("")
        if run.error:
            lines.append(f"{contender.label}: {run.error}")
            continue
        lines.append(f"{contender.label}: {milliseconds(run.next)} ms a prediction")
        if profile := given.get("profile"):
            lines += by_kernel(profile)
    return lines


def by_kernel(profile: Mapping[str, Any]) -> list[str]:
    """Return the time of each kernel in one prediction, what is none's, and what takes longest by its shapes."""
    kernels: dict[str, tuple[int, float]] = {}
    for each in profile["kernels"]:
        calls, spent = kernels.get(each["kernel"], (0, 0.0))
        kernels[each["kernel"]] = calls + each["calls"], spent + each["milliseconds"]
    total = profile["milliseconds"]
    rest = total - sum(spent for _, spent in kernels.values())
    ranked = sorted(kernels.items(), key=lambda item: -item[1][1])
    lines = [f"  {spent:8.2f} ms {spent / total:4.0%} {calls:5} {kernel}" for kernel, (calls, spent) in ranked]
    lines.append(
        f"  {rest:8.2f} ms {rest / total:4.0%}       between the kernels (of {milliseconds(total)} ms, watched)"
    )
    lines.append("  of these, by shapes:")
    for each in sorted(profile["kernels"], key=lambda each: -each["milliseconds"])[:CALLS]:
        lines.append(f"  {each['milliseconds']:8.2f} ms      {each['calls']:5} {each['kernel']} {each['shapes']}")
    return lines


def _of_device(name: str, contenders: Sequence[Contender], backend: str) -> list[str]:
    expected = reference(name)
    lines = []
    for contender in contenders:
        if contender.kind != "tfjs":
            continue
        given: Mapping[str, Any] = (
            {"error": contender.error} if contender.error else devices.counted(contender, backend, expected)
        )
        run = run_of(given, expected)
        lines.append("")
        if run.error:
            lines.append(f"{contender.label}: {run.error}")
            continue
        lines.append(f"{contender.label}: {run.dispatches} dispatches, {run.programs} programs")
        ranked = sorted(given["kernels"].items(), key=lambda item: -item[1]["dispatches"])
        lines += [f"  {each['dispatches']:5} {each['programs']:5} {kernel or 'reading'}" for kernel, each in ranked]
    return lines
