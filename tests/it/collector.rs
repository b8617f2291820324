//! A telemetry collector that records requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};

/// A recorded POST request.
pub struct Post {
    /// Request line and headers, in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

/// A collector that answers every request with the same status.
pub struct Collector {
    pub url: String,
    posts: Receiver<Post>,
}

impl Collector {
    pub fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, posts) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || serve(&stream, status, &sender));
            }
        });
        Self { url, posts }
    }

    /// Returns the recorded requests, after the program has exited.
    pub fn posts(&self) -> Vec<Post> {
        self.posts.try_iter().collect()
    }
}

fn serve(stream: &TcpStream, status: u16, posts: &mpsc::Sender<Post>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.expect("a length")];
        reader.read_exact(&mut body).expect("the body");
        posts.send(Post { head, body }).expect("the test");
        let mut stream = stream;
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).expect("answered");
    }
}

/// A field of a protocol buffers message.
pub enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

/// Decodes the fields of a message by number, without a schema.
pub fn fields(mut bytes: &[u8]) -> Vec<(u64, Field)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().expect("8 bytes"))),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).expect("a length");
                Field::Bytes(take(&mut bytes, length).to_vec())
            }
            5 => Field::Number(u32::from_le_bytes(take(&mut bytes, 4).try_into().expect("4 bytes")).into()),
            other => panic!("a wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for at in 0.. {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// Returns the embedded messages in the fields with this number.
pub fn inner(message: &[u8], number: u64) -> Vec<Vec<u8>> {
    let fields = fields(message).into_iter().filter(|(found, _)| *found == number);
    let bytes = fields.map(|(_, field)| match field {
        Field::Bytes(bytes) => bytes,
        Field::Number(number) => panic!("{number} is no message"),
    });
    bytes.collect()
}

/// Returns the text in the field with this number, or an empty text.
pub fn text(message: &[u8], number: u64) -> String {
    let bytes = inner(message, number).pop().unwrap_or_default();
    String::from_utf8(bytes).expect("UTF-8")
}

/// Returns the integer in the field with this number, or 0.
pub fn number(message: &[u8], number: u64) -> u64 {
    let found = fields(message).into_iter().find(|(found, _)| *found == number);
    match found {
        Some((_, Field::Number(value))) => value,
        _ => 0,
    }
}

/// Returns the bytes in the field with this number, in hexadecimal.
pub fn hex(message: &[u8], number: u64) -> String {
    let bytes = inner(message, number).pop().unwrap_or_default();
    bytes.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// Returns the attribute with this name among the fields with this number, as text.
pub fn attribute(message: &[u8], list: u64, name: &str) -> Option<String> {
    let found = inner(message, list).into_iter().find(|pair| text(pair, 1) == name)?;
    let value = inner(&found, 2).pop()?;
    Some(match fields(&value).pop()?.1 {
        Field::Bytes(bytes) => String::from_utf8(bytes).expect("UTF-8"),
        Field::Number(number) => number.to_string(),
    })
}
