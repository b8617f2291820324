//! Locates the Arc agent.

use std::fmt;
use std::path::PathBuf;

use arcbook_engine::source::slashed;
use arcbook_engine::step::{ErrorKind, StepError};
use url::Url;

use super::platform::Platform;
use crate::environment::Environment;
use crate::names::is_loopback;
use crate::os::Os;

pub(super) const DEFAULT: &str = "http://127.0.0.1:40342";
const TOKEN: &str = "/metadata/identity/oauth2/token";

/// The location of an Arc agent other than this machine's own, such as a lab's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentAt {
    /// Its base URL: http, on loopback.
    pub endpoint: String,
    /// The directory of its key files.
    pub token_dir: PathBuf,
    /// The words that run its command line, in place of `azcmagent`; none for that of this machine.
    pub command: Option<Vec<String>>,
}

/// The Arc agent, whether or not it is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// Base URL, for metadata.
    pub base: Url,
    /// The URL of token requests.
    pub token: Url,
    pub token_dir: PathBuf,
    pub os: Os,
    /// The words that run its command line.
    pub command: Vec<String>,
    found: Found,
}

/// The source of the agent's location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The options of the clients name it.
    Given,
    /// The environment names it.
    Environment,
    /// The agent is installed if this program exists: a step may install or remove it.
    Program(PathBuf),
}

impl Agent {
    /// Returns the agent that `given` names, else the one of the environment, else the installed one.
    ///
    /// Fails if the environment names an address that is not on this machine.
    pub fn find(
        given: Option<&AgentAt>,
        environment: &Environment,
        platform: &Platform,
    ) -> Result<Self, StepError> {
        let at = |base: Url, token: Url, token_dir: PathBuf, found| Self {
            base,
            token,
            token_dir,
            os: platform.os,
            command: vec![slashed(&platform.command)],
            found,
        };
        if let Some(AgentAt { endpoint, token_dir, command }) = given {
            let base = loopback("the agent's endpoint", endpoint)?;
            let found = at(base.clone(), token_of(&base), token_dir.clone(), Found::Given);
            let command = command.clone().unwrap_or_else(|| found.command.clone());
            return Ok(Self { command, ..found });
        }
        if let Some([base, token]) = named(environment) {
            let [base, token] = [loopback("IMDS_ENDPOINT", base)?, loopback("IDENTITY_ENDPOINT", token)?];
            return Ok(at(base, token, platform.token_dir.clone(), Found::Environment));
        }
        let base = loopback("the agent's endpoint", DEFAULT)?;
        let found = Found::Program(platform.program.clone());
        Ok(at(base.clone(), token_of(&base), platform.token_dir.clone(), found))
    }

    /// Returns how the agent was found.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Returns an error if there is no agent.
    pub fn require(&self) -> Result<(), StepError> {
        let Found::Program(program) = &self.found else { return Ok(()) };
        if program.exists() {
            return Ok(());
        }
        let help = self.os.agent_help();
        let error = StepError::new(ErrorKind::Local, "this machine has no Azure Arc agent, and so no identity")
            .detail(format!(
                "Neither IDENTITY_ENDPOINT and IMDS_ENDPOINT are set, nor is the agent's program installed as {}.",
                program.display()
            ))
            .help(help.connect);
        let error = help.virtual_machine.into_iter().fold(error, StepError::help);
        Err(error.help("to try the runbook without Azure, run it on the embedded lab: arcbook run -lab"))
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the machine's managed identity (")?;
        match &self.found {
            Found::Given => write!(f, "from the Arc agent at {}", self.base.origin().ascii_serialization())?,
            Found::Environment => f.write_str("the environment names its Arc agent in IDENTITY_ENDPOINT")?,
            Found::Program(path) if path.exists() => {
                write!(f, "its Arc agent is installed as {}", path.display())?;
            }
            Found::Program(_) => f.write_str("but no Arc agent is installed here")?,
        }
        f.write_str(")")
    }
}

/// Returns the agent's URLs from the environment. With `IDENTITY_HEADER` the variables belong to App Service
/// instead.
fn named(environment: &Environment) -> Option<[&str; 2]> {
    if environment.get("IDENTITY_HEADER").is_some() {
        return None;
    }
    Some([environment.get("IMDS_ENDPOINT")?, environment.get("IDENTITY_ENDPOINT")?])
}

fn token_of(base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(TOKEN);
    url
}

/// Parses an http URL on this machine; keys and tokens are sent to it without TLS.
fn loopback(what: &str, text: &str) -> Result<Url, StepError> {
    let url = Url::parse(text).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        url.scheme() == "http" && is_loopback(url) && plain
    });
    url.ok_or_else(|| {
        StepError::new(ErrorKind::Forbidden, format!("{what} is not an http URL of this machine"))
            .detail("The Arc agent listens on loopback only; a key sent anywhere else would be given away.")
            .help("unset IDENTITY_ENDPOINT and IMDS_ENDPOINT, or set them to http://localhost:40342 as the agent does")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<Agent, StepError> {
        let platform = Platform { program: "/nowhere/himds".into(), ..Platform::linux() };
        Agent::find(None, &variables.iter().copied().collect(), &platform)
    }

    #[test]
    fn the_environment_names_the_agent() {
        let agent = find(&[
            ("IMDS_ENDPOINT", "http://localhost:1234"),
            ("IDENTITY_ENDPOINT", "http://localhost:1234/metadata/identity/oauth2/token"),
            ("AZURE_CLIENT_ID", "another identity"),
        ]);
        let agent = agent.unwrap();
        assert_eq!(agent.base.as_str(), "http://localhost:1234/");
        assert_eq!(agent.token.as_str(), "http://localhost:1234/metadata/identity/oauth2/token");
        assert!(agent.require().is_ok());
    }

    #[test]
    fn half_of_it_or_that_of_app_service_names_none() {
        let token = ("IDENTITY_ENDPOINT", "http://localhost:1234/token");
        let base = ("IMDS_ENDPOINT", "http://localhost:1234");
        for variables in
            [&[token][..], &[base], &[token, base, ("IDENTITY_HEADER", "x")], &[token, ("IMDS_ENDPOINT", "")]]
        {
            let agent = find(variables).unwrap();
            assert_eq!(agent.base.as_str(), "http://127.0.0.1:40342/");
            let error = agent.require().unwrap_err();
            assert!(error.remedies().iter().any(|help| help.contains("-lab")), "{error:?}");
        }
    }

    #[test]
    fn the_remedies_for_no_agent_are_those_of_the_system() {
        for (platform, program, expected) in [
            (Platform::linux(), "/opt/azcmagent/bin/himds", ["sudo azcmagent connect", "-lab"]),
            (
                Platform::windows(&[("ProgramFiles", r"Z:\Apps")].into_iter().collect()),
                r"Z:\Apps\AzureConnectedMachineAgent\himds.exe",
                ["administrator: azcmagent connect", "$env:AZURE_POD_IDENTITY_AUTHORITY_HOST"],
            ),
        ] {
            let agent = Agent::find(None, &Environment::default(), &platform).unwrap();
            // A machine that runs the test may have an agent.
            let agent = Agent { found: Found::Program(platform.program), ..agent };
            let error = agent.require().unwrap_err();
            assert!(error.why().unwrap().contains(program), "{error:?}");
            let help = error.remedies().join("\n");
            assert!(expected.iter().all(|part| help.contains(part)), "{help}");
        }
    }

    #[test]
    fn an_agent_that_a_step_installs_is_there_from_then_on() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("himds");
        let platform = Platform { program: program.clone(), ..Platform::linux() };
        let agent = Agent::find(None, &Environment::default(), &platform).unwrap();
        assert!(agent.require().is_err());
        std::fs::write(&program, "").unwrap();
        assert!(agent.require().is_ok() && agent.to_string().contains("installed as"), "{agent}");
        std::fs::remove_file(&program).unwrap();
        assert!(agent.require().is_err() && agent.to_string().contains("no Arc agent"), "{agent}");
    }

    #[test]
    fn an_address_elsewhere_is_refused() {
        for endpoint in [
            "http://evil.example",
            "https://localhost:1",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://user@localhost",
            "http://169.254.169.254",
            "localhost:40342",
        ] {
            let error =
                find(&[("IMDS_ENDPOINT", endpoint), ("IDENTITY_ENDPOINT", "http://localhost:1/token")]);
            assert_eq!(error.unwrap_err().kind(), ErrorKind::Forbidden, "{endpoint}");
        }
    }

    #[test]
    fn the_program_tells_that_there_is_an_agent_on_either_system() {
        let program = tempfile::NamedTempFile::new().unwrap();
        for platform in [Platform::linux(), Platform::windows(&Environment::default())] {
            let platform = Platform { program: program.path().to_owned(), ..platform };
            let agent = Agent::find(None, &Environment::default(), &platform).unwrap();
            assert!(agent.require().is_ok());
            assert_eq!(agent.token.as_str(), "http://127.0.0.1:40342/metadata/identity/oauth2/token");
            assert_eq!(agent.token_dir, platform.token_dir);
            assert!(agent.to_string().contains("installed as"), "{agent}");
        }
    }
}
