//! How long an exchange may take, and how much an answer may hold.

use std::time::Duration;

/// How long an exchange may take, and how much an answer may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the whole answer is there, for a request without a body.
    pub total: Duration,
    /// How many bytes of a request's body a slow line must still carry in a second; they lengthen `total`.
    pub bytes_per_second: u64,
    /// The bytes of an answer's body.
    pub body: usize,
}

impl Limits {
    /// For Azure: 10 s, 60 s, 64 KiB/s, 64 MiB.
    pub const AZURE: Self = Self {
        connect: Duration::from_secs(10),
        total: Duration::from_mins(1),
        bytes_per_second: 64 * 1024,
        body: 64 * 1024 * 1024,
    };

    /// For the Arc agent on this machine, which asks Azure itself: 2 s, 30 s, 1 MiB.
    pub const AGENT: Self = Self {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(30),
        bytes_per_second: 64 * 1024,
        body: 1024 * 1024,
    };

    /// How long a request with a body of `bytes` may take.
    pub(super) fn total_for(&self, bytes: usize) -> Duration {
        self.total + Duration::from_secs(bytes as u64 / self.bytes_per_second.max(1))
    }
}
