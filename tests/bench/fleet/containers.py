# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers: booting so many, cleaning them, and looking whether they run what they should."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workload import Workload

BED = Path(__file__).parents[2] / "bed"

# A host that never saw any of the contenders. Ansible's and our own caches are gone, too.
CLEAN = r"""
units="$*"
names=$(for unit; do echo "${unit%.*}"; done | sort -u)
systemctl stop $units 2>/dev/null
for name in $names; do
    systemctl stop "$name.service" 2>/dev/null
    find /etc/systemd/system \( -name "$name.service" -o -name "$name.socket" -o -name "$name.target" \
        -o -name "$name.*.d" \) -exec rm -rf {} +
    rm -rf "/opt/$name"
done
rm -rf /etc/systemd/system/timekeeping.target.wants /etc/timekeeping.env /var/log/timekeeping /root/.ansible /root/.cache
find /dev/shm /etc /home /opt /root /run /srv /tmp /usr/local /var -xdev -depth \
    \( -iname '*daemonic*' -o -name '*timekeeping*' \) \
    -not -path '/run/systemd/*' -not -path '/var/log/journal/*' -exec rm -rf {} +
getent passwd timekeeping >/dev/null && userdel timekeeping
getent group timekeeping >/dev/null && groupdel timekeeping
systemctl daemon-reload
systemctl reset-failed
left=$(find / -xdev \( -iname '*daemonic*' -o -name '*timekeeping*' \) \
    -not -path '/proc/*' -not -path '/sys/*' -not -path '/run/systemd/*' -print)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
"""

# Every unit is enabled and active, the first daemon runs the present script; the names of the invocations.
LOOK = r"""
text=$1; script=$2; shift 2
for unit; do
    [ "$(systemctl is-active "$unit")" = active ] || { systemctl status "$unit"; exit 1; }
    [ "$(systemctl is-enabled "$unit")" = enabled ] || { echo "$unit is not enabled"; exit 1; }
done
pid=$(systemctl show --property=MainPID --value "$script.service")
path=$(tr '\0' '\n' <"/proc/$pid/cmdline" | sed -n 2p)
[ "$(tail -n 1 "$path")" = "$text" ] || { echo "$path is old: $(tail -n 1 "$path")"; exit 1; }
[ "$(stat -c %Y "/proc/$pid")" -ge "$(stat -c %Y "$path")" ] || { echo "$script.service was not restarted"; exit 1; }
"""


class NotAsExpected(Exception):
    pass


def hosts(number: int) -> list[str]:
    return [f"node{each:02}" for each in range(1, number + 1)]


def boot(number: int) -> None:
    env = {**os.environ, "DAEMONIC_FLEET": str(number)}
    subprocess.run([BED / "cgroup", BED / "up"], env=env, check=True)


def counters(number: int) -> list[Path]:
    """The files that count what each container has used of the processors."""
    names = [f"{os.environ['DAEMONIC_BED']}-{host}" for host in hosts(number)]
    command = ["podman", "inspect", "--format", "{{.State.CgroupPath}}", *names]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [Path(f"/sys/fs/cgroup{path}/cpu.stat") for path in found.split()]


def cpu(counters: list[Path]) -> float:
    """Seconds, of all containers together."""
    return sum(int(counter.read_text().split()[1]) for counter in counters) / 1e6


def in_container(host: str, script: str, *words: str) -> str:
    container = f"{os.environ['DAEMONIC_BED']}-{host}"
    command = ["podman", "exec", container, "sh", "-c", script, "sh", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise NotAsExpected(f"{host}: {done.stdout}")
    return done.stdout


def clean(number: int, work: Workload) -> None:
    """Remove all that any contender leaves of this workload."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda host: in_container(host, CLEAN, *work.units), hosts(number)))


def look(number: int, work: Workload) -> None:
    """Raise NotAsExpected unless every host runs the workload."""
    first = work.daemons[0].name
    text = f"# change {work.changed}" if work.changed else f"# {first}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda host: in_container(host, LOOK, text, first, *work.units), hosts(number)))


def disconnect(number: int, folder: Path) -> None:
    """Close the connections that ssh keeps."""
    for host in hosts(number):
        command = ["ssh", "-F", "ssh_config", "-O", "exit", f"{os.environ['DAEMONIC_BED']}-{host}"]
        subprocess.run(command, cwd=folder, stderr=subprocess.DEVNULL, check=False)
