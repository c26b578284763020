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
  - Makes a host run what is declared. Python scripts and applications become daemons with a service, and a socket where
    they want one. Further units and files belong to the same transaction.
  - Everything is read and checked before anything is touched. Files are written beside their places and renamed. systemd
    reads its configuration anew at most once. The links that enable units are computed and repaired.
  - A unit is restarted exactly when its running process differs from what a restart would run. This is read from the
    host (see the notes), so it needs no handler and holds after an interrupted play.
  - A unit that does not start, does not stay up for O(settle), or does not answer its probe (C(health)), fails the task with
    its own last journal lines, and the host is put back as it was (O(rollback_on_failure)).
extends_documentation_fragment:
  - daemonic.systemd.transaction
  - daemonic.systemd.transaction.releases
options:
  name:
    description:
      - The name of the stack. The host keeps a record of what each stack owns under this name.
      - Letters, digits, V(-), V(_), V(.) and V(:).
    type: str
    required: true
  state:
    description:
      - V(present) makes the host run what is declared, and stops and removes what an earlier run of this stack has put
        there and is declared no more.
      - V(rolled_back) returns to what was declared before the last deployment that went well - releases, units and files
        alike. It is checked, and proven healthy or put back, as any deployment. Said again it changes nothing.
      - V(validated) checks all of it against this host, as V(present) does before it touches anything, and does nothing
        else. It fails with the problems, and never changes anything.
      - V(absent) stops, disables and removes all that the stack owns.
      - With V(rolled_back) and V(absent) O(daemons), O(units), O(files) and O(users) are not looked at.
    type: str
    choices: [present, rolled_back, validated, absent]
    default: present
  daemons:
    description:
      - Python daemons, name to options. Each becomes C(<name>.service), and with C(socket) a C(<name>.socket) that starts it.
      - The options are those of M(daemonic.systemd.daemon) - C(script), C(source), C(module), C(command), C(requirements),
        C(wheelhouse), C(build_from_source), C(imports), C(description), C(python), C(args), C(environment),
        C(credentials), C(user), C(group),
        C(dynamic_user), C(working_directory), C(type), C(restart), C(socket), C(accept), C(activation), C(hardening),
        C(wanted_by), C(after), C(unit), C(service), C(install), C(enabled), C(on_change), C(health), and C(state)
        with what starts, stops or restarts it.
    type: dict
    default: {}
  units:
    description:
      - Units of any type, name with suffix to a definition. Either text, or a mapping of sections to directives, in
        which a list repeats its directive, a truth value becomes V(yes) or V(no), an empty value resets, and a mapping
        under C(Environment) is quoted. A C(%) begins a specifier, as in a unit file. Or a mapping with one of C(content)
        (text), C(src) (a file on the controller),
        C(template) (a Jinja template on the controller) and C(sections). Section names begin with a capital letter and
        options do not, so sections and the following options may stand side by side.
      - C(dropins) are drop-ins, name to text or sections, written as C(<unit>.d/<name>.conf). Without a definition beside
        them they belong to a unit that something else has installed, or to one instance of a template of this stack. An
        C([Install]) in them counts.
      - The name of an entry with C(dropins) alone may also be a prefix of names (V(web-.service)) or a type (V(service)). Such
        drop-ins are for all units that have it. Those of this stack get them at once; others that run are named in a warning,
        and have them when they are started again.
      - C(instances) of a template, a list of names or a count (V(3) means C(1), C(2), C(3)). They are enabled and started; those
        that are taken away are stopped and disabled.
      - C(enabled), V(true) by default where there is an C([Install]) section that enables. The links on the disk are made
        to be exactly those that the unit asks for.
      - C(masked), V(true) or V(false). A unit file that lies in the way is kept and put back when the mask goes.
      - C(state), one of V(started), V(stopped), V(restarted), V(reloaded), V(reload-or-restarted), V(try-restarted),
        V(try-reload-or-restarted), V(unmanaged). What boot would start
        is V(started) by default; what a socket, a timer or another unit starts is V(unmanaged), which means that it is
        restarted when it runs with an old configuration but never started or stopped.
      - C(on_change), what is done when the running unit must get a changed configuration. V(auto) is the least that applies the
        change. V(reload) reloads it where its daemon can read the change again, that is, files that the arguments or variables
        of its command name; what only a new process has, such as another C(ExecStart=), C(User=), script or environment, is
        applied by a restart all the same. V(restart) and V(stop-start) do just that. V(keep) leaves the unit as it is, and
        reports it in RV(restart_pending).
      - C(health) of a service or socket, how it is asked whether it is well, as that of M(daemonic.systemd.daemon).
    type: dict
    default: {}
  files:
    description:
      - Files, absolute path to text, or to a mapping with one of C(content), C(src) and C(template), and C(owner), C(group)
        and C(mode) (an octal string). What is left open stays as it is; a new file is root's with mode V("0644").
      - A file that a unit of the stack names, for example in C(EnvironmentFile=) or in the arguments of C(ExecStart=), belongs
        to what a restart applies. When it changes, that unit is restarted.
      - C(notify) names other units that must take notice when the file changes, a list of C({unit, action}) where C(action) is
        V(restart), the default, or V(reload). Only a unit that runs is restarted or reloaded.
      - A file C(*.conf) in a directory C(sysusers.d) or C(tmpfiles.d) is applied when it is written, by C(systemd-sysusers)
        before all else, or by C(systemd-tmpfiles --create) before systemd reads its units. It is applied again when an
        account or a directory of it is missing.
      - The content of a file that not all may read is never shown in a diff, nor is its digest.
    type: dict
    default: {}
  users:
    description:
      - System accounts that daemons run as or that own files, name to options or to nothing. They become one file in
        C(/etc/sysusers.d), and systemd makes those that are missing before anything else is done.
      - C(uid), by default the next that is free. C(group), by default one of the user's name. C(groups), further ones,
        which are made where they are missing. C(description), C(home) and C(shell), by default C(/) and none to log in with.
        The home is not made; C(StateDirectory=) makes a directory for a service.
      - An account that exists stays as it is, but for its C(groups); one with another C(uid) is refused. No account is ever
        removed, not when the stack goes and not when a deployment is put back, since files may be its own.
      - Not with O(scope=user).
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
    - What was done, or in check mode would be done, in order. The two lists are the same, since check mode is the plan,
      not applied. After a failure it is the plan of the run, of which the rest was not done.
  returned: always, unless nothing was begun because of a problem
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
      description: Why, for a person.
      type: str
  sample:
    - action: restart
      target: echo.service
      reason: its script (release 98a1b16130a979e7 → 1e95518259984a36) changed
condition_not_met:
  description:
    - Units that are to run, and that systemd has skipped, since a condition of theirs is not met (C(ConditionPathExists=) and its
      kin, C(ExecCondition=)). That is no failure, unless the unit has C(health).
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: str
restart_pending:
  description:
    - Units that run with an old configuration, because C(on_change) is V(keep), or because they are jobs (C(Type=oneshot))
      that are left to their end; the next run of a job has the new configuration. Also a unit that could not be started
      again, since a file that it needs has gone.
  returned: always, unless nothing was begun because of a problem
  type: list
  elements: dict
  contains:
    unit:
      description: Its name.
      type: str
    reason:
      description: What it has not got.
      type: str
units:
  description: The units of the stack after the run, by name; in check mode as they are. A template is not among them.
  returned: always, unless nothing was begun because of a problem
  type: dict
  contains:
    active_state:
      description: C(ActiveState) of systemd.
      type: str
    sub_state:
      description: C(SubState) of systemd.
      type: str
    result:
      description: C(Result) of systemd, V(success) or how it failed; empty for a unit that knows none.
      type: str
    condition_met:
      description: V(false) for a unit that systemd has skipped at its last start.
      type: bool
    enabled:
      description: Whether the stack enables it.
      type: bool
    main_pid:
      description: Its main process; 0 without one.
      type: int
    restarts:
      description: Automatic restarts since it was last started.
      type: int
    invocation_id:
      description: The ID of this run of the unit, as in its journal lines.
      type: str
    exposure:
      description:
        - What C(systemd-analyze security) finds of it, from V(0), nothing to attack, to V(10), as it was when its unit was
          last written; in check mode as it would be.
      type: float
      returned: for services whose unit the stack writes, where systemd tells
    stamp:
      description: The digest of what is declared for it, which a process that runs with it carries.
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
    - The O(state) with which a later task takes this deployment back, V(rolled_back), or V(absent) if it was the first one.
    - Null where no new deployment was made, because nothing changed, or because what is declared is what was declared before,
      and only the host was not as it should be.
  returned: success
  type: str
  sample: rolled_back
failures:
  description: The units that are not well. Empty when something else failed, which C(msg) tells.
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
    - Whether everything was put back that this run had changed. Then C(changed) is V(false).
    - After runs that were cut off everything goes back to what was last seen healthy, before the first of them; V(false) where
      that is not known any more.
  returned: when it failed after it had begun
  type: bool
proven:
  description:
    - Whether the host is known to run a version of the stack that a run has seen healthy, when the task is over.
    - V(false) where it runs none, such as after a first deployment that failed, where a run was cut off and none has completed
      it, and while another run is at work.
  returned: always, unless what is declared was refused before it came to the host
  type: bool
revert_actions:
  description: What was done to put it back, in order, as in RV(actions), with V(put_back) for a path, and V(clean) for
    the directories that systemd has made for a new unit.
  returned: when it failed after it had begun
  type: list
  elements: dict
problems:
  description: What is wrong with the declaration on this host. Nothing was touched.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The way to the option.
      type: str
      sample: daemons.echo.socket
    value:
      description: What stands there.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to write instead.
      type: str
diff:
  description: Each file and link before and after; that of a new release is compared with the live one.
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
