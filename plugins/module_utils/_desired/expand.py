# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stack → Desired: daemons become releases and units, structures become text, every unit gets its stamps and links."""

from __future__ import annotations

import hashlib
from typing import Iterable, Mapping, Sequence

from .._dataclasses import replace
from .._declaration.model import Daemon, FileEntry, Stack
from .._declaration.problems import Problems
from .._declaration.source import Source, content_of
from .._unitfile.names import instance_of, split_unit_name, type_of
from .._unitfile.syntax import Document
from . import credentials, enablement, existing_units, stamp, sysusers_tmpfiles, unit_checks
from .desired import Build, Desired, File, Link, Notified, Unit
from .generators import makes_units
from .probe_addresses import resolved_probe
from .release import Release, release_of
from .scope import Scope
from .stack_checks import check, check_notices, check_secrets, left_disabled
from .unit_drafts import Host, UnitDraft, drafts_of, install_document, is_enabled, natural_state
from .unit_file_state import ABSENT


def expand(stack: Stack, scope: Scope, host: Host) -> Desired:
    """All that the stack wants on a host. Raises ValidationFailed."""
    if stack.is_partial:
        return existing_units.as_asked(stack, scope, host)
    problems = Problems()
    releases = {daemon.name: _release(daemon, scope, host) for daemon in stack.daemons}
    drafts = drafts_of(stack, releases, scope, host, problems)
    own_files = [release.script for release in releases.values() if release.script] + [_file(entry) for entry in stack.files]
    own_files += sysusers_tmpfiles.file_of(stack.users, stack.name, scope)
    for daemon in stack.daemons:
        credentials.check(daemon, scope, problems)
        own_files += credentials.files_of(daemon, scope, host.keeping)
    check(stack, drafts, scope, host, problems)
    check_notices(stack, drafts, problems)
    sysusers_tmpfiles.check(own_files, stack.users, scope, problems)
    warnings = (*check_secrets(stack, drafts, problems), *left_disabled(drafts))
    problems.raise_if_any()
    units = _units(drafts, {file.path: host.keeping.digest(file) for file in own_files}, scope, host, problems)
    shared = tuple(_shared(draft, scope) for draft in drafts.values() if draft.is_shared)
    unit_files = [file for unit in (*units, *shared) for file in _files_of(unit, drafts, scope)]
    links = [release.current for release in releases.values()]
    links += list(dict.fromkeys(link for unit in units for link in unit.links))
    files = own_files + unit_files
    builds = tuple(_with_trial(release.build, stack, units, files) for release in releases.values() if release.build)
    owned = [(file.place, file.path) for file in files] + _link_owners(units)
    owned += [(f"daemons.{name}", release.current.path) for name, release in releases.items()]
    owned += [(build.place, build.path) for build in builds]
    unit_checks.check_paths(owned, problems)
    unit_checks.check_first_lines([_file(entry) for entry in stack.files], problems)
    unit_checks.check_files_are_no_units([entry.path for entry in stack.files], scope.unit_directory, problems)
    problems.raise_if_any()
    return Desired(
        stack=stack.name,
        scope=scope,
        files=tuple(files),
        links=tuple(links),
        units=units,
        scripts=tuple((release.command[0], release.script) for release in releases.values() if release.script),
        notices=_notices(stack),
        adopt=stack.adopt,
        warnings=warnings,
        has_secrets=any(file.is_secret for file in own_files),
        builds=builds,
        keep_releases=stack.keep_releases,
        how=stack.how,
        predecessor=stack.predecessor,
        shared=shared,
    )


def _release(daemon: Daemon, scope: Scope, host: Host) -> Release:
    """On the controller the interpreter is not known: its checks are the same with any."""
    python = host.interpreters.get(daemon.python, "/usr/bin/python3")
    return release_of(daemon, scope, python, host.real_interpreters.get(daemon.python, python))


def _with_trial(build: Build, stack: Stack, units: Iterable[Unit], files: Sequence[File]) -> Build:
    unit = next((unit for unit in units if unit.release_path == build.path and unit.has_file), None)
    daemon = next((daemon for daemon in stack.daemons if build.place == f"daemons.{daemon.name}"), None)
    if unit is None or daemon is None:
        return build
    from .trial import trial_of  # only what is built is tried

    credentials = {name: content_of(secret) for name, secret in (daemon.credentials or {}).items()}
    return replace(build, trial=trial_of(unit.name, unit.document, files, credentials))


# Units


def _units(
    drafts: Mapping[str, UnitDraft], digests: Mapping[str, str], scope: Scope, host: Host, problems: Problems
) -> tuple[Unit, ...]:
    own = {name: draft for name, draft in drafts.items() if not draft.is_shared}
    sockets = _sockets_by_service(own)
    feeds_generators = makes_units(digests)
    units = []
    for name in sorted(own):
        unit = _unit(own[name], digests, sockets, scope, host, feeds_generators)
        units.append(unit)
        for instance in own[name].entry.instances or ():
            drawn = own.get(instance_of(name, instance))
            if drawn is None or drawn.document is not None:  # declared twice: told below
                units.append(_instance(unit, instance, own[name], scope, host))
    _check_shared_names(units, problems)
    return tuple(units)


def _shared(draft: UnitDraft, scope: Scope) -> Unit:
    """Drop-ins for several units, of which systemd knows none by this name."""
    path = scope.path_of(draft.name)
    return Unit(draft.name, path, False, draft.whole, draft.place, stamp.Stamps(), "", None, ())


def _check_shared_names(units: list[Unit], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for unit in units:
        if unit.name in seen and seen[unit.name] != unit.place:
            problems.add(unit.place, unit.name, f"{seen[unit.name]} declares this unit already", "Rename one of the two.")
        seen[unit.name] = unit.place


def _sockets_by_service(drafts: Mapping[str, UnitDraft]) -> dict[str, tuple[str, ...]]:
    """Service → the sockets that start it: those that name it in Service=, or the one that has its name."""
    found: dict[str, tuple[str, ...]] = {}
    for name, draft in drafts.items():
        if split_unit_name(name).type == "socket":
            named = draft.whole.values("Socket", "Service")
            service = named[-1] if named else f"{name[:-7]}{'@' if unit_checks.accepts(draft.whole) else ''}.service"
            found[service] = (*found.get(service, ()), name)
    return found


def _unit(
    draft: UnitDraft, digests: Mapping[str, str], sockets: Mapping[str, tuple[str, ...]], scope: Scope, host: Host,
    is_generated: bool = False,
) -> Unit:  # fmt: skip
    document = draft.whole
    inputs = stamp.inputs_of(document, digests)
    file = _unit_file_path(draft, scope, host)
    named = install_document(draft, host)
    entry = draft.entry
    enabled = is_enabled(draft)
    links: tuple[Link, ...] = ()
    if enabled and named and entry.instances is None:
        links = enablement.links_of(draft.name, file, named, scope, host.specifier)
    if entry.masked:
        links = (Link(scope.path_of(draft.name), "/dev/null", f"{draft.name} is masked"),)
    return Unit(
        name=draft.name,
        path=file,
        has_file=draft.document is not None and not entry.masked,
        document=document,
        place=draft.place,
        stamps=stamp.stamps_of(document, inputs),
        state=entry.state or natural_state(draft),
        enabled=enabled,
        links=links,
        masked=entry.masked,
        on_change=draft.on_change,
        runs_once=unit_checks.runs_once(document),
        inputs=inputs,
        release=draft.release,
        sockets=sockets.get(draft.name, ()),
        per_connection=draft.name in sockets and "@." in draft.name,
        is_instance=draft.document is None and draft.is_listed,
        health=resolved_probe(entry.health, draft.name, scope, host.specifier),
        shared=draft.read_with_it,
        is_on_disk=_lies_there(draft, host) in ("file", "linked"),
        is_generated=is_generated and _lies_there(draft, host) in (*ABSENT, "generated"),
    )


def _lies_there(draft: UnitDraft, host: Host) -> str:
    """The kind of what something else has installed; "" of what the stack defines, and where it is not known."""
    found = host.installed.get(draft.name) if draft.document is None and host.installed is not None else None
    return found.kind if found is not None else ""


def _unit_file_path(draft: UnitDraft, scope: Scope, host: Host) -> str:
    if draft.document is None and draft.template is not None and draft.template.document is not None:
        return scope.path_of(draft.template.name)
    if draft.document is None and host.installed is not None:
        installed = host.installed[draft.name]
        return installed.target if installed.kind == "linked" else installed.path or scope.path_of(draft.name)
    return scope.path_of(draft.name)


def _instance(template: Unit, instance: str, draft: UnitDraft, scope: Scope, host: Host) -> Unit:
    name = instance_of(template.name, instance)
    named = install_document(draft, host)
    links = enablement.links_of(name, template.path, named, scope, host.specifier) if template.enabled and named else ()
    state = draft.entry.state or ("stopped" if template.masked else "started")
    return replace(
        template,
        name=name,
        has_file=False,
        links=links,
        state=state,
        per_connection=False,
        is_instance=True,
        shared=(*template.shared, template.name),
    )


def _link_owners(units: tuple[Unit, ...]) -> list[tuple[str, str]]:
    return [(unit.place, link.path) for unit in units for link in unit.links]


# Files


def _file(entry: FileEntry) -> File:
    if entry.content is None:
        raise TypeError(f"{entry.path} was declared without content")  # declaration.py has refused it
    return File(entry.path, entry.content, f"files.{entry.path}", entry.owner or None, entry.group or None, entry.mode)


def _files_of(unit: Unit, drafts: Mapping[str, UnitDraft], scope: Scope) -> list[File]:
    """The unit file and its drop-ins. A service carries its stamp in its file, or else in its last drop-in.

    Nothing that comes later may take the stamp away: a drop-in that resets what carries it has the stamp itself.
    """
    draft = drafts.get(unit.name)
    if draft is None:  # an instance without drop-ins of its own: its template has the file
        return []
    texts = {scope.path_of(f"{unit.name}.d/{name}.conf"): draft.dropins[name] for name in sorted(draft.dropins)}
    if draft.document and not unit.masked:
        texts = {unit.path: draft.document, **texts}
    bearer = unit.path if unit.path in texts else next(reversed(list(texts)), "")
    bearer = next((path for path in reversed(list(texts)) if stamp.is_reset_by(texts[path])), bearer)
    if bearer and type_of(unit.name) == "service" and unit.stamps.restart:  # none stands in drop-ins for several units
        release = unit.release.target.rpartition("/")[2] if unit.release else ""
        texts[bearer] = stamp.stamped(texts[bearer], unit.stamps.restart, release)
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
