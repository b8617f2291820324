//! Parses YAML.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::scalar;
use crate::value::{Data, Entries, Type, Value, convert};

/// The depth limit, as for JSON.
const MAX_DEPTH: usize = 128;

/// The maximum number of values of a document with expanded aliases.
const MAX_VALUES: usize = 1 << 20;

/// Parses a single document; a text without a document is an error.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), values: 0 };
    let mut document = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => return document.ok_or_else(|| "there is no document".to_owned()),
            Event::DocumentStart(_) if document.is_some() => {
                return Err("unexpected extra content after the first document".to_owned());
            }
            Event::DocumentStart(_) => {
                let first = reader.next()?;
                document = Some(reader.node(first, 0)?.value);
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    values: usize,
}

/// A value with the number of values in it, itself included.
#[derive(Clone)]
struct Node {
    value: Value,
    weight: usize,
    /// True for a plain `<<`, which as a key merges the entries of another map.
    is_merge: bool,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            None => Ok(Event::StreamEnd),
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(place(&error)),
        }
    }

    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        let (anchor, node) = match event {
            Event::Alias(id) => {
                let node = self.anchors.get(&id).cloned().ok_or("an alias refers to its own parent")?;
                return self.count(node.weight).map(|()| node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_merge = style == ScalarStyle::Plain && tag.is_none() && text == "<<";
                (anchor, Node { value: scalar::resolve(&text, style, tag.as_deref())?, weight: 1, is_merge })
            }
            Event::SequenceStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "seq", "sequence")?;
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "map", "mapping")?;
                (anchor, self.mapping(depth)?)
            }
            _ => return Err("unexpected end of the document".to_owned()),
        };
        self.count(1)?;
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn count(&mut self, values: usize) -> Result<(), String> {
        self.values = self.values.saturating_add(values);
        if self.values > MAX_VALUES {
            Err(format!("there are more than {MAX_VALUES} values"))
        } else {
            Ok(())
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, String> {
        let mut elements = Vec::new();
        let mut weight = 1;
        loop {
            match self.next()? {
                Event::SequenceEnd => break,
                event => {
                    let node = self.node(event, depth + 1)?;
                    weight += node.weight;
                    elements.push(node.value);
                }
            }
        }
        Ok(Node { value: Value::tuple(elements), weight, is_merge: false })
    }

    fn mapping(&mut self, depth: usize) -> Result<Node, String> {
        let mut merged: Vec<Arc<Entries>> = Vec::new();
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        let mut weight = 1;
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                event => self.node(event, depth + 1)?,
            };
            let event = self.next()?;
            let node = self.node(event, depth + 1)?;
            weight += node.weight;
            if key.is_merge {
                merge(&node.value, &mut merged)?;
            } else {
                entries.push((name(&key.value)?, node.value));
            }
        }
        // The first of several merged maps takes precedence, and the entries of the map itself over all.
        let merged = merged.iter().rev().flat_map(|all| all.iter());
        let merged = merged.map(|(name, value)| (Arc::clone(name), value.clone()));
        Ok(Node { value: Value::object(merged.chain(entries).collect::<Vec<_>>()), weight, is_merge: false })
    }
}

fn place(error: &ScanError) -> String {
    let marker = error.marker();
    format!("on line {}, column {}: {}", marker.line(), marker.col() + 1, error.info())
}

fn merge(value: &Value, merged: &mut Vec<Arc<Entries>>) -> Result<(), String> {
    match value.data() {
        Data::Object(entries) => merged.push(Arc::clone(entries)),
        Data::Tuple(all) if all.iter().all(|one| matches!(one.data(), Data::Object(_))) => {
            for one in all.iter() {
                merge(one, merged)?;
            }
        }
        _ => return Err("<< merges only a mapping or a sequence of mappings".to_owned()),
    }
    Ok(())
}

fn name(key: &Value) -> Result<Arc<str>, String> {
    match convert(key, &Type::String).as_ref().map(Value::data) {
        Ok(Data::String(text)) => Ok(Arc::clone(text)),
        _ => Err("the keys of a mapping must be text, numbers or bools".to_owned()),
    }
}

/// Fails unless the tag is absent or matches the kind of the node.
fn expect_tag(tag: Option<&Tag>, suffix: &str, kind: &str) -> Result<(), String> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == suffix => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() => {
            Err(format!("cannot interpret a {kind} as tag:yaml.org,2002:{}", tag.suffix))
        }
        Some(tag) => Err(format!("unsupported tag \"{}{}\"", tag.handle, tag.suffix)),
    }
}
