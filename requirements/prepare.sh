#!/bin/sh
# Bring .venv to the state of a lock file: prepare.sh runtime | dev
#
# Does nothing when .venv/.<set> still names the same lock, project and place. What is installed is exactly what the
# lock lists, each file checked against its hash; then the project itself, in place, without asking any index.
set -eu

set_name=$1
cd "$(dirname "$0")/.."
here=$(pwd -P)
lock=requirements/$set_name.lock
stamp=.venv/.$set_name
suitable='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

main() {
    state="$(cat "$lock" pyproject.toml | cksum) $here"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && venv_works; then return; fi
    venv_works || make_venv
    echo "Installing $(grep -c '^[a-z]' "$lock") locked packages into .venv ..." >&2
    install --require-hashes -r "$lock"
    # hatchling and editables stand in the lock, so building needs no second environment and no index
    install --no-deps --no-build-isolation -e .
    echo "$state" > "$stamp"
}

install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@" ||
        fail "pip could not install the locked packages (see above); without them nothing runs." \
            "Check the network and the free disk space (about 1 GB), then run the same command again."
}

# A venv that was moved or whose interpreter was removed is made anew; pip's own first lines tell its place.
venv_works() {
    [ -x .venv/bin/pip ] && head -n 2 .venv/bin/pip | grep -qF "$here/.venv/bin/python" &&
        .venv/bin/python -c "$suitable" 2>/dev/null
}

make_venv() {
    python=$(find_python) || fail "No Python 3.11 to 3.14 found (${PYTHON:-python3.14 … python3.11, python3})." \
        "Install one, or name it: make PYTHON=/path/to/python3.12 ..."
    "$python" -c 'import ensurepip, venv' 2>/dev/null || add_venv_module
    echo "Making .venv with $("$python" --version) ($python) ..." >&2
    "$python" -m venv --clear .venv || fail "$python could not make .venv (see above)."
}

# The newest that starts and is neither too old nor too new for the locked wheels.
find_python() {
    for name in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3}; do
        "$name" -c "$suitable" 2>/dev/null && command -v "$name" && return
    done
    return 1
}

# Debian and Ubuntu keep the venv module in a package of its own.
add_venv_module() {
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package ..." >&2
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } \
            >/dev/null && "$python" -c 'import ensurepip, venv' && return
    fi
    fail "$python has no venv module." "Install it (Debian, Ubuntu: apt-get install $package), or choose another Python" \
        "with make PYTHON=/path/to/python3.12 ..."
}

fail() {
    echo "Error: $*" >&2
    exit 1
}

main
