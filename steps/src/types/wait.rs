//! The step type `wait`.

use std::time::Duration;

use arcbook_engine::step::{
    Accepts, Arg, ArgumentError, ArgumentType, Arguments, Effect, ErrorKind, Outputs, Response, StepError,
    Text, Title,
};
use arcbook_engine::value::{Type, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Waits for a time.
///
/// The progress of the run shows the time that is left. The wait ends at the first Ctrl-C, and with the `timeout` of the
/// step, and it needs no place under `-parallelism`. No plan waits.
///
/// To wait for a condition, give the step that reads it an `until` block. A resumed run waits again, unless `time` or
/// `since` says that nothing, or only a part, of the wait is left.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(duration, time), requires(since, duration))]
pub struct Wait {
    /// Length of the wait.
    #[argument(sink = "memory")]
    duration: Option<Arg<Duration>>,
    /// Start of `duration` in RFC 3339 format, such as the time at which a resource was created; defaults to the start of the
    /// step.
    #[argument(sink = "memory")]
    since: Option<Arg<Timestamp>>,
    /// End of the wait in RFC 3339 format, such as `2026-12-01T06:00:00Z`; a time that has passed ends the wait at once.
    #[argument(sink = "memory")]
    time: Option<Arg<Timestamp>>,
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(OffsetDateTime);

impl ArgumentType for Timestamp {
    fn ty() -> Type {
        Type::String
    }

    fn accepts() -> Accepts {
        Accepts::Form("A time in RFC 3339 format, such as `2026-12-01T06:00:00Z`.")
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = value.as_str().unwrap_or_default();
        let error = || {
            ArgumentError::value("must be a time in RFC 3339 format")
                .help("write it as `2026-12-01T06:00:00Z` or `2026-12-01T07:00:00+01:00`")
        };
        OffsetDateTime::parse(text, &Rfc3339).map(Self).map_err(|_| error().into())
    }
}

impl Timestamp {
    fn text(self) -> String {
        self.0.format(&Rfc3339).unwrap_or_default()
    }
}

/// The outputs of `wait`.
#[derive(Outputs, Debug)]
pub struct Waited {
    /// Time at which the wait ended, in RFC 3339 format and UTC.
    #[output(answer)]
    ended: String,
    /// Number of seconds that the step waited.
    #[output(answer)]
    seconds: i64,
}

/// The longest time without a look at the clock, which may have been set, or have gone on while the machine slept.
const LOOK: Duration = Duration::from_secs(15);

/// The end of a wait.
enum End {
    /// At this time of the clock.
    At(OffsetDateTime),
    /// After this time.
    After(Duration),
}

impl Wait {
    fn end(&self) -> Result<End, StepError> {
        if let Some(time) = &self.time {
            return Ok(End::At(time.get()?.0));
        }
        let duration =
            self.duration.as_ref().ok_or_else(|| StepError::internal("a wait has no end"))?.get()?;
        let Some(since) = &self.since else { return Ok(End::After(*duration)) };
        let late = || StepError::new(ErrorKind::Local, "the wait would never end").argument("duration");
        let duration = time::Duration::try_from(*duration).map_err(|_| late())?;
        since.get()?.0.checked_add(duration).map(End::At).ok_or_else(late)
    }
}

impl TypedStep for Wait {
    const TYPE: &'static str = "wait";
    const EXAMPLE: &'static str = r#"step "wait" "settle" {
  duration = "100ms"
}

output "settled" {
  value = step.wait.settle.ended
}
"#;
    const EFFECT: Effect = Effect::Nothing;
    const RESPONSE: Response = Response::None;
    const ONLY_WAITS: bool = true;
    const HAS_OWN_PURPOSE: bool = true;
    type Output = Waited;

    fn title(&self) -> Title {
        let time = |time: &Arg<Timestamp>| Text::new().then_arg(time, |time| time.text());
        let duration = |duration: &Arg<Duration>| Text::new().then_arg(duration, |length| in_words(*length));
        let place = [
            self.duration.as_ref().map(|length| format!("for {}", duration(length))),
            self.since.as_ref().map(|since| format!("from {}", time(since))),
            self.time.as_ref().map(|end| format!("until {}", time(end))),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        Title::new("wait").placed(place.join(" "))
    }

    async fn run(&self, session: &Session) -> Result<Done<Waited>, StepError> {
        let begun = tokio::time::Instant::now();
        let end = self.end()?;
        session
            .pass_time(LOOK, || match end {
                End::At(time) => Duration::try_from(time - OffsetDateTime::now_utc()).unwrap_or_default(),
                End::After(length) => length.saturating_sub(begun.elapsed()),
            })
            .await;
        Ok(Done::unchanged(Waited {
            ended: Timestamp(OffsetDateTime::now_utc()).text(),
            seconds: i64::try_from(begun.elapsed().as_secs()).unwrap_or(i64::MAX),
        }))
    }
}

/// Writes a duration as a runbook does, such as `1h30m`.
fn in_words(length: Duration) -> String {
    let milliseconds = length.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let (_, words) = units.iter().fold((milliseconds, String::new()), |(left, words), (unit, size)| {
        let count = left / size;
        (left % size, if count > 0 { format!("{words}{count}{unit}") } else { words })
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_it_was_read() {
        for text in ["30d", "1h30m", "90ms", "2m1s500ms"] {
            assert_eq!(arcbook_engine::step::duration(text).map(in_words).as_deref(), Some(text));
        }
    }
}
