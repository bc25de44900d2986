#!/bin/sh
# Starts cli.py with the interpreter that installed this shim (named in the files beside it).
# `supports` is answered here, because starting Python for it would cost a hundred times more.
here=${0%/*}
if [ "$1" = supports ] && [ $# -eq 2 ]; then
  case $2 in
    access_token | asks_the_next | attributes | connectrpc | decrypt | ec_unwrap | encrypt | \
      hexless | kasallowlist | mime_type | reads_4.2.2)
      exit 0 ;;
    assertions | assertion_verification | attribute_traversal | autoconfigure | \
      better-messages-2024 | bulk_rewrap | dpop | dpop_nonce_challenge | ecwrap | \
      fulfils_obligations | hexaflexible | joins_parts | key_management | \
      mechanism-ec-curves-384-521 | mechanism-mlkem | mechanism-rsa-4096 | mechanism-secpmlkem | \
      mechanism-xwing | nano | ns_grants | obligations | verifies_integrity)
      exit 1 ;;
    *)
      exit 2 ;;
  esac
fi
IFS= read -r interpreter <"$here/interpreter" || exit 1
if [ -n "$ACCEPTANCE_WARM_SDK" ]; then
  exec "$interpreter" -I -S "$here/ask.py" "$ACCEPTANCE_WARM_SDK" "$@"
fi
exec "$interpreter" -I -S "$here/cli.py" "$@"
