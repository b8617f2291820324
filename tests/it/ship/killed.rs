//! Uploads that are killed at any moment: the next run uploads each record exactly once.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{RUN, RUNBOOK, WORLD, created, downloaded, name_of, record, records};
use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished};
use crate::victim::Victim;

/// Checks that every record is there once, with its bytes, and that the set is whole.
fn check(cloud: &Cloud, place: &Place, moment: &str) {
    let (names, there) = (records(place), created(cloud));
    assert_eq!(there.len(), names.len(), "{moment}: {there:?}");
    for (name, target) in names.iter().zip(&there) {
        assert!(target.ends_with(name), "{moment}: {target}");
        assert_eq!(downloaded(cloud, &name_of(target)), record(place, name), "{moment}");
    }
    let verified = cloud.run(place, &["verify", "-from", "acc01/records"]);
    assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
    let again = cloud.run(place, &["runs", "ship"]);
    assert!(again.out.contains("Every closed record is at"), "{moment}: {}", again.seen());
}

#[test]
fn at_any_write_of_a_mark() {
    let mut killed = 0;
    for at in 1.. {
        let cloud = Cloud::of_world(WORLD);
        let place = Place::with(RUNBOOK);
        let mut command = cloud.command(&place, &RUN);
        let ran = Ran::of(finished(command.env("ARCBOOK_TEST_DIE_MARKING_AT", at.to_string())));
        if ran.code.is_some() {
            break;
        }
        killed += 1;
        let moment = format!("killed at moment {at} of the marks");
        let next = cloud.run(&place, &RUN);
        assert_eq!((next.code, next.err.as_str()), (Some(0), ""), "{moment}: {}", next.seen());
        check(&cloud, &place, &moment);
    }
    assert!(killed >= 5, "only {killed} moments");
}

#[test]
fn after_any_request_was_carried_out() {
    let (mut at, mut killed) = (0, 0);
    loop {
        at += 1;
        let victim = Victim::default();
        let (watcher, count) = (victim.clone(), AtomicUsize::new(0));
        let cloud = Cloud::of(WORLD.to_owned(), move |request| {
            let counts = request.target.starts_with("/records/");
            if counts && count.fetch_add(1, Ordering::SeqCst) + 1 == at {
                watcher.kill();
            }
        });
        let place = Place::with(RUNBOOK);
        if !victim.run(&mut cloud.command(&place, &RUN)) {
            break;
        }
        killed += 1;
        let moment = format!("killed at request {at}");
        let next = cloud.run(&place, &RUN);
        assert_eq!((next.code, next.err.as_str()), (Some(0), ""), "{moment}: {}", next.seen());
        check(&cloud, &place, &moment);
    }
    assert_eq!(killed, 1, "an upload is one request");
}

/// The record of a run that was killed has no end, and leaves with the next one.
#[test]
fn a_run_that_was_killed_leaves_too() {
    for moment in [3, 9, 15] {
        let cloud = Cloud::of_world(WORLD);
        let place = Place::with(RUNBOOK);
        let ran = Ran::killed_at(cloud.command(&place, &RUN), moment);
        assert_eq!(ran.code, None, "{}", ran.seen());
        let next = cloud.run(&place, &RUN);
        assert_eq!((next.code, next.err.as_str()), (Some(0), ""), "{}", next.seen());
        let verified = cloud.run(&place, &["verify", "-from", "acc01/records"]);
        assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
        let begun = records(&place).iter().filter(|name| record(&place, name).contains(&b'\n')).count();
        assert_eq!(created(&cloud).len(), begun, "{moment}");
    }
}
