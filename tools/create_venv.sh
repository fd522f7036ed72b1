#!/bin/sh
# Create the virtual environment "$1" with the first Python >= 3.11 there is.
# On Debian and Ubuntu, root gets a missing python3-venv installed; everybody else is told how.
set -eu
target=$1

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

install_packages() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$1; on Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2
        exit 1
    fi
    echo "$1; installing python3 and python3-venv" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        python3 python3-venv ca-certificates >&2
}

python=$(find_python)
if [ -z "$python" ]; then
    install_packages "no Python 3.11 or newer was found"
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "this system offers no Python 3.11 or newer" >&2
        exit 1
    fi
fi

if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    install_packages "$python cannot create virtual environments"
fi

echo "creating $target with $("$python" --version)"
if ! "$python" -m venv --clear "$target"; then
    rm -rf "$target"
    echo "$python -m venv failed" >&2
    exit 1
fi
"$target/bin/python" -m pip install --quiet --upgrade "pip>=25.1"
