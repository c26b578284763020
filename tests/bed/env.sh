# shellcheck shell=bash
# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by ./dev and the scripts of the test bed: where things are, and how missing tools are installed.

shopt -s inherit_errexit # set -e holds in $(…) too

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bed=$root/tests/bed
cache=${XDG_CACHE_HOME:-$HOME/.cache}/daemonic-systemd
checkout=$(sha256sum <<<"$root" | cut -c 1-12)
tree=$cache/trees/$checkout # what belongs to this checkout
export DAEMONIC_CACHE=$cache # for ssh_config
mkdir -p "$cache/beds" "$cache/ssh"

say() { printf '%s\n' "$*" >&2; }
die() { say "dev: $*"; exit 1; }

# use_bed PREFIX: containers are called PREFIX-debian11 and so on; beds of different prefixes know nothing of each other.
use_bed() {
    export DAEMONIC_BED=$1
    prefix=$1
    inventory=$cache/beds/$prefix.ini
}
use_bed "${DAEMONIC_BED:-daemonic-${checkout::6}}" # each checkout has its own

# Every systemd that Debian's archives bring, the oldest first: 247, 252, 254, 257, 262.
known_hosts=(debian11:bullseye debian12:bookworm debian12-backports:bookworm-backports debian13:trixie debian14:forky)

# use_hosts NAME…: the hosts of the bed, the oldest systemd first. Unless told otherwise, those of Debian that are released.
use_hosts() {
    local name pair found
    hosts=()
    for name; do
        found=''
        for pair in "${known_hosts[@]}"; do [[ ${pair%:*} != "$name" ]] || found=$pair; done
        [[ $found ]] || die "there is no host '$name'; there are: ${known_hosts[*]%:*}"
        hosts+=("$found")
    done
    export DAEMONIC_HOSTS="$*"
}

# use_fleet NUMBER: so many hosts instead, of the released suites in turn.
use_fleet() {
    local number suites=(bookworm trixie bullseye)
    [[ $1 =~ ^[1-9][0-9]?$ ]] || die "--fleet '$1': it takes how many hosts, 1 to 99"
    hosts=()
    for ((number = 1; number <= $1; number++)); do
        hosts+=("$(printf 'node%02d' "$number"):${suites[(number - 1) % 3]}")
    done
    export DAEMONIC_FLEET=$1
}

if [[ -n ${DAEMONIC_FLEET-} ]]; then
    use_fleet "$DAEMONIC_FLEET"
else
    # shellcheck disable=SC2086
    use_hosts ${DAEMONIC_HOSTS:-debian11 debian12 debian13}
fi

# timed WHAT COMMAND…: say what is being done, and how long it took.
timed() {
    local what=$1 start=$SECONDS
    shift
    say "$what …"
    "$@" || return
    say "$what: done in $((SECONDS - start)) s"
}

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
    timed "Installing $*" apt_install "$@" || die "apt-get could not install $*; see $cache/apt.log"
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    ( # one at a time
        flock 9
        apt-get -qq update && apt-get -qq install --no-install-recommends "$@"
    ) 9>"$cache/apt.lock" >"$cache/apt.log" 2>&1
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
        timed "Installing the Python packages of tests/requirements/$1.txt with $("$python" -V)" make_venv "$path" "$python" "$requirements"
    fi
    echo "$path"
}

make_venv() { # PATH PYTHON REQUIREMENTS
    mkdir -p "$cache/venv"
    (
        flock 9
        [[ -e $1/complete ]] ||
            { "$2" -m venv --clear "$1" &&
                "$1/bin/pip" --disable-pip-version-check install -qq -r "$3" &&
                touch "$1/complete"; }
    ) 9>"$1.lock" >&2
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
    export ANSIBLE_ACTION_PLUGINS=$bed/plugins/action # for the scenarios
    export ANSIBLE_SSH_ARGS="-F $bed/ssh_config"
}
