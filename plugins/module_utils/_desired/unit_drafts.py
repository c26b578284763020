# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the declaration → drafts of units: daemons become sections, structures become text, Also= is followed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Mapping

from .._dataclasses import dataclass, field, replace
from .._declaration.model import Daemon, Stack, UnitEntry
from .._declaration.probe import first_stream, listen_address
from .._declaration.problems import Problems
from .._declaration.source import NotSent, Source, content_of
from .._unitfile.names import is_for_several, reaches, split_unit_name, template_of
from .._unitfile.render import render
from .._unitfile.syntax import Document, UnitSyntaxError, UnsuitableValue, parse
from . import credentials, enablement, unit_checks
from .daemon import service_name, unit_sections
from .desired import Link
from .probe_addresses import resolved
from .release import Release
from .scope import Scope
from .unit_file_state import UnitFileState, as_systemd_reads


@dataclass(frozen=True)
class Host:
    """What must be known of the host. On the controller, where it is not, the defaults do: the checks are the same.

    interpreters: declared name → absolute path; real_interpreters: where its links lead. installed: unit → what lies
    there, None where nothing is known. systemd: its major version, 0 where it is not known: then nothing is taken to be
    too new. keeping: of its secrets. specifier: letter → what it stands for in an [Install] section.
    """

    interpreters: Mapping[str, str] = field(default_factory=dict)
    installed: Mapping[str, UnitFileState] | None = None
    systemd: int = 0
    keeping: credentials.Keeping = field(default_factory=credentials.Keeping)
    real_interpreters: Mapping[str, str] = field(default_factory=dict)
    specifier: enablement.Specifier = enablement.unknown


@dataclass
class UnitDraft:
    """A unit on its way. document: its own file, None for one that something else has installed.

    template: of an instance, where the stack defines it. shared: the stack's drop-ins for several units that are read for
    this one, too, by name; several: whose they are. is_listed: it is one of the `instances` of its template.
    """

    name: str
    place: str
    document: Document | None
    dropins: dict[str, Document]
    entry: UnitEntry
    release: Link | None = None
    template: UnitDraft | None = None
    shared: dict[str, Document] = field(default_factory=dict)
    several: tuple[str, ...] = ()
    is_listed: bool = False

    @property
    def is_shared(self) -> bool:
        """Drop-ins for several units, and no unit."""
        asked = (self.entry.enabled, self.entry.masked, self.entry.instances, self.entry.health, self.entry.state or None)
        return is_for_several(self.name) and self.document is None and all(option is None for option in asked)

    @property
    def definition(self) -> Document | None:
        """The unit file that the stack writes for it, its own or that of its template."""
        return self.document or (self.template.document if self.template else None)

    @property
    def on_change(self) -> str:
        """An instance with drop-ins of its own has that of its template, unless it says another one."""
        template = self.template if self.document is None else None
        return template.entry.on_change if template and self.entry.on_change == "auto" else self.entry.on_change

    @property
    def read_with_it(self) -> tuple[str, ...]:
        """Whose drop-ins are read for this unit besides its own, the widest first."""
        return (*self.several, *((self.template.name,) if self.template else ()))

    @property
    def whole(self) -> Document:
        """All that defines it: systemd reads the drop-ins after the unit file, in the order of their names.

        Of those with the same name only that of the narrowest folder is read.
        """
        return self._with({**self.shared, **self._own_dropins})

    @property
    def installing(self) -> Document:
        """The same as far as it says for what the unit is enabled (enablement.py)."""
        return self._with(self._own_dropins)

    @property
    def _own_dropins(self) -> dict[str, Document]:
        return {**(self.template.dropins if self.template else {}), **self.dropins}

    def _with(self, dropins: Mapping[str, Document]) -> Document:
        parts = [self.definition] if self.definition else []
        return _together(tuple(part.normalized().text for part in (*parts, *(dropins[name] for name in sorted(dropins)))))


@lru_cache(maxsize=256)
def _together(texts: tuple[str, ...]) -> Document:
    """One document of several. It is asked for again by each check."""
    return parse("\n".join(texts))


def drafts_of(
    stack: Stack, releases: Mapping[str, Release], scope: Scope, host: Host, problems: Problems
) -> dict[str, UnitDraft]:
    """Name → draft of all units of the stack, those that an Also= brings in included."""
    drafts: dict[str, UnitDraft] = {}
    given = list(filter(None, (_unit_draft(entry, problems) for entry in stack.units)))
    triggered = {
        service for draft in given if not draft.is_shared for service in unit_checks.triggered_by(draft.name, draft.whole)
    }
    for daemon in stack.daemons:
        daemon = _left_to_its_trigger(daemon) if service_name(daemon) in triggered else daemon
        for draft in _daemon_drafts(daemon, releases[daemon.name], scope, host, problems):
            _add(drafts, draft, problems)
    for draft in given:
        _add(drafts, draft, problems)
    for draft in drafts.values():
        _join(draft, drafts)
    _add_also(drafts, host)
    return drafts


def _join(draft: UnitDraft, drafts: Mapping[str, UnitDraft]) -> None:
    """What else of the stack is read for this unit: its template, and drop-ins for several units, the widest first."""
    if draft.is_shared:
        return
    for several in sorted(
        (each for each in drafts.values() if each.is_shared), key=lambda each: ("-" in each.name, len(each.name))
    ):
        if reaches(several.name, draft.name):
            draft.shared.update(several.dropins)
            draft.several = (*draft.several, several.name)
    named = split_unit_name(draft.name)
    template = drafts.get(template_of(draft.name)) if named.is_instance else None
    if template is not None:
        draft.template = template
        draft.is_listed = named.instance in (template.entry.instances or ())


def _left_to_its_trigger(daemon: Daemon) -> Daemon:
    """A job that a timer, path or socket of the stack starts is started by that, and neither at boot nor by a deployment.

    What the daemon says itself wins.
    """
    if daemon.service_type != "oneshot" or daemon.says_when_it_starts:
        return daemon
    return replace(daemon, wanted_by=(), state=daemon.state if daemon.says_state else "unmanaged")


def _add(drafts: dict[str, UnitDraft], draft: UnitDraft, problems: Problems) -> None:
    if draft.name in drafts:
        other = drafts[draft.name].place
        problems.add(draft.place, draft.name, f"{other} declares this unit already", "Rename one of the two.")
    drafts[draft.name] = draft


def _daemon_drafts(daemon: Daemon, release: Release, scope: Scope, host: Host, problems: Problems) -> list[UnitDraft]:
    place = f"daemons.{daemon.name}"
    service = service_name(daemon)
    drafts = []
    try:
        for name, sections in unit_sections(daemon, release, scope, host.systemd).items():
            if name == service:
                sections["Service"].update(credentials.directives_of(daemon, scope, host.keeping))
            entry = _daemon_entry(daemon, name, service, scope, host, problems)
            current = release.current if name == service else None
            drafts.append(UnitDraft(name, place, parse(render(sections)), {}, entry, current))
    except UnsuitableValue as error:
        problems.add(place_in_daemon(daemon, error.section, error.key), error.value, error.problem, error.remedy)
    return drafts


def _daemon_entry(daemon: Daemon, name: str, service: str, scope: Scope, host: Host, problems: Problems) -> UnitEntry:
    """What a daemon's options mean for its service and for its socket. A lazy service is started by its socket."""
    health = daemon.health
    if health and health.needs_socket:
        listen = first_stream(daemon.socket)
        address = resolved(listen, f"{daemon.name}.socket", scope, host.specifier)
        if not any(listen_address(address)) and host.installed is not None and name == service:
            problem = f"stands for {address!r} on this host, which is no address that could be asked"
            problems.add(
                f"daemons.{daemon.name}.socket.ListenStream", listen, problem, "Give health a port or a path of its own."
            )
        health = health.through(address)
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


def _unit_draft(entry: UnitEntry, problems: Problems) -> UnitDraft | None:
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
    return UnitDraft(entry.name, place, document, dropins, entry)


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


def _add_also(drafts: dict[str, UnitDraft], host: Host) -> None:
    """Also=: units that are enabled and disabled together with the one that names them."""
    waiting = list(drafts.values())
    while waiting:
        draft = waiting.pop()
        named = install_document(draft, host)
        enabled = is_enabled(draft)
        for other in enablement.also(named, draft.name, host.specifier) if named and enabled is not None else ():
            if other in drafts and drafts[other].entry.enabled is None:
                drafts[other].entry = replace(drafts[other].entry, enabled=enabled)
            elif other not in drafts and host.installed is not None and other in host.installed:
                drafts[other] = UnitDraft(other, draft.place, None, {}, UnitEntry(other, enabled=enabled))
                waiting.append(drafts[other])


def named_in_also(entry: UnitEntry, of_host: enablement.Specifier) -> list[str]:
    """The units that a definition names in Also=."""
    draft = _unit_draft(entry, Problems()) if entry.is_defined else None
    return enablement.also(draft.installing, entry.name, of_host) if draft else []


def also_in(text: str, name: str, of_host: enablement.Specifier) -> list[str]:
    """The same for the text of a unit that something else has installed."""
    return enablement.also(as_systemd_reads(text), name, of_host)


def is_enabled(draft: UnitDraft) -> bool | None:
    """An instance is enabled, not its template; what something else has installed is left as it is unless asked for.

    An instance that has drop-ins of its own is enabled as its template says if it is one of the `instances`, and else if
    they say for what.
    """
    if draft.entry.enabled is not None or draft.is_shared or draft.definition is None:
        return draft.entry.enabled
    if draft.document is None and draft.template is not None:
        if draft.is_listed:
            return is_enabled(draft.template)
        if not any(enablement.can_be_enabled(dropin) for dropin in draft.dropins.values()):
            return None
    return enablement.can_be_enabled(draft.installing) and not draft.entry.masked


def install_document(draft: UnitDraft, host: Host) -> Document | None:
    """The unit with what may stand in its [Install]. None: not known."""
    if draft.is_shared or draft.definition or host.installed is None:
        return draft.installing if draft.definition and not draft.is_shared else None
    installed = host.installed[draft.name]
    if installed.kind not in ("file", "linked"):
        return None
    return as_systemd_reads(installed.whole({f"{name}.conf": each.text for name, each in draft.dropins.items()}))


def natural_state(draft: UnitDraft) -> str:
    """What boot would start is started now; what a socket, timer, path or other unit starts is left to that."""
    if draft.entry.masked:
        return "stopped"
    if draft.document is None and draft.is_listed:
        return "started"
    is_template = split_unit_name(draft.name).is_template
    is_started_at_boot = draft.definition is not None and is_enabled(draft) and enablement.can_be_enabled(draft.installing)
    return "started" if is_started_at_boot and not is_template else "unmanaged"
