//! A login with a token of Entra.
//!
//! Azure Database for PostgreSQL takes the password of a client over TLS and verifies it as a token. A server of its own does
//! the same with a directory: it asks an LDAP server whether user and password are right, and this one verifies the token.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};

use super::server::Postgres;

/// The result codes of LDAP.
const SUCCESS: u8 = 0;
const INVALID_CREDENTIALS: u8 = 49;

/// Lets `user` log in to `server` with a password for which `is_valid` returns true, while `test` runs.
pub fn admit(
    server: &Postgres,
    user: &str,
    is_valid: impl Fn(&str, &str) -> bool + Sync,
    test: impl FnOnce(),
) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let end = End { address: listener.local_addr().expect("an address"), is_over: AtomicBool::new(false) };
    let port = end.address.port();
    server.admit(&format!(
        "hostssl all \"{user}\" all ldap ldapserver=127.0.0.1 ldapport={port} ldapprefix=\"\""
    ));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let clients = listener.incoming().flatten();
            for client in clients.take_while(|_| !end.is_over.load(Ordering::Relaxed)) {
                drop(answer(client, &is_valid));
            }
        });
        let _end = Ending(&end);
        test();
    });
}

struct End {
    address: SocketAddr,
    is_over: AtomicBool,
}

/// Ends the directory when it is dropped, even if the test failed.
struct Ending<'a>(&'a End);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.0.address));
    }
}

/// Answers the bind request of one connection.
fn answer(mut client: TcpStream, is_valid: &impl Fn(&str, &str) -> bool) -> std::io::Result<()> {
    let mut message = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer)?;
        message.extend_from_slice(&buffer[..read]);
        if let Some((id, user, password)) = bind(&message) {
            let code = if is_valid(&user, &password) { SUCCESS } else { INVALID_CREDENTIALS };
            return client.write_all(&[0x30, 12, 2, 1, id, 0x61, 7, 10, 1, code, 4, 0, 4, 0]);
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// Reads the id, the user and the password of a simple bind request; none if it is not complete yet.
fn bind(message: &[u8]) -> Option<(u8, String, String)> {
    let (_, message, _) = element(message)?;
    let (_, id, rest) = element(message)?;
    let (_, request, _) = element(rest)?;
    let (_, _version, rest) = element(request)?;
    let (_, user, rest) = element(rest)?;
    let (_, password, _) = element(rest)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    Some((*id.last()?, text(user)?, text(password)?))
}

/// Splits the first element of a BER encoding off: its tag, its content, and the rest.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
