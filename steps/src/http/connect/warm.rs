//! Opens a connection before there is a request for it.
//!
//! A warm-up is a request that stops once it has its connection: this layer around the client's connector
//! parks the finished connection under the request's origin and fails the request, so nothing is sent. The
//! next request to that origin finds no idle connection in the client's pool, asks for a new one, and
//! receives the parked one.
//!
//! The connector does not tell a layer which origin it connects to, so the client sets it in a task-local
//! around each request.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use super::BoxError;

/// The maximum age of a parked connection; services close idle ones after a minute or more.
const FRESH: Duration = Duration::from_secs(30);

tokio::task_local! {
    static PURPOSE: Purpose;
}

/// The purpose of a connection.
#[derive(Clone)]
enum Purpose {
    /// A request to this origin follows.
    Request(String),
    /// The connection is parked for this origin.
    WarmUp(String),
}

/// The parked connections of one client; clones share them.
#[derive(Clone, Default)]
pub(in crate::http) struct Parking(Arc<Mutex<HashMap<String, Parked>>>);

struct Parked {
    since: Instant,
    /// The connection; its type is private to the HTTP library.
    connection: Box<dyn Any + Send>,
}

impl Parking {
    /// Runs `exchange`, a request to `origin` that takes a parked connection instead of a new one.
    pub async fn request<F: Future>(&self, origin: String, exchange: F) -> F::Output {
        PURPOSE.scope(Purpose::Request(origin), exchange).await
    }

    /// Runs `exchange`, a request to `origin` that ends once its connection is parked.
    pub async fn warm_up<F: Future>(&self, origin: String, exchange: F) -> F::Output {
        PURPOSE.scope(Purpose::WarmUp(origin), exchange).await
    }

    fn park<C: Send + 'static>(&self, origin: String, connection: C) {
        let parked = Parked { since: Instant::now(), connection: Box::new(connection) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, parked);
    }

    fn take<C: 'static>(&self, origin: &str) -> Option<C> {
        let parked = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(origin)?;
        if parked.since.elapsed() > FRESH {
            return None;
        }
        parked.connection.downcast().ok().map(|connection| *connection)
    }
}

impl<S> Layer<S> for Parking {
    type Service = Warming<S>;

    fn layer(&self, inner: S) -> Warming<S> {
        Warming { inner, parking: self.clone() }
    }
}

/// A connector that parks connections and hands out parked ones.
#[derive(Clone)]
pub(in crate::http) struct Warming<S> {
    inner: S,
    parking: Parking,
}

impl<S, R> Service<R> for Warming<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        match PURPOSE.try_with(Clone::clone).ok() {
            Some(Purpose::WarmUp(origin)) => {
                let (connecting, parking) = (self.inner.call(target), self.parking.clone());
                Box::pin(async move {
                    parking.park(origin, connecting.await?);
                    Err(Box::new(Warmed) as BoxError)
                })
            }
            Some(Purpose::Request(origin)) => match self.parking.take(&origin) {
                Some(connection) => Box::pin(ready(Ok(connection))),
                None => Box::pin(self.inner.call(target)),
            },
            None => Box::pin(self.inner.call(target)),
        }
    }
}

/// The error that ends a request whose connection was parked.
#[derive(Debug)]
struct Warmed;

impl fmt::Display for Warmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was parked")
    }
}

impl std::error::Error for Warmed {}
