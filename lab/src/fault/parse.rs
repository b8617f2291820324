//! Parsing of faults from text.

use std::str::FromStr;
use std::time::Duration;

use super::{Denial, Fault, FaultKind, OperationFault, RetryAfter, Times};
use crate::entra;
use crate::log::Service;

const GRAMMAR: &str = "write SERVICE:KIND[:key=value…], such as keyvault:429:retry-after=1:times=2";
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
/// Seconds; twice what Entra tolerates.
const DEFAULT_CLOCK: u32 = 600;

/// The text of a fault that could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fault \"{text}\": {reason}; {remedy}")]
pub struct FaultError {
    text: String,
    reason: String,
    remedy: String,
}

struct Reason(String, String);

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        read(text).map_err(|Reason(reason, remedy)| FaultError { text: text.to_owned(), reason, remedy })
    }
}

fn read(text: &str) -> Result<Fault, Reason> {
    let mut parts = text.split(':');
    let service = service(parts.next().unwrap_or_default())?;
    let Some(kind_name) = parts.next() else {
        return Err(Reason("there is no kind".to_owned(), GRAMMAR.to_owned()));
    };
    let kind = kind(kind_name)?;
    let owners = kind.services();
    if !owners.is_empty() && !service.is_some_and(|service| owners.contains(&service)) {
        let owners = |join: &str, tail: &str| {
            owners.iter().map(|owner| format!("{owner}{tail}")).collect::<Vec<_>>().join(join)
        };
        let reason = format!("only {} has the fault \"{kind_name}\"", owners(" or ", ""));
        return Err(Reason(reason, format!("write {}", owners(" or ", &format!(":{kind_name}")))));
    }
    let mut fault = Fault { service, method: None, path: None, kind, times: Times::Count(1) };
    for part in parts {
        let Some((key, value)) = part.split_once('=') else {
            return Err(Reason(format!("\"{part}\" is not key=value"), GRAMMAR.to_owned()));
        };
        option(&mut fault, key, value)?;
    }
    Ok(fault)
}

fn service(name: &str) -> Result<Option<Service>, Reason> {
    if name == "any" {
        return Ok(None);
    }
    let found = Service::ALL.into_iter().find(|service| service.name() == name);
    let names = Service::ALL.map(Service::name).join(", ");
    found
        .map(Some)
        .ok_or_else(|| Reason(format!("there is no service \"{name}\""), format!("use one of {names}, any")))
}

fn kind(name: &str) -> Result<FaultKind, Reason> {
    if let Ok(status) = name.parse::<u16>()
        && (400..=599).contains(&status)
    {
        return Ok(FaultKind::Status { status, retry_after: None });
    }
    if let Some(number) = name.strip_prefix("aadsts").and_then(|number| number.parse().ok())
        && let Some(known) = entra::numbered(number)
    {
        return Ok(FaultKind::Entra(known.number));
    }
    let kinds = [
        ("reset", FaultKind::Reset),
        ("lost-answer", FaultKind::LostAnswer),
        ("truncate", FaultKind::Truncate),
        ("delay", FaultKind::Delay(DEFAULT_WAIT)),
        ("slow-body", FaultKind::SlowBody(DEFAULT_WAIT)),
        ("html", FaultKind::Html(200)),
        ("garbage", FaultKind::Garbage),
        ("expired-token", FaultKind::ExpiredToken),
        ("refused-key", FaultKind::RefusedKey),
        ("stale-key", FaultKind::StaleKey),
        ("missing-key", FaultKind::MissingKey),
        ("clock-ahead", FaultKind::ClockAhead(DEFAULT_CLOCK)),
        ("clock-behind", FaultKind::ClockBehind(DEFAULT_CLOCK)),
    ];
    let denials = Denial::ALL.map(|(name, denial)| (name, FaultKind::Denial(denial)));
    let operations = OperationFault::ALL.map(|(name, fault)| (name, FaultKind::Operation(fault)));
    let kinds = [&kinds[..], &denials, &operations].concat();
    let found = kinds.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let names = kinds.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let remedy = format!(
        "use a status from 400 to 599, the number of an error of Entra such as aadsts7000215, or one of {names}"
    );
    found.ok_or_else(|| Reason(format!("there is no kind \"{name}\""), remedy))
}

fn option(fault: &mut Fault, key: &str, value: &str) -> Result<(), Reason> {
    let number = || {
        let not_number =
            |_| Reason(format!("{key}={value} is not a number"), "give a whole number".to_owned());
        value.parse::<u32>().map_err(not_number)
    };
    match (key, &mut fault.kind) {
        ("times", _) if value == "always" => fault.times = Times::Always,
        ("times", _) => match number()? {
            0 => return Err(Reason("times=0 is never".to_owned(), "give 1 or more, or always".to_owned())),
            count => fault.times = Times::Count(count),
        },
        ("method", _) => fault.method = Some(value.to_ascii_uppercase()),
        ("path", _) => fault.path = Some(value.to_owned()),
        ("retry-after", FaultKind::Status { retry_after, .. }) => {
            *retry_after = Some(RetryAfter::Seconds(number()?));
        }
        ("retry-after-date", FaultKind::Status { retry_after, .. }) => {
            *retry_after = Some(RetryAfter::Date(number()?));
        }
        ("retry-after-ms", FaultKind::Status { retry_after, .. }) => {
            *retry_after = Some(RetryAfter::Milliseconds(number()?));
        }
        ("ms", FaultKind::Delay(wait) | FaultKind::SlowBody(wait)) => {
            *wait = Duration::from_millis(u64::from(number()?));
        }
        ("status", FaultKind::Html(status)) => {
            let given = u16::try_from(number()?).ok().filter(|given| (200..=599).contains(given));
            let remedy =
                || Reason(format!("status={value} is not one of a page"), "give 200 to 599".to_owned());
            *status = given.ok_or_else(remedy)?;
        }
        ("seconds", FaultKind::ClockAhead(seconds) | FaultKind::ClockBehind(seconds)) => *seconds = number()?,
        _ => {
            let remedy = "use times, method, path; retry-after, retry-after-date or retry-after-ms with a status; \
                          ms with delay and slow-body; status with html; seconds with clock-ahead and clock-behind";
            return Err(Reason(format!("\"{key}\" does not go with this kind"), remedy.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_parsed() {
        let fault: Fault =
            "blob:503:retry-after-ms=20:method=put:path=/uploads:times=always".parse().unwrap();
        assert_eq!(
            fault,
            Fault {
                service: Some(Service::Blob),
                method: Some("PUT".to_owned()),
                path: Some("/uploads".to_owned()),
                kind: FaultKind::Status { status: 503, retry_after: Some(RetryAfter::Milliseconds(20)) },
                times: Times::Always,
            }
        );
        let fault: Fault = "arm:html:status=502".parse().unwrap();
        assert_eq!(fault.kind, FaultKind::Html(502));
        let fault: Fault = "any:delay:ms=5".parse().unwrap();
        assert_eq!((fault.service, fault.kind), (None, FaultKind::Delay(Duration::from_millis(5))));
    }

    #[test]
    fn errors_say_what_is_valid() {
        for (text, says) in [
            ("vault:429", "use one of himds, imds, arm, keyvault, blob, graph, login, any"),
            ("arm", "there is no kind"),
            ("arm:200", "use a status from 400 to 599"),
            ("arm:reset:ms=1", "\"ms\" does not go with this kind"),
            ("arm:429:times=x", "not a number"),
            ("arm:429:times=0", "give 1 or more"),
            ("arm:expired-token", "write himds:expired-token or imds:expired-token or login:expired-token"),
            ("any:aadsts90033", "write login:aadsts90033"),
            ("login:aadsts1", "the number of an error of Entra"),
            ("login:clock-ahead:ms=5", "seconds with clock-ahead"),
            ("any:operation-failed", "write arm:operation-failed"),
            ("blob:scope-locked", "write arm:scope-locked"),
            ("arm:policy:retry-after=1", "does not go with this kind"),
            ("arm:429:soon", "not key=value"),
            ("arm:html:status=99", "give 200 to 599"),
            ("arm:garbage:status=200", "status with html"),
        ] {
            let message = text.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(text in "(any|arm|himds|login|:|aadsts90033|clock-ahead|seconds|=|429|reset|delay|policy|operation-failed|times|ms|always|-1|99999999999|é){0,9}") {
            let _ = text.parse::<Fault>();
        }
    }
}
