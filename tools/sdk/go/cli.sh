#!/bin/sh
exec "${0%/*}/opentdf-go-shim" "$@"
