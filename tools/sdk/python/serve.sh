#!/bin/sh
# Serves calls of this SDK at a socket, until standard input ends: see docs/sdk-shims.md.
here=${0%/*}
IFS= read -r interpreter <"$here/interpreter" || exit 1
exec "$interpreter" -I -S "$here/warm.py" "$1"
