//! Reads addresses of networks and of their hardware.

use std::net::{Ipv4Addr, Ipv6Addr};

use arcbook_engine::value::Value;

use super::Reader;

/// Reads the family, the length of the prefix, whether it is a network, and the bytes of the address.
pub(super) fn address(bytes: &[u8]) -> Option<Value> {
    let (&[_, prefix, is_network, _], address) = bytes.split_first_chunk()?;
    let text = match address.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?).to_string(),
        16 => Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).to_string(),
        _ => return None,
    };
    let is_whole = usize::from(prefix) == address.len() * 8;
    let text = if is_whole && is_network == 0 { text } else { format!("{text}/{prefix}") };
    Some(Value::string(text))
}

pub(super) fn hardware_address(bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let parts: Vec<String> = rest.take(bytes.len())?.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Value::string(parts.join(":")))
}
