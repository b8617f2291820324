//! The limits of an exchange: its duration and the size of the response.

use std::time::Duration;

/// The limits of an exchange: its duration and the size of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum time until the connection is ready, TLS included.
    pub connect: Duration,
    /// The maximum time until the response is complete, for a request without a body.
    pub total: Duration,
    /// The minimum upload rate that is tolerated, in bytes per second; a body extends `total` accordingly.
    pub bytes_per_second: u64,
    /// The maximum size of a response's body, in bytes.
    pub body: usize,
}

impl Limits {
    /// The limits for Azure: 10 s, 60 s, 64 KiB/s, 64 MiB.
    pub const AZURE: Self = Self {
        connect: Duration::from_secs(10),
        total: Duration::from_mins(1),
        bytes_per_second: 64 * 1024,
        body: 64 * 1024 * 1024,
    };

    /// The limits for the Arc agent on this machine, which calls Azure itself: 2 s, 30 s, 1 MiB.
    pub const AGENT: Self = Self {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(30),
        bytes_per_second: 64 * 1024,
        body: 1024 * 1024,
    };

    /// Returns the time limit of a request with a body of `bytes`.
    pub(super) fn total_for(&self, bytes: u64) -> Duration {
        self.total + Duration::from_secs(bytes / self.bytes_per_second.max(1))
    }
}
