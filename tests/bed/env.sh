# shellcheck shell=bash
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./dev and the scripts of the test bed: where things are, and how missing tools are installed.

shopt -s inherit_errexit # set -e holds in $(…) too

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bed=$root/tests/bed
cache=${XDG_CACHE_HOME:-$HOME/.cache}/daemonic-systemd
tree=$cache/trees/$(sha256sum <<<"$root" | cut -c 1-12) # what belongs to this checkout
hosts=(debian11:bullseye debian12:bookworm debian13:trixie)
[[ -z ${DAEMONIC_NEXT-} ]] || hosts+=(forky:forky)
if [[ -n ${DAEMONIC_FLEET-} ]]; then # so many hosts instead, of the same releases in turn
    suites=(bookworm trixie bullseye) hosts=()
    for ((number = 1; number <= DAEMONIC_FLEET; number++)); do
        hosts+=("$(printf 'node%02d' "$number"):${suites[(number - 1) % 3]}")
    done
fi
export DAEMONIC_CACHE=$cache # for ssh_config
mkdir -p "$cache/beds" "$cache/ssh"

# use_bed PREFIX: containers are called PREFIX-debian11 and so on; beds of different prefixes know nothing of each other.
use_bed() {
    export DAEMONIC_BED=$1
    prefix=$1
    inventory=$cache/beds/$prefix${DAEMONIC_NEXT:+-next}.ini
}
use_bed "${DAEMONIC_BED:-daemonic}"

say() { printf '%s\n' "$*" >&2; }
die() { say "dev: $*"; exit 1; }

# need COMMAND=PACKAGE…: install the Debian packages of the commands that are missing.
need() {
    local pair missing=()
    for pair; do
        command -v "${pair%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    install_packages "${missing[@]}"
}

install_packages() {
    (($#)) || return 0
    if ((EUID)) || ! command -v apt-get >/dev/null; then
        die "please install these Debian packages (or what your system calls them) and try again: $*"
    fi
    say "Installing $*"
    export DEBIAN_FRONTEND=noninteractive
    ( # one at a time
        flock 9
        apt-get -qq update && apt-get -qq install --no-install-recommends "$@"
    ) 9>"$cache/apt.lock" >"$cache/apt.log" 2>&1 || die "apt-get could not install $*; see $cache/apt.log"
}

# find_python MINOR…: the first interpreter of Python 3.MINOR that really runs (a dead pyenv shim does not); else nothing.
find_python() {
    local minor candidate
    for minor; do
        for candidate in "python3.$minor" "$HOME"/.pyenv/versions/3."$minor".*/bin/python3; do
            "$candidate" -c 'import sys, ensurepip, venv; print(sys.executable)' 2>/dev/null && return
        done
    done
    true
}

# venv NAME [PYTHON]: print the path of the virtual environment of tests/requirements/NAME.txt, made at first use.
venv() {
    local python=${2-} requirements=$root/tests/requirements/$1.txt path
    [[ -n $python ]] || python=$(find_python 14 13 12)
    if [[ -z $python ]]; then
        python=python3
        python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    fi
    path=$cache/venv/$1-$({ "$python" -VV && cat "$requirements"; } | sha256sum | cut -c 1-12)
    if [[ ! -e $path/complete ]]; then
        say "Making a virtual environment for $1 with $("$python" -V)"
        mkdir -p "$cache/venv"
        (
            flock 9
            [[ -e $path/complete ]] ||
                { "$python" -m venv --clear "$path" &&
                    "$path/bin/pip" --disable-pip-version-check install -qq -r "$requirements" &&
                    touch "$path/complete"; }
        ) 9>"$path.lock" >&2
    fi
    echo "$path"
}

# copy_tree FOLDER: copy the files that git knows, or would add, as they are now.
copy_tree() {
    mkdir -p "$1"
    git -C "$root" ls-files --cached --others --exclude-standard -z |
        while IFS= read -r -d '' file; do [[ ! -e $root/$file ]] || printf '%s\0' "$file"; done |
        tar --create --directory "$root" --null --files-from - | tar --extract --directory "$1"
}

# use_venv NAME [PYTHON]: put that virtual environment first, and let Ansible find this checkout and the bed.
use_venv() {
    local path
    path=$(venv "$@")
    mkdir -p "$tree/ansible_collections/daemonic"
    ln -sfn "$root" "$tree/ansible_collections/daemonic/systemd"
    export PATH=$path/bin:$PATH
    export ANSIBLE_COLLECTIONS_PATH=$tree
    export ANSIBLE_CONFIG=$bed/ansible.cfg
    export ANSIBLE_INVENTORY=$inventory
    export ANSIBLE_SSH_ARGS="-F $bed/ssh_config"
}
