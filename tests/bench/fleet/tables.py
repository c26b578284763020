# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as Markdown: for people, and for docs/fleets.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

from contenders import CONTENDERS, STEPS
from goals import GOALS
from projection import FORKS, PROCESSORS, costs_of
from results import Case, Results

PAGE = Path(__file__).parents[3] / "docs" / "fleets.md"
BEGIN, END = "<!-- ./dev bench writes from here -->", "<!-- to here -->"


def tables(results: Results) -> str:
    parts = (_circumstances, _goals, _seconds, _costs, _projected, _failures)
    return "\n".join(line for part in parts for line in part(results)).rstrip()


def _goals(results: Results) -> Iterator[str]:
    """The limit is that of any playbook, since ansible-playbook itself takes time."""
    yield "| goal | wanted | measured | | a play without a task |\n|---|---|---|---|---|"
    for goal in GOALS:
        ratio, limit = goal.ratio(results.median), goal.limit(results.median)
        told = "| not measured" if ratio is None else f"{ratio:.2f} | {'reached' if goal.is_reached(ratio) else 'not reached'}"
        yield f"| {goal.what} | {goal.wanted} | {told} | {'' if limit is None else f'{limit:.2f}'} |"
    yield ""


def _seconds(results: Results) -> Iterator[str]:
    """In brackets how many times as long as this collection."""
    yield f"| hosts × daemons | | {' | '.join(STEPS.values())} |\n|---|---|{'---|' * len(STEPS)}"
    for case in results.cases.values():
        for contender in CONTENDERS:
            cells = [_with_ratio(case, contender.name, step) for step in STEPS]
            if any(cells):
                yield f"| {case.hosts} × {case.daemons} | {contender.title} | {' | '.join(cells)} |"
    yield ""


def _with_ratio(case: Case, contender: str, step: str) -> str:
    own, ours = case.median(contender, step), case.median("ours", step)
    if own is None:
        return ""
    return f"{own:.1f} s" if contender == "ours" or not ours else f"{own:.1f} s ({own / ours:.1f}×)"


def _costs(results: Results) -> Iterator[str]:
    """Of the controller, but for one column."""
    yield "| hosts × daemons | | CPU seconds: first deployment | no change | of these the first process | each host | memory |"
    yield "|---|---|---|---|---|---|---|"
    for case in results.cases.values():
        for contender in CONTENDERS:
            keys = ("cpu", "main", "hosts", "memory")
            same = [found for found in (case.median(contender.name, "same", key) for key in keys) if found is not None]
            if len(same) < len(keys):
                continue
            first = case.median(contender.name, "first", "cpu")
            numbers = [f"{same[0]:.1f}", f"{same[1]:.1f}", f"{same[2] / case.hosts:.2f}", f"{same[3]:.0f} MiB"]
            cells = ["" if first is None else f"{first:.1f}", *numbers]
            yield f"| {case.hosts} × {case.daemons} | {contender.title} | {' | '.join(cells)} |"
    yield ""


def _projected(results: Results) -> Iterator[str]:
    for contender in ("ours", "idiomatic"):
        costs = costs_of(results, contender)
        if costs is None:
            continue
        if contender == "ours":
            yield f"| a run without a change, {FORKS} forks, {PROCESSORS} processors | per host | 1,000 hosts | 10,000 hosts |"
            yield "|---|---|---|---|"
        title = {each.name: each.title for each in CONTENDERS}[contender]
        per_host = f"{1000 * costs.cpu:.0f} ms of CPU, of these {1000 * costs.main:.0f} ms in the first process"
        walls = (costs.wall(hosts, FORKS, PROCESSORS) for hosts in (1000, 10000))
        cells = [f"{wall / 60:.1f} min" if wall >= 60 else f"{wall:.0f} s" for wall in walls]
        yield f"| {title} | {per_host}, {costs.alone:.1f} s alone, {costs.fork:.0f} MiB per fork | {' | '.join(cells)} |"
    yield ""


def _failures(results: Results) -> Iterator[str]:
    for case in results.cases.values():
        for contender, reason in case.failures.items():
            yield f"Failed: {contender} at {case.hosts} × {case.daemons}: {reason.splitlines()[0]}\n"


def _circumstances(results: Results) -> Iterator[str]:
    if not results.cases:
        return
    days = sorted(case.time[:10] for case in results.cases.values())
    rounds = sorted({len(case.rounds) for case in results.cases.values()})
    versions = {package: version for case in results.cases.values() for package, version in case.versions.items()}
    told = ", ".join(f"{package} {version}" for package, version in versions.items())
    yield (
        f"Medians of {' to '.join(map(str, dict.fromkeys((rounds[0], rounds[-1]))))} rounds, measured on "
        f"{' to '.join(dict.fromkeys((days[0], days[-1])))} with {told}; {os.cpu_count()} processors for the controller and all"
        " hosts together.\n"
    )


def write_page(results: Results) -> None:
    """Put the tables between the marks of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n\n{END}{after}", encoding="utf-8")
