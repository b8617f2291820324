//! Defines paths within a value.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

/// The keys from a value to a part of it; empty for the value itself.
pub type Path = Vec<Key>;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Key {
    /// The position of an element, from 0.
    Index(usize),
    /// The name of a member.
    Name(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let index = |number: &serde_json::Number| usize::try_from(number.as_u64()?).ok();
        match Json::deserialize(deserializer)? {
            Json::String(name) => Ok(Self::Name(name)),
            Json::Number(number) => {
                index(&number).map(Self::Index).ok_or_else(|| D::Error::custom("a key is no index"))
            }
            _ => Err(D::Error::custom("a key is a name or an index")),
        }
    }
}

/// A path under construction, which borrows its names: most parts of a value have no marks, and need none.
#[derive(Clone, Copy)]
pub(super) enum Trail<'a> {
    Root,
    Index(&'a Self, usize),
    Name(&'a Self, &'a str),
}

impl Trail<'_> {
    /// Returns the path.
    pub fn path(&self) -> Path {
        let (mut path, mut at) = (Path::new(), self);
        loop {
            at = match at {
                Trail::Root => break,
                Trail::Index(parent, index) => {
                    path.push(Key::Index(*index));
                    parent
                }
                Trail::Name(parent, name) => {
                    path.push(Key::Name((*name).to_owned()));
                    parent
                }
            };
        }
        path.reverse();
        path
    }
}

/// Returns the part of `json` at a path, if there is one.
pub(super) fn part<'a>(json: &'a Json, path: &[Key]) -> Option<&'a Json> {
    path.iter().try_fold(json, |part, key| match key {
        Key::Index(index) => part.as_array()?.get(*index),
        Key::Name(name) => part.as_object()?.get(name),
    })
}

/// Returns the part of `json` at a path, to change it.
pub(super) fn part_mut<'a>(json: &'a mut Json, path: &[Key]) -> Option<&'a mut Json> {
    path.iter().try_fold(json, |part, key| match key {
        Key::Index(index) => part.as_array_mut()?.get_mut(*index),
        Key::Name(name) => part.as_object_mut()?.get_mut(name),
    })
}
