//! Defines the lines of a journal.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Digest, Head};
use crate::run::{Event, Record};

/// A line of a journal: a record with the digest of the line before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line<'a> {
    /// The digest of the previous line.
    pub prev: Digest,
    /// The ends of the other records, in the first line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<Head>,
    /// The record.
    #[serde(flatten)]
    pub record: Cow<'a, Record>,
}

/// The members before those of the event.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Member {
    Prev,
    Heads,
    Seq,
    At,
    ElapsedMicroseconds,
    Event,
}

impl<'de> Deserialize<'de> for Line<'static> {
    /// Reads a line in one pass, with its members in the order in which they are written. An unknown event, an
    /// unknown member and a missing one are errors.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Line<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of a journal")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut prev, mut seq, mut at, mut elapsed) = (None, None, None, None);
        let mut heads = Vec::new();
        while let Some(name) = members.next_key()? {
            match name {
                Member::Prev => prev = Some(members.next_value()?),
                Member::Heads => heads = members.next_value()?,
                Member::Seq => seq = Some(members.next_value()?),
                Member::At => at = Some(members.next_value()?),
                Member::ElapsedMicroseconds => elapsed = Some(members.next_value()?),
                Member::Event => {
                    let name: String = members.next_value()?;
                    let missing = A::Error::missing_field;
                    let record = Record {
                        seq: seq.ok_or_else(|| missing("seq"))?,
                        at: at.ok_or_else(|| missing("at"))?,
                        elapsed_microseconds: elapsed.ok_or_else(|| missing("elapsed_microseconds"))?,
                        event: Event::read_members(&name, members)?,
                    };
                    return Ok(Line {
                        prev: prev.ok_or_else(|| missing("prev"))?,
                        heads,
                        record: Cow::Owned(record),
                    });
                }
            }
        }
        Err(A::Error::missing_field("event"))
    }
}
