# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: unit_unescape
short_description: Unescape part of the name of a unit
version_added: 0.1.0
author: The daemonic.systemd contributors (@daemonic-systemd)
description:
  - Returns what C(systemd-escape --unescape) prints, without contacting a host. It is the inverse of
    P(daemonic.systemd.unit_escape#filter).
positional: _input
options:
  _input:
    description: An escaped string, with O(template) or O(is_instance) the name of a unit; or a list of them.
    type: raw
    required: true
  path:
    description: The input is an escaped file system path.
    type: bool
    default: false
  template:
    description: Treat the input as an instance of this template, and return its instance name. Any other name is an error.
    type: str
  is_instance:
    description: Treat the input as an instance of any template, and return its instance name.
    type: bool
    default: false
seealso:
  - plugin: daemonic.systemd.unit_escape
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What names stand for
  ansible.builtin.assert:
    that:
      - text | daemonic.systemd.unit_unescape == 'Hallo, Welt'
      - mount | daemonic.systemd.unit_unescape(path=true) == '/srv/my data'
      - "'worker@shop-eu.service' | daemonic.systemd.unit_unescape(template='worker@.service') == 'shop/eu'"
      - "['a@x.service', 'b@y.socket'] | daemonic.systemd.unit_unescape(is_instance=true) == ['x', 'y']"
  vars:
    text: Hallo\x2c\x20Welt
    mount: srv-my\x20data
"""

RETURN = r"""
_value:
  description: The string, or a list if the input is one.
  type: raw
  sample: /srv/my data
"""

from typing import Any, Callable

from ..module_utils._unitfile import escaping
from ..plugin_utils.filtering import each, failing_as


def unit_unescape(value: Any, path: bool = False, template: str = "", is_instance: bool = False) -> Any:
    with failing_as("unit_unescape"):
        return each(value, "the input of unit_unescape", lambda name: escaping.unescaped(name, path, template or "", is_instance))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"unit_unescape": unit_unescape}
