//! Converts the values of rows to JSON values, as PostgreSQL's own `row_to_json` does.
//!
//! Differences: binary strings are base64, and a number that is not exact as a value is text.

mod network;
mod number;
mod time;

use std::sync::Arc;

use arcbook_engine::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_postgres::types::{FromSql, Kind, Type};

use crate::json;

/// The bytes of a value, or of a null.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a>(pub Option<&'a [u8]>);

type BoxError = Box<dyn std::error::Error + Sync + Send>;

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, BoxError> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxError> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The maximum nesting of arrays and composite types.
const DEEPEST: usize = 16;

/// Returns true if values of this type can be read.
pub(super) fn is_readable(ty: &Type) -> bool {
    is_readable_within(ty, 0)
}

fn is_readable_within(ty: &Type, depth: usize) -> bool {
    let is_readable = |ty: &Type| is_readable_within(ty, depth + 1);
    depth <= DEEPEST
        && match ty.kind() {
            Kind::Enum(_) => true,
            Kind::Array(element) | Kind::Domain(element) => is_readable(element),
            Kind::Composite(fields) => fields.iter().all(|field| is_readable(field.type_())),
            _ => simple(ty).is_some(),
        }
}

/// Converts one value; none if it is not what its type says.
pub(super) fn value(ty: &Type, bytes: Option<&[u8]>) -> Option<Value> {
    let Some(bytes) = bytes else { return Some(Value::NULL) };
    match ty.kind() {
        Kind::Enum(_) => text(bytes),
        Kind::Domain(inner) => value(inner, Some(bytes)),
        Kind::Array(element) => array(element, bytes),
        Kind::Composite(fields) => {
            let mut rest = Reader(bytes);
            let count = usize::try_from(rest.i32()?).ok()?;
            let mut members = Vec::new();
            for field in fields.iter().take(count) {
                rest.i32()?;
                members.push((Arc::<str>::from(field.name()), value(field.type_(), rest.part()?.0)?));
            }
            (count == fields.len()).then(|| Value::object(members))
        }
        _ => simple(ty)?(bytes),
    }
}

type Read = fn(&[u8]) -> Option<Value>;

/// Returns the reader of a type that is not made of others.
fn simple(ty: &Type) -> Option<Read> {
    Some(match *ty {
        Type::BOOL => |bytes| Some(Value::from(*bytes.first()? != 0)),
        Type::INT2 => |bytes| Some(Value::from(i64::from(i16::from_be_bytes(bytes.try_into().ok()?)))),
        Type::INT4 => |bytes| Some(Value::from(i64::from(i32::from_be_bytes(bytes.try_into().ok()?)))),
        Type::INT8 => |bytes| Some(Value::from(i64::from_be_bytes(bytes.try_into().ok()?))),
        Type::FLOAT4 => |bytes| number::float4(f32::from_be_bytes(bytes.try_into().ok()?)),
        Type::FLOAT8 => |bytes| number::float8(f64::from_be_bytes(bytes.try_into().ok()?)),
        Type::NUMERIC => number::numeric,
        Type::OID | Type::XID | Type::CID => {
            |bytes| Some(Value::string(u32::from_be_bytes(bytes.try_into().ok()?).to_string()))
        }
        Type::XID8 => |bytes| Some(Value::string(u64::from_be_bytes(bytes.try_into().ok()?).to_string())),
        Type::PG_LSN => |bytes| {
            let lsn = u64::from_be_bytes(bytes.try_into().ok()?);
            Some(Value::string(format!("{:X}/{:X}", lsn >> 32, lsn & 0xffff_ffff)))
        },
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::XML | Type::UNKNOWN | Type::VOID => {
            text
        }
        Type::CHAR => |bytes| text(if bytes == [0] { &[] } else { bytes }),
        Type::JSON => |bytes| json::value(bytes).ok(),
        Type::JSONB => |bytes| json::value(bytes.strip_prefix(&[1])?).ok(),
        Type::BYTEA => |bytes| Some(Value::string(STANDARD.encode(bytes))),
        Type::UUID => |bytes| Some(Value::string(uuid::Uuid::from_slice(bytes).ok()?.to_string())),
        Type::BIT | Type::VARBIT => bits,
        Type::DATE => time::date,
        Type::TIME => time::time,
        Type::TIMETZ => time::time_with_zone,
        Type::TIMESTAMP => time::timestamp,
        Type::TIMESTAMPTZ => time::timestamp_with_zone,
        Type::INTERVAL => time::interval,
        Type::INET | Type::CIDR => network::address,
        Type::MACADDR | Type::MACADDR8 => network::hardware_address,
        // An extension's type, whose number differs from database to database.
        _ if ty.name() == "citext" => text,
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<Value> {
    std::str::from_utf8(bytes).ok().map(Value::string)
}

fn bits(bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let count = usize::try_from(rest.i32()?).ok()?;
    let bit = |at: usize| Some(if rest.0.get(at / 8)? >> (7 - at % 8) & 1 == 1 { '1' } else { '0' });
    (0..count).map(bit).collect::<Option<String>>().map(Value::string)
}

fn array(element: &Type, bytes: &[u8]) -> Option<Value> {
    let mut rest = Reader(bytes);
    let dimensions = usize::try_from(rest.i32()?).ok().filter(|count| *count <= DEEPEST)?;
    rest.take(8)?;
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(usize::try_from(rest.i32()?).ok()?);
        rest.i32()?;
    }
    if lengths.is_empty() {
        return Some(Value::tuple([]));
    }
    elements(element, &lengths, &mut rest)
}

/// Reads a dimension of an array, and those inside.
fn elements(element: &Type, lengths: &[usize], rest: &mut Reader<'_>) -> Option<Value> {
    let (length, inner) = lengths.split_first()?;
    let mut all = Vec::new();
    for _ in 0..*length {
        all.push(match inner {
            [] => value(element, rest.part()?.0)?,
            inner => elements(element, inner, rest)?,
        });
    }
    Some(Value::tuple(all))
}

/// Bytes that are read from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_be_bytes)
    }

    /// Reads a part with its length before it; a null has the length -1.
    fn part(&mut self) -> Option<Raw<'a>> {
        match self.i32()? {
            -1 => Some(Raw(None)),
            length => self.take(usize::try_from(length).ok()?).map(|part| Raw(Some(part))),
        }
    }
}
