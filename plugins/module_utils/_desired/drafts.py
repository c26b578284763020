# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the declaration → drafts of units: daemons become sections, structures become text, Also= is followed."""

from __future__ import annotations

from typing import Any, Mapping

from .._dataclasses import dataclass, field, replace
from .._declaration.model import Daemon, Stack, UnitEntry
from .._declaration.probe import first_stream
from .._declaration.problems import Problems
from .._declaration.source import NotSent, Source, content_of
from .._unitfile.render import render
from .._unitfile.syntax import Document, UnitSyntaxError, UnsuitableValue, parse
from . import checks, credentials, install
from .daemon import service_name, unit_sections
from .desired import Link
from .installed import Installed
from .release import Release
from .scope import Scope


@dataclass(frozen=True)
class Host:
    """What must be known of the host. On the controller, where it is not, the defaults do: the checks are the same.

    interpreters: declared name → absolute path; real_interpreters: where its links lead. installed: unit → what lies
    there, None where nothing is known. systemd: its major version, 0 where it is not known: then nothing is taken to be
    too new. keeping: of its secrets.
    """

    interpreters: Mapping[str, str] = field(default_factory=dict)
    installed: Mapping[str, Installed] | None = None
    systemd: int = 0
    keeping: credentials.Keeping = field(default_factory=credentials.Keeping)
    real_interpreters: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Draft:
    """A unit on its way. document: its own file, None for one that something else has installed."""

    name: str
    place: str
    document: Document | None
    dropins: dict[str, Document]
    entry: UnitEntry
    release: Link | None = None

    @property
    def whole(self) -> Document:
        """All that defines it: systemd reads the drop-ins after the unit file, in the order of their names."""
        parts = [self.document] if self.document else []
        return parse("\n".join(part.normalized().text for part in (*parts, *(self.dropins[n] for n in sorted(self.dropins)))))


def drafts_of(stack: Stack, releases: Mapping[str, Release], scope: Scope, host: Host, problems: Problems) -> dict[str, Draft]:
    """Name → draft of all units of the stack, those that an Also= brings in included."""
    drafts: dict[str, Draft] = {}
    given = list(filter(None, (_unit_draft(entry, problems) for entry in stack.units)))
    triggered = {service for draft in given for service in checks.triggered_by(draft.name, draft.whole)}
    for daemon in stack.daemons:
        daemon = _left_to_its_trigger(daemon) if service_name(daemon) in triggered else daemon
        for draft in _daemon_drafts(daemon, releases[daemon.name], scope, host, problems):
            _add(drafts, draft, problems)
    for draft in given:
        _add(drafts, draft, problems)
    _add_also(drafts, host)
    return drafts


def _left_to_its_trigger(daemon: Daemon) -> Daemon:
    """A job that a timer, path or socket of the stack starts is started by that, and neither at boot nor by a deployment.

    What the daemon says itself wins.
    """
    if daemon.service_type != "oneshot" or daemon.says_when_it_starts:
        return daemon
    return replace(daemon, wanted_by=(), state=daemon.state if daemon.says_state else "unmanaged")


def _add(drafts: dict[str, Draft], draft: Draft, problems: Problems) -> None:
    if draft.name in drafts:
        other = drafts[draft.name].place
        problems.add(draft.place, draft.name, f"{other} declares this unit already", "Rename one of the two.")
    drafts[draft.name] = draft


def _daemon_drafts(daemon: Daemon, release: Release, scope: Scope, host: Host, problems: Problems) -> list[Draft]:
    place = f"daemons.{daemon.name}"
    service = service_name(daemon)
    drafts = []
    try:
        for name, sections in unit_sections(daemon, release, scope, host.systemd).items():
            if name == service:
                sections["Service"].update(credentials.directives_of(daemon, scope, host.keeping))
            entry = _daemon_entry(daemon, name, service)
            current = release.current if name == service else None
            drafts.append(Draft(name, place, parse(render(sections)), {}, entry, current))
    except UnsuitableValue as error:
        problems.add(place_in_daemon(daemon, error.section, error.key), error.value, error.problem, error.remedy)
    return drafts


def _daemon_entry(daemon: Daemon, name: str, service: str) -> UnitEntry:
    """What a daemon's options mean for its service and for its socket. A lazy service is started by its socket."""
    health = daemon.health
    if health and health.needs_socket:
        health = health.through(first_stream(daemon.socket))
    entry = UnitEntry(name, enabled=daemon.enabled, state=daemon.state, on_change=daemon.on_change, health=health)
    if daemon.socket is None:
        return entry
    if name != service:
        keeps = entry.on_change == "keep" and entry.state not in _SOCKET_STATES
        return replace(
            entry, on_change="keep" if keeps else "auto", health=None, state=_SOCKET_STATES.get(daemon.state, daemon.state)
        )
    if daemon.activation == "eager":
        return entry
    return replace(entry, enabled=False, state=_LAZY_STATES.get(daemon.state, daemon.state))


# A restart or reload is meant for the service; its socket only has to be there.
_SOCKET_STATES = {
    "restarted": "started",
    "reloaded": "started",
    "reload-or-restarted": "started",
    "try-restarted": "unmanaged",
    "try-reload-or-restarted": "unmanaged",
}
_LAZY_STATES = {"started": "unmanaged", "restarted": "try-restarted", "reload-or-restarted": "try-reload-or-restarted"}


# Directives that come from an option of the daemon's own.
_OPTION_OF = {
    "Environment": "environment",
    "LoadCredential": "credentials",
    "LoadCredentialEncrypted": "credentials",
    "ExecStart": "args",
    "Description": "description",
    "User": "user",
    "Group": "group",
    "WorkingDirectory": "working_directory",
    "After": "after",
    "WantedBy": "wanted_by",
}


def place_in_daemon(daemon: Daemon, section: str, key: str) -> str:
    """The option that a directive of a daemon's unit comes from: one of its sections, or one of its own."""
    option = section.lower()
    raw: Mapping[str, Any] = getattr(daemon, option, None) or {}
    if section and key in raw:
        return f"daemons.{daemon.name}.{option}.{key}"
    if not key:
        return f"daemons.{daemon.name}.{option or 'args'}"
    return f"daemons.{daemon.name}.{_OPTION_OF.get(key, f'{option}.{key}')}"


def _unit_draft(entry: UnitEntry, problems: Problems) -> Draft | None:
    place = f"units.{entry.name}"
    definition: Any = entry.sections if entry.sections is not None else entry.content
    document = _document(definition, place, problems) if entry.is_defined else None
    dropins = {}
    for name, given in (entry.dropins or {}).items():
        dropin = _document(given, f"{place}.dropins.{name}", problems)
        if dropin:
            dropins[name] = dropin
    if entry.is_defined and document is None:
        return None
    return Draft(entry.name, place, document, dropins, entry)


def _document(definition: Source | Mapping[str, Any], place: str, problems: Problems) -> Document | None:
    try:
        if not isinstance(definition, Source):
            return parse(render(definition))
        return parse(content_of(definition).decode("utf-8")).normalized()
    except NotSent as error:
        problems.add(place, definition.name if isinstance(definition, Source) else "", error.problem, error.remedy)
    except UnsuitableValue as error:
        where = ".".join(part for part in (place, error.section, error.key) if part)
        problems.add(where, error.value, error.problem, error.remedy)
    except UnitSyntaxError as error:
        problems.add(f"{place}, line {error.line}", error.text, error.problem, error.remedy)
    except UnicodeDecodeError as error:
        problems.add(place, place, f"the content is no UTF-8 text: {error.reason}", "Unit files are text.")
    return None


def _add_also(drafts: dict[str, Draft], host: Host) -> None:
    """Also=: units that are enabled and disabled together with the one that names them."""
    waiting = list(drafts.values())
    while waiting:
        draft = waiting.pop()
        named = install_document(draft, host)
        enabled = is_enabled(draft)
        for other in install.also(named, draft.name) if named and enabled is not None else ():
            if other in drafts and drafts[other].entry.enabled is None:
                drafts[other].entry = replace(drafts[other].entry, enabled=enabled)
            elif other not in drafts and host.installed is not None and other in host.installed:
                drafts[other] = Draft(other, draft.place, None, {}, UnitEntry(other, enabled=enabled))
                waiting.append(drafts[other])


def named_in_also(entry: UnitEntry) -> list[str]:
    """The units that a definition names in Also=."""
    draft = _unit_draft(entry, Problems()) if entry.is_defined else None
    return install.also(draft.document, entry.name) if draft and draft.document else []


def also_in(text: str, name: str) -> list[str]:
    """The same for the text of a unit that something else has installed."""
    try:
        return install.also(parse(text), name)
    except UnitSyntaxError:
        return []


def is_enabled(draft: Draft) -> bool | None:
    """An instance is enabled, not its template; what something else has installed is left as it is unless asked for."""
    if draft.entry.enabled is not None or draft.document is None:
        return draft.entry.enabled
    return install.can_be_enabled(draft.document) and not draft.entry.masked


def install_document(draft: Draft, host: Host) -> Document | None:
    """[Install] counts in the unit file alone, not in drop-ins. None: not known."""
    if draft.document or host.installed is None:
        return draft.document
    installed = host.installed[draft.name]
    try:
        return parse(installed.text) if installed.kind in ("file", "linked") else None
    except UnitSyntaxError:  # of somebody else: systemd may make more of it than we do
        return None
