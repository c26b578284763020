# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same for pyinfra. What the operations find on the host decides what is done, as in the playbooks.

pyinfra runs it for each host: https://docs.pyinfra.com/en/3.x/using-operations.html.
"""

import json

from pyinfra.operations import files, server, systemd
from pyinfra.operations.util import any_changed

with open("vars.json", encoding="utf-8") as stream:
    values = json.load(stream)

UNITS = "/etc/systemd/system"

server.user(
    name="Make the account",
    user="timekeeping",
    comment="Keeps time",
    system=True,
    create_home=False,
    ensure_home=False,
    shell="/usr/sbin/nologin",
)
settings = files.template(
    name="Write the settings",
    src="templates/timekeeping.env.j2",
    dest="/etc/timekeeping.env",
    mode="644",
    interval=values["interval"],
)
target = files.template(
    name="Write the target", src="templates/timekeeping.target.j2", dest=f"{UNITS}/timekeeping.target", mode="644"
)

written = [target]
restarts = []
starts = ["timekeeping.target"]
for daemon in values["daemons"]:
    label = daemon["name"]
    files.directory(name=f"Make the directory of {label}", path=f"/opt/{label}", mode="755")
    script = files.put(name=f"Copy the script of {label}", src=f"files/{label}.py", dest=f"/opt/{label}/{label}.py", mode="755")
    service = files.template(
        name=f"Write the service {label}",
        src="templates/daemon.service.j2",
        dest=f"{UNITS}/{label}.service",
        mode="644",
        item=daemon,
    )
    written.append(service)
    restarts.append((f"{label}.service", (script, service, settings)))
    if daemon["port"]:
        socket = files.template(
            name=f"Write the socket {label}",
            src="templates/daemon.socket.j2",
            dest=f"{UNITS}/{label}.socket",
            mode="644",
            item=daemon,
        )
        written.append(socket)
        restarts.insert(0, (f"{label}.socket", (socket,)))
    starts.append(f"{label}.{'socket' if daemon['port'] else 'service'}")

systemd.daemon_reload(name="Have systemd read the units", _if=any_changed(*written))
for unit in starts:
    systemd.service(name=f"Enable and start {unit}", service=unit, running=True, enabled=True)
for unit, causes in restarts:
    systemd.service(name=f"Restart {unit}", service=unit, restarted=True, running=None, _if=any_changed(*causes))
