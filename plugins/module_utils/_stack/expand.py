# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stack → Desired: daemons become releases and units, structures become text, every unit gets its stamps and links."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Mapping

from .._unitfile.names import instance_of, split_unit_name
from .._unitfile.render import render
from .._unitfile.syntax import Document, UnitSyntaxError, UnsuitableValue, parse
from . import checks, install, stamp
from .daemon import Release, release_of, service_name, unit_sections
from .desired import Desired, File, Link, Notified, Unit
from .installed import Installed, check_can_be_enabled
from .model import Daemon, FileEntry, Source, Stack, UnitEntry
from .problems import Problems
from .scope import Scope


@dataclass(frozen=True)
class Host:
    """What must be known of the host. On the controller, where it is not, the defaults do: the checks are the same.

    interpreters: declared name → absolute path. installed: unit → what lies there, None where nothing is known.
    """

    interpreters: Mapping[str, str] = field(default_factory=dict)
    installed: Mapping[str, Installed] | None = None


@dataclass
class _Draft:
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


def expand(stack: Stack, scope: Scope, host: Host) -> Desired:
    """All that the stack wants on a host. Raises Refused."""
    problems = Problems()
    releases = {daemon.name: release_of(daemon, scope) for daemon in stack.daemons}
    drafts: dict[str, _Draft] = {}
    for daemon in stack.daemons:
        for draft in _daemon_drafts(daemon, releases[daemon.name], scope, host, problems):
            _add(drafts, draft, problems)
    for entry in stack.units:
        found = _unit_draft(entry, problems)
        if found:
            _add(drafts, found, problems)
    own_files = [release.script for release in releases.values()] + [_file(entry) for entry in stack.files]
    _check(drafts, host, problems)
    problems.raise_if_any()
    units = _units(drafts, {file.path: file.source.sha256 for file in own_files}, scope, host, problems)
    unit_files = [file for unit in units for file in _files_of(unit, drafts, scope)]
    links = [release.current for release in releases.values()]
    links += list(dict.fromkeys(link for unit in units for link in unit.links))
    files = own_files + unit_files
    owned = [(file.place, file.path) for file in files] + _link_owners(units)
    owned += [(f"daemons.{name}", release.current.path) for name, release in releases.items()]
    checks.check_paths(owned, problems)
    checks.check_files_are_no_units([entry.path for entry in stack.files], scope.unit_directory, problems)
    problems.raise_if_any()
    return Desired(
        stack=stack.name,
        scope=scope,
        files=tuple(files),
        links=tuple(links),
        units=units,
        scripts=tuple((host.interpreters.get(d.python, d.python), releases[d.name].script) for d in stack.daemons),
        notices=_notices(stack),
        adopt=stack.adopt,
    )


# Drafts


def _add(drafts: dict[str, _Draft], draft: _Draft, problems: Problems) -> None:
    if draft.name in drafts:
        other = drafts[draft.name].place
        problems.add(draft.place, draft.name, f"{other} declares this unit already", "Rename one of the two.")
    drafts[draft.name] = draft


def _daemon_drafts(daemon: Daemon, release: Release, scope: Scope, host: Host, problems: Problems) -> list[_Draft]:
    place = f"daemons.{daemon.name}"
    service = service_name(daemon)
    python = host.interpreters.get(daemon.python, "/usr/bin/python3")
    drafts = []
    try:
        for name, sections in unit_sections(daemon, python, release, scope).items():
            entry = _daemon_entry(daemon, name, service)
            current = release.current if name == service else None
            drafts.append(_Draft(name, place, parse(render(sections)), {}, entry, current))
    except UnsuitableValue as error:
        problems.add(_place_in_daemon(daemon, error.section, error.key), error.value, error.problem, error.remedy)
    return drafts


def _daemon_entry(daemon: Daemon, name: str, service: str) -> UnitEntry:
    """What a daemon's options mean for its service and for its socket. A lazy service is started by its socket."""
    entry = UnitEntry(name, enabled=daemon.enabled, state=daemon.state, on_change=daemon.on_change)
    if daemon.socket is None:
        return entry
    if name != service:
        return replace(entry, on_change="auto", state=_SOCKET_STATES.get(daemon.state, daemon.state))
    if daemon.activation == "eager":
        return entry
    return replace(entry, enabled=False, state=_LAZY_STATES.get(daemon.state, daemon.state))


# A restart or reload is meant for the service; its socket only has to be there.
_SOCKET_STATES = {"restarted": "started", "reloaded": "started", "try-restarted": "unmanaged"}
_LAZY_STATES = {"started": "unmanaged", "restarted": "try-restarted"}


def _unit_draft(entry: UnitEntry, problems: Problems) -> _Draft | None:
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
    return _Draft(entry.name, place, document, dropins, entry)


def _document(definition: Source | Mapping[str, Any], place: str, problems: Problems) -> Document | None:
    try:
        if not isinstance(definition, Source):
            return parse(render(definition))
        return parse((definition.data or b"").decode("utf-8")).normalized()
    except UnsuitableValue as error:
        where = ".".join(part for part in (place, error.section, error.key) if part)
        problems.add(where, error.value, error.problem, error.remedy)
    except UnitSyntaxError as error:
        problems.add(f"{place}, line {error.line}", error.text, error.problem, error.remedy)
    except UnicodeDecodeError as error:
        problems.add(place, place, f"the content is no UTF-8 text: {error.reason}", "Unit files are text.")
    return None


def _check(drafts: Mapping[str, _Draft], host: Host, told: Problems) -> None:
    problems = Problems()
    _check_all(drafts, host, problems)
    for problem in problems.found:
        told.add(_in_words_of_the_user(problem.place), problem.value, problem.problem, problem.remedy)


def _in_words_of_the_user(place: str) -> str:
    """daemons.echo.Socket.Accept → daemons.echo.socket.Accept: the sections of a daemon's units are options in lower case."""
    parts = place.split(".")
    if parts[0] == "daemons":
        parts = [part.lower() if part in _SECTIONS_OF_DAEMONS else part for part in parts]
    return ".".join(parts)


_SECTIONS_OF_DAEMONS = ("Unit", "Service", "Socket", "Install")
# Directives that come from an option of the daemon's own.
_OPTION_OF = {
    "Environment": "environment",
    "ExecStart": "args",
    "Description": "description",
    "User": "user",
    "Group": "group",
    "WorkingDirectory": "working_directory",
    "After": "after",
    "WantedBy": "wanted_by",
}


def _place_in_daemon(daemon: Daemon, section: str, key: str) -> str:
    """The option that a directive of a daemon's unit comes from: one of its sections, or one of its own."""
    option = section.lower()
    raw: Mapping[str, Any] = getattr(daemon, option, None) or {}
    if section and key in raw:
        return f"daemons.{daemon.name}.{option}.{key}"
    return f"daemons.{daemon.name}.{_OPTION_OF.get(key, 'args' if not key else f'{option}.{key}')}"


def _check_all(drafts: Mapping[str, _Draft], host: Host, problems: Problems) -> None:
    for draft in drafts.values():
        for place, document in (
            (draft.place, draft.document),
            *((f"{draft.place}.dropins.{name}", dropin) for name, dropin in draft.dropins.items()),
        ):
            if document:
                checks.check_sections(draft.name, document, place, problems)
                checks.check_ports(draft.name, document, place, problems)
        if draft.document:
            checks.check_definition(draft.name, draft.whole, draft.place, problems)
            install.check_names(draft.name, draft.document, draft.place, problems)
        _check_entry(draft, host, problems)
    own = {name: draft.whole for name, draft in drafts.items() if draft.document}
    places = {name: draft.place for name, draft in drafts.items()}
    checks.check_accept(own, places, problems)
    checks.check_order(own, places, problems)


def _check_entry(draft: _Draft, host: Host, problems: Problems) -> None:
    entry = draft.entry
    is_template = split_unit_name(draft.name).is_template
    if is_template and entry.instances is None and entry.state in _RUNNING:
        problems.add(f"{draft.place}.state", entry.state, "a template does not run itself", "Add instances, or take state away.")
    if entry.on_change == "reload" and draft.document and not checks.can_reload(draft.name, draft.whole):
        problems.add(
            f"{draft.place}.on_change", "reload", f"{draft.name} has no ExecReload=", "Add it, or choose another on_change."
        )
    if draft.document is None and host.installed is not None:
        installed = host.installed[draft.name]
        if entry.enabled:
            check_can_be_enabled(installed, draft.name, draft.place, problems)
        elif installed.kind == "missing" and (entry.state in _RUNNING or entry.dropins):
            problems.add(
                draft.place, draft.name, "there is no such unit on the host", "Give its sections, or install what brings it."
            )
    document = _install_document(draft, host)
    if entry.enabled and document is not None and not install.can_be_enabled(document):
        problems.add(
            f"{draft.place}.enabled",
            True,
            f"{draft.name} has no [Install] section that says what it is enabled for",
            "Add Install: {WantedBy: multi-user.target}, or take enabled away.",
        )


_RUNNING = ("started", "restarted", "reloaded")


def _install_document(draft: _Draft, host: Host) -> Document | None:
    """[Install] counts in the unit file alone, not in drop-ins. None: not known."""
    if draft.document or host.installed is None:
        return draft.document
    installed = host.installed[draft.name]
    try:
        return parse(installed.text) if installed.kind in ("file", "linked") else None
    except UnitSyntaxError:  # of somebody else: systemd may make more of it than we do
        return None


# Units


def _units(
    drafts: Mapping[str, _Draft], digests: Mapping[str, str], scope: Scope, host: Host, problems: Problems
) -> tuple[Unit, ...]:
    sockets = _sockets_by_service(drafts)
    units = []
    for name in sorted(drafts):
        unit = _unit(drafts[name], digests, sockets, scope, host)
        units.append(unit)
        for instance in drafts[name].entry.instances or ():
            units.append(_instance(unit, instance, drafts[name], scope, host))
    _check_shared_names(units, problems)
    return tuple(units)


def _check_shared_names(units: list[Unit], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for unit in units:
        if unit.name in seen and seen[unit.name] != unit.place:
            problems.add(unit.place, unit.name, f"{seen[unit.name]} declares this unit already", "Rename one of the two.")
        seen[unit.name] = unit.place


def _sockets_by_service(drafts: Mapping[str, _Draft]) -> dict[str, tuple[str, ...]]:
    """Service → the sockets that start it: those that name it in Service=, or the one that has its name."""
    found: dict[str, tuple[str, ...]] = {}
    for name, draft in drafts.items():
        if split_unit_name(name).type == "socket":
            named = draft.whole.values("Socket", "Service")
            service = named[-1] if named else f"{name[:-7]}{'@' if checks.accepts(draft.whole) else ''}.service"
            found[service] = (*found.get(service, ()), name)
    return found


def _unit(draft: _Draft, digests: Mapping[str, str], sockets: Mapping[str, tuple[str, ...]], scope: Scope, host: Host) -> Unit:
    document = draft.whole
    inputs = stamp.inputs_of(document, digests)
    file = _unit_file_path(draft, scope, host)
    named = _install_document(draft, host)
    entry = draft.entry
    natural = draft.document is not None and install.can_be_enabled(draft.document) and not entry.masked
    # An instance is enabled, not its template; what something else has installed is left as it is unless asked for.
    enabled = entry.enabled if entry.enabled is not None or draft.document is None else natural
    links = install.links_of(draft.name, file, named, scope) if enabled and named and entry.instances is None else ()
    if entry.masked:
        links = (Link(scope.path_of(draft.name), "/dev/null", f"{draft.name} is masked"),)
    return Unit(
        name=draft.name,
        path=file,
        has_file=draft.document is not None and not entry.masked,
        document=document,
        place=draft.place,
        stamps=stamp.stamps_of(document, inputs),
        state=entry.state or _natural_state(draft, natural),
        enabled=enabled,
        links=links,
        masked=entry.masked,
        on_change=entry.on_change,
        runs_once=checks.runs_once(document),
        inputs=tuple(inputs),
        release=draft.release,
        sockets=sockets.get(draft.name, ()),
        per_connection=draft.name in sockets and "@." in draft.name,
    )


def _unit_file_path(draft: _Draft, scope: Scope, host: Host) -> str:
    if draft.document is None and host.installed is not None:
        installed = host.installed[draft.name]
        return installed.target if installed.kind == "linked" else installed.path or scope.path_of(draft.name)
    return scope.path_of(draft.name)


def _natural_state(draft: _Draft, natural: bool) -> str:
    """What boot would start is started now; what a socket, timer, path or other unit starts is left to that."""
    if draft.entry.masked:
        return "stopped"
    is_template = split_unit_name(draft.name).is_template
    return "started" if natural and not is_template and draft.entry.enabled is not False else "unmanaged"


def _instance(template: Unit, instance: str, draft: _Draft, scope: Scope, host: Host) -> Unit:
    name = instance_of(template.name, instance)
    named = _install_document(draft, host)
    links = install.links_of(name, template.path, named, scope) if template.enabled and named else ()
    state = draft.entry.state or "started"
    return replace(template, name=name, has_file=False, links=links, state=state, per_connection=False)


def _link_owners(units: tuple[Unit, ...]) -> list[tuple[str, str]]:
    return [(unit.place, link.path) for unit in units for link in unit.links]


# Files


def _file(entry: FileEntry) -> File:
    if entry.content is None:
        raise TypeError(f"{entry.path} was declared without content")  # declaration.py has refused it
    return File(entry.path, entry.content, f"files.{entry.path}", entry.owner or None, entry.group or None, entry.mode)


def _files_of(unit: Unit, drafts: Mapping[str, _Draft], scope: Scope) -> list[File]:
    """The unit file and its drop-ins. A service carries its stamp in its file, or else in its last drop-in."""
    draft = drafts.get(unit.name)
    if draft is None:  # an instance: its template has the file
        return []
    texts = {scope.path_of(f"{unit.name}.d/{name}.conf"): draft.dropins[name] for name in sorted(draft.dropins)}
    if draft.document and not unit.masked:
        texts = {unit.path: draft.document, **texts}
    bearer = unit.path if unit.path in texts else next(reversed(list(texts)), "")
    if bearer and split_unit_name(unit.name).type == "service" and unit.stamps.restart:
        texts[bearer] = stamp.stamped(texts[bearer], unit.stamps.restart)
    return [_unit_file(path, document, unit.place, scope) for path, document in texts.items()]


def _unit_file(path: str, document: Document, place: str, scope: Scope) -> File:
    source = Source.of(path.rpartition("/")[2], document.render().encode("utf-8", "surrogateescape"))
    owner = None if scope.kind == "user" else "root"
    return File(path, source, place, owner=owner, group=owner, mode=0o644)


def _notices(stack: Stack) -> tuple[Notified, ...]:
    """Unit → the files of which it must take notice; a restart wins over a reload."""
    files: dict[str, dict[str, FileEntry]] = {}
    restarts = set()
    for entry in stack.files:
        for notice in entry.notify:
            files.setdefault(notice.unit, {})[entry.path] = entry
            restarts |= {notice.unit} if notice.action == "restart" else set()
    return tuple(
        Notified(unit, "restart" if unit in restarts else "reload", tuple(sorted(entries)), _digest_of(entries))
        for unit, entries in sorted(files.items())
    )


def _digest_of(entries: Mapping[str, FileEntry]) -> str:
    lines = [f"{path}:{entry.content.sha256 if entry.content else ''}" for path, entry in sorted(entries.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[: stamp.LENGTH]
