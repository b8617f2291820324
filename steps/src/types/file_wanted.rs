//! Compares a file with the wanted one, and changes it.

use std::path::Path;

use arcbook_engine::step::{Difference, ErrorKind, StepError};
use arcbook_engine::value::Value;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::file_receipt::proof_of_content;
use crate::file::{self, Attributes, FileState, Siblings, Trouble};

/// The mode of a new file with a secret, and that of any other new file.
const NEW: (u32, u32) = (0o600, 0o644);

/// The wanted content and attributes of a file.
pub(super) struct Wanted {
    /// The content.
    pub content: Bytes,
    /// True if the content must not be shown, not even by its digest.
    pub is_secret: bool,
    /// The permission bits, if they are given.
    pub mode: Option<u32>,
    /// The id of the owner; none if that of an existing file is kept.
    pub user: Option<u32>,
    /// The id of the group; none if that of an existing file is kept.
    pub group: Option<u32>,
}

impl Wanted {
    fn sha256(&self) -> String {
        format!("{:x}", Sha256::digest(&self.content))
    }

    /// Returns the proof that a file with this content gives; none if its digest would reveal a secret.
    pub fn proof(&self) -> Option<Value> {
        (!self.is_secret).then(|| proof_of_content(&self.sha256()))
    }

    /// Returns true if the file has the wanted content.
    pub fn has_content_of(&self, state: &FileState) -> bool {
        state.size == self.content.len() as u64 && state.sha256 == self.sha256()
    }

    /// Returns the differences between the file and the wanted one.
    pub fn differences(&self, state: &FileState) -> Vec<Difference> {
        let mut found = Vec::new();
        if !self.has_content_of(state) {
            let size = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
            let hidden = |difference: Difference| match self.why_hidden(state) {
                Some(why) => difference.hidden_because(why),
                None => difference,
            };
            found.push(hidden(Difference::new("sha256", state.sha256.as_str(), self.sha256().as_str())));
            if state.size != self.content.len() as u64 {
                let (was, will) = (size(state.size), size(self.content.len() as u64));
                found.push(hidden(Difference::new("size", was, will)));
            }
        }
        let mode = self.mode(Some(state));
        if !file::has_mode(state.mode, mode, state.is_in_private_directory) {
            let octal = |mode: u32| format!("{mode:04o}");
            found.push(Difference::new("mode", octal(state.mode).as_str(), octal(mode).as_str()));
        }
        let ids = [("owner", self.user, state.user), ("group", self.group, state.group)];
        for (name, wanted, is) in ids {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != is) {
                found.push(Difference::new(name, i64::from(is), i64::from(wanted)));
            }
        }
        found
    }

    /// Returns the reason why the content, the digest and the size are hidden, if they are.
    fn why_hidden(&self, state: &FileState) -> Option<String> {
        match () {
            () if self.is_secret => Some("the content is sensitive".to_owned()),
            // A digest of short content reveals the content.
            () if state.is_private() => Some(format!("private: mode {:04o}", state.mode)),
            () => None,
        }
    }

    /// Returns the changed lines of a text that everybody may read, before as after; none if a secret that is known now is
    /// in it, because a part of a secret would not be recognized.
    pub fn changed_text(&self, state: &FileState, redacted: impl Fn(&str) -> String) -> Option<Difference> {
        let is_private = |mode: u32| mode & 0o004 == 0;
        let (was, will) = (state.text.as_deref()?, std::str::from_utf8(&self.content).ok()?);
        let hides = self.why_hidden(state).is_some() || self.mode.is_some_and(is_private);
        if hides || [was, will].iter().any(|text| redacted(text) != **text) {
            return None;
        }
        Difference::of_texts("content", was, will)
    }

    /// Returns the permission bits of the file: the given ones, or those of an existing file, which loses the rights of
    /// others and of its group if others may use it and the content is secret.
    fn mode(&self, state: Option<&FileState>) -> u32 {
        match (self.mode, state) {
            (Some(mode), _) => mode,
            (None, Some(state)) if self.is_secret => file::private_mode(state.mode),
            (None, Some(state)) => state.mode,
            (None, None) if self.is_secret => NEW.0,
            (None, None) => NEW.1,
        }
    }

    fn attributes(&self, state: Option<&FileState>) -> Attributes {
        Attributes {
            mode: self.mode(state),
            user: self.user.or_else(|| state.map(|state| state.user)),
            group: self.group.or_else(|| state.map(|state| state.group)),
        }
    }

    /// Makes the file at `path`, which has the state `existing`, the wanted one; with `keeps`, a prior content
    /// is kept beside it.
    pub fn put(
        &self,
        path: &Path,
        existing: Option<&FileState>,
        siblings: &Siblings,
        keeps: bool,
    ) -> Result<FileState, Trouble> {
        let attributes = self.attributes(existing);
        match existing {
            Some(state) if self.differences(state).is_empty() => Ok(state.clone()),
            Some(state) if self.has_content_of(state) => file::set_attributes(path, attributes),
            _ => {
                let put = || file::put(path, &siblings.new, &*self.content, attributes);
                if keeps && existing.is_some() { file::keeping(path, siblings, put) } else { put() }
            }
        }
    }
}

/// Returns the error that this machine has no user or group of that name.
pub(super) fn unknown_name(argument: &'static str) -> StepError {
    if cfg!(windows) {
        return StepError::new(ErrorKind::Local, format!("files have no {argument} of this kind on Windows"))
            .argument(argument)
            .help(format!(
                "leave out `{argument}`; `mode = \"0600\"` makes a file private to the user that runs arcbook"
            ));
    }
    let what = if argument == "owner" { "user" } else { "group" };
    StepError::new(ErrorKind::Local, format!("this machine has no {what} of that name"))
        .argument(argument)
        .help(format!("create the {what} in an earlier step, or write its number"))
}
