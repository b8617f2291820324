//! A lab that scripts reach under the names of Azure.

use std::process::Command;

use arcbook_lab::Options;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished, repository};

/// A lab over HTTPS, which curl reaches under the names of Azure.
pub struct Scene {
    pub cloud: Cloud,
    pub place: Place,
}

impl Scene {
    pub fn of(world: &str) -> Self {
        let cloud =
            Cloud::with(world.to_owned(), Options { https: true, ..Options::default() }).expect("a lab");
        let place = Place::new();
        place.write("ca.pem", cloud.lab.ca_pem().expect("a certificate"));
        let connect = format!(
            "cacert = \"{}\"\nconnect-to = \":443:127.0.0.1:{}\"\n",
            place.path().join("ca.pem").display(),
            cloud.lab.azure().port
        );
        place.write("curl/.curlrc", connect);
        place.write("hosts", "127.0.0.1 localhost\n");
        Self { cloud, place }
    }

    pub fn jumpstart() -> Self {
        let world = repository().join("runbooks/jumpstart/jumpstart.lab.hcl");
        Self::of(&std::fs::read_to_string(world).expect("a world"))
    }

    /// Exports a runbook of this place, or of the repository.
    pub fn export(&self, arguments: &[&str]) -> Ran {
        self.place.run(&[&["export"], arguments].concat())
    }

    /// Builds a command that runs a script on the lab.
    pub fn command(&self, script: &str) -> Command {
        self.place.write("script.sh", script);
        let mut bash = Command::new("bash");
        bash.arg("script.sh")
            .current_dir(self.place.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("CURL_HOME", self.place.path().join("curl"))
            .env("IMDS_ENDPOINT", &self.cloud.lab.himds().url)
            .env("ARC_TOKEN_DIR", self.cloud.lab.token_dir());
        bash
    }

    pub fn run(&self, script: &str) -> Ran {
        Ran::of(finished(&mut self.command(script)))
    }

    /// Returns the requests that the lab has answered, sorted, under the names of Azure and without the places in lists.
    pub fn requests(&self) -> Vec<String> {
        let port = format!(":{}", self.cloud.lab.azure().port);
        let names = [
            ("%3A", ":"),
            ("%2F", "/"),
            (&*port, ""),
            ("management.localhost/", "management.azure.com"),
            ("vault.localhost", "vault.azure.net"),
            ("storage.localhost", "storage.azure.com"),
        ];
        let requests = self.cloud.lab.requests().into_iter();
        let requests = requests.filter(|request| !request.target.starts_with("/metadata/endpoints"));
        let mut all: Vec<String> = requests
            .map(|request| {
                let target = names.iter().fold(request.target, |target, (is, name)| target.replace(is, name));
                let target = target.split_once("&$skiptoken=").map_or(&*target, |(list, _)| list);
                format!("{} {} {target} {:?}", request.service, request.method, request.status)
            })
            .collect();
        all.sort();
        all
    }
}

/// Returns the outputs that a script shows.
pub fn outputs(ran: &Ran) -> Json {
    let lines = ran.out.lines().filter_map(|line| line.split_once(" = "));
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Json::from(text));
    Json::Object(lines.map(|(name, text)| (name.to_owned(), value(text))).collect())
}

pub fn jumpstart() -> String {
    repository().join("runbooks/jumpstart").display().to_string()
}
