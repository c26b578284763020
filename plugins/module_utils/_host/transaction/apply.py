# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a plan: the only writer. It decides nothing; the order is the plan's."""

from __future__ import annotations

import os
from itertools import groupby
from typing import Callable, Sequence

from ..._plan import actions as act
from ..._systemd_cli import argv, parse
from ..io import jobs
from ..io.commands import CommandFailed, Commands, HostError
from ..io.disk import Disk
from ..io.labels import Labels
from ..io.release_files import BuildFailed
from ..observation.observe import unit_states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..build.release_builder import Builder


class NotStaged(HostError):
    """A file could not be written beside its place, or a release not be built. All that was begun is taken back."""

    @classmethod
    def at(cls, path: str, error: OSError) -> NotStaged:
        where = error.filename if isinstance(error.filename, str) else path
        is_beside = os.path.dirname(path) in (where, os.path.dirname(where))
        what = error.strerror if is_beside else f"{where}: {error.strerror}"
        return cls(f"{path} cannot be written: {what}. Nothing was changed.")


def apply(actions: Sequence[act.Action], linger_path: str, disk: Disk, commands: Commands) -> list[str]:
    """Carry out the actions in order. Returns what systemctl said of jobs that did not succeed.

    Every file is written beside its place before the first action that anybody can notice, so a full disk is met while
    the old files and the running units are still as they were. Raises NotStaged, CommandFailed or OSError.
    """
    doers = _Doers(linger_path, disk, commands)
    labels = Labels(commands, disk.is_image)
    try:
        _stage(actions, disk, _builder(actions, disk, commands), labels)
        complaints = []
        for kind, group in groupby(actions, key=type):
            if kind in (*act.OF_THE_MANAGER, *act.UNIT_ACTIONS):
                labels.restore()
            if kind in act.UNIT_ACTIONS:
                units = [action.target for action in group]
                disk.tell(f"{kind.verb} {' '.join(units)}")
                complaints += _jobs(kind, units, commands, disk.tell)
            else:
                for action in group:
                    disk.tell(f"{action.verb} {action.target}")
                    doers.do(action)
                    if kind in act.WRITES:
                        labels.add(action.target)
        labels.restore()
        return complaints
    finally:
        disk.discard()


def _builder(actions: Sequence[act.Action], disk: Disk, commands: Commands) -> Builder | None:
    """Imported where something is to be built: most runs do without."""
    if not any(isinstance(action, (act.BuildRelease, act.TestRelease)) for action in actions):
        return None
    from ..build.release_builder import Builder

    return Builder(disk, commands)


def _stage(actions: Sequence[act.Action], disk: Disk, builder: Builder | None, labels: Labels) -> None:
    made: list[str] = []
    path = ""
    try:
        for action in actions:
            path = action.target
            disk.tell(f"{action.verb} {path}")
            if isinstance(action, act.MakeDirectory):
                disk.make_directory(path, action.mode)
                made.append(path)
            elif isinstance(action, act.WriteFile):
                disk.stage(action.file)
            elif isinstance(action, act.BuildRelease) and builder:
                builder.build(action.build)
                labels.add(path)
            elif isinstance(action, act.TestRelease) and builder:
                builder.test(action.build)
        if builder:
            builder.finish()
    except (OSError, BuildFailed) as error:
        disk.discard()
        if builder:
            builder.undo()
        for directory in reversed(made):
            disk.remove_directory_if_empty(directory)
        raise (NotStaged.at(path, error) if isinstance(error, OSError) else NotStaged(str(error))) from error


class _Doers:
    """What each action on files and managers means, by its verb."""

    def __init__(self, linger_path: str, disk: Disk, commands: Commands) -> None:
        self._linger_path = linger_path
        self._disk = disk
        self._commands = commands

    def do(self, action: act.Action) -> None:
        getattr(self, action.verb)(action)

    def create_directory(self, action: act.MakeDirectory) -> None:
        """Made when the run was staged: what is written beside its place needs its directory."""

    def build_release(self, action: act.BuildRelease) -> None:
        """Done when the run was staged, as is its trial: nothing that counts was touched until then."""

    def test_release(self, action: act.TestRelease) -> None:
        """The same."""

    def remove_release(self, action: act.RemoveRelease) -> None:
        self._disk.remove_release(action.target)

    def write(self, action: act.WriteFile) -> None:
        self._disk.commit(action.target)

    def set_attributes(self, action: act.SetAttributes) -> None:
        self._disk.set_attributes(action.target, action.file)

    def create_accounts(self, action: act.CreateAccounts) -> None:
        self._commands.output(argv.create_accounts(action.target, self._disk.at("")))
        self._disk.accounts.look()

    def create_paths(self, action: act.CreatePaths) -> None:
        for path in action.others:
            self._disk.keep(path)
        self._commands.output(argv.create_paths(action.target, self._disk.at("")))

    def link(self, action: act.MakeLink) -> None:
        self._disk.make_link(action.target, action.to)

    def set_aside(self, action: act.SetAside) -> None:
        self._disk.copy(action.target, action.to)

    def restore(self, action: act.Restore) -> None:
        self._disk.copy(action.backup, action.target)
        self._disk.remove(action.backup)

    def put_back(self, action: act.PutBack) -> None:
        self._disk.put_back(action.target)

    def clean(self, action: act.Clean) -> None:
        self._commands.output(self._commands.systemctl.clean(action.target, action.kinds))

    def remove(self, action: act.Remove) -> None:
        self._disk.remove(action.target)

    def remove_node(self, action: act.RemoveNode) -> None:
        self._disk.remove_node(action.target, action.service)

    def remove_directory(self, action: act.RemoveDirectory) -> None:
        self._disk.remove_directory_if_empty(action.target)

    def daemon_reload(self, action: act.DaemonReload) -> None:
        self._commands.output(self._commands.systemctl.daemon_reload())

    def daemon_reexec(self, action: act.DaemonReexec) -> None:
        self._commands.output(self._commands.systemctl.daemon_reexec())

    def enable(self, action: act.Enable) -> None:
        self._commands.output(self._commands.systemctl.enable(action.target, True))

    def disable(self, action: act.Disable) -> None:
        self._commands.output(self._commands.systemctl.enable(action.target, False))

    def hand_over(self, action: act.TakeOverPorts) -> None:
        from .port_takeover import hand_over  # most runs do without

        hand_over(action, self._commands)

    def enable_linger(self, action: act.EnableLinger) -> None:
        """The user's manager runs without a login, now and after each boot."""
        self._disk.write_json(self._linger_path, action.target)
        try:
            self._commands.output(argv.linger(action.target, True), as_root=True)
        except CommandFailed:
            self._disk.remove_for_good(self._linger_path)
            raise
        self.start_manager(action)

    def start_manager(self, action: act.Action) -> None:
        """logind starts it, too, when it is to linger; a user himself may do no more than wait for that."""
        command = argv.start_user_manager(self._commands.uid)
        if os.geteuid() == 0:
            self._commands.output(command, as_root=True)
            return
        from ..observation.linger import wait_for_manager  # most runs do without

        rc, said = self._commands.attempt(command)
        if rc != 0 and not wait_for_manager(self._commands.uid):
            raise CommandFailed(command, rc, said)

    def disable_linger(self, action: act.DisableLinger) -> None:
        """Only what was enabled for a stack: who lingers by the will of the administrator goes on."""
        if self._disk.state_of(self._linger_path).kind == "file":
            self._commands.output(argv.linger(action.target, False), as_root=True)
            self._disk.remove(self._linger_path)


def _jobs(kind: type[act.Action], units: Sequence[str], commands: Commands, tell: Callable[[str], None]) -> list[str]:
    """One call for all units. A start that fails is judged later, by the state of the unit; a stop must succeed."""
    verb = kind.verb.replace("_", "-")
    rc, stderr = jobs.run(verb, units, commands, tell)
    if rc == 0 or kind is act.ResetFailed:  # rc 1: the unit was not failed
        return []
    refused, others = parse.refused_jobs(stderr)
    left = [unit for unit in units if unit not in refused]
    if refused and left and parse.is_all_or_nothing(stderr):
        return [*_jobs(kind, left, commands, tell), *_jobs(kind, refused, commands, tell)]
    said = [each for each in (others, _by_dependency(kind, refused, commands) if refused else "") if each]
    if kind is act.Stop and (said or not refused):
        raise CommandFailed(commands.systemctl.job(verb, units), rc, "\n".join(said))
    return said


def _by_dependency(kind: type[act.Action], units: Sequence[str], commands: Commands) -> str:
    """Units that nobody may start or stop by name, but other units may: systemd.unit(5), "RefuseManualStart=". Returns what
    was said of it where it did not succeed. A restart reaches those that stop with them, as it does otherwise.
    """
    systemctl = commands.systemctl
    again = list(units)
    if kind is act.Restart:
        states = unit_states(units, commands).values()
        along = [name for state in states for name in (*state.required_by, *state.followed_by)]
        again += [name for name, state in unit_states(along, commands).items() if state.is_up]
    verbs = {act.Start: ("start",), act.Stop: ("stop",), act.Restart: ("stop", "start")}.get(kind, ())
    for verb in verbs:
        rc, stderr = commands.attempt(systemctl.by_dependency(verb, units if verb == "stop" else again))
        if rc != 0:
            return stderr
    return ""
