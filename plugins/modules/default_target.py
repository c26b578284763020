#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: default_target
short_description: Set the target that a host boots into, and switch to it
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Makes C(default.target) point to a target, as C(systemctl set-default) does. systemd reloads its configuration only if
    that has changed something.
  - With O(isolate) the host also switches to the target at once, as with C(systemctl isolate).
  - Everything is checked first - the target exists, is not masked, requires nothing that does not exist, and allows isolation. A
    target that would take the host down, or stop what the connection of the task needs, is refused.
  - If the isolation fails, the symlink is restored and the units that were stopped are started again.
options:
  name:
    description:
      - The target, C(multi-user.target) or C(multi-user).
      - Or a runlevel - V(0) poweroff, V(1) and V(S) rescue, V(2), V(3) and V(4) multi-user, V(5) graphical, V(6) reboot.
    type: str
    required: true
  isolate:
    description:
      - Also switch the host to this target - units that it pulls in are started, all others are stopped.
      - The target must have C(AllowIsolate=yes).
      - Nothing is done if the target is active and no other active target would be stopped. So a service that somebody
        has started by hand in the meantime keeps running.
    type: bool
    default: false
  force:
    description:
      - Also set or isolate a target that takes the host down or puts it to sleep, and isolate one that would stop what the
        connection of this task needs.
      - If the connection is lost, so is the result, and nothing can be reverted.
    type: bool
    default: false
  root:
    description: The root directory of an image that is not running.
    type: path
attributes:
  check_mode:
    description: Everything is checked, and the changes that would be made are returned.
    support: full
  diff_mode:
    description: Shows the symlink.
    support: full
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become))
notes:
  - The connection needs the units of this process and of all its ancestors, such as the service of the SSH server. If one of
    those is an SSH server, it also needs the services that accept the next connection and keep the network up.
seealso:
  - module: daemonic.systemd.stack
  - name: systemd.special(7)
    description: The targets that systemd provides.
    link: https://www.freedesktop.org/software/systemd/man/systemd.special.html
"""

EXAMPLES = r"""
- name: Boot into multi-user.target from now on
  daemonic.systemd.default_target:
    name: multi-user
  register: first

- name: A runlevel means the same
  daemonic.systemd.default_target:
    name: 3
  register: second

- name: So there is nothing to change
  ansible.builtin.assert:
    that:
      - second is not changed
      - second.default_target == "multi-user.target"

- name: What would stop and start on the way to graphical.target
  daemonic.systemd.default_target:
    name: graphical.target
    isolate: true
  check_mode: true
  register: forecast

- name: Show it
  ansible.builtin.debug:
    msg: "{{ forecast.stopped }} would stop, {{ forecast.started }} would start"

- name: Boot into what it was before again
  daemonic.systemd.default_target:
    name: "{{ first.previous }}"
"""

RETURN = r"""
previous:
  description: The previous default target. Empty if there was none, or a masked one.
  returned: unless it was refused
  type: str
  sample: graphical.target
default_target:
  description: The default target now, or as it would be. Aliases are resolved, so C(runlevel5.target) is V(graphical.target).
  returned: unless it was refused
  type: str
  sample: multi-user.target
isolated:
  description: Whether the host was, or would be, switched to the target.
  returned: unless it was refused
  type: bool
stopped:
  description: >-
    The services, sockets, targets, timers and paths that ran before the switch and no longer do. In check mode those that would
    be stopped. After a failure those that could not be started again.
  returned: unless it was refused
  type: list
  elements: str
  sample: [graphical.target]
started:
  description: >-
    Those that run now and did not before. In check mode those that systemd would start, some of which may end at once, or be
    skipped because of a condition.
  returned: unless it was refused
  type: list
  elements: str
reverted:
  description: Whether everything was reverted. If so, C(changed) is V(false).
  returned: when it failed after it had begun
  type: bool
problems:
  description: Why the task was refused. Nothing was changed.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: isolate
    value:
      description: Its value.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to do.
      type: str
diff:
  description: The symlink before and after.
  returned: in diff mode
  type: dict
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.arguments import DEFAULT_TARGET
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.simple_module import answering
from ansible_collections.daemonic.systemd.plugins.module_utils._host.operation.default_target import default_target


def main() -> None:
    serve(DEFAULT_TARGET, answering(default_target, changes=True))


if __name__ == "__main__":
    main()
