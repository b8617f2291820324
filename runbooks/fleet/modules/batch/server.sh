# Runs on each server, as root. Azure gives it the parameters as environment variables.
#
# The runbook of the server gets the release and the name of the server, if it declares variables of these names.
set -eu

export ARCBOOK_VAR_release="$release" ARCBOOK_VAR_server="$server" ARCBOOK_JOURNAL="$journal"

exec "$arcbook" run -auto-approve -quiet -summary "$runbook"
