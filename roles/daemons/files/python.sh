# shellcheck shell=sh
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs on a host that may have no Python yet. Installs what `python3 -m venv` needs; where that works, nothing is asked of
# the package manager.
works() { python3 -I -c 'import ensurepip, venv' 2>/dev/null; }
works && exit 0

# Family (ID or ID_LIKE of os-release(5)), and what installs Python with its virtual environments there. One line each.
families='
debian  export DEBIAN_FRONTEND=noninteractive; apt-get -q update; apt-get -q -y -o DPkg::Lock::Timeout=60 --no-install-recommends install python3 python3-venv
fedora  dnf -q -y install python3
suse    zypper -q --non-interactive install python3
'

. /etc/os-release
for id in $ID $ID_LIKE; do
    line=$(printf '%s' "$families" | grep "^$id ") || continue
    ( eval "${line#"$id"}" ) 1>&2 || exit
    works || { echo "Installed, but python3 still cannot make virtual environments." >&2; exit 1; }
    echo "python is new"
    exit 0
done
echo "It is not known how to install Python on $PRETTY_NAME ($ID). Install it, or set daemons_python to false." >&2
exit 1
