//! Paces the requests of this process to a service that throttles it.
//!
//! A service that answers 429 counts the requests of all steps together. So when one is refused, every request to that host
//! waits as long as the service asks for; then they continue, half as many at once, those first that were refused. Each
//! host has a pace of its own, and one that has never throttled is not paced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// The number of answers for each place after which one more request may be in flight.
const PATIENCE: usize = 8;

/// The number of requests at once from which a host is no longer paced.
const UNPACED: usize = 64;

/// The paces of all hosts.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<String, Arc<Pace>>>);

impl Paces {
    /// Returns the pace of requests to the host of `url`.
    pub fn of(&self, url: &Url) -> Arc<Pace> {
        let host = url.origin().ascii_serialization();
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(host).or_default())
    }
}

/// The pace of requests to one host.
#[derive(Default)]
pub(crate) struct Pace {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// The end of the pause that the service asked for.
    paused_until: Option<Instant>,
    /// The number of requests at once; none without a limit.
    room: Option<usize>,
    in_flight: usize,
    /// The number of refused requests that are to be sent again, before all others.
    refused: usize,
    /// The number of answers since `room` was changed.
    answered: usize,
}

/// The obstacle to a request.
enum Obstacle {
    /// The service asked for a pause.
    Pause(Instant),
    /// Other requests come first.
    Others,
}

impl State {
    fn obstacle(&self, again: bool) -> Option<Obstacle> {
        if let Some(until) = self.paused_until.filter(|until| *until > Instant::now()) {
            return Some(Obstacle::Pause(until));
        }
        let room = self.room?;
        let others = if again { 0 } else { self.refused };
        (self.in_flight + others >= room).then_some(Obstacle::Others)
    }
}

impl Pace {
    /// Waits until a request may be sent, but not longer than `longest`; `again` if the service refused it before. `told`
    /// learns of each pause.
    pub async fn enter(
        self: &Arc<Self>,
        again: bool,
        longest: Duration,
        told: impl Fn(Duration),
    ) -> InFlight {
        let end = Instant::now() + longest;
        let mut last = None;
        loop {
            // Registered before the look, so that no change in between is missed.
            let changed = self.changed.notified();
            let until = {
                let mut state = self.lock();
                let Some(obstacle) = state.obstacle(again).filter(|_| Instant::now() < end) else {
                    state.in_flight += 1;
                    return InFlight(Arc::clone(self));
                };
                match obstacle {
                    Obstacle::Pause(until) => until.min(end),
                    Obstacle::Others => end,
                }
            };
            if until < end && last.replace(until) != Some(until) {
                told(until.saturating_duration_since(Instant::now()));
            }
            // Whatever ends the wait, the state says what follows.
            let _ = timeout_at(until, changed).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight; dropping it ends it, also without an answer.
pub(crate) struct InFlight(Arc<Pace>);

impl InFlight {
    /// Takes in an answer that is no refusal.
    pub fn answered(self) {
        let mut state = self.0.lock();
        state.answered += 1;
        if let Some(room) = state.room
            && state.answered >= room * PATIENCE
        {
            state.answered = 0;
            state.room = Some(room + 1).filter(|room| *room < UNPACED);
        }
    }

    /// Takes in a refusal: all requests to the host pause for `wait`. The result keeps the place of this request before the
    /// others.
    pub fn refused(self, wait: Duration) -> Refused {
        let mut state = self.0.lock();
        let now = Instant::now();
        // The other requests that are in flight then are refused for the same reason.
        if state.paused_until.is_none_or(|until| until <= now) {
            state.room = Some((state.in_flight / 2).max(1));
            state.answered = 0;
        }
        state.paused_until = state.paused_until.max(Some(now + wait));
        state.refused += 1;
        Refused(Arc::clone(&self.0))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.changed.notify_waiters();
    }
}

/// The place of a refused request that is to be sent again.
pub(crate) struct Refused(Arc<Pace>);

impl Drop for Refused {
    fn drop(&mut self) {
        self.0.lock().refused -= 1;
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_mins(5);

    fn pace() -> Arc<Pace> {
        Paces::default().of(&Url::parse("https://v.vault.azure.net/secrets").unwrap())
    }

    async fn enter(pace: &Arc<Pace>, again: bool) -> InFlight {
        pace.enter(again, LONGEST, |_| ()).await
    }

    #[test]
    fn each_host_has_a_pace_of_its_own() {
        let paces = Paces::default();
        let of = |url| paces.of(&Url::parse(url).unwrap());
        let one = of("https://a.vault.azure.net/x");
        assert!(Arc::ptr_eq(&one, &of("https://A.vault.azure.net:443/y?z")));
        assert!(!Arc::ptr_eq(&one, &of("https://b.vault.azure.net/x")));
        assert!(!Arc::ptr_eq(&one, &of("https://a.vault.azure.net:444/x")));
    }

    #[tokio::test(start_paused = true)]
    async fn all_wait_as_long_as_the_service_asks_and_the_refused_one_goes_first() {
        let (pace, began) = (pace(), Instant::now());
        let (first, second) = (enter(&pace, false).await, enter(&pace, false).await);
        let refused = first.refused(2 * SECOND);
        second.answered();
        let paused = AtomicUsize::new(0);
        let mut fresh = Box::pin(pace.enter(false, LONGEST, |wait| {
            assert!(wait <= 2 * SECOND);
            paused.fetch_add(1, Ordering::Relaxed);
        }));
        assert!(tokio::time::timeout(SECOND, &mut fresh).await.is_err());
        assert_eq!(paused.load(Ordering::Relaxed), 1, "the pause is told once");
        let again = enter(&pace, true).await;
        assert_eq!(began.elapsed().as_secs(), 2);
        drop(refused);
        // There is room for one request now, and the refused one has it.
        assert!(tokio::time::timeout(SECOND, &mut fresh).await.is_err());
        again.answered();
        drop(fresh.await);
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_requests_at_once_is_halved_once_for_a_pause_and_grows_again() {
        let pace = pace();
        let mut flight = Vec::new();
        for _ in 0..10 {
            flight.push(enter(&pace, false).await);
        }
        let places: Vec<Refused> = flight.into_iter().map(|request| request.refused(SECOND)).collect();
        assert_eq!(pace.lock().room, Some(5));
        drop(places);
        for _ in 0..5 * PATIENCE {
            enter(&pace, false).await.answered();
        }
        assert_eq!(pace.lock().room, Some(6));
        for _ in 0..UNPACED * UNPACED * PATIENCE {
            enter(&pace, false).await.answered();
        }
        let state = pace.lock();
        assert_eq!((state.room, state.in_flight), (None, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_its_place_and_nobody_waits_for_ever() {
        let (pace, began) = (pace(), Instant::now());
        let refused = enter(&pace, false).await.refused(SECOND);
        let hung = enter(&pace, true).await;
        let bounded = pace.enter(true, 10 * SECOND, |_| ()).await;
        assert_eq!(began.elapsed().as_secs(), 11, "one request hangs, and the limit of the wait ends");
        drop((hung, bounded, refused));
        drop(enter(&pace, false).await);
        assert_eq!((began.elapsed().as_secs(), pace.lock().refused), (11, 0));
    }
}
