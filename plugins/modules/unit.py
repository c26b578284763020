#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Manage units of systemd, with or without defining them
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Does everything that M(ansible.builtin.systemd_service) does, with the same options, for one unit or many, as one
    transaction. The transaction is checked first, shown step by step in check mode, proven healthy, and reverted if it fails.
    C(docs/moving.md) of the collection compares the two modules option by option.
  - Without a definition it manages existing units. Settings that are not given stay as they are. C(daemon-reload) is run once if
    systemd needs it, and reported.
  - With a definition (O(content), O(src), O(template), O(sections), O(dropins), O(instances)) it also writes the unit. It is
    then equivalent to M(daemonic.systemd.stack) with this one entry in C(units). The manifest of that stack is called
    C(unit:<name>).
extends_documentation_fragment:
  - daemonic.systemd.transaction
options:
  name:
    description:
      - A unit or a list of them. A name without a type means a service. An alias stands for its unit, a path for the unit that
        mounts it.
      - A name can be a quoted shell pattern. It stands for all units that match it - unit files on the host
        and units that systemd has loaded. If none matches, the task succeeds with a warning.
      - All of them are one transaction. An empty list changes nothing.
      - With a definition it is exactly one name.
    type: raw
    aliases: [service, unit]
  state:
    description:
      - V(started) and V(stopped) do nothing to a unit that is already in that state. V(restarted) restarts it at each run,
        V(reloaded) reloads it, V(reload-or-restarted) does whichever is possible; all three start it if it does not run.
        V(try-restarted) and V(try-reload-or-restarted) only do so if it runs. V(unmanaged) is the same as no state.
      - V(absent) stops and removes a unit that was defined by this module, V(rolled_back) returns to its previous definition,
        V(validated) only checks a definition. None of them touches a foreign unit.
      - With a definition the default is V(started) for units that would start at boot, otherwise V(unmanaged).
    type: str
    choices: [started, stopped, restarted, reloaded, reload-or-restarted, try-restarted, try-reload-or-restarted, unmanaged,
      rolled_back, validated, absent]
  enabled:
    description:
      - Whether it is started at boot. V(true) creates the symlinks that its C([Install]) section asks for. V(false) removes all
        symlinks that enable it, including those that last until the next boot (C(--runtime)). Units that it names in C(Also=)
        are included. Scripts of SysV init are handed to the tool of the distribution.
      - A static unit, which has no C([Install]) in its file or in its drop-ins, is left as it is, with a warning.
      - With a definition the default is V(true) where there is an C([Install]) section that enables the unit.
    type: bool
  masked:
    description:
      - Whether it is masked, so that nothing can start it. It can be masked before it is installed. A unit file in
        C(/etc/systemd/system) in the place of the mask is kept, and restored by V(false). V(false) also removes a mask that
        lasts until the next boot.
      - A unit that is masked keeps running unless O(state=stopped) is given. With a definition it is stopped.
    type: bool
  force:
    description: Replace a symlink of another unit that is in the place of an C(Alias=) of this one.
    type: bool
    default: false
  daemon_reload:
    description:
      - Make systemd read all unit files, even if no change requires it. This alone does not make the task changed. It needs no
        O(name).
      - A reload that a change requires is done in any case.
      - Can be spelt C(daemon-reload), as O(daemon_reexec) can be spelt C(daemon-reexec).
    type: bool
    default: false
  daemon_reexec:
    description: Re-execute the manager itself, which also reads all unit files. It needs no O(name).
    type: bool
    default: false
  no_block:
    description: Only queue the jobs. Then nothing is watched, and a unit that fails does not fail the task.
    type: bool
    default: false
  content:
    description: The unit file as text.
    type: raw
  src:
    description: The unit file, a file on the controller. It is searched for like the C(src) of C(copy), in C(files/).
    type: str
  template:
    description: The unit file, a Jinja template on the controller, searched for in C(templates/).
    type: str
  sections:
    description:
      - The unit file as a mapping of sections to directives. A list repeats its directive, a boolean becomes V(yes) or V(no), an
        empty value resets, and a mapping under C(Environment) is quoted. A C(%) begins a specifier, as in a unit file.
    type: dict
  dropins:
    description:
      - Drop-ins, a mapping of names to text, to sections, or to a mapping with one of C(content), C(src) and C(template),
        written as C(<unit>.d/<name>.conf). Without a unit file next to them they belong to a unit that something else has
        installed. Their C([Install]) sections take effect.
    type: dict
  instances:
    description:
      - Instances of a template, a list of names or a count (V(3) means C(1), C(2), C(3)). They are enabled and started.
        Instances that are no longer listed are stopped and disabled.
    type: raw
  on_change:
    description:
      - With a definition, how the running unit gets a changed configuration. V(auto) takes the least disruptive way that
        applies the change. V(reload) reloads the unit where its daemon can read the change again, that is, files that the
        arguments or variables of its command name. Changes that only a new process sees, such as another C(ExecStart=),
        C(User=), script or environment, are still applied by a restart. V(restart) and V(stop-start) always do just that.
        V(keep) leaves the unit as it is, and reports it in RV(restart_pending).
    type: str
    choices: [auto, reload, restart, stop-start, keep]
    default: auto
  health:
    description: The probe that a service or socket must answer, as for M(daemonic.systemd.daemon).
    type: dict
notes:
  - A unit that is missing on the host is an error if it is to run or to be enabled. The error suggests the name that was
    probably meant. In check mode this is a warning and the task reports a change, because an earlier task of the play may
    install the unit. A missing unit that is to be stopped, disabled or only tried (V(try-restarted)) is a warning, not an
    error.
  - Where systemd does not run - in a chroot, while an image is built, with C(SYSTEMD_OFFLINE=1), or below O(root) - O(enabled)
    and O(masked) are applied. Nothing is started, and a warning lists what should have been.
seealso:
  - module: ansible.builtin.systemd_service
  - module: daemonic.systemd.stack
  - module: daemonic.systemd.unit_info
  - module: daemonic.systemd.unit_signal
"""

EXAMPLES = r"""
- name: Write a unit, enable it, and start it
  daemonic.systemd.unit:
    name: tick.service
    sections:
      Unit:
        Description: A process that sleeps
      Service:
        ExecStart: /bin/sleep infinity
        ExecReload: /bin/kill -CONT $MAINPID
      Install:
        WantedBy: multi-user.target
  register: written

- name: What was done, and why
  ansible.builtin.assert:
    that:
      - written.units['tick.service'].active_state == 'active'
      - written.actions | map(attribute='action') | list == ['write', 'link', 'daemon_reload', 'start']

- name: A template and three instances, from text
  daemonic.systemd.unit:
    name: worker@.service
    content: |
      [Service]
      ExecStart=/bin/sleep 1000%i
      [Install]
      WantedBy=multi-user.target
    instances: 3

- name: A drop-in for a unit of a package
  daemonic.systemd.unit:
    name: systemd-journald.service
    dropins:
      10-nice:
        Service:
          Nice: 1

- name: It is gone again
  daemonic.systemd.unit: {name: systemd-journald.service, state: absent}

# From here on no unit is defined: what is there is managed, as with ansible.builtin.systemd_service

- name: Make sure that units run
  daemonic.systemd.unit:
    name: [tick, systemd-journald.service]
    state: started

- name: Restart the workers that run
  daemonic.systemd.unit:
    name: worker@*.service
    state: try-restarted

- name: Reload what can be reloaded, and restart what cannot
  daemonic.systemd.unit:
    name: [tick, worker@1]
    state: reload-or-restarted
  register: reloaded

- name: It says which was which
  ansible.builtin.assert:
    that:
      - reloaded.actions | selectattr('action', 'equalto', 'reload') | map(attribute='target') | list == ['tick.service']
      - reloaded.actions | selectattr('action', 'equalto', 'restart') | map(attribute='target') | list == ['worker@1.service']

- name: Stop, disable and mask in one pass, though a unit file lies in the way
  daemonic.systemd.unit:
    name: tick
    state: stopped
    enabled: false
    masked: true

- name: And back again
  daemonic.systemd.unit:
    name: tick
    state: started
    enabled: true
    masked: false
  register: back

- name: The properties of a single unit are returned under systemd's own names
  ansible.builtin.assert:
    that: back.status.ActiveState == 'active' and back.status.UnitFileState == 'enabled'

- name: Queue a restart, and do not wait for it
  daemonic.systemd.unit:
    name: tick
    state: restarted
    no_block: true

- name: Have systemd read all unit files, whatever may have written them
  daemonic.systemd.unit:
    daemon_reload: true

- name: The workers go
  daemonic.systemd.unit: {name: worker@.service, state: absent}

- name: Nothing is left
  daemonic.systemd.unit: {name: tick.service, state: absent}
"""

RETURN = r"""
name:
  description: The O(name) of the task.
  returned: always
  type: raw
state:
  description: The declared state; V(started) for every state that leaves the unit running.
  returned: when one unit and its O(state) are given
  type: str
enabled:
  description: The same as O(enabled). For the actual state of each unit see RV(units).
  returned: when one unit and O(enabled) are given, and the task succeeds
  type: bool
status:
  description:
    - All properties of the unit after the run, as text, as C(systemctl show) prints them. For typed values see
      M(daemonic.systemd.unit_info).
  returned: when one unit is given; empty for a template, and where systemd does not run
  type: dict
  sample:
    ActiveState: active
    SubState: running
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
        - One of V(create_directory), V(set_aside), V(write), V(set_attributes), V(link),
          V(remove), V(restore), V(daemon_reload), V(reset_failed), V(stop), V(restart), V(reload), V(start),
          V(enable_linger), V(start_manager), V(disable_linger), V(remove_node), V(remove_directory), V(daemon_reexec), and
          V(enable) and V(disable) for scripts of SysV init.
      type: str
    target:
      description: The path or the unit.
      type: str
    reason:
      description: The reason, in plain words.
      type: str
  sample:
    - action: start
      target: tick.service
      reason: is not running
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
  description: The units that were named or matched, after the run, or in check mode as they are now. Templates are not included.
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
      description: Whether it is enabled, according to its symlinks.
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
      description: The digest of what is declared for it, or without a definition that of what it runs with; empty for a unit
        that no stack has defined.
      type: str
  sample:
    echo.socket:
      active_state: active
      sub_state: listening
rollback_state:
  description:
    - The O(state) with which a later task rolls back this definition - V(rolled_back), or V(absent) if it was the first one.
    - Null if no new definition was deployed.
  returned: success, when the module defines the unit
  type: str
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
  description: Whether everything that this run had changed was reverted. If so, C(changed) is V(false).
  returned: when it failed after it had begun
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
      sample: units.tick.service.state
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
  description: Each file and symlink before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import UNIT
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction import run


def main() -> None:
    serve(UNIT, run.unit)


if __name__ == "__main__":
    main()
