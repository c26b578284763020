# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stack → Desired: daemons become releases and units, structures become text, every unit gets its stamp and links."""

from __future__ import annotations

from typing import Mapping

from .._unitfile.names import split_unit_name
from .._unitfile.render import render
from .._unitfile.syntax import Document, UnitSyntaxError, UnsuitableValue, parse
from . import checks, install, stamp
from .daemon import Release, release_of, service_name, unit_sections
from .desired import Desired, File, Link, Scope, Unit
from .model import Daemon, FileEntry, Source, Stack, UnitEntry
from .problems import Problems


class _Draft:
    """A unit on its way: its document, and what the declaration says of its state."""

    def __init__(self, place: str, document: Document, enabled: bool | None, state: str, release: Link | None = None) -> None:
        self.place = place
        self.document = document
        self.enabled = enabled
        self.state = state
        self.release = release


def expand(stack: Stack, scope: Scope, interpreters: Mapping[str, str]) -> Desired:
    """All that the stack wants on a host. Raises Refused.

    interpreters: declared name → absolute path on that host. On the controller, where it is not known, any path does:
    the checks are the same.
    """
    problems = Problems()
    releases = {daemon.name: release_of(daemon, scope) for daemon in stack.daemons}
    drafts: dict[str, _Draft] = {}
    for daemon in stack.daemons:
        for name, draft in _daemon_drafts(daemon, releases[daemon.name], interpreters[daemon.python], problems).items():
            _add(drafts, name, draft, problems)
    for entry in stack.units:
        document = _document(entry, problems)
        if document:
            _add(drafts, entry.name, _Draft(f"units.{entry.name}", document, entry.enabled, entry.state), problems)
    files = [release.script for release in releases.values()] + [_file(entry) for entry in stack.files]
    _check(drafts, problems)
    problems.raise_if_any()
    digests = {file.path: file.source.sha256 for file in files}
    sockets = _sockets_by_service(drafts)
    units = tuple(_unit(name, draft, digests, sockets.get(name, ""), scope) for name, draft in sorted(drafts.items()))
    unit_files = [_unit_file(unit) for unit in units]
    links = [release.current for release in releases.values()] + [link for unit in units for link in unit.links]
    _check_paths(files + unit_files, units, problems)
    problems.raise_if_any()
    return Desired(
        stack=stack.name,
        scope=scope,
        files=tuple(files + unit_files),
        links=tuple(links),
        units=units,
        scripts=tuple((interpreters[daemon.python], releases[daemon.name].script) for daemon in stack.daemons),
    )


def _add(drafts: dict[str, _Draft], name: str, draft: _Draft, problems: Problems) -> None:
    if name in drafts:
        problems.add(draft.place, name, f"{drafts[name].place} declares this unit already", "Rename one of the two.")
    drafts[name] = draft


def _daemon_drafts(daemon: Daemon, release: Release, python: str, problems: Problems) -> dict[str, _Draft]:
    place = f"daemons.{daemon.name}"
    drafts = {}
    lazy = daemon.socket is not None and daemon.activation == "lazy"
    try:
        sections = unit_sections(daemon, python, release)
        for name in sections:
            is_started_by_its_socket = lazy and name == service_name(daemon) and daemon.state == "started"
            drafts[name] = _Draft(
                place,
                parse(render(sections[name])),
                False if lazy and name == service_name(daemon) else daemon.enabled,
                "unmanaged" if is_started_by_its_socket or "@." in name else daemon.state,
                release.current if name == service_name(daemon) else None,
            )
    except UnsuitableValue as error:
        problems.add(f"{place}.{error.key or 'args'}", error.value, error.problem, error.remedy)
    return drafts


def _document(entry: UnitEntry, problems: Problems) -> Document | None:
    place = f"units.{entry.name}"
    try:
        if entry.sections is not None:
            return parse(render(entry.sections))
        return parse(_text(entry.content)).normalized()
    except UnsuitableValue as error:
        problems.add(f"{place}.{error.section}.{error.key}", error.value, error.problem, error.remedy)
    except UnitSyntaxError as error:
        problems.add(f"{place}, line {error.line}", error.text, error.problem, error.remedy)
    except UnicodeDecodeError as error:
        problems.add(place, entry.name, f"the content is no UTF-8 text: {error.reason}", "Unit files are text.")
    return None


def _text(source: Source | None) -> str:
    return source.data.decode("utf-8") if source and source.data is not None else ""


def _file(entry: FileEntry) -> File:
    if entry.content is None:
        raise TypeError(f"{entry.path} was declared without content")  # declaration.py has refused it
    return File(entry.path, entry.content, f"files.{entry.path}", entry.owner or None, entry.group or None, entry.mode)


def _check(drafts: Mapping[str, _Draft], problems: Problems) -> None:
    documents = {name: draft.document for name, draft in drafts.items()}
    places = {name: draft.place for name, draft in drafts.items()}
    for name, draft in drafts.items():
        checks.check_sections(name, draft.document, draft.place, problems)
        checks.check_listeners(name, draft.document, draft.place, problems)
        if draft.enabled and not install.can_be_enabled(draft.document):
            problems.add(
                f"{draft.place}.enabled",
                True,
                f"{name} has no [Install] section that says what it is enabled for",
                "Add Install: {WantedBy: multi-user.target}, or take enabled away.",
            )
        if draft.state == "started" and split_unit_name(name).is_template:
            problems.add(f"{draft.place}.state", "started", "a template is not started itself", "Take state away.")
    checks.check_accept(documents, places, problems)


def _check_paths(files: list[File], units: tuple[Unit, ...], problems: Problems) -> None:
    owned: list[tuple[str, File | Link]] = [(file.place, file) for file in files]
    owned += [(unit.place, link) for unit in units for link in unit.links]
    checks.check_paths(owned, problems)


def _sockets_by_service(drafts: Mapping[str, _Draft]) -> dict[str, str]:
    """Service → the socket that starts it: the one that names it in Service=, or has its name."""
    found = {}
    for name, draft in drafts.items():
        if split_unit_name(name).type == "socket":
            named = draft.document.values("Socket", "Service")
            found[named[-1] if named else f"{name[:-7]}.service"] = name
    return found


def _unit(name: str, draft: _Draft, digests: Mapping[str, str], socket: str, scope: Scope) -> Unit:
    document = draft.document
    inputs = stamp.inputs_of(document, digests)
    digest = stamp.compute(document, inputs)
    is_service = split_unit_name(name).type == "service"
    enabled = draft.enabled if draft.enabled is not None else install.can_be_enabled(document)
    return Unit(
        name=name,
        path=scope.unit_path(name),
        text=(stamp.stamped(document, digest) if is_service else document).render(),
        place=draft.place,
        stamp=digest,
        state=draft.state or _natural_state(name, document),
        enabled=enabled,
        links=install.links_of(name, document, scope) if enabled else (),
        runs_once=_runs_once(document),
        inputs=tuple(inputs),
        release=draft.release,
        socket=socket,
    )


def _natural_state(name: str, document: Document) -> str:
    """What boot would start is started now; what a socket, timer, path or other unit starts is left to that."""
    is_template = split_unit_name(name).is_template
    return "started" if install.can_be_enabled(document) and not is_template else "unmanaged"


def _runs_once(document: Document) -> bool:
    kind = (document.values("Service", "Type") or ("simple",))[-1]
    remains = (document.values("Service", "RemainAfterExit") or ("no",))[-1]
    return kind == "oneshot" and remains.lower() not in ("yes", "true", "on", "1")


def _unit_file(unit: Unit) -> File:
    source = Source.of(unit.name, unit.text.encode("utf-8", "surrogateescape"))
    return File(unit.path, source, unit.place, owner="root", group="root", mode=0o644)
