//! A port of loopback at which nothing listens.

use tokio::net::TcpSocket;

/// A port at which nothing listens; the system gives it to nobody else before this is dropped.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        Self(socket)
    }

    pub fn number(&self) -> u16 {
        self.0.local_addr().expect("its address").port()
    }
}
