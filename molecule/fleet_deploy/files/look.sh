#!/bin/sh
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One line for each host of hosts.ini: its name, the state of the service, its port, generation and invocation.
sed -n 's/^\(node[0-9]*\) ansible_host=\([^ ]*\).*$/\1 \2/p' hosts.ini | {
    while read -r name container; do
        podman exec "$container" sh -c '
            unit=fleet_echo.service
            state=$(systemctl is-active $unit)
            pid=$(systemctl show --property=MainPID --value $unit)
            said=$(tr "\0" "\n" <"/proc/$pid/environ" | sed -n "s/^\(PORT\|GENERATION\)=//p" | sort | tr "\n" " ")
            echo "$1 $state $said$(systemctl show --property=InvocationID --value $unit)"
        ' sh "$name" &
    done
    wait
}
