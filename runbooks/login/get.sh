#!/bin/sh
# Requests a URL with the token in AZURE_ACCESS_TOKEN, and prints the response: get.sh URL
#
# Every user of the machine can read the command line of curl, so curl gets the header through a pipe; `printf` is part of the
# shell and has no command line.

set -eu

printf 'header = "Authorization: Bearer %s"\n' "$AZURE_ACCESS_TOKEN" |
  curl --silent --show-error --fail --config - "$1"
