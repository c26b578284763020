# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of the drafts of a stack: what its units say, alone and together, in the words of its author."""

from __future__ import annotations

from typing import Iterator, Mapping

from .._declaration.model import Stack
from .._declaration.problems import Problems
from .._unitfile.names import split_unit_name
from .._unitfile.syntax import Document
from . import enablement, secrets, shell_syntax, unit_checks, value_kinds
from .generators import makes_units
from .scope import Scope
from .socket_nodes import check_socket_directories
from .unit_drafts import Host, UnitDraft, install_document, is_enabled, natural_state, place_in_daemon
from .unit_file_state import ABSENT, check_can_be_enabled


def check(stack: Stack, drafts: Mapping[str, UnitDraft], scope: Scope, host: Host, told: Problems) -> None:
    problems = Problems()
    _check_numbers(stack, problems)
    _check_all(drafts, scope, host, makes_units(entry.path for entry in stack.files), problems)
    for problem in problems.found:
        told.add(in_words_of_the_user(problem.place, stack), problem.value, problem.problem, problem.remedy)


def _check_numbers(stack: Stack, problems: Problems) -> None:
    for daemon in stack.daemons:
        sections = {"Unit": daemon.unit, "Service": daemon.service, "Socket": daemon.socket, "Install": daemon.install}
        value_kinds.check_numbers(sections, f"daemons.{daemon.name}", problems)
    for entry in stack.units:
        value_kinds.check_numbers(entry.sections or {}, f"units.{entry.name}", problems)
        for name, dropin in (entry.dropins or {}).items():
            if isinstance(dropin, Mapping):
                value_kinds.check_numbers(dropin, f"units.{entry.name}.dropins.{name}", problems)


def check_notices(stack: Stack, drafts: Mapping[str, UnitDraft], problems: Problems) -> None:
    for entry in stack.files:
        for notice in entry.notify:
            draft = drafts.get(notice.unit)
            if notice.action == "reload" and draft and draft.document and not unit_checks.can_reload(draft.name, draft.whole):
                problem = f"{notice.unit} has no ExecReload="
                problems.add(f"files.{entry.path}.notify", notice.unit, problem, "Add it, or choose action: restart.")


def check_secrets(stack: Stack, drafts: Mapping[str, UnitDraft], told: Problems) -> tuple[str, ...]:
    """Returns the warnings that the task's `unsafe` makes of them."""
    problems = Problems()
    for draft in drafts.values():
        for place, document in _documents(draft):
            secrets.check_secrets(document, place, problems)
    unsafe = Problems()
    for problem in problems.found:
        unsafe.add(in_words_of_the_user(problem.place, stack), problem.value, problem.problem, problem.remedy)
    return unsafe.by_policy(stack.unsafe, told)


def left_disabled(drafts: Mapping[str, UnitDraft]) -> Iterator[str]:
    """What something else has installed is enabled only where that is asked for."""
    for draft in drafts.values():
        says_for_what = any(enablement.can_be_enabled(dropin) for dropin in draft.dropins.values())
        if says_for_what and is_enabled(draft) is None and draft.definition is None:
            yield f"{draft.place}: its drop-in says for what it is enabled, which is not done unless you add enabled: true."


def _documents(draft: UnitDraft) -> Iterator[tuple[str, Document]]:
    """What the stack writes of a unit: place → its own file and its drop-ins."""
    if draft.document:
        yield draft.place, draft.document
    for name, dropin in draft.dropins.items():
        yield f"{draft.place}.dropins.{name}", dropin


def in_words_of_the_user(place: str, stack: Stack) -> str:
    """daemons.echo.Socket.Accept → daemons.echo.socket.Accept: what a unit's directive is in the options of its daemon."""
    for daemon in stack.daemons:
        prefix = f"daemons.{daemon.name}."
        if place.startswith(prefix):
            section, _dot, key = place[len(prefix) :].partition(".")
            return place_in_daemon(daemon, section, key) if section[:1].isupper() else place
    return place


def _check_all(drafts: Mapping[str, UnitDraft], scope: Scope, host: Host, may_be_generated: bool, problems: Problems) -> None:
    for draft in drafts.values():
        for place, document in _documents(draft):
            unit_checks.check_sections(draft.name, document, place, problems)
            unit_checks.check_ports(draft.name, document, place, problems)
            shell_syntax.check_commands(document, place, problems)
            value_kinds.check_values(document, place, problems)
            if draft.is_shared:
                enablement.check_shared(draft.name, document, place, problems)
            else:
                enablement.check_names(draft.name, document, place, problems, host.specifier, host.systemd)
        if draft.document:
            unit_checks.check_definition(draft.name, draft.whole, draft.place, problems)
        if not draft.is_shared:
            _check_entry(draft, host, may_be_generated, problems)
    own = {name: draft.whole for name, draft in drafts.items() if draft.document}
    places = {name: draft.place for name, draft in drafts.items()}
    check_socket_directories(own, places, scope, problems)
    unit_checks.check_accept(own, places, problems)
    unit_checks.check_order(own, places, problems)


def _check_entry(draft: UnitDraft, host: Host, may_be_generated: bool, problems: Problems) -> None:
    entry = draft.entry
    is_template = split_unit_name(draft.name).is_template
    if is_template and entry.instances is None and entry.state in _RUNNING:
        problems.add(f"{draft.place}.state", entry.state, "a template does not run itself", "Add instances, or take state away.")
    _check_start(draft, problems)
    cannot_reload = draft.definition is not None and not unit_checks.can_reload(draft.name, draft.whole)
    for option, value in (("on_change", entry.on_change), ("state", entry.state)):
        if cannot_reload and value in ("reload", "reloaded"):
            problem = f"{draft.name} has no ExecReload="
            remedy = f"Add it, or choose another {option}. daemon-reload is another thing, and is done whenever a unit changes."
            problems.add(f"{draft.place}.{option}", value, problem, remedy)
    if draft.definition is None and host.installed is not None:
        installed = host.installed[draft.name]
        if entry.enabled:
            check_can_be_enabled(installed, draft.name, draft.place, problems)
        elif installed.kind in ABSENT and (entry.state in _RUNNING or entry.dropins) and not may_be_generated:
            problems.add(
                draft.place, draft.name, "there is no such unit on the host", "Give its sections, or install what brings it."
            )
    document = install_document(draft, host)
    if entry.enabled and document is not None and not enablement.can_be_enabled(document):
        problems.add(
            f"{draft.place}.enabled",
            True,
            f"{draft.name} has no [Install] section that says what it is enabled for",
            "Add Install: {WantedBy: multi-user.target}, or take enabled away.",
        )


def _check_start(draft: UnitDraft, problems: Problems) -> None:
    """systemd starts some units for other units only. A restart of what runs is done by dependency, too."""
    is_started = (draft.entry.state or natural_state(draft)) in _RUNNING
    if is_started and draft.document is not None and unit_checks.refuses_start(draft.whole):
        problem = f"{draft.name} is to be started, which it refuses: only what depends on it can start it"
        remedy = "Take RefuseManualStart away, or say state: unmanaged and let the unit that wants it start it."
        problems.add(f"{draft.place}.Unit.RefuseManualStart", "yes", problem, remedy)


_RUNNING = ("started", "restarted", "reloaded", "reload-or-restarted")
