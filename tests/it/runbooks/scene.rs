//! A copy of a runbook in an empty directory with an empty home, and the local Azure of its world.

use std::ffi::OsString;
use std::process::Command;

use arcbook_lab::Request;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, copy, finished, repository};

/// A runbook that can be run.
pub struct Scene {
    pub cloud: Cloud,
    pub place: Place,
    /// The directory of the runbook in `place`.
    folder: &'static str,
    options: Vec<String>,
    environment: Vec<(&'static str, OsString)>,
}

impl Scene {
    /// Copies `runbooks/folder`, and starts a lab of its world.
    pub fn of(folder: &'static str) -> Self {
        Self::in_world(folder, |world| world)
    }

    /// Copies `runbooks/folder`, and starts a lab of its world as `change` returns it.
    pub fn in_world(folder: &'static str, change: impl FnOnce(String) -> String) -> Self {
        let place = Place::new();
        let name = folder.rsplit('/').next().expect("a name");
        copy(&repository().join("runbooks").join(folder), &place.path().join(folder));
        let world = place.path().join(folder).join(format!("{name}.lab.hcl"));
        let text = change(std::fs::read_to_string(&world).expect("the runbook has a world"));
        std::fs::write(world, &text).expect("written");
        // The values that go with the world, as `-lab` takes them.
        let values = format!("{folder}/{name}.lab.vars.hcl");
        let has_values = place.path().join(&values).exists();
        let options = has_values.then(|| format!("-var-file={values}")).into_iter().collect();
        Self { cloud: Cloud::of_world(&text), place, folder, options, environment: Vec::new() }
    }

    /// Adds options to each command that plans or runs the runbook.
    pub fn options<const N: usize>(mut self, options: [String; N]) -> Self {
        self.options.extend(options);
        self
    }

    /// Sets a variable of the environment of each command.
    pub fn environment(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Builds a command that takes no runbook, such as `undo`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.cloud.command(&self.place, arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Builds a command of the runbook, such as `run`.
    pub fn command_of_runbook(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.args(&self.options).arg(self.folder);
        command
    }

    /// Runs a command that takes no runbook.
    pub fn ran(&self, arguments: &[&str]) -> Ran {
        Ran::of(finished(&mut self.command(arguments)))
    }

    /// Runs a command of the runbook.
    pub fn ran_runbook(&self, arguments: &[&str]) -> Ran {
        Ran::of(finished(&mut self.command_of_runbook(arguments)))
    }

    /// Reads a URL of the lab with a token of that principal; `None` if nothing is there.
    pub fn read(&self, principal: &str, audience: &str, url: &str) -> Option<String> {
        let token =
            self.cloud.lab.token(principal, audience).expect("a principal and an audience of the lab");
        let place = Place::new();
        place.write("headers", format!("Authorization: Bearer {token}\nx-ms-version: 2021-08-06\n"));
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-o", "body", "-w", "%{http_code}", "-H", "@headers", url]);
        let ran = Ran::of(finished(curl.current_dir(place.path())));
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        match ran.out.as_str() {
            "200" => Some(std::fs::read_to_string(place.path().join("body")).expect("text")),
            "404" => None,
            status => panic!("{url} answers {status}"),
        }
    }

    /// Returns the requests that changed something in the lab.
    pub fn changes(&self) -> Vec<Request> {
        self.cloud.lab.requests().into_iter().filter(|request| request.changed).collect()
    }
}
