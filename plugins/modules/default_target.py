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
  - Makes C(default.target) point to a target, as C(systemctl set-default) does. systemd reads its configuration anew only when
    that has changed something.
  - With O(isolate) the host also goes into the target at once, as with C(systemctl isolate).
  - Everything is checked first - the target exists, is not masked, requires nothing that does not exist, and allows isolation. A
    target that would take the host down, or stop what the connection of the task needs, is refused.
  - When the isolation fails, the link is put back and the units that were stopped are started again.
options:
  name:
    description:
      - The target, C(multi-user.target) or C(multi-user).
      - Or a runlevel - V(0) poweroff, V(1) and V(S) rescue, V(2), V(3) and V(4) multi-user, V(5) graphical, V(6) reboot.
    type: str
    required: true
  isolate:
    description:
      - Also make the host run this target and nothing else - what it pulls in is started, what it does not is stopped.
      - The target must have C(AllowIsolate=yes).
      - Nothing is done where the target is active and no other target is that would be stopped. So a service that somebody
        has started by hand meanwhile goes on.
    type: bool
    default: false
  force:
    description:
      - Also set or isolate a target that takes the host down or puts it to sleep, and isolate one that would stop what the
        connection of this task needs.
      - If the connection is lost, so is the result, and nothing can be put back.
    type: bool
    default: false
  root:
    description: The folder of an image that is not running.
    type: path
attributes:
  check_mode:
    description: Everything is checked, and what would change is returned.
    support: full
  diff_mode:
    description: Shows the link.
    support: full
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become))
notes:
  - What the connection needs are the units of this process and of all that have started it, such as the service of the ssh
    server; if one of those is an ssh server, also the services that let the next connection in and keep the network.
seealso:
  - module: daemonic.systemd.stack
  - name: systemd.special(7)
    description: The targets that systemd brings.
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
  description: What the default target was. Empty where there was none, or a masked one.
  returned: unless it was refused
  type: str
  sample: graphical.target
default_target:
  description: What it is now, or would be; behind all aliases, so that C(runlevel5.target) is V(graphical.target).
  returned: unless it was refused
  type: str
  sample: multi-user.target
isolated:
  description: Whether the host was, or would be, made to go into the target.
  returned: unless it was refused
  type: bool
stopped:
  description: >-
    The services, sockets, targets, timers and paths that ran before it and do not any more. In check mode those that would be
    stopped. After a failure those that could not be started again.
  returned: unless it was refused
  type: list
  elements: str
  sample: [graphical.target]
started:
  description: >-
    Those that run now and did not before. In check mode those that systemd would start, some of which may end at once, or be
    kept from it by a condition.
  returned: unless it was refused
  type: list
  elements: str
reverted:
  description: Whether everything was put back. Then C(changed) is V(false).
  returned: when it failed after it had begun
  type: bool
problems:
  description: What speaks against it. Nothing was touched.
  returned: when it was refused
  type: list
  elements: dict
  contains:
    place:
      description: The option.
      type: str
      sample: isolate
    value:
      description: What stands there.
      type: str
    problem:
      description: What is wrong with it.
      type: str
    remedy:
      description: What to do.
      type: str
diff:
  description: The link before and after.
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
