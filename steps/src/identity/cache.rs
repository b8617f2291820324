//! A cache of tokens that requests each token once, however many callers need it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arcbook_engine::step::{Audience, BoxFuture, StepError, Token};
use futures::FutureExt as _;
use futures::future::{Shared, WeakShared};

type Fetch = BoxFuture<'static, Result<Token, StepError>>;

/// Tokens by audience, in memory only; clones share them.
///
/// The first caller starts the request, and all callers in the meantime wait for the same one. Each of them
/// polls it, so it continues if the first one is cancelled. A failure is returned to the callers that waited
/// for it, and is not cached.
#[derive(Clone)]
pub(crate) struct TokenCache {
    slots: Arc<Mutex<HashMap<Audience, Slot>>>,
    /// Returns the current Unix time, in seconds.
    now: fn() -> i64,
}

#[derive(Default)]
struct Slot {
    kept: Option<Kept>,
    flight: Option<WeakShared<Fetch>>,
}

/// A token, and the time from which on it is renewed.
#[derive(Clone)]
struct Kept {
    token: Token,
    renew_at: i64,
}

/// The safety margin before a token's expiry, in seconds: it is not used from then on.
const MARGIN: i64 = 300;

/// The lifetime, in seconds, from which on a token is renewed at half of its life.
const LONG_LIFE: i64 = 2 * 60 * 60;

impl Kept {
    /// Keeps a token that arrived at `now`.
    fn new(token: Token, now: i64) -> Self {
        let life = token.expires_on().saturating_sub(now);
        let renew_at = if life >= LONG_LIFE { now + life / 2 } else { token.expires_on() };
        Self { token, renew_at }
    }

    /// Returns whether a request sent at `now` can use the token.
    fn is_usable(&self, now: i64) -> bool {
        now <= self.token.expires_on().saturating_sub(MARGIN)
    }

    /// Returns whether the token is usable and not due for renewal.
    fn is_fresh(&self, now: i64) -> bool {
        self.is_usable(now) && now < self.renew_at
    }
}

impl TokenCache {
    pub fn new(now: fn() -> i64) -> Self {
        Self { slots: Arc::default(), now }
    }

    /// Returns the cached token for `audience` while it is fresh, else the token that `fetch` returns.
    ///
    /// If a stale but usable token cannot be renewed, it is returned.
    pub async fn get<F>(&self, audience: &Audience, fetch: impl FnOnce() -> F) -> Result<Token, StepError>
    where
        F: Future<Output = Result<Token, StepError>> + Send + 'static,
    {
        let (kept, flight) = {
            let mut slots = self.lock();
            let slot = slots.entry(audience.clone()).or_default();
            match &slot.kept {
                Some(kept) if kept.is_fresh((self.now)()) => return Ok(kept.token.clone()),
                _ => (slot.kept.clone(), self.join(audience, slot, fetch)),
            }
        };
        match (flight.await, kept) {
            (Err(_), Some(old)) if old.is_usable((self.now)()) => Ok(old.token),
            (result, _) => result,
        }
    }

    /// Removes `token`, which a service refused; a token that has replaced it stays.
    pub fn invalidate(&self, audience: &Audience, token: &Token) {
        if let Some(slot) = self.lock().get_mut(audience) {
            slot.kept.take_if(|kept| kept.token == *token);
        }
    }

    /// Returns the request in flight, or starts one.
    fn join<F>(&self, audience: &Audience, slot: &mut Slot, fetch: impl FnOnce() -> F) -> Shared<Fetch>
    where
        F: Future<Output = Result<Token, StepError>> + Send + 'static,
    {
        if let Some(flight) = slot.flight.as_ref().and_then(WeakShared::upgrade) {
            return flight;
        }
        let (cache, audience, fetching) = (self.clone(), audience.clone(), fetch());
        let landing = async move {
            let result = fetching.await;
            let mut slots = cache.lock();
            let slot = slots.entry(audience).or_default();
            slot.flight = None;
            if let Ok(token) = &result {
                slot.kept = Some(Kept::new(token.clone(), (cache.now)()));
            }
            result
        };
        let flight = landing.boxed().shared();
        slot.flight = flight.downgrade();
        flight
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Audience, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::super::token::tests::token;
    use super::*;

    fn vault() -> Audience {
        Audience::new("https://vault.azure.net")
    }

    fn world() -> (TokenCache, Arc<AtomicUsize>, Arc<Notify>) {
        (TokenCache::new(|| 0), Arc::default(), Arc::default())
    }

    /// Returns a future that resolves to `result` after `gate` opens, and counts the calls.
    fn fetch(
        count: &Arc<AtomicUsize>,
        gate: &Arc<Notify>,
        result: Result<Token, StepError>,
    ) -> impl Future<Output = Result<Token, StepError>> + Send + 'static + use<> {
        count.fetch_add(1, Ordering::Relaxed);
        let gate = Arc::clone(gate);
        async move {
            gate.notified().await;
            result
        }
    }

    #[test]
    fn a_token_is_used_until_shortly_before_it_expires() {
        let kept = Kept::new(token("t", 1_000_000, 3600), 1_000_000);
        assert!(kept.is_usable(1_003_300) && !kept.is_usable(1_003_301));
    }

    #[test]
    fn a_long_life_is_renewed_at_half() {
        let long = Kept::new(token("t", 0, 24 * 3600), 0);
        assert!(long.is_fresh(12 * 3600 - 1) && !long.is_fresh(12 * 3600) && long.is_usable(12 * 3600));
        let short = Kept::new(token("t", 0, 3600), 0);
        assert!(short.is_fresh(3300) && !short.is_fresh(3301));
    }

    #[tokio::test]
    async fn many_ask_and_one_request_goes_out() {
        let (cache, count, gate) = world();
        let audience = vault();
        let ask = || cache.get(&audience, || fetch(&count, &gate, Ok(token("t", 0, 3600))));
        let all = futures::future::join_all((0..50).map(|_| ask()));
        gate.notify_one();
        assert!(all.await.iter().all(|result| result.as_ref().unwrap().reveal() == "t"));
        ask().await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_cancelled_leader_leaves_the_request_to_the_others() {
        let (cache, count, gate) = world();
        let audience = vault();
        let ask = || Box::pin(cache.get(&audience, || fetch(&count, &gate, Ok(token("t", 0, 3600)))));
        let (mut leader, mut other) = (ask(), ask());
        assert!(futures::poll!(&mut leader).is_pending());
        assert!(futures::poll!(&mut other).is_pending());
        drop(leader);
        gate.notify_one();
        assert_eq!(other.await.unwrap().reveal(), "t");
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_request_that_all_have_left_is_started_anew() {
        let (cache, count, gate) = world();
        let audience = vault();
        let mut only = Box::pin(cache.get(&audience, || fetch(&count, &gate, Ok(token("t", 0, 3600)))));
        assert!(futures::poll!(&mut only).is_pending());
        drop(only);
        gate.notify_one();
        let next = cache.get(&audience, || fetch(&count, &gate, Ok(token("u", 0, 3600)))).await;
        assert_eq!(next.unwrap().reveal(), "u");
    }

    #[tokio::test]
    async fn a_failure_is_for_those_who_waited() {
        let (cache, count, gate) = world();
        let (audience, failure) = (vault(), StepError::internal("no"));
        let ask = |result| cache.get(&audience, || fetch(&count, &gate, result));
        let (mut first, mut second) =
            (Box::pin(ask(Err(failure.clone()))), Box::pin(ask(Err(failure.clone()))));
        assert!(futures::poll!(&mut first).is_pending());
        assert!(futures::poll!(&mut second).is_pending());
        gate.notify_one();
        let (first, second) = (first.await, second.await);
        assert_eq!((first.unwrap_err(), second.unwrap_err()), (failure.clone(), failure));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        gate.notify_one();
        assert!(ask(Ok(token("t", 0, 3600))).await.is_ok());
    }

    #[tokio::test]
    async fn a_refused_token_is_forgotten_unless_replaced() {
        let (cache, count, gate) = world();
        let ask = async |name: &str| {
            gate.notify_one();
            cache.get(&vault(), || fetch(&count, &gate, Ok(token(name, 0, 3600)))).await.unwrap()
        };
        let first = ask("first").await;
        cache.invalidate(&vault(), &first);
        assert_eq!(ask("second").await.reveal(), "second");
        cache.invalidate(&vault(), &first);
        assert_eq!(ask("third").await.reveal(), "second");
    }

    #[tokio::test]
    async fn an_old_token_is_renewed_and_used_on_when_that_fails() {
        static NOW: AtomicI64 = AtomicI64::new(0);
        let cache = TokenCache::new(|| NOW.load(Ordering::Relaxed));
        let get = async |result: Result<Token, StepError>| cache.get(&vault(), || async { result }).await;
        let old = token("old", 0, 24 * 3600);
        assert_eq!(get(Ok(old)).await.unwrap().reveal(), "old");
        NOW.store(13 * 3600, Ordering::Relaxed);
        assert_eq!(get(Err(StepError::internal("no"))).await.unwrap().reveal(), "old");
        NOW.store(24 * 3600 - 299, Ordering::Relaxed);
        assert!(get(Err(StepError::internal("no"))).await.is_err());
        assert_eq!(get(Ok(token("new", 24 * 3600, 3600))).await.unwrap().reveal(), "new");
    }
}
