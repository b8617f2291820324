//! Gets tokens of the machine in a script of bash.

use arcbook_engine::step::{PlatformScript, ScriptSetting};

/// The Azure Arc agent, as a script finds and asks it.
pub(crate) const AGENT: PlatformScript = PlatformScript {
    settings: &[
        ScriptSetting {
            variable: "agent",
            environment: "IMDS_ENDPOINT",
            value: "http://127.0.0.1:40342",
            options: Some("--noproxy '*'"),
        },
        ScriptSetting {
            variable: "keys",
            environment: "ARC_TOKEN_DIR",
            value: "/var/opt/azcmagent/tokens",
            options: None,
        },
    ],
    token: TOKEN,
};

const TOKEN: &str = r#"# Prints a token of this machine for an audience. The agent answers the first request with the name of a file that only root and
# the members of the group himds can read; the content of the file proves that the caller may have the token.
token() {
  local options=(--silent --show-error --noproxy '*' --header 'metadata: true') url key
  url="$agent/metadata/identity/oauth2/token?api-version=2020-06-01&resource=$(jq --null-input --raw-output --arg to "$1" '$to | @uri')"
  key=$(curl "${options[@]}" --dump-header - --output /dev/null "$url" |
    sed --quiet 's/^Www-Authenticate: Basic realm=//Ip' | tr --delete '\r')
  # Whoever listens in place of the agent gets no other file.
  [[ $key =~ ^"$keys"/[A-Za-z0-9-]+\.key$ ]] || fail "the Azure Arc agent at $agent names no key file in $keys"
  [ -r "$key" ] || fail "the key file cannot be read: run the script as root, or as a member of the group himds"
  curl "${options[@]}" --fail --config <(printf 'header = "Authorization: Basic %s"\n' "$(<"$key")") "$url" |
    jq --raw-output .access_token
}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::platform::Platform;

    #[test]
    fn a_script_finds_the_agent_where_arcbook_does() {
        let [agent, keys] = AGENT.settings else { panic!("two settings") };
        assert_eq!(agent.value, crate::identity::agent::DEFAULT);
        assert_eq!(std::path::Path::new(keys.value), Platform::linux().token_dir);
        assert!(TOKEN.contains(&format!("api-version={}&", crate::identity::exchange::API_VERSION)));
    }
}
