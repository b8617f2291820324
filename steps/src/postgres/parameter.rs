//! Converts values to the parameters of a statement, by the types that the server derived.

use std::error::Error;

use arcbook_engine::value::{Data, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

/// A parameter in the text format, which the server parses as it would parse a literal; null if there is no text.
pub(super) struct Parameter(Option<String>);

impl Parameter {
    /// Converts `value` for a parameter of type `ty`; the error is a fragment that does not quote the value.
    pub fn of(value: &Value, ty: &Type) -> Result<Self, String> {
        Ok(Self(text(value, ty)?))
    }
}

fn text(value: &Value, ty: &Type) -> Result<Option<String>, String> {
    if let Kind::Domain(inner) = ty.kind() {
        return text(value, inner);
    }
    let is_json = matches!(*ty, Type::JSON | Type::JSONB);
    Ok(Some(match (value.data(), ty.kind()) {
        (Data::Null(_), _) => return Ok(None),
        (Data::Bool(value), _) => value.to_string(),
        (Data::Number(number), _) => number.to_string(),
        (Data::String(text), _) if *ty == Type::BYTEA => binary(text)?,
        // Text for a JSON parameter is JSON already.
        (Data::String(text), _) => text.to_string(),
        (Data::Unknown(_), _) => return Err("is not known yet".to_owned()),
        _ if is_json => value.to_json_text().map_err(|_| "cannot be written as JSON".to_owned())?,
        (Data::List(_, values) | Data::Set(_, values) | Data::Tuple(values), Kind::Array(element)) => {
            array(values, element)?
        }
        _ => return Err(format!("is a collection, and the statement takes {} there", ty.name())),
    }))
}

fn binary(text: &str) -> Result<String, String> {
    let bytes =
        STANDARD.decode(text).map_err(|_| "must be base64, because the statement takes bytea there")?;
    let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
    Ok(format!("\\x{}", hex.collect::<String>()))
}

/// Writes an array as PostgreSQL reads it; an element that is an array too is a further dimension.
fn array(values: &[Value], element: &Type) -> Result<String, String> {
    let mut elements = Vec::new();
    for value in values {
        let nested = match value.data() {
            Data::List(_, inner) | Data::Set(_, inner) | Data::Tuple(inner)
                if !matches!(*element, Type::JSON | Type::JSONB) =>
            {
                Some(array(inner, element)?)
            }
            _ => None,
        };
        elements.push(match nested {
            Some(nested) => nested,
            None => match text(value, element)? {
                None => "NULL".to_owned(),
                Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            },
        });
    }
    Ok(format!("{{{}}}", elements.join(",")))
}

impl ToSql for Parameter {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}

/// Omits the value, which may be secret.
impl std::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parameter")
    }
}
