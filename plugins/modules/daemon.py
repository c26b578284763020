#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: daemon
short_description: Deploy one Python daemon
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Runs a Python script or application as a systemd service, started at boot or by its socket, and checks that it stays up.
    If it does not, the host is reverted to its previous state (O(rollback_on_failure)).
  - It is equivalent to M(daemonic.systemd.stack) with this one entry in C(daemons). The stack has the daemon's name.
extends_documentation_fragment:
  - daemonic.systemd.transaction
  - daemonic.systemd.transaction.releases
options:
  name:
    description: The name of the daemon, without a suffix. Its service is C(<name>.service).
    type: str
    required: true
  state:
    description:
      - All values except V(absent), V(rolled_back) and V(validated) deploy the daemon. V(started) starts it, or its socket.
        V(stopped) stops it. V(restarted) and V(reloaded) restart or reload it at each run, V(reload-or-restarted) does whichever
        is possible. V(try-restarted) and V(try-reload-or-restarted) do so only if it runs. V(unmanaged) neither starts nor
        stops it, but restarts it when it runs with an old configuration. V(absent) stops it and removes everything.
      - V(rolled_back) returns to the declaration before the last successful deployment, including its release. It is idempotent.
      - V(validated) only checks the declaration against this host, as the others do before they change anything.
    type: str
    choices: [started, stopped, restarted, reloaded, reload-or-restarted, try-restarted, try-reload-or-restarted, unmanaged,
      rolled_back, validated, absent]
    default: started
  script:
    description:
      - The script, a file on the controller. It is searched for like the C(src) of C(copy), in C(files/).
      - Or a mapping of C(name), its file name, and C(content).
      - With O(source) the path of the script within it.
      - It must compile on the interpreter that will run it.
      - This option, O(module) or O(command) is required, except with O(state=absent) and O(state=rolled_back).
    type: raw
  source:
    description:
      - An application - a directory on the controller, or a wheel (C(*.whl)), searched for in C(files/).
      - Of a directory everything is taken except version control, caches, compiled files and C(.venv). A symlink that leads out
        of it is an error. All users of the host can read the files, so do not put secrets there.
      - It is transferred only to hosts that do not have this release yet.
    type: raw
  module:
    description: The module to run, as C(python -m) runs it - one of O(source), or one that O(requirements) install.
    type: str
  command:
    description: The command to run - one that O(requirements) or the wheel install, for example V(gunicorn).
    type: str
  requirements:
    description:
      - Requirements, a list, or a file on the controller. The release gets its own virtual environment with them.
      - If any of them has C(--hash), all must have one. Other options of pip are refused. Package sources are set
        by the host's C(pip.conf), for uv by its C(uv.toml), or by O(wheelhouse).
    type: raw
  wheelhouse:
    description:
      - A directory of wheels on the controller, for hosts that cannot reach a package index. The wheels are transferred when a
        release is built, and nothing else is installed.
      - "Or C({remote: /srv/wheels}), a directory on the host."
    type: raw
  build_from_source:
    description:
      - Whether a requirement that is not available as a wheel may be built from source on the host. The build runs code of the
        package's author, in a sandbox, as a user who owns nothing. That code can read where packages come from.
      - Without this option only wheels are installed. Installing a wheel runs no code.
    type: bool
    default: false
  imports:
    description: Modules that must be importable before the release goes live, tested as the user who will run it.
    type: list
    elements: str
  description:
    description: C(Description=) of the service. The default is derived from the name.
    type: str
  python:
    description: The interpreter, an absolute path or a name that is looked up in systemd's own search path.
    type: str
    default: python3
  args:
    description:
      - Arguments of the program, a list; a string is split as a shell splits it. They are literal - systemd expands nothing in
        them. Those given as a list can have several lines.
    type: raw
  environment:
    description:
      - Variables, a mapping of names to values. C(PYTHONUNBUFFERED=1) is always set, so that the daemon's output reaches the
        journal at once. Values are literal. C(Environment) in O(service) is as in a unit file, where C(%) begins a specifier.
    type: dict
  credentials:
    description:
      - Secrets, a mapping of names to text or to a mapping with one of C(content), C(src) and C(template). The daemon reads them
        from the files C($CREDENTIALS_DIRECTORY/<name>), which exist only while it runs and only its user can read.
      - On the host they are encrypted with C(systemd-creds) where that is available (systemd 250 and newer), otherwise they are
        in files that only root can read. They appear in no unit file, command line, diff, result or log.
      - When one changes, the daemon is restarted. Together they can have up to 768 KiB.
    type: dict
  user:
    description: The user it runs as; root by default.
    type: str
  group:
    description: The group it runs as; that of the user by default.
    type: str
  dynamic_user:
    description: Run it as a user that exists only while it runs (C(DynamicUser=)).
    type: bool
    default: false
  working_directory:
    description: The directory it is started in. The default is that of the O(source), or C(/) for a single script.
    type: str
  type:
    description:
      - C(Type=) of the service. The default is V(exec), which reports an interpreter or user that cannot be used, and with
        O(accept) V(simple).
    type: str
    choices: [simple, exec, forking, oneshot, dbus, notify, notify-reload, idle]
  restart:
    description: C(Restart=) of the service, V(on-failure) by default, V(no) with O(accept) and O(type=oneshot).
    type: str
    choices: ["no", on-success, on-failure, on-abnormal, on-watchdog, on-abort, always]
  socket:
    description:
      - Directives of C([Socket]), such as C(ListenStream). C(<name>.socket) is created, enabled and started, and the service
        gets C(Requires=) and C(After=) for it. The daemon inherits the listening socket from systemd, so no connection is
        refused while it restarts.
    type: dict
  accept:
    description:
      - Start one process for each connection, as inetd does. C(<name>@.service) has the connection as its standard input
        and output.
    type: bool
    default: false
  activation:
    description:
      - Whether the service of a O(socket) is started by its first connection (V(lazy)), or at once and at boot (V(eager)).
    type: str
    choices: [lazy, eager]
    default: lazy
  hardening:
    description:
      - A preset of sandboxing directives, adapted to what the host's systemd supports. V(standard) breaks hardly any daemon.
        V(strict) is for a daemon that reads its release and its configuration, writes only to directories from
        C(StateDirectory=), C(LogsDirectory=) and similar, and communicates over IP and Unix sockets. Directives in O(service)
        override those of the preset, or add to them if they are lists.
      - The tables, with a reason for each row, are in C(docs/hardening.md) of the collection.
    type: str
    choices: [none, standard, strict]
    default: none
  wanted_by:
    description:
      - The units that start it (C(WantedBy=)). The default is V(multi-user.target), in the scopes V(user) and V(global)
        V(default.target). With a lazy socket the socket is enabled instead, by default for V(sockets.target).
    type: list
    elements: str
  after:
    description: Units after which it is started.
    type: list
    elements: str
  unit:
    description:
      - Directives of C([Unit]) of the service. As in a drop-in, those that systemd treats as lists (C(After), C(Requires) and
        so on) add to the generated ones, and an empty value clears the entries before it. All others override. C(Requires) for
        the daemon's own socket cannot be removed.
    type: dict
  service:
    description:
      - Directives of C([Service]). Lists (C(Environment), C(EnvironmentFile), C(SystemCallFilter) and so on) add to the
        generated ones, and an empty value clears the entries before it. All others override. C(ExecStart) replaces the whole
        command line, so O(args) cannot be combined with it.
    type: dict
  install:
    description:
      - Directives of C([Install]) of the service, or of its lazy socket. C(WantedBy) adds to O(wanted_by), and replaces its
        default.
    type: dict
  enabled:
    description:
      - Whether it is started at boot. By default it is, unless O(wanted_by) is empty. A daemon of O(type=oneshot) that is started
        by a timer, path or socket among the C(units) of the same stack is left to that unit - it is neither enabled nor started
        by a deployment, unless O(wanted_by), O(enabled) or C(state) says so.
    type: bool
  on_change:
    description:
      - How the running daemon gets a changed script or configuration. V(auto) takes the least disruptive way that applies the
        change. V(reload) reloads the daemon where it can read the change again, that is, files that the arguments or variables
        of its command name. Changes that only a new process sees, such as another C(ExecStart=), C(User=), script or
        environment, are still applied by a restart. V(restart) and V(stop-start) always do just that. V(keep) leaves the
        daemon as it is, and reports it in RV(restart_pending).
    type: str
    choices: [auto, reload, restart, stop-start, keep]
    default: auto
  health:
    description:
      - The probe that the daemon must answer after it was started, restarted or reloaded. Exactly one of C(tcp) (a
        port, or C(host:port)), C(unix) (a path), C(http) (a URL, C(:port/path), a mapping of C(unix) and C(path), or
        with a O(socket) the path alone) and C(command) (a program and its arguments, run on the managed node without a shell,
        as the user of the daemon).
      - C(status), a number or a list (by default 200 to 299), and C(body), text that must occur, belong to C(http). C(timeout)
        (V(10s)) is how long it may take to get a good answer, C(interval) (V(250ms)) the pause between two attempts;
        both are at most one hour.
      - Specifiers in paths of Unix sockets, such as C(%t), have the same meaning as in a unit file.
      - With a O(socket) the probe goes through that socket, which starts the daemon. On local addresses the answer must come from
        the daemon itself, and not from another process that holds the port.
    type: dict
seealso:
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: A logger that runs as a user of its own
  daemonic.systemd.daemon:
    name: date_logger
    script: date_logger.py
    environment:
      INTERVAL: "5"
    dynamic_user: true
    restart: always
    service:
      LogsDirectory: date_logger

- name: An echo server, started by its first connection
  daemonic.systemd.daemon:
    name: echo
    script: echo.py
    dynamic_user: true
    socket:
      ListenStream: 9000
    health:
      tcp: 9000

- name: The same in inetd style, one process a connection
  daemonic.systemd.daemon:
    name: echo_inetd
    script: echo.py
    socket:
      ListenStream: 9003
    accept: true

- name: A web server that must answer within half a minute
  daemonic.systemd.daemon:
    name: web
    script: web.py
    health:
      http: :8080/ping
      body: pong
      timeout: 30s

- name: A web application with its requirements, behind its socket
  daemonic.systemd.daemon:
    name: shop
    source: shop/ # files/shop, with shop.py in it
    requirements: requirements.txt # in files/, too
    command: gunicorn
    args: [--workers, "4", "shop:application"]
    imports: [shop]
    dynamic_user: true
    socket:
      ListenStream: 8000

- name: A daemon with a password and a key, which it reads below $CREDENTIALS_DIRECTORY
  daemonic.systemd.daemon:
    name: orders
    script: orders.py
    dynamic_user: true
    credentials:
      db_password: "{{ vault_db_password }}"
      signing_key:
        src: signing.key # may be encrypted with ansible-vault

- name: Nothing of it is left
  daemonic.systemd.daemon: {name: echo, state: absent}
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

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import DAEMON
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import run


def main() -> None:
    serve(DAEMON, run.daemon)


if __name__ == "__main__":
    main()
