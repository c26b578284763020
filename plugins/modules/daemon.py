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
  - Runs a Python script or application as a service of systemd, started at boot or by its socket, and proves that it
    stays up. If it does not, the host is put back as it was (O(rollback_on_failure)).
  - The same as M(daemonic.systemd.stack) with this one entry in C(daemons); the stack has the daemon's name.
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
      - All but V(absent) and V(validated) deploy it. V(started) starts it, or its socket. V(stopped) stops it. V(restarted)
        and V(reloaded) do so at each run, V(reload-or-restarted) whichever it can do; V(try-restarted) and
        V(try-reload-or-restarted) only if it runs. V(unmanaged) neither starts nor stops it, but
        restarts it when it runs with an old configuration. V(absent) stops and removes all of it.
      - V(rolled_back) returns to what was declared before the last deployment that went well, its release included. Said
        again it changes nothing.
      - V(validated) only checks the declaration against this host, as the others do before they touch anything.
    type: str
    choices: [started, stopped, restarted, reloaded, reload-or-restarted, try-restarted, try-reload-or-restarted, unmanaged,
      rolled_back, validated, absent]
    default: started
  script:
    description:
      - The script, a file on the controller that is looked for as C(copy) looks for its C(src), in C(files/).
      - Or a mapping of C(name), its file name, and C(content).
      - With O(source) the path of the script in it.
      - It must compile on the interpreter that will run it.
      - This, O(module) or O(command) is required, but with O(state=absent) and O(state=rolled_back).
    type: raw
  source:
    description:
      - An application - a directory on the controller, or a wheel (C(*.whl)), looked for in C(files/).
      - Of a directory everything is taken but version control, caches, compiled files and C(.venv). A link that leads out
        of it is an error. All users of the host can read it, so it is no place for secrets.
      - It travels only to hosts that have not got this release yet.
    type: raw
  module:
    description: What is run, as C(python -m) runs it - a module of O(source), or one that O(requirements) bring.
    type: str
  command:
    description: What is run - a command that O(requirements) or the wheel bring, for example V(gunicorn).
    type: str
  requirements:
    description:
      - Requirements, a list, or a file on the controller. The release gets a virtual environment of its own with them.
      - With C(--hash) on any of them, all must have one. Other options of pip are refused; where packages come from is set
        by the host's C(pip.conf), with uv by its C(uv.toml), or by O(wheelhouse).
    type: raw
  wheelhouse:
    description:
      - A directory of wheels on the controller, for hosts that reach no index. They travel when a release is built, and
        nothing but them is installed.
      - "Or C({remote: /srv/wheels}), a directory that lies on the host."
    type: raw
  build_from_source:
    description:
      - Whether a requirement that is not there as a wheel may be built on the host from its source. Whoever has written it
        then runs code while it is built, in a sandbox, as a user who owns nothing; it can read where packages come from.
      - Without it only wheels are installed, which run nothing.
    type: bool
    default: false
  imports:
    description: Modules that must be importable before the release goes live, tried as the user who will run it.
    type: list
    elements: str
  description:
    description: C(Description=) of the service. The default is made from the name.
    type: str
  python:
    description: The interpreter, an absolute path or a name that is looked up in systemd's own search path.
    type: str
    default: python3
  args:
    description:
      - Arguments of what is run, a list; a string is split as a shell splits it. They are literal, nothing is expanded by
        systemd, and those of a list may have several lines.
    type: raw
  environment:
    description:
      - Variables, name to value. C(PYTHONUNBUFFERED=1) is always set, so that what the daemon prints reaches the journal at
        once. Values are literal; C(Environment) in O(service) is as in a unit file, where C(%) begins a specifier.
    type: dict
  credentials:
    description:
      - Secrets, name to a text or to a mapping with one of C(content), C(src) and C(template). The daemon reads them from the
        files C($CREDENTIALS_DIRECTORY/<name>), which are there for its user alone while it runs.
      - On the host they lie encrypted by C(systemd-creds) where it has it (systemd 250 and newer), else in files that root
        alone may read. They are in no unit file, command line, diff, result or log.
      - When one changes, the daemon is restarted. All of them together may have 768 KiB.
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
    description: The directory it is started in. The default is that of the O(source), and C(/) for a script alone.
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
      - Directives of C([Socket]), such as C(ListenStream). C(<name>.socket) is made, enabled and started, and the service
        gets C(Requires=) and C(After=) for it. The daemon takes the listening socket from systemd, so none of its
        connections is refused while it restarts.
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
      - A preset of sandboxing directives, adapted to what the host's systemd knows. V(standard) breaks hardly any daemon.
        V(strict) is for one that reads its release and its configuration, writes where C(StateDirectory=), C(LogsDirectory=)
        and their like have made it a place, and talks over IP and Unix sockets. Directives in O(service) override theirs, or add
        to them where they are lists.
      - The tables, with a reason for each row, are in C(docs/hardening.md) of the collection.
    type: str
    choices: [none, standard, strict]
    default: none
  wanted_by:
    description:
      - What it is enabled for. The default is V(multi-user.target), in the scopes V(user) and V(global) V(default.target).
        With a lazy socket it is the socket that is enabled, by default for V(sockets.target).
    type: list
    elements: str
  after:
    description: Units after which it is started.
    type: list
    elements: str
  unit:
    description:
      - Directives of C([Unit]) of the service. As in a drop-in, those that systemd takes as lists (C(After), C(Requires) and
        so on) add to ours, and an empty value takes away what is before it; all others override ours. C(Requires) for the
        daemon's own socket cannot be taken away.
    type: dict
  service:
    description:
      - Directives of C([Service]). Lists (C(Environment), C(EnvironmentFile), C(SystemCallFilter) and so on) add to ours, and
        an empty value takes away what is before it; all others override ours. C(ExecStart) replaces the whole command line,
        so that O(args) cannot be given beside it.
    type: dict
  install:
    description:
      - Directives of C([Install]) of the service, or of its lazy socket. C(WantedBy) adds to O(wanted_by), and replaces its
        default.
    type: dict
  enabled:
    description:
      - Whether it is started at boot. By default it is, unless O(wanted_by) is empty. A daemon of O(type=oneshot) that a timer,
        path or socket among the C(units) of the same stack starts is left to that - neither enabled nor started at a
        deployment, unless O(wanted_by), O(enabled) or C(state) says so.
    type: bool
  on_change:
    description:
      - What is done when the running daemon must get a changed script or configuration. V(auto) is the least that applies the
        change. V(reload) reloads it where its daemon can read the change again, that is, files that the arguments or variables
        of its command name; what only a new process has, such as another C(ExecStart=), C(User=), script or environment, is
        applied by a restart all the same. V(restart) and V(stop-start) do just that. V(keep) leaves the daemon as it is, and
        reports it in RV(restart_pending).
    type: str
    choices: [auto, reload, restart, stop-start, keep]
    default: auto
  health:
    description:
      - How the daemon is asked whether it is well, when it was started, restarted or reloaded. Exactly one of C(tcp) (a
        port, or C(host:port)), C(unix) (a path), C(http) (a URL, C(:port/path), a mapping of C(unix) and C(path), or
        with a O(socket) the path alone) and C(command) (a program and its arguments, run on the managed node as root,
        or as the user of O(scope=user), without a shell).
      - C(status), a number or a list (by default 200 to 299), and C(body), text that must occur, belong to C(http). C(timeout)
        (V(10s)) is how long it may take until there is a good answer, C(interval) (V(250ms)) the pause between two attempts;
        both at most an hour.
      - Specifiers in paths of Unix sockets, such as C(%t), stand for what they stand for in a unit file.
      - With a O(socket) it is asked through that, which starts it. On local addresses the answer must come from the daemon
        itself, and not from another process that holds the port.
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

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import DAEMON
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import run


def main() -> None:
    serve(DAEMON, run.daemon)


if __name__ == "__main__":
    main()
