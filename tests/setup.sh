#!/bin/sh
# What pip can't install.
#   tests/setup.sh venv PYTHON DIRECTORY   a virtual environment
#   tests/setup.sh services                MariaDB and Chromium for the tests
#   tests/setup.sh galera DIRECTORY        Galera for `make marathon`; what no package brings alone goes there
#   tests/setup.sh promtool DIRECTORY      Prometheus's checker of alert rules, below this directory
# Installs Debian packages where it may (root, or sudo that asks no password); otherwise says in one line what to
# do, and fails. No package here starts a service.
set -eu

fail() {
    echo "$*" >&2
    exit 1
}

# Prints what to put before a command that needs root; fails if there is no way.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        echo "sudo -n env"
    else
        return 1
    fi
}

# --no-remove: MariaDB's packages conflict with MySQL's, and a developer's own server must never be the victim.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    root=$(as_root) || return 1
    echo "installing $* with apt" >&2
    wait_for_dpkg="-o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086  # both are lists of words
    $root DEBIAN_FRONTEND=noninteractive apt-get $wait_for_dpkg -qq update >&2 || return 1
    # shellcheck disable=SC2086
    $root DEBIAN_FRONTEND=noninteractive apt-get $wait_for_dpkg -qq -y --no-install-recommends --no-remove \
        install "$@" >&2
}

has_one_of() {
    for candidate in "$@"; do
        command -v "$candidate" >/dev/null 2>&1 && return
    done
    return 1
}

has_mariadb() {
    has_one_of mariadbd /usr/sbin/mariadbd
}

has_chromium() {
    has_one_of chromium chromium-browser google-chrome google-chrome-stable
}

has_ensurepip() {
    "$1" -c 'import ensurepip' >/dev/null 2>&1
}

venv() {
    python=$1 directory=$2
    [ -n "$python" ] || fail "no Python 3.11 or newer found: install one, or say where it is with PYTHON=/path/to/python3"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$python is older than Python 3.11: name a newer one with PYTHON=/path/to/python3"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    has_ensurepip "$python" || apt_install "python$version-venv" && has_ensurepip "$python" ||
        fail "$python can't make a virtual environment: install the package python$version-venv, then try again"
    mkdir -p "$directory"
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$directory/lock"
        flock 9
    fi
    "$directory/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv "$directory"
}

database() {
    [ -z "${BONGSU_TEST_DATABASE_URL:-}" ] || return 0
    if [ -n "${BONGSU_TEST_MARIADBD:-}" ]; then
        [ -f "$BONGSU_TEST_MARIADBD" ] && [ -x "$BONGSU_TEST_MARIADBD" ] || fail "BONGSU_TEST_MARIADBD=$BONGSU_TEST_MARIADBD is not a program"
        return 0
    fi
    # The -core packages hold the programs without the system service that mariadb-server would bring.
    has_mariadb || apt_install mariadb-server-core mariadb-client-core && has_mariadb ||
        fail "no MariaDB found: install mariadb-server (10.6 or newer), or set BONGSU_TEST_MARIADBD=/path/to/mariadbd, or BONGSU_TEST_DATABASE_URL=mysql+asyncmy://user:password@host:port of a server where that user may create databases"
}

browser() {
    if [ -n "${BONGSU_TEST_CHROMIUM:-}" ]; then
        [ -f "$BONGSU_TEST_CHROMIUM" ] && [ -x "$BONGSU_TEST_CHROMIUM" ] || fail "BONGSU_TEST_CHROMIUM=$BONGSU_TEST_CHROMIUM is not a program"
        return 0
    fi
    has_chromium || apt_install chromium && has_chromium ||
        fail "no Chromium found: install chromium, or set BONGSU_TEST_CHROMIUM=/path/to/chromium"
}

has_galera() {
    ls /usr/lib/galera/libgalera_smm.so /usr/lib64/galera-4/libgalera_smm.so 2>/dev/null | grep -q . &&
        has_one_of mariadb-backup && has_one_of socat
}

has_copier() {
    PATH="$1:$PATH" command -v wsrep_sst_mariabackup >/dev/null 2>&1
}

# The scripts that copy a node's data are in mariadb-server, which would bring a system service: only they are taken.
copier() {
    has_copier "$1" && return
    mkdir -p "$1"
    (cd "$1" && apt-get -qq download mariadb-server >&2 &&
        dpkg-deb --fsys-tarfile mariadb-server_*.deb | tar -x --strip-components=3 --wildcards './usr/bin/wsrep_sst_*' &&
        rm mariadb-server_*.deb) || return 1
    has_copier "$1"
}

galera() {
    database
    has_galera || apt_install galera-4 mariadb-backup socat lsof procps && has_galera && copier "$1" ||
        fail "no Galera found: install galera-4, mariadb-backup, socat and mariadb-server (of MariaDB's version), or leave it out: make marathon ARGS=\"--only ...\" names other legs"
}

# Unpacked, not installed: Debian's package would start a Prometheus. Needs no root.
rule_checker() {
    directory=$1
    [ -z "${BONGSU_TEST_PROMTOOL:-}" ] && ! has_one_of promtool "$directory/usr/bin/promtool" || return 0
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 0
    mkdir -p "$directory"
    (cd "$directory" && apt-get -qq download prometheus >&2 && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb) || true
}

case "${1:-}" in
    venv) venv "${2:-}" "$3" ;;
    services)
        database
        browser
        ;;
    galera) galera "$2" ;;
    promtool) rule_checker "$2" ;;
    *) fail "usage: tests/setup.sh venv PYTHON DIRECTORY | services | galera DIRECTORY | promtool DIRECTORY" ;;
esac
