#!/bin/bash
# Stands in for azcmagent: it does what Microsoft documents of `show -j`, `config set`, `connect` and `disconnect`, and
# nothing else. Its state is in files beside it: `shown` is the answer of a connected agent, `arm` the address, the
# port and the host name of Azure Resource Manager, and `code` an exit code that it ends with. It notes its arguments and its environment.
here="$(dirname "$0")"
printf '%s\n' "$@" >>"$here/argv"
/usr/bin/env >>"$here/environment"

setting() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$config"; }

# Sends METHOD with the token to the machine's resource, and prints the status.
send() {
  local body='{"location":"westeurope"}'
  [ "$1" = DELETE ] && body=''
  local address port host
  read -r address port host <"$here/arm"
  exec 3<>"/dev/tcp/$address/$port" || exit 26
  printf '%s %s?api-version=2024-07-10 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
    "$1" "$2" "$host" "$token" "${#body}" "$body" >&3
  local version status
  read -r version status _ <&3
  cat <&3 >/dev/null
  echo "$status"
}

ends_as_told() {
  [ -f "$here/code" ] || return
  echo "the setting was $token $(setting service-principal-secret)"
  echo 'Error: told to fail' >&2
  exit "$(cat "$here/code")"
}

reads_config() {
  [ "$1" = --config ] && [ $# = 2 ] || exit 23
  config="$2"
  echo "$config" >>"$here/configs"
  [ "$(stat -c %a "$config")" = 600 ] && [ "$(stat -c %a "$(dirname "$config")")" = 700 ] || exit 19
  token="$(setting access-token)"
  if [ -z "$token" ] && [ "$(setting service-principal-secret)" != canary-principal ]; then exit 41; fi
}

command="$1"
shift
case "$command" in
show)
  [ "$*" = -j ] || exit 23
  [ -f "$here/show-code" ] && exit "$(cat "$here/show-code")"
  cat "$here/shown" 2>/dev/null || echo '{"status":"Disconnected","resourceName":"","resourceId":""}'
  ;;
config)
  [ "$1 $2" = 'set proxy.url' ] && [ $# = 3 ] || exit 23
  printf '%s' "$3" >"$here/proxy"
  ;;
connect)
  reads_config "$@"
  cat "$config" >"$here/settings"
  ends_as_told
  [ -f "$here/shown" ] && exit 67
  for name in subscription-id resource-group location; do [ -n "$(setting $name)" ] || exit 16; done
  name="$(setting resource-name)"
  id="/subscriptions/$(setting subscription-id)/resourceGroups/$(setting resource-group)/providers/Microsoft.HybridCompute/machines/${name:-the-host}"
  if [ -f "$here/arm" ]; then
    status="$(send PUT "$id")"
    case "$status" in 2*) ;; 401) exit 12 ;; *) echo "Azure answered $status" && exit 42 ;; esac
  fi
  printf '{"status":"Connected","resourceId":"%s","resourceName":"%s","tenantId":"%s","location":"%s"}' \
    "$id" "${name:-the-host}" "$(setting tenant-id)" "$(setting location)" >"$here/shown"
  if [ -f "$here/lost" ]; then kill -9 $$; fi
  ;;
disconnect)
  if [ "$*" != --force-local-only ]; then
    reads_config "$@"
    ends_as_told
    id="$(sed -n 's/.*"resourceId":"\([^"]*\)".*/\1/p' "$here/shown")"
    if [ -f "$here/arm" ]; then
      case "$(send DELETE "$id")" in 2*) ;; 401) exit 12 ;; *) exit 43 ;; esac
    fi
  fi
  rm -f "$here/shown"
  ;;
*) exit 23 ;;
esac
