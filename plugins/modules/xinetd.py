#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: xinetd
short_description: Move the services of a host from xinetd to systemd, and back
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Reads xinetd's configuration on the host, and creates a socket and a service for each service that is enabled in it.
    C(docs/xinetd.md) of the collection lists what each attribute becomes. Attributes that have no equivalent, or another meaning,
    are reported in RV(notes).
  - Everything is checked before anything is changed. Then all files are written, xinetd gives up its ports, and the sockets
    are opened at once. Open sessions continue.
  - A service that does not answer as it did with xinetd fails the task. Everything is then reverted, and xinetd serves again.
  - A service that only xinetd can serve stays there, and xinetd keeps running for it. If no service is left, xinetd is stopped
    and disabled.
options:
  state:
    description:
      - V(migrated) moves the services to systemd.
      - V(validated) checks everything, and does nothing else.
      - V(absent) moves them back - the sockets are closed, xinetd's configuration is restored, and xinetd is enabled and started
        if it was before.
    type: str
    choices: [migrated, validated, absent]
    default: migrated
  services:
    description:
      - The ids of the services to move. All others stay with xinetd; those that an earlier run has moved go back.
      - The default is all enabled services.
    type: list
    elements: str
  dropins:
    description:
      - Changes to the units, a mapping of units to drop-ins as in O(daemonic.systemd.stack#module:units), which map names to
        sections.
    type: dict
    default: {}
  config:
    description: xinetd's configuration file.
    type: path
    default: /etc/xinetd.conf
  settle:
    description:
      - How long every unit that was started must stay up before it counts as healthy - seconds, or a number with V(ms), V(s) or
        V(min).
    type: str
    default: 3s
  unsafe:
    description:
      - What to do where power is given away. V(error) refuses it before anything is changed, V(warn) accepts it with a
        warning, V(ignore) skips the check.
      - This concerns configuration that users other than root can write, programs that root runs and others can write, and
        rules in C(/etc/hosts.deny), which xinetd consults and systemd does not.
      - World-readable configuration is reported with a warning.
    type: str
    choices: [error, warn, ignore]
    default: error
attributes:
  check_mode:
    description: Everything is checked, and every action of a run is predicted.
    support: full
  diff_mode:
    description: Shows files and symlinks. The content of a file that is not world-readable is left out.
    support: full
  platform:
    description: Hosts whose init is systemd 247 or newer, with Python 3.9 or newer (3.8 for ansible-core 2.19).
    support: full
    platforms: linux
requirements:
  - systemd 247 or newer on the managed node
  - root (use C(become))
seealso:
  - plugin: daemonic.systemd.from_xinetd
    plugin_type: filter
  - module: daemonic.systemd.stack
"""

EXAMPLES = r"""
- name: What would become of xinetd's services on this host
  daemonic.systemd.xinetd:
    unsafe: warn
  check_mode: true
  diff: true
  register: forecast

- name: What moves, what cannot be carried over, and what means another thing
  ansible.builtin.debug:
    var: forecast.report

- name: Move them to systemd
  daemonic.systemd.xinetd:
    settle: 1s

- name: Go back
  daemonic.systemd.xinetd:
    state: absent
"""

RETURN = r"""
services:
  description: The services that systemd serves, a mapping of ids to the names of their units.
  returned: always, unless the task failed before it began
  type: dict
  sample:
    telnet: [telnet.socket, telnet@.service]
left:
  description: The ids of the services that stay with xinetd.
  returned: always, unless the task failed before it began
  type: list
  elements: str
report:
  description: The same as text, a line for each service and each attribute that does not mean the same.
  returned: always, unless the task failed before it began
  type: list
  elements: str
  sample:
    - "telnet: served by telnet.socket and telnet@.service"
    - "time: stays with xinetd"
notes:
  description: Every attribute that has no equivalent, or does not mean quite the same.
  returned: always, unless the task failed before it began
  type: list
  elements: dict
  contains:
    service:
      description: The id of the service; empty for notes about all services.
      type: str
    attribute:
      description: The attribute, as it was written.
      type: str
    value:
      description: Its value, or the word in it that the note is about.
      type: str
    place:
      description: File and line.
      type: str
    effect:
      description:
        - V(same) - systemd does this in any case. V(changed) - the equivalent in the units differs in part.
          V(dropped) - there is no equivalent. V(stays) - the service must stay with xinetd, because with systemd it would let
          in other clients, or not work.
      type: str
    reason:
      description: The reason.
      type: str
    remedy:
      description: What can be done.
      type: str
permissions:
  description: Each file and directory of xinetd's configuration, as it was found.
  returned: always, unless the task failed before it began
  type: list
  elements: dict
  contains:
    path:
      description: The file or directory.
      type: str
    owner:
      description: Its owner.
      type: str
    group:
      description: Its group.
      type: str
    mode:
      description: Its mode, an octal string.
      type: str
    problems:
      description: What others can do with it.
      type: list
      elements: str
actions:
  description:
    - The actions that were done, or in check mode would be done, in order. After a failure this is the plan of the run, the rest
      of which was not carried out.
  returned: always, unless the task failed before it began
  type: list
  elements: dict
  contains:
    action:
      description:
        - As in RV(daemonic.systemd.stack#module:actions), and V(hand_over) (xinetd gives up its ports), V(enable) and V(disable).
      type: str
    target:
      description: The path or the unit.
      type: str
    reason:
      description: The reason, in plain words.
      type: str
units:
  description: The units that listen or serve, after the run, as in RV(daemonic.systemd.stack#module:units).
  returned: always, unless the task failed before it began
  type: dict
failures:
  description: The units that are not healthy, as in RV(daemonic.systemd.stack#module:failures).
  returned: when it failed after it had begun
  type: list
  elements: dict
reverted:
  description: Whether everything that this run had changed was reverted. If so, xinetd serves as before.
  returned: when it failed after it had begun
  type: bool
revert_actions:
  description: The actions that reverted the run, in order.
  returned: when it failed after it had begun
  type: list
  elements: dict
problems:
  description: What is wrong, as in RV(daemonic.systemd.stack#module:problems). Nothing was changed.
  returned: when it was refused
  type: list
  elements: dict
diff:
  description: Each file before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.daemonic.systemd.plugins.module_utils._host.entry.ansible_module import serve
from ansible_collections.daemonic.systemd.plugins.module_utils._host.xinetd.migrate import xinetd

ARGUMENTS = {
    "state": {"type": "str", "choices": ["migrated", "validated", "absent"], "default": "migrated"},
    "services": {"type": "list", "elements": "str"},
    "dropins": {"type": "dict", "default": {}},
    "config": {"type": "path", "default": "/etc/xinetd.conf"},
    "settle": {"type": "str", "default": "3s"},
    "unsafe": {"type": "str", "choices": ["error", "warn", "ignore"], "default": "error"},
}


def main() -> None:
    serve(ARGUMENTS, xinetd)


if __name__ == "__main__":
    main()
