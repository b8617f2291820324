//! The functions of a script.

/// Stops the script with a reason.
pub(super) const FAIL: &str = r#"# Says why the script stops, and stops it.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
"#;

/// Stops the script with a reason, which may name an option of arcbook.
pub(super) const FAIL_WITH_OPTION: &str = r#"# Says why the script stops, and stops it.
fail() {
  printf 'error: %s\n' "$*" >&2
  case $* in
  *' -var '*) echo "The script has no options: export it again with that one, arcbook export -var NAME=VALUE …" >&2 ;;
  esac
  exit 1
}
"#;

/// Refuses arguments.
pub(super) const NO_ARGUMENTS: &str = r#"
[ $# = 0 ] || fail "the script takes no arguments and no options. For other values of the variables, export it again: arcbook export -var NAME=VALUE …"
"#;

/// Sends requests and checks their answers.
pub(super) const SEND: &str = r#"# Sends a request: send METHOD URL AUDIENCE [OPTION OF CURL]…, with '' as the audience for a request without a token. It leaves
# the answer in $status and $body, and its headers in a file. Every user can read the command line of curl, so the token comes
# through a pipe.
declare -A tokens
send() {
  method=$1 url=$2
  local audience=$3 response
  shift 3
  local options=(--silent --show-error --globoff --retry 5 --dump-header "$work/headers" --write-out '\n%{http_code}')
  if [ "$method" = HEAD ]; then options+=(--head); else options+=(--request "$method"); fi
  if [ -n "$audience" ]; then
    [ -n "${tokens[$audience]:-}" ] || tokens[$audience]=$(token "$audience")
    response=$(curl --config <(printf 'header = "Authorization: Bearer %s"\n' "${tokens[$audience]}") "${options[@]}" "$@" "$url")
  else
    response=$(curl "${options[@]}" "$@" "$url")
  fi
  status=${response##*$'\n'} body=${response%$'\n'*}
}

# Prints a header of the last answer, or nothing.
header() {
  sed --quiet "s/^$1: *//Ip" "$work/headers" | tr --delete '\r' | tail --lines 1
}

# Stops the script unless the last answer is a success.
check() {
  case $status in 2??) return ;; esac
  local code
  code=$(printf '%s' "$body" | jq --raw-output '.error | "\(.code): \(.message)"' 2>/dev/null) || code=$(header x-ms-error-code)
  fail "$1: $method ${url%%\?*} was answered with status $status. $code"
}

# Prints what a filter finds in JSON: a text as it is, nothing for null, and anything else as JSON. A variable of the shell cannot
# tell an empty text from null, and loses the ends of lines.
query() {
  printf '%s' "$1" | jq --raw-output --compact-output "$definitions $2 |
    if type == \"string\" and (. == \"\" or endswith(\"\\n\")) then error(\"an unsuitable text\") else select(. != null) end"
}
"#;

/// Reads lists.
pub(super) const LIST: &str = r#"# Reads a list with all its pages: list STEP URL AUDIENCE [OPTION OF CURL]…; it leaves an object with all items in $body.
list() {
  local step=$1 next=$2 audience=$3 first=${2%%\?*} items='[]'
  shift 3
  while [ -n "$next" ]; do
    # A token goes to no other address, whatever the service says.
    [ "${next%%\?*}" = "$first" ] || fail "$step: the next page of the list has another address"
    send GET "$next" "$audience" "$@"
    check "$step"
    items=$(printf '%s\n%s' "$items" "$body" | jq --compact-output --slurp '.[0] + .[1].value')
    next=$(query "$body" .nextLink)
  done
  body=$(printf '{"value":%s}' "$items")
}
"#;

/// Checks names that become parts of URLs.
pub(super) const NAME: &str = r#"# Stops the script unless a value can be a part of a URL as it is: name WHAT VALUE.
name() {
  [[ $2 =~ ^[A-Za-z0-9._~-]+$ ]] || fail "$1 is missing, or is no name of letters, digits and . _ ~ -"
}
"#;

/// Checks ids that become parts of URLs.
pub(super) const ID: &str = r#"# Stops the script unless a value can be the path of a URL as it is: id WHAT VALUE.
id() {
  [[ $2 =~ ^(/[A-Za-z0-9._~()-]+)+$ ]] || fail "$1 is missing, or is no id such as /subscriptions/…"
}
"#;

/// Checks texts that become values of headers.
pub(super) const LINE: &str = r#"# Stops the script unless a value can be that of a header: line WHAT VALUE.
line() {
  [[ $2 =~ ^[^[:cntrl:]]+$ ]] || fail "$1 is missing, or has more than one line"
}
"#;

/// Shows outputs.
pub(super) const SHOW: &str = r#"# Shows an output: show NAME JSON FILTER.
show() {
  printf '%s = %s\n' "$1" "$(printf '%s' "$2" | jq --compact-output "$definitions $3")"
}
"#;

/// The settings of bash, and the directory for headers.
pub(super) const BEGIN: &str = r#"set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C
umask 077

work=$(mktemp --directory)
trap 'rm --recursive --force "$work"' EXIT
"#;
