#!/bin/sh
# Builds the Python package in an environment of its own and tests it beside the plugin in build/plugins, which run.sh builds.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
cd "$root"
# shellcheck source=cmake/deps.sh disable=SC1091
. cmake/deps.sh

python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
sh cmake/run.sh --build
[ -x build/python/bin/python ] || python3 -m venv build/python
CARGO_TARGET_DIR=$root/build/cargo-python build/python/bin/pip install --quiet 'ffi/python[test]'
TCPPHASE_PLUGINS=$root/build/plugins build/python/bin/python -m pytest --quiet ffi/python/tests
