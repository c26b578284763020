#!/bin/sh
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# repository.sh FOLDER: publish the packages in it as the only repository of apt; the index is made from them.
set -eu
cd "$1"
for package in *.deb; do
    dpkg-deb --field "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" "$(sha256sum "$package" | cut -c 1-64)"
done >Packages
mkdir -p /srv/daemons_apt
mv /etc/apt/sources.list /etc/apt/sources.list.d /srv/daemons_apt/ 2>/dev/null || true
mkdir -p /etc/apt/sources.list.d
echo "deb [trusted=yes] file:$1 ./" >/etc/apt/sources.list
