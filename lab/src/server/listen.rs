//! Binding to loopback in both address families.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as Socket};

use tokio::net::TcpListener;

/// Maximum number of attempts to find a port that is free in both address families.
const ATTEMPTS: usize = 16;

/// A port that cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error(
    "127.0.0.1:{port} cannot be listened on: {source}; stop what holds it or choose another port (0 for any)"
)]
pub struct ListenError {
    port: u16,
    source: io::Error,
}

/// One port of 127.0.0.1, and of `::1` where the machine has it.
pub(crate) struct Listeners {
    port: u16,
    each: Vec<TcpListener>,
}

impl Listeners {
    pub(crate) fn bind(port: u16) -> Result<Self, ListenError> {
        let refused = |source| ListenError { port, source };
        let mut attempt = 0;
        loop {
            attempt += 1;
            let v4 = Socket::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
            let bound = v4.local_addr().map_err(refused)?.port();
            match Socket::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, bound))) {
                Ok(v6) => return Self::new(bound, vec![v4, v6]).map_err(refused),
                // Another process would answer for `localhost` on `::1`, so the loop tries another port.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && attempt < ATTEMPTS => {
                }
                Err(_) => return Self::new(bound, vec![v4]).map_err(refused),
            }
        }
    }

    fn new(port: u16, sockets: Vec<Socket>) -> io::Result<Self> {
        let listen = |socket: Socket| {
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket)
        };
        Ok(Self { port, each: sockets.into_iter().map(listen).collect::<io::Result<_>>()? })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn into_each(self) -> Vec<TcpListener> {
        self.each
    }
}
