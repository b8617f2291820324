//! `runbooks/login`: a program gets a token of the machine in its environment.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use arcbook_lab::Service;

use crate::cloud::Cloud;
use crate::executable::executable;
use crate::support::{Place, Ran, copy, finished, repository};

fn copied() -> Place {
    let place = Place::new();
    copy(&repository().join("runbooks/login"), &place.path().join("login"));
    place
}

fn in_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("a path");
    let mut found = std::env::split_paths(&path).map(|directory| directory.join(program));
    found.find(|path| path.is_file()).expect("the program is installed")
}

#[test]
fn it_runs_on_the_embedded_lab() {
    let ran = copied().run(&["run", "-lab", "login"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains(r#"tag_names = ["city", "datacentre", "scenario"]"#), "{}", ran.seen());
}

/// `curl` is a script that notes its words and its environment before it becomes the real one.
#[test]
fn the_token_is_in_no_command_line_output_or_record() {
    let world = std::fs::read_to_string(repository().join("runbooks/login/login.lab.hcl")).expect("a world");
    let (cloud, place) = (Cloud::of_world(&world), copied());
    symlink(in_path("curl"), place.path().join("real-curl")).expect("a link");
    let seen = place.path().join("seen");
    let script = format!(
        "#!/bin/sh\n{{ printf '%s\\n' \"$@\"; tr '\\0' '\\n' < /proc/$PPID/cmdline; }} >> {}\n\
         printf '%s' \"$AZURE_ACCESS_TOKEN\" | cut -c1-3 >> {}\nexec {} \"$@\"\n",
        seen.display(),
        place.path().join("environment").display(),
        place.path().join("real-curl").display(),
    );
    executable(&place.path().join("bin/curl"), &script);
    let arm = format!("resource={}", cloud.lab.azure().arm);
    let mut command = cloud.command(&place, &["run", "-var", &arm, "login"]);
    let path = std::env::var("PATH").expect("a path");
    let ran =
        Ran::of(finished(command.env("PATH", format!("{}:{path}", place.path().join("bin").display()))));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let requests = cloud.lab.requests();
    let by_curl = requests
        .iter()
        .find(|request| request.service == Service::Arm && request.target.contains("/tagNames"));
    assert_eq!(by_curl.and_then(|request| request.principal.as_deref()), Some("ArcBox-Ubuntu-01"));
    let words = std::fs::read_to_string(seen).expect("the words of curl");
    assert!(words.contains("--config") && words.contains("/tagNames?api-version="), "{words}");
    assert_eq!(std::fs::read_to_string(place.path().join("environment")).expect("noted"), "eyJ\n");
    let shown = [ran.seen(), words, place.run(&["show", "-events"]).seen()].concat();
    assert!(!shown.contains("eyJ0"), "{shown}");
    for (path, content) in place.files() {
        let is_noted = path.ends_with("environment") || path.ends_with("real-curl");
        let holds = content.windows(4).any(|bytes| bytes == b"eyJ0");
        assert!(is_noted || !holds, "{} has a token", path.display());
    }
}

#[test]
fn an_audience_of_many_hosts_is_told_before_anything_runs() {
    let place = copied();
    let ran = place.run(&["plan", "-var", "resource=https://vault.azure.net", "login"]);
    assert!(ran.err.contains("set `resource` to that of the cloud"), "{}", ran.seen());
    let gov = ["plan", "-requests", "-var", "resource=https://management.core.usgovcloudapi.net", "login"];
    let mut command = place.command(&gov);
    let ran = Ran::of(finished(command.env("ARCBOOK_CLOUD", "AzureUSGovernment")));
    assert!(ran.out.contains("https://management.usgovcloudapi.net/subscriptions/"), "{}", ran.seen());
}
