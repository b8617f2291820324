//! Reads connection URIs, as libpq does: `postgresql://user:password@host:port/database?keyword=value`.

use super::Connection;

/// Reads the part of a URI after its scheme.
pub(super) fn parse(rest: &str) -> Result<Connection, String> {
    let mut connection = Connection::default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    if database.contains('/') {
        return Err(
            "has more than one `/` after the host: write one in a password or a name as %2F".to_owned()
        );
    }
    let address = match authority.split_once('@') {
        None => authority,
        Some((_, address)) if address.contains('@') => {
            return Err("has more than one `@` before the path: write one in a password as %40".to_owned());
        }
        Some((user_info, address)) => {
            let (user, password) = match user_info.split_once(':') {
                Some((user, password)) => (user, Some(password)),
                None => (user_info, None),
            };
            set(&mut connection, "user", user, "before `@`")?;
            set(&mut connection, "password", password.unwrap_or_default(), "before `@`")?;
            address
        }
    };
    let (host, port) = address_of(address)?;
    set(&mut connection, "host", host, "the host of the URI")?;
    set(&mut connection, "port", port, "the port of the URI")?;
    set(&mut connection, "dbname", database, "the path of the URI")?;
    for (at, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        let place = format!("query parameter {}", at + 1);
        let (keyword, value) = pair.split_once('=').ok_or_else(|| format!("must have a value ({place})"))?;
        let keyword = decoded(keyword, &place)?;
        // JDBC's older spelling, which libpq reads too.
        let (keyword, value) = match (keyword.as_str(), value) {
            ("ssl", "true") => ("sslmode", "require"),
            (keyword, value) => (keyword, value),
        };
        connection.set(keyword, decoded(value, &place)?, &place)?;
    }
    Ok(connection)
}

/// Splits a host from its port; an IPv6 address is in brackets.
fn address_of(address: &str) -> Result<(&str, &str), String> {
    let Some(rest) = address.strip_prefix('[') else {
        return Ok(address.split_once(':').unwrap_or((address, "")));
    };
    let (host, rest) = rest.split_once(']').ok_or("has an IPv6 address without `]`")?;
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, port)),
        None if rest.is_empty() => Ok((host, "")),
        None => Err("has something other than a port after `]`".to_owned()),
    }
}

/// Sets a part that is not empty.
fn set(connection: &mut Connection, keyword: &str, text: &str, place: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { connection.set(keyword, decoded(text, place)?, place) }
}

/// Decodes percent-encoded bytes.
fn decoded(text: &str, place: &str) -> Result<String, String> {
    let error = || format!("has a `%` ({place}) that two hexadecimal digits must follow: write it as %25");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (high, low) = digit().zip(digit()).ok_or_else(error)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| error())?);
    }
    String::from_utf8(bytes).map_err(|_| format!("is not UTF-8 when it is decoded ({place})"))
}
