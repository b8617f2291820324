# Runs on each server, as root. Azure gives it the parameters as environment variables.
#
# The runbook of the server gets the release and the name of the server, if it declares variables of these names. A run of
# it that is at work, such as the nightly one, is waited for. The run ends itself before Azure ends the script, whose
# output would have no summary then.
set -eu

export ARCBOOK_VAR_release="$release" ARCBOOK_VAR_server="$server" ARCBOOK_JOURNAL="$journal"

exec "$arcbook" run -auto-approve -quiet -summary -lock-timeout 5m -wait-for-agent 2m -timeout "${minutes}m" "$runbook"
