# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: unit_escape
short_description: Escape text for use in the name of a unit
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Returns what C(systemd-escape) prints, without contacting a host. V(/) becomes V(-), and a byte that is not allowed in a name
    becomes V(\\xNN).
positional: _input
options:
  _input:
    description: A string, or a list of strings.
    type: raw
    required: true
  path:
    description:
      - Treat the input as a file system path, as for the name of a mount. Leading, trailing and repeated slashes are removed,
        and V(/) itself is V(-). A path with V(..) is an error.
    type: bool
    default: false
  suffix:
    description: The type of the unit, appended with a dot.
    type: str
  template:
    description: A template unit. The result is its instance with the escaped name.
    type: str
  mangle:
    description:
      - Turn the input into the name of a unit, as C(systemctl) does with its arguments. A name stays as it is, a path becomes
        the name of a mount or device, and a name without a type becomes a service.
      - It cannot be combined with the other options.
    type: bool
    default: false
seealso:
  - plugin: daemonic.systemd.unit_unescape
    plugin_type: filter
  - name: systemd-escape(1)
    description: The program that does the same.
    link: https://www.freedesktop.org/software/systemd/man/systemd-escape.html
"""

EXAMPLES = r"""
- name: Names of units
  ansible.builtin.assert:
    that:
      - "'Hallo, Welt' | daemonic.systemd.unit_escape == text"
      - "'/srv/my data/' | daemonic.systemd.unit_escape(path=true, suffix='mount') == mount"
      - "'shop/eu' | daemonic.systemd.unit_escape(template='worker@.service') == 'worker@shop-eu.service'"
      - "'/dev/sda1' | daemonic.systemd.unit_escape(mangle=true) == 'dev-sda1.device'"
  vars: # in Jinja itself a backslash would have to be doubled
    text: Hallo\x2c\x20Welt
    mount: srv-my\x20data.mount

- name: Instances of a template for several texts
  ansible.builtin.assert:
    that:
      - queues | daemonic.systemd.unit_escape(template='worker@.service') == workers
  vars:
    queues: [mail in, mail out]
    workers: [worker@mail\x20in.service, worker@mail\x20out.service]
"""

RETURN = r"""
_value:
  description: The escaped string, or a list if the input is one.
  type: raw
  sample: srv-my\x20data.mount
"""

from typing import Any, Callable

from ..module_utils._unitfile import escaping
from ..plugin_utils.filtering import each, failing_as


def unit_escape(value: Any, path: bool = False, suffix: str = "", template: str = "", mangle: bool = False) -> Any:
    with failing_as("unit_escape"):
        options = escaping.checked(path=path, suffix=suffix or "", template=template or "", mangle=mangle)
        return each(value, "the input of unit_escape", lambda text: escaping.escaped(text, options))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"unit_escape": unit_escape}
