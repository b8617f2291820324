//! Sends spans during a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{Event, Observers, Record};
use arcbook_engine::timeline::Timeline;
use arcbook_steps::{Collector, Environment, Refusal};
use prost::Message as _;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Settings;
use super::message::Span;
use super::settings::Protocol;
use super::spans::{self, Trace};
use crate::progress::{Background, Phase, Reader, plural};
use crate::screen::Screen;
use crate::signals;

/// The maximum number of queued spans; further ones are dropped.
const QUEUE: usize = 16_384;
/// The maximum number of spans in one request.
const BATCH: usize = 512;
/// The maximum time that a span waits for others to share its request.
const DELAY: Duration = Duration::from_secs(5);
/// The maximum time that the end of a run waits for the collector.
const LAST: Duration = Duration::from_secs(3);
/// The time after which this wait is announced.
const QUIET: Duration = Duration::from_secs(1);
/// The maximum number of attempts, if the collector asks for a retry.
const ATTEMPTS: usize = 3;

/// The export of a run in progress.
pub struct Telemetry {
    task: JoinHandle<Result<(), String>>,
}

impl Telemetry {
    /// Starts the export of the run if the environment configures it; invalid settings are reported.
    pub fn begin(screen: &Screen, run: &str, observers: &mut Observers<'_>) -> Option<Self> {
        let environment = Environment::of_process();
        let settings = Settings::of(&environment, screen.secrets()).and_then(|settings| {
            let Some(settings) = settings else { return Ok(None) };
            let collector = Collector::new(&settings.endpoint, &settings.headers, &environment)?;
            Ok(Some((settings, collector)))
        });
        let (settings, collector) = match settings {
            Ok(found) => found?,
            Err(reason) => {
                warn(screen, &reason);
                return None;
            }
        };
        let (sender, spans) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicUsize::new(0));
        // The tracer drops its sender at its end, which ends the exporter, so its backlog needs no wait.
        let (tracer, _) = Background::begin(Tracer {
            secrets: screen.secrets().clone(),
            timeline: Timeline::new(),
            parent: settings.parent.clone(),
            trace: None,
            sender,
            dropped: dropped.clone(),
        });
        observers.add(tracer);
        let exporter = Exporter { collector, settings, run: run.to_owned(), dropped, lost: 0, reason: None };
        Some(Self { task: tokio::spawn(exporter.run(spans)) })
    }

    /// Waits briefly until all spans are sent or the user interrupts, and reports lost spans. Call it last,
    /// after the observers are dropped.
    pub async fn finish(mut self, screen: &Screen) {
        let mut interrupts = signals::interrupts();
        let phase = Phase::begin_quiet(screen, QUIET, || "sending the trace of the run".to_owned());
        let ended = tokio::select! {
            ended = timeout(LAST, &mut self.task) => Some(ended),
            Some(_) = interrupts.recv() => None,
        };
        drop(phase);
        self.task.abort();
        let reason = match ended {
            Some(Ok(Ok(Ok(())))) => return,
            Some(Ok(Ok(Err(reason)))) => reason,
            Some(Ok(Err(_))) => "the export stopped".to_owned(),
            Some(Err(_)) => {
                format!("the collector did not accept all of it within {} s after the run", LAST.as_secs())
            }
            None => "the export was interrupted".to_owned(),
        };
        warn(screen, &reason);
    }
}

fn warn(screen: &Screen, reason: &str) {
    screen.diagnostic(
        Diagnostic::warning("telemetry", format!("the exported trace of the run is incomplete: {reason}")).help(
            "check OTEL_EXPORTER_OTLP_ENDPOINT and related variables; `arcbook show RUN -trace FILE` writes the whole trace",
        ),
    );
}

/// Converts events to spans, on its own thread.
struct Tracer {
    secrets: Secrets,
    timeline: Timeline,
    parent: Option<super::settings::Parent>,
    trace: Option<Trace>,
    sender: Sender<Span>,
    /// The number of spans dropped because the queue was full.
    dropped: Arc<AtomicUsize>,
}

impl Reader for Tracer {
    fn take(&mut self, record: &Record, _: Instant) {
        let record = self.secrets.redacted(record);
        let over = self.timeline.take(&record);
        if let Event::RunStarted(started) = &record.event {
            self.trace = Some(Trace::new(started, self.timeline.began_at(), self.parent.take()));
        }
        let Some(trace) = &self.trace else { return };
        for span in over {
            if self.sender.try_send(trace.span(&span)).is_err() {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        None
    }

    fn wake(&mut self, _: Instant) {}
}

/// Sends spans to a collector.
struct Exporter {
    collector: Collector,
    settings: Settings,
    run: String,
    /// The number of spans dropped because the queue was full.
    dropped: Arc<AtomicUsize>,
    /// The number of spans that the collector did not accept.
    lost: usize,
    /// The first reason for a loss.
    reason: Option<String>,
}

impl Exporter {
    async fn run(mut self, mut spans: Receiver<Span>) -> Result<(), String> {
        let mut batch = Vec::new();
        loop {
            let received = timeout(DELAY, spans.recv_many(&mut batch, BATCH)).await;
            let is_over = received == Ok(0);
            if !batch.is_empty() && (is_over || batch.len() >= BATCH || received.is_err()) {
                self.send(std::mem::take(&mut batch)).await;
            }
            if is_over {
                break;
            }
        }
        let lost = self.lost + self.dropped.load(Ordering::Relaxed);
        if lost == 0 {
            return Ok(());
        }
        let reason = self.reason.unwrap_or_else(|| "it is slower than the run".to_owned());
        Err(format!("{} did not reach {}: {reason}", plural(lost, "span"), self.collector.origin()))
    }

    async fn send(&mut self, spans: Vec<Span>) {
        let count = spans.len();
        let request = spans::export(&self.settings, &self.run, spans);
        let (kind, body) = match self.settings.protocol {
            Protocol::Protobuf => ("application/x-protobuf", request.encode_to_vec()),
            Protocol::Json => ("application/json", serde_json::to_vec(&request).unwrap_or_default()),
        };
        if let Err(reason) = self.post(kind, body).await {
            self.lost += count;
            self.reason.get_or_insert(reason);
        }
    }

    async fn post(&self, kind: &str, body: Vec<u8>) -> Result<(), String> {
        let mut attempt = 1;
        loop {
            let sent = timeout(self.settings.timeout, self.collector.send(kind, body.clone())).await;
            let refusal = match sent {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(refusal)) => refusal,
                Err(_) => Refusal { reason: "the collector timed out".to_owned(), again: None },
            };
            match refusal.again.filter(|_| attempt < ATTEMPTS) {
                Some(pause) => sleep(pause).await,
                None => return Err(refusal.reason),
            }
            attempt += 1;
        }
    }
}
