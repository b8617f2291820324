//! Ports of loopback for servers that are told theirs.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// The first of the ports, and their number; the system gives higher ones to whoever asks for any.
const PORTS: (u32, u32) = (20_000, 12_000);

/// Returns a port that is free, and that no other test gets.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Processes of tests that run at the same time begin with different ports.
    let begin = std::process::id() % 1_000 * 10;
    let next = || PORTS.0 + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS.1;
    let mut ports = (0..PORTS.1).map(|_| u16::try_from(next()).expect("a port"));
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).expect("a free port")
}
