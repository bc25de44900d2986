#!/bin/sh
exec "${0%/*}/opentdf-rust-shim" "$@"
