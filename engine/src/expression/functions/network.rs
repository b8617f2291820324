//! Implements functions on IP networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::string::strings;
use super::{Accepts, Function, Parameter};
use crate::value::{Number, Value};

const PREFIX: Parameter = Parameter::new("prefix", Accepts::String);
const NEWBITS: Parameter = Parameter::new("newbits", Accepts::Number);
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        "The address of a host by number in a network such as \"10.0.0.0/8\"; a negative number counts from the end.",
        [r#"cidrhost("10.0.0.0/24", 5)"#, r#""10.0.0.5""#],
        &[PREFIX, Parameter::new("hostnum", Accepts::Number)],
        STRING,
        |given| {
            let network = Network::parse(given.text(0))?;
            Ok(network.host(whole(given, 1)?)?.to_string().into())
        },
    ),
    Function::new(
        "cidrnetmask",
        "The mask of an IPv4 network, such as \"255.0.0.0\".",
        [r#"cidrnetmask("10.0.0.0/20")"#, r#""255.255.240.0""#],
        &[PREFIX],
        STRING,
        |given| {
            let network = Network::parse(given.text(0))?;
            if network.width != 32 {
                return Err(Failure::new(format!("IPv6 addresses cannot have a netmask: {}", given.text(0))));
            }
            Ok(network.address(network.mask()).to_string().into())
        },
    ),
    Function::new(
        "cidrsubnet",
        "A network by number inside another whose prefix is a number of bits shorter.",
        [r#"cidrsubnet("10.0.0.0/16", 8, 2)"#, r#""10.0.2.0/24""#],
        &[PREFIX, NEWBITS, Parameter::new("netnum", Accepts::Number)],
        STRING,
        |given| {
            let network = Network::parse(given.text(0))?;
            let longer = network.longer(given.integer(1)?).map_err(Failure::new)?;
            Ok(longer.numbered(&network, whole(given, 2)?)?.to_string().into())
        },
    ),
    Function::new(
        "cidrsubnets",
        "Networks one after the other inside another, each longer than it by a number of bits.",
        [r#"cidrsubnets("10.0.0.0/16", 8, 4)"#, r#"["10.0.0.0/24", "10.0.16.0/20"]"#],
        &[PREFIX],
        Returns::Always(Accepts::Strings),
        subnets,
    )
    .variadic(NEWBITS),
];

/// Returns an integer of any size.
fn whole<'a>(given: &Arguments<'a>, index: usize) -> Result<&'a Number, Failure> {
    let number = given.number(index);
    if number.is_integer() {
        Ok(number)
    } else {
        Err(Failure::argument(index, "value must be a whole number"))
    }
}

/// Returns the integer as bits of an address, if it fits.
fn bits_of(number: &Number) -> Option<u128> {
    if number < &Number::ZERO { None } else { number.to_radix(10).parse().ok() }
}

fn subnets(given: &Arguments<'_>) -> Result<Value, Failure> {
    let network = Network::parse(given.text(0))?;
    let mut next = Some(network.first);
    let mut subnets = Vec::new();
    for index in 1..given.all().len() {
        let new_bits = given.integer(index)?;
        if new_bits < 1 {
            return Err(Failure::argument(index, "must extend prefix by at least one bit"));
        }
        let mut subnet = network.longer(new_bits).map_err(|reason| Failure::argument(index, reason))?;
        let free = next
            .and_then(|next| subnet.aligned(next))
            .filter(|first| first & network.mask() == network.first);
        subnet.first = free.ok_or_else(|| {
            let length = subnet.length;
            Failure::argument(
                index,
                format!("not enough remaining address space for a prefix of {length} bits"),
            )
        })?;
        next = subnet.first.checked_add(subnet.last_host()).and_then(|last| last.checked_add(1));
        subnets.push(subnet.to_string());
    }
    Ok(strings(subnets))
}

/// A range of addresses with a common prefix.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    length: u32,
    /// The number of bits of an address: 32 or 128.
    width: u32,
}

impl Network {
    /// Parses `address/length`; the bits after the prefix are ignored.
    fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = || Failure::new(format!("invalid CIDR expression: invalid CIDR address: {text}"));
        let (address, length) = text.split_once('/').ok_or_else(invalid)?;
        let (first, width) = match parse_address(address).ok_or_else(invalid)? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|length| digits && *length <= width).ok_or_else(invalid)?;
        let network = Self { first, length, width };
        Ok(Self { first: first & network.mask(), ..network })
    }

    /// Returns the highest host number.
    fn last_host(&self) -> u128 {
        let bits = self.width - self.length;
        1u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1)
    }

    fn mask(&self) -> u128 {
        let all = if self.width == 32 { u128::from(u32::MAX) } else { u128::MAX };
        all & !self.last_host()
    }

    fn host(&self, number: &Number) -> Result<IpAddr, Failure> {
        let last = self.last_host();
        let host = if number < &Number::ZERO {
            // -1 is the last one.
            bits_of(&number.add(&1i64.into())?.abs()).and_then(|before| last.checked_sub(before))
        } else {
            bits_of(number)
        };
        let host = host.filter(|host| *host <= last).ok_or_else(|| {
            Failure::new(format!("prefix of {} does not accommodate a host numbered {number}", self.length))
        })?;
        Ok(self.address(self.first + host))
    }

    /// Returns the first subnet with a prefix that is `bits` longer.
    fn longer(&self, bits: i64) -> Result<Self, String> {
        let length = i64::from(self.length).saturating_add(bits);
        match u32::try_from(length) {
            Ok(length) if length <= self.width && bits >= 0 => Ok(Self { length, ..*self }),
            Ok(_) if bits < 0 => Err("must not be negative".to_owned()),
            _ => {
                let version = if self.width == 32 { 4 } else { 6 };
                Err(format!(
                    "would extend prefix to {length} bits, which is too long for an IPv{version} address"
                ))
            }
        }
    }

    /// Returns the network with that number among those of this length inside another.
    fn numbered(&self, inside: &Self, number: &Number) -> Result<Self, Failure> {
        let bits = self.length - inside.length;
        let count = 1u128.checked_shl(bits);
        let offset = bits_of(number).filter(|number| count.is_none_or(|count| *number < count));
        let offset = offset.ok_or_else(|| {
            Failure::new(format!(
                "prefix extension of {bits} does not accommodate a subnet numbered {number}"
            ))
        })?;
        let offset = offset.checked_shl(self.width - self.length).unwrap_or(0);
        Ok(Self { first: inside.first | offset, ..*self })
    }

    /// Returns the first possible start of a network of this length, from `from` on.
    fn aligned(&self, from: u128) -> Option<u128> {
        from.checked_add(self.last_host()).map(|end| end & !self.last_host())
    }

    fn address(&self, bits: u128) -> IpAddr {
        match u32::try_from(bits) {
            Ok(bits) if self.width == 32 => Ipv4Addr::from_bits(bits).into(),
            _ => Ipv6Addr::from_bits(bits).into(),
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address(self.first), self.length)
    }
}

/// Parses an address. The numbers of an IPv4 address may have leading zeros, and are decimal in any case.
fn parse_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        digits => digits.to_owned(),
    };
    text.split('.').map(plain).collect::<Vec<_>>().join(".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("cidrhost", r#"["10.12.112.0/20", 268]"#, r#""10.12.113.12""#),
            ("cidrhost", r#"["10.12.112.0/20", -4096]"#, r#""10.12.112.0""#),
            ("cidrhost", r#"["fd00::/64", 18446744073709551615]"#, r#""fd00::ffff:ffff:ffff:ffff""#),
            ("cidrhost", r#"["fd00::/64", 9223372036854775808]"#, r#""fd00::8000:0:0:0""#),
            (
                "cidrhost",
                r#"["::/0", 340282366920938463463374607431768211455]"#,
                r#""ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff""#,
            ),
            ("cidrhost", r#"["::/0", -340282366920938463463374607431768211456]"#, r#""::""#),
            ("cidrhost", r#"["10.0.0.0/8", -0]"#, r#""10.0.0.0""#),
            (
                "cidrsubnet",
                r#"["::/0", 128, 340282366920938463463374607431768211455]"#,
                r#""ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128""#,
            ),
            ("cidrhost", r#"["::/0", -1]"#, r#""ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff""#),
            ("cidrnetmask", r#"["10.1.2.3/23"]"#, r#""255.255.254.0""#),
            ("cidrnetmask", r#"["0.0.0.0/0"]"#, r#""0.0.0.0""#),
            ("cidrsubnet", r#"["010.9.8.7/8", 8, 3]"#, r#""10.3.0.0/16""#),
            ("cidrsubnet", r#"["2001:db8::/32", 96, 4294967296]"#, r#""2001:db8::1:0:0/128""#),
            (
                "cidrsubnets",
                r#"["10.0.0.0/8", 1, 4, 2]"#,
                r#"["10.0.0.0/9","10.128.0.0/12","10.192.0.0/10"]"#,
            ),
            ("cidrsubnets", r#"["0.0.0.0/0", 1, 1]"#, r#"["0.0.0.0/1","128.0.0.0/1"]"#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "cidrhost",
                r#"["10.0.0.0/33", 1]"#,
                r#"call to function "cidrhost" failed: invalid CIDR expression: invalid CIDR address: 10.0.0.0/33"#,
            ),
            (
                "cidrhost",
                r#"["10.12.112.0/20", 4096]"#,
                r#"call to function "cidrhost" failed: prefix of 20 does not accommodate a host numbered 4096"#,
            ),
            (
                "cidrnetmask",
                r#"["fd00::/64"]"#,
                r#"call to function "cidrnetmask" failed: IPv6 addresses cannot have a netmask: fd00::/64"#,
            ),
            (
                "cidrsubnet",
                r#"["10.1.2.0/24", 4, 16]"#,
                r#"call to function "cidrsubnet" failed: prefix extension of 4 does not accommodate a subnet numbered 16"#,
            ),
            (
                "cidrsubnets",
                r#"["10.0.0.0/8", 1, 1, 1]"#,
                r#"invalid value for "newbits" parameter: not enough remaining address space for a prefix of 9 bits"#,
            ),
            (
                "cidrsubnets",
                r#"["10.0.0.0/30", 3]"#,
                r#"invalid value for "newbits" parameter: would extend prefix to 33 bits, which is too long for an IPv4 address"#,
            ),
        ]);
    }
}
