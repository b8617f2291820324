//! The units as `systemd-analyze` reads and rates them.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Place, Ran, finished, repository};

/// The highest exposure, in tenths, without and with a drop-in.
const THRESHOLDS: [(Option<&str>, &str); 2] = [(None, "13"), (Some("machine.conf"), "22")];

/// Returns a file of the integration.
pub fn text(name: &str) -> String {
    std::fs::read_to_string(repository().join("integrations/systemd").join(name)).expect("a file")
}

/// Writes the units into the place, with the program of this build.
fn units(place: &Place) -> [PathBuf; 2] {
    ["arcbook@.service", "arcbook@.timer"].map(|name| {
        place.write(name, text(name).replace("/usr/local/bin/arcbook", env!("CARGO_BIN_EXE_arcbook")));
        place.path().join(name)
    })
}

/// Runs `systemd-analyze`; says loudly if it is missing.
fn analyze(place: &Place, words: &[&str], units: &[PathBuf]) -> Option<Ran> {
    let mut command = Command::new("systemd-analyze");
    command.args(words).args(units).current_dir(place.path()).env("SYSTEMD_PAGER", "cat");
    if let Err(why) = Command::new("systemd-analyze").arg("--version").output() {
        assert!(std::env::var_os("CI").is_none(), "systemd-analyze cannot be used here: {why}");
        let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: the units for systemd: {why} ***\n");
        return None;
    }
    Some(Ran::of(finished(&mut command)))
}

#[test]
fn systemd_accepts_the_units() {
    for drop_in in [None, Some("machine.conf")] {
        let place = Place::new();
        let units = units(&place);
        if let Some(name) = drop_in {
            place.write(&format!("arcbook@.service.d/{name}"), text(name));
        }
        let Some(ran) = analyze(&place, &["verify"], &units) else { return };
        assert_eq!((ran.code, ran.seen().contains("arcbook@")), (Some(0), false), "{}", ran.seen());
    }
    // A misspelt setting is seen.
    let place = Place::new();
    let units = units(&place);
    place.write("arcbook@.service", text("arcbook@.service").replace("ProtectHome", "ProtectHouse"));
    let Some(ran) = analyze(&place, &["verify"], &units) else { return };
    assert!(ran.seen().contains("ProtectHouse"), "{}", ran.seen());
}

#[test]
fn the_service_is_exposed_no_more_than_it_must_be() {
    for (drop_in, threshold) in THRESHOLDS {
        let place = Place::new();
        let [service, _] = units(&place);
        if let Some(name) = drop_in {
            place.write(&format!("arcbook@.service.d/{name}"), text(name));
        }
        let option = format!("--threshold={threshold}");
        let words = ["security", "--offline=true", "--no-pager", &option];
        let Some(ran) = analyze(&place, &words, std::slice::from_ref(&service)) else { return };
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let rating = format!("with {}.{} of 10", &threshold[..1], &threshold[1..]);
        assert!(text("README.md").contains(&rating), "README.md has another rating: {}", ran.seen());
        let weaker = text("arcbook@.service").replace("ProtectSystem=strict", "ProtectSystem=no");
        place.write("arcbook@.service", weaker.replace("DynamicUser=yes\n", ""));
        let Some(ran) = analyze(&place, &words, &[service]) else { return };
        assert_eq!(ran.code, Some(1), "a service with more rights is noticed: {}", ran.seen());
    }
}

#[test]
fn the_timer_spreads_the_runs_of_many_machines() {
    let timer = text("arcbook@.timer");
    for setting in
        ["RandomizedDelaySec=3h", "FixedRandomDelay=yes", "Persistent=true", "WantedBy=timers.target"]
    {
        assert!(timer.lines().any(|line| line == setting), "{setting}");
    }
    let when = timer.lines().find_map(|line| line.strip_prefix("OnCalendar=")).expect("a time");
    let Some(ran) = analyze(&Place::new(), &["calendar", when], &[]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}
