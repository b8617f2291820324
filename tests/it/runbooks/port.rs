//! The PostgreSQL lab at another port than the usual one, which may be in use.

use std::net::TcpListener;

use crate::support::{Place, Ran, copy, finished, repository};

fn place() -> Place {
    let place = Place::new();
    copy(&repository().join("runbooks/postgres"), &place.path().join("runbooks/postgres"));
    place
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port().to_string();
    (listener, port)
}

#[test]
fn the_lab_runs_at_the_port_that_is_chosen() {
    let place = place();
    let (free, port) = listener();
    drop(free);
    let script = "\"$0\" run -lab -auto-approve -world \"$LAB_WORLD\" runbooks/postgres";
    let ran = Ran::of(finished(place.with_server("runbooks/postgres/server", script).env("PGPORT", &port)));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("ArcBox-Ubuntu-01") && ran.out.contains(&port), "{}", ran.seen());
}

#[test]
fn a_port_that_is_in_use_is_told_with_the_command_for_another_one() {
    let place = place();
    let (_taken, port) = listener();
    let ran = Ran::of(finished(place.with_server("runbooks/postgres/server", "true").env("PGPORT", &port)));
    let command = "PGPORT=5433 runbooks/postgres/server sh -c 'arcbook run -lab -world \"$LAB_WORLD\" runbooks/postgres'";
    assert!(ran.code == Some(1) && ran.err.contains(command), "{}", ran.seen());
    assert!(ran.err.contains(&port), "{}", ran.seen());
    let readme = std::fs::read_to_string(repository().join("runbooks/postgres/README.md")).expect("the page");
    assert!(readme.contains(command), "the page has the same command");
}
