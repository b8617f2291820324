//! Names the rights on the machine itself that actions need.

use arcbook_engine::step::{ActionFacts, KindFacts};
use url::Url;

/// The right to read the keys that the Arc agent asks for before it gives a token.
const KEYS: &str =
    "the group himds (on Windows: Hybrid agent extension applications), or root, for tokens of the Arc agent";

/// The right to connect and disconnect the machine.
const AGENT: &str = "root (on Windows: an administrator), for the command line of the Arc agent";

/// The commands of the agent that need the right.
const COMMANDS: [&str; 3] = ["config", "connect", "disconnect"];

/// Returns the right that an action needs; `agent` is the metadata endpoint of the agent.
pub(crate) fn right(action: &ActionFacts, agent: Option<&Url>) -> Option<&'static str> {
    match &action.kind {
        KindFacts::Http { url, .. } => {
            let url = Url::parse(url).ok()?;
            let is_of_agent = agent.is_some_and(|agent| agent.origin() == url.origin());
            (is_of_agent && url.path().contains("/identity/")).then_some(KEYS)
        }
        KindFacts::Exec { argv, of_lab: false, .. } => {
            let (program, arguments) = argv.split_first()?;
            let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
            let name = name.strip_suffix(".exe").unwrap_or(name);
            let command = arguments.first().map(String::as_str).unwrap_or_default();
            (name == "azcmagent" && COMMANDS.contains(&command)).then_some(AGENT)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::{Follow, Safety};

    use super::*;

    #[test]
    fn the_agent_is_not_for_everybody() {
        let agent: Url = "http://127.0.0.1:40342".parse().unwrap();
        let facts = |kind| ActionFacts {
            kind,
            safety: Safety::Reads,
            follow: Follow::Nothing,
            needs: Vec::new(),
            needs_more: false,
        };
        let http = |url: &str| {
            let (method, url) = ("GET".to_owned(), url.to_owned());
            facts(KindFacts::Http { method, url, audience: None, plain_http: true })
        };
        let exec = |argv: &[&str]| {
            let argv = argv.iter().map(|&word| word.to_owned()).collect();
            facts(KindFacts::Exec { argv, environment: Vec::new(), directory: None, of_lab: false })
        };
        for (action, expected) in [
            (http("http://127.0.0.1:40342/metadata/identity/oauth2/token?resource=x"), Some(KEYS)),
            (http("http://127.0.0.1:40342/metadata/instance?api-version=1"), None),
            (http("https://example.net/metadata/identity/oauth2/token"), None),
            (exec(&["/usr/bin/azcmagent", "connect", "--config", "x"]), Some(AGENT)),
            (
                exec(&[r"C:\Program Files\AzureConnectedMachineAgent\azcmagent.exe", "disconnect"]),
                Some(AGENT),
            ),
            (exec(&["azcmagent", "show", "--json"]), None),
            (exec(&["true"]), None),
            (exec(&[]), None),
        ] {
            assert_eq!(right(&action, Some(&agent)), expected, "{}", action.line());
        }
        assert_eq!(right(&http("http://127.0.0.1:40342/metadata/identity/x"), None), None);
    }
}
