#!/usr/bin/python
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: daemon
"""

from ..module_utils._host.entry import run
from ..module_utils._stack.arguments import DAEMON
from ..module_utils._stack.declaration import stack_of_daemon


def main() -> None:
    run(DAEMON, stack_of_daemon)


if __name__ == "__main__":
    main()
