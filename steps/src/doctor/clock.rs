//! The clock of this machine, beside the times in the token and those of the services.

use serde_json::Value as Json;

use super::Finding;
use super::examination::Examination;
use crate::identity::token_claims;
use crate::os::Os;

/// The seconds that services tolerate: Microsoft Entra allows five minutes.
const TOLERATED: i64 = 300;

/// The seconds beyond which the clock deserves a warning.
const NOTABLE: i64 = 60;

/// Checks the clock.
pub(super) fn check(it: &mut Examination<'_>) {
    let audience = it.arm_audience();
    if it.begin("clock.token", Some(&audience)) {
        let now = (it.azure.tools().now)();
        let claims = it.token.as_ref().and_then(token_claims).unwrap_or_default();
        let time = |name: &str| {
            let claim = claims.iter().find(|claim| claim.name == name);
            claim.and_then(|claim| if let Json::Number(time) = &claim.value { time.as_i64() } else { None })
        };
        it.add(of_token(now, time("nbf").or(time("iat")), time("exp")));
    }
    // Entra judges times most strictly.
    let mut best = [it.login_host(), Some(it.arm_host())].into_iter().flatten();
    let told = best.find_map(|best| it.skews.iter().find(|(host, _)| *host == best));
    let told = told.or(it.skews.first());
    let finding = match told {
        Some((host, skew)) => of_service(host, *skew),
        None => Finding::skipped("clock.service", "no service told the time"),
    };
    it.add(finding);
}

fn of_token(now: i64, begins: Option<i64>, ends: Option<i64>) -> Finding {
    let id = "clock.token";
    match (begins, ends) {
        (Some(begins), _) if begins - now > NOTABLE => {
            let finding =
                Finding::error(id, format!("a new token is valid only in {}", length(begins - now)));
            set(finding.detail("The clock of this machine is behind."))
        }
        (_, Some(ends)) if ends <= now => {
            let finding = Finding::error(id, format!("a new token expired {} ago", length(now - ends)));
            set(finding.detail("The clock of this machine is ahead."))
        }
        (_, Some(ends)) => Finding::ok(id, format!("the token is valid for {}", length(ends - now))),
        (_, None) => Finding::skipped(id, "the token does not tell its times"),
    }
}

fn of_service(host: &str, skew: i64) -> Finding {
    let id = "clock.service";
    let summary = match skew {
        -1..=1 => format!("as that of {host}"),
        skew if skew > 0 => format!("{} ahead of {host}", length(skew)),
        skew => format!("{} behind {host}", length(-skew)),
    };
    if skew.abs() <= NOTABLE {
        Finding::ok(id, summary)
    } else if skew.abs() <= TOLERATED {
        set(Finding::warning(id, summary))
    } else {
        set(Finding::error(id, summary).detail("Services refuse tokens and signatures from another time."))
    }
}

fn set(finding: Finding) -> Finding {
    match Os::HERE {
        Os::Linux => finding
            .remedy("set the clock: sudo timedatectl set-ntp true")
            .remedy("see whether it is synchronized: timedatectl"),
        Os::Windows => finding
            .remedy("set the clock, in PowerShell as administrator: w32tm /resync")
            .remedy("see whether it is synchronized: w32tm /query /status"),
    }
}

/// Describes a number of seconds.
fn length(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_services_tolerate() {
        for (skew, status, expected) in [
            (0, Status::Ok, "as that of a.test"),
            (59, Status::Ok, "59 s ahead of a.test"),
            (-61, Status::Warning, "61 s behind a.test"),
            (301, Status::Error, "5 min ahead"),
            (-90_000, Status::Error, "25 h behind"),
        ] {
            let finding = of_service("a.test", skew);
            assert_eq!((finding.status, finding.summary.contains(expected)), (status, true), "{finding:?}");
        }
        for (begins, ends, status, expected) in [
            (Some(900), Some(4_600), Status::Ok, "valid for 60 min"),
            (Some(1_061), Some(4_600), Status::Error, "valid only in 61 s"),
            (Some(0), Some(1_000), Status::Error, "expired 0 s ago"),
            (None, None, Status::Skipped, "does not tell"),
        ] {
            let finding = of_token(1_000, begins, ends);
            assert_eq!((finding.status, finding.summary.contains(expected)), (status, true), "{finding:?}");
        }
    }
}
