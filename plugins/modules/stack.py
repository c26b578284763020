#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: stack
short_description: Deploy Python daemons, units and files as one transaction
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Makes a host run what is declared. Each Python script or application becomes a daemon with a service, and with a socket if
    it declares one. Further units and files belong to the same transaction.
  - Everything is read and checked before anything is changed. Files are written next to their destinations and renamed.
    systemd reloads its configuration at most once. The symlinks that enable units are computed and repaired.
  - A unit is restarted exactly when its running process differs from what a restart would run. This is read from the
    host (see the notes), so it needs no handler and also works after an interrupted play.
  - A unit that does not start, does not stay up for O(settle), or does not answer its probe (C(health)), fails the task. The
    error shows its last journal lines, and the host is reverted to its previous state (O(rollback_on_failure)).
extends_documentation_fragment:
  - daemonic.systemd.transaction
  - daemonic.systemd.transaction.releases
options:
  name:
    description:
      - The name of the stack. The host keeps a manifest of what each stack owns under this name.
      - Letters, digits, V(-), V(_), V(.) and V(:).
    type: str
    required: true
  state:
    description:
      - V(present) makes the host run what is declared. It stops and removes what an earlier run of this stack has installed and
        what is no longer declared.
      - V(rolled_back) returns to the declaration before the last successful deployment - releases, units and files alike. Like
        any deployment it is checked, and reverted if it does not prove healthy. It is idempotent.
      - V(validated) checks everything against this host, as V(present) does before it changes anything, and does nothing
        else. If there are problems, it fails and reports them. It never changes anything.
      - V(absent) stops, disables and removes everything that the stack owns.
      - V(rolled_back) and V(absent) ignore O(daemons), O(units), O(files) and O(users).
    type: str
    choices: [present, rolled_back, validated, absent]
    default: present
  daemons:
    description:
      - Python daemons, a mapping of names to options. Each becomes C(<name>.service), and with C(socket) also a C(<name>.socket)
        that starts it.
      - The options are those of M(daemonic.systemd.daemon) - C(script), C(source), C(module), C(command), C(requirements),
        C(wheelhouse), C(build_from_source), C(imports), C(description), C(python), C(args), C(environment),
        C(credentials), C(user), C(group),
        C(dynamic_user), C(working_directory), C(type), C(restart), C(socket), C(accept), C(activation), C(hardening),
        C(wanted_by), C(after), C(unit), C(service), C(install), C(enabled), C(on_change), C(health), and those values of
        C(state) that start, stop or restart it.
    type: dict
    default: {}
  units:
    description:
      - Units of any type, a mapping of names with suffix to definitions. A definition is text, a mapping of sections to
        directives, or a mapping with one of C(content) (text), C(src) (a file on the controller), C(template) (a Jinja
        template on the controller) and C(sections). In sections a list repeats its directive, a boolean becomes V(yes) or
        V(no), an empty value resets, and a mapping under C(Environment) is quoted. A C(%) begins a specifier, as in a unit
        file. Section names begin with a capital letter and options do not, so sections and the following options can be
        given side by side.
      - C(dropins) are drop-ins, a mapping of names to text or sections, written as C(<unit>.d/<name>.conf). Without a definition
        next to them they belong to a unit that something else has installed, or to one instance of a template of this stack.
        Their C([Install]) sections take effect.
      - The name of an entry that has only C(dropins) can also be a name prefix (V(web-.service)) or a type (V(service)). Such
        drop-ins apply to all units that match. Units of this stack get them at once. Other running units are named in a
        warning, and get them when they are next started.
      - C(instances) of a template, a list of names or a count (V(3) means C(1), C(2), C(3)). They are enabled and started.
        Instances that are no longer listed are stopped and disabled.
      - C(enabled), V(true) by default where there is an C([Install]) section that enables the unit. The symlinks on disk are
        made to match exactly what the unit asks for.
      - C(masked), V(true) or V(false). A unit file in the place of the mask is kept, and restored when the unit is unmasked.
      - C(state), one of V(started), V(stopped), V(restarted), V(reloaded), V(reload-or-restarted), V(try-restarted),
        V(try-reload-or-restarted), V(unmanaged). Units that would start at boot are V(started) by default. Units that a socket,
        a timer or another unit starts are V(unmanaged) - restarted when they run with an old configuration, but never
        started or stopped.
      - C(on_change), how a running unit gets a changed configuration. V(auto) takes the least disruptive way that applies the
        change. V(reload) reloads the unit where its daemon can read the change again, that is, files that the arguments or
        variables of its command name. Changes that only a new process sees, such as another C(ExecStart=), C(User=), script or
        environment, are still applied by a restart. V(restart) and V(stop-start) always do just that. V(keep) leaves the unit
        as it is, and reports it in RV(restart_pending).
      - C(health) of a service or socket, the probe that it must answer, as for M(daemonic.systemd.daemon).
    type: dict
    default: {}
  files:
    description:
      - Files, a mapping of absolute paths to text, or to a mapping with one of C(content), C(src) and C(template), and
        optionally C(owner), C(group) and C(mode) (an octal string). Attributes that are not given stay as they are. A new file
        belongs to root and has mode V("0644").
      - A file that a unit of the stack names, for example in C(EnvironmentFile=) or in the arguments of C(ExecStart=), is part
        of what a restart applies. When it changes, that unit is restarted.
      - C(notify) names other units that are restarted or reloaded when the file changes, a list of C({unit, action}) where
        C(action) is V(restart), the default, or V(reload). Only running units are restarted or reloaded.
      - A file C(*.conf) in a directory C(sysusers.d) or C(tmpfiles.d) is applied when it is written - the former by
        C(systemd-sysusers) before everything else, the latter by C(systemd-tmpfiles --create) before systemd reads its units.
        It is applied again when one of its accounts or directories is missing.
      - Neither the content nor the digest of a file that is not world-readable is ever shown in a diff.
    type: dict
    default: {}
  users:
    description:
      - System accounts that daemons run as or that own files, a mapping of names to options or to nothing. They become one file
        in C(/etc/sysusers.d), and systemd creates those that are missing before anything else is done.
      - C(uid), by default the next free one. C(group), by default one with the user's name. C(groups), further groups,
        which are created if they are missing. C(description), C(home), by default C(/), and C(shell), by default one that
        does not allow logins. The home directory is not created; C(StateDirectory=) creates a directory for a service.
      - An existing account is not changed, except that C(groups) are added. One with another C(uid) is refused. No account is
        ever removed, neither with its stack nor when a deployment is reverted, because files may belong to it.
      - Not available with O(scope=user).
    type: dict
    default: {}
seealso:
  - module: daemonic.systemd.daemon
  - module: daemonic.systemd.unit
"""

EXAMPLES = r"""
- name: A clock, and an echo server that its socket starts
  daemonic.systemd.stack:
    name: timekeeping
    daemons:
      date_logger:
        script: date_logger.py # from the playbook's files/
        environment:
          INTERVAL: "5"
        restart: always
        wanted_by: timekeeping.target
        service:
          LogsDirectory: timekeeping
      echo:
        script: echo.py
        dynamic_user: true
        socket:
          ListenStream: 9000
        health:
          tcp: 9000
    units:
      timekeeping.target:
        Unit:
          Description: All that keeps time
        Install:
          WantedBy: multi-user.target

- name: A worker that reads its settings from a file, and is restarted when that changes
  daemonic.systemd.stack:
    name: worker
    daemons:
      worker:
        script: worker.py
        user: www-data
        service:
          EnvironmentFile: /etc/worker.env
    files:
      /etc/worker.env:
        template: worker.env.j2
        group: www-data
        mode: "0640"

- name: A report, every morning
  daemonic.systemd.stack:
    name: report
    units:
      report.service:
        Service:
          Type: oneshot
          ExecStart: /usr/local/bin/report
      report.timer:
        Timer:
          OnCalendar: "*-*-* 06:00:00"
          Persistent: true
        Install:
          WantedBy: timers.target

- name: A daemon with an account of its own, and a directory that it shares with the group media
  daemonic.systemd.stack:
    name: chronicle
    users:
      chronicle:
        description: Writes down the time
        groups: [media]
    daemons:
      chronicle:
        script: date_logger.py
        user: chronicle
        environment:
          LOG_FILE: /srv/chronicle/dates.log
    files:
      /etc/tmpfiles.d/chronicle.conf: |
        d /srv/chronicle 2775 root media -

- name: Three workers of one template, with more open files than the package allows
  daemonic.systemd.stack:
    name: workers
    units:
      worker@.service:
        instances: 3
        Service:
          ExecStart: /usr/local/bin/worker --queue %i
        Install:
          WantedBy: multi-user.target
      rsyslog.service:
        dropins:
          10-limits:
            Service:
              LimitNOFILE: 65536
    files:
      /etc/rsyslog.d/workers.conf:
        content: ":programname, startswith, \"worker\" /var/log/workers.log\n"
        notify:
          - unit: rsyslog.service
            action: restart

- name: A daemon of an ordinary user, that runs without a login
  daemonic.systemd.stack:
    name: mine
    scope: user
    scope_user: alice
    daemons:
      date_logger:
        script: date_logger.py
        service:
          LogsDirectory: date_logger

- name: The same unit in the folder of an image that is not running
  daemonic.systemd.stack:
    name: timekeeping
    root: /srv/image
    units:
      clock.target:
        Install:
          WantedBy: multi-user.target

- name: What would change, and why
  daemonic.systemd.stack:
    name: timekeeping
    daemons:
      date_logger:
        script: date_logger.py
  check_mode: true
  diff: true
  register: forecast

- name: Whether all of it would do on this host, and nothing else
  daemonic.systemd.stack:
    name: timekeeping
    state: validated
    daemons:
      date_logger:
        script: date_logger.py

- name: The clock alone, and faster; the echo server and the target are stopped and removed
  daemonic.systemd.stack:
    name: timekeeping
    daemons:
      date_logger:
        script: date_logger.py
        environment:
          INTERVAL: "1"
        restart: always
        service:
          LogsDirectory: timekeeping

- name: What ran before the last deployment runs again
  daemonic.systemd.stack:
    name: timekeeping
    state: rolled_back

- name: Nothing of it is left
  daemonic.systemd.stack:
    name: timekeeping
    state: absent
"""

RETURN = r"""
actions:
  description:
    - The actions that were done, or in check mode would be done, in order. The two lists are the same, because check mode
      returns the plan without applying it. After a failure this is the plan of the run, the rest of which was not carried out.
  returned: always, unless the task failed before it began
  type: list
  elements: dict
  contains:
    action:
      description:
        - One of V(create_directory), V(build_release), V(test_release), V(set_aside), V(write), V(create_accounts),
          V(create_paths), V(set_attributes), V(link), V(remove), V(restore), V(daemon_reload), V(reset_failed),
          V(stop), V(restart), V(reload), V(start), V(enable_linger), V(start_manager), V(disable_linger),
          V(remove_release), V(remove_node), V(remove_directory).
      type: str
    target:
      description: The path or the unit.
      type: str
    reason:
      description: The reason, in plain words.
      type: str
  sample:
    - action: restart
      target: echo.service
      reason: its script (release 98a1b16130a979e7 → 1e95518259984a36) changed
condition_not_met:
  description:
    - Units that should run, but that systemd has skipped because one of their conditions is not met (C(ConditionPathExists=) and
      similar, C(ExecCondition=)). This is not a failure, unless the unit has C(health).
  returned: always, unless the task failed before it began
  type: list
  elements: str
restart_pending:
  description:
    - Units that run with an old configuration, either because C(on_change) is V(keep), or because they are running jobs
      (C(Type=oneshot)), which are left to finish; the next run of a job has the new configuration. Also units that could not be
      started again because a file that they need is gone.
  returned: always, unless the task failed before it began
  type: list
  elements: dict
  contains:
    unit:
      description: Its name.
      type: str
    reason:
      description: The change that it does not have yet.
      type: str
units:
  description: The units of the stack by name, after the run, or in check mode as they are now. Templates are not included.
  returned: always, unless the task failed before it began
  type: dict
  contains:
    active_state:
      description: C(ActiveState) of systemd.
      type: str
    sub_state:
      description: C(SubState) of systemd.
      type: str
    result:
      description: C(Result) of systemd, V(success) or how it failed; empty for a unit type without one.
      type: str
    condition_met:
      description: V(false) for a unit that systemd skipped at its last start.
      type: bool
    enabled:
      description: Whether the stack enables it.
      type: bool
    main_pid:
      description: Its main process; 0 without one.
      type: int
    restarts:
      description: The number of automatic restarts since it was last started.
      type: int
    invocation_id:
      description: The ID of this run of the unit, as in its journal lines.
      type: str
    exposure:
      description:
        - The exposure that C(systemd-analyze security) reports, from V(0), nothing to attack, to V(10). It is the value at the
          time when the unit was last written, or in check mode the value that it would have.
      type: float
      returned: for services whose unit the stack writes, where systemd can rate it
    stamp:
      description: The digest of what is declared for it. A process that runs with this declaration carries it.
      type: str
    release:
      description: The digest of the release that is declared for a daemon.
      type: str
      returned: for daemons
  sample:
    echo.socket:
      active_state: active
      sub_state: listening
rollback_state:
  description:
    - The O(state) with which a later task rolls back this deployment - V(rolled_back), or V(absent) if it was the first one.
    - Null if there was no new deployment, because nothing changed, or because the declaration is the same as before and
      only the host had to be fixed.
  returned: success
  type: str
  sample: rolled_back
failures:
  description: The units that are not healthy. Empty if something else failed, which C(msg) explains.
  returned: when it failed after it had begun
  type: list
  elements: dict
  contains:
    unit:
      description: Its name.
      type: str
    problem:
      description: What is wrong with it, in plain words.
      type: str
    journal:
      description: The last lines of its failed run.
      type: list
      elements: str
reverted:
  description:
    - Whether everything that this run had changed was reverted. If so, C(changed) is V(false).
    - After interrupted runs everything reverts to the state that was last seen healthy, before the first of those runs. V(false)
      if that state is no longer known.
  returned: when it failed after it had begun
  type: bool
proven:
  description:
    - Whether the host, at the end of the task, is known to run a version of the stack that a run has seen healthy.
    - V(false) if it runs none, for example after a failed first deployment, if a run was interrupted and none has completed
      it since, and while another run is in progress.
  returned: always, unless the declaration was refused before the host was contacted
  type: bool
revert_actions:
  description: The actions that reverted the run, in order, as in RV(actions), with V(put_back) for a path, and V(clean) for
    the directories that systemd has made for a new unit.
  returned: when it failed after it had begun
  type: list
  elements: dict
problems:
  description: What is wrong with the declaration on this host. Nothing was changed.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The path to the option in the declaration.
      type: str
      sample: daemons.echo.socket
    value:
      description: The value found there.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to write instead.
      type: str
diff:
  description: Each file and symlink before and after. A new release is compared with the live one.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import STACK
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import run


def main() -> None:
    serve(STACK, run.stack)


if __name__ == "__main__":
    main()
