//! Parses comma-separated values as defined by RFC 4180.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::value::{Type, Value};

/// Returns a list of objects of strings, with the attribute names from the first record.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text, line: 1 };
    let header = reader.record()?.ok_or("missing header line")?;
    let names: Vec<Arc<str>> = header.into_iter().map(Arc::from).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
        return Err(format!("duplicate column name {twice:?}"));
    }
    let mut rows = Vec::new();
    loop {
        let line = reader.line;
        let Some(fields) = reader.record()? else { break };
        if fields.len() != names.len() {
            return Err(format!("CSV parse error on line {line}: wrong number of fields"));
        }
        rows.push(Value::object(names.iter().map(Arc::clone).zip(fields.into_iter().map(Value::from))));
    }
    Ok(Value::list(Type::object(names.into_iter().map(|name| (name, Type::String))), rows))
}

/// A reader of records, which ignores empty lines.
struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Option<Vec<String>>, String> {
        while self.end_of_line() {}
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(if self.take("\"") { self.quoted()? } else { self.plain()? });
            if self.take(",") {
                continue;
            }
            if self.rest.is_empty() || self.end_of_line() {
                return Ok(Some(fields));
            }
            return Err(self.error("extraneous or missing \" in quoted-field"));
        }
    }

    fn plain(&mut self) -> Result<String, String> {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let field = self.rest[..end].strip_suffix('\r').filter(|_| !self.rest[end..].starts_with(','));
        let field = field.unwrap_or(&self.rest[..end]).to_owned();
        if field.contains('"') {
            return Err(self.error("bare \" in non-quoted-field"));
        }
        self.rest = &self.rest[field.len()..];
        Ok(field)
    }

    /// Reads the rest of a field after its opening quote.
    fn quoted(&mut self) -> Result<String, String> {
        let mut field = String::new();
        while let Some(end) = self.rest.find('"') {
            let part = &self.rest[..end];
            self.line += part.matches('\n').count();
            field.push_str(&part.replace("\r\n", "\n"));
            self.rest = &self.rest[end + 1..];
            if !self.take("\"") {
                return Ok(field);
            }
            field.push('"');
        }
        Err(self.error("extraneous or missing \" in quoted-field"))
    }

    fn end_of_line(&mut self) -> bool {
        let ended = self.take("\r\n") || self.take("\n");
        self.line += usize::from(ended);
        if !ended && self.rest == "\r" {
            self.rest = "";
        }
        ended
    }

    fn take(&mut self, prefix: &str) -> bool {
        let after = self.rest.strip_prefix(prefix);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn error(&self, reason: &str) -> String {
        format!("CSV parse error on line {}: {reason}", self.line)
    }
}
