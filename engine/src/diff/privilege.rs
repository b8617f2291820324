//! Finds the accesses by which a runbook is more powerful than another one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::access::{Access, FileUse, Host, Program};
use super::block::{BlockDifference, Change};
use super::grows::{Growth, GrowthKind};
use super::meaning::BlockKind;
use super::permission::{HeldPermission, HeldScopes};
use super::powers::{hidden, powers};
use super::run_files::RunFiles;
use super::secret_end::SecretEnd;
use super::side::Side;
use super::unknown::Touched;
use crate::graph::Acting;
use crate::plan::Listing;
use crate::step::Registry;

type Blocks = BTreeSet<String>;

/// Returns every access of `new` that `old` did not have, in the order of the kinds.
///
/// An access with a part that is known later counts as another one if an expression behind it changed: nobody can tell
/// before the run whether it is wider.
pub fn privilege(
    (old_side, old): (&Side<'_>, &Access),
    (new_side, new): (&Side<'_>, &Access),
    (blocks, registry): (&[BlockDifference], &Registry),
    compares_expressions: bool,
) -> Vec<Growth> {
    let (then, now) = (old_side.listing, new_side.listing);
    let (touched, run) = (Touched::of(blocks, new_side), RunFiles::of(now));
    let mut found = Found { touched: &touched, all: Vec::new() };
    found.permissions(old, new);
    found.identities(then, now, blocks);
    found.hosts(old, new);
    found.each(GrowthKind::Secret, &old.secrets, &new.secrets, SecretEnd::words, |_| true);
    found.each(GrowthKind::File, &old.files, &new.files, FileUse::words, |file| file.access != "list");
    found.each(GrowthKind::Program, &old.programs, &new.programs, Program::words, |_| true);
    let line = |statement: &super::access::Statement| statement.line.clone();
    found.each(GrowthKind::Statement, &old.statements, &new.statements, line, |_| true);
    let is_told: HashSet<&str> =
        found.all.iter().flat_map(|growth| &growth.blocks).map(String::as_str).collect();
    let mut more = powers(blocks, new_side, (registry, &run));
    // The accesses of a new step tell it, unless another step has all of them already.
    let new: HashSet<&str> =
        blocks.iter().filter(|one| one.change == Change::Added).map(|one| one.address.as_str()).collect();
    let is_over = |block: &String| new.contains(block.as_str()) && is_told.contains(block.as_str());
    more.retain(|growth| !growth.blocks.iter().any(is_over));
    found.all.extend(more);
    found.all.extend(blocks.iter().flat_map(shown_now));
    if !compares_expressions {
        found.all.extend(hidden(then, now, (registry, &run)));
    }
    found.all.sort_by(|a, b| (a.kind, &a.access).cmp(&(b.kind, &b.access)));
    found.all
}

/// Returns the growth by a block that keeps nothing secret any more.
fn shown_now(block: &BlockDifference) -> Vec<Growth> {
    let marks = block.parts.iter().filter(|part| ["sensitive", "ephemeral"].contains(&part.name.as_str()));
    let lost = marks.filter(|part| block.change == Change::Changed && part.new.as_deref() != Some("true"));
    lost.map(|part| {
        let access = format!("{} is no longer {}", block.address, part.name);
        Growth { kind: GrowthKind::Secret, access, blocks: vec![block.address.clone()] }
    })
    .collect()
}

struct Found<'a> {
    touched: &'a Touched<'a>,
    all: Vec<Growth>,
}

impl Found<'_> {
    fn add(&mut self, kind: GrowthKind, access: String, blocks: &Blocks) {
        self.all.push(Growth { kind, access, blocks: blocks.iter().cloned().collect() });
    }

    /// Adds the new entries, and those with a part that is known later and may differ.
    fn each<T: Ord>(
        &mut self,
        kind: GrowthKind,
        old: &BTreeMap<T, Blocks>,
        new: &BTreeMap<T, Blocks>,
        words: impl Fn(&T) -> String,
        counts: impl Fn(&T) -> bool,
    ) {
        for (one, blocks) in new.iter().filter(|(one, _)| counts(one)) {
            let words = words(one);
            if !old.contains_key(one) {
                self.add(kind, words, blocks);
            } else if self.touched.may_differ(&words, blocks) {
                self.add(GrowthKind::Unknown, words, blocks);
            }
        }
    }

    fn permissions(&mut self, old: &Access, new: &Access) {
        let before = HeldScopes::of(old.permissions.keys());
        for (held, blocks) in &new.permissions {
            if before.cover(held) {
                if self.touched.may_differ(&held.scope, blocks) {
                    self.add(GrowthKind::Unknown, held.words(), blocks);
                }
                continue;
            }
            let kind = if before.has_alike(held) { GrowthKind::Scope } else { GrowthKind::Permission };
            self.add(kind, held.words(), blocks);
        }
    }

    fn identities(&mut self, then: &Listing, now: &Listing, differences: &[BlockDifference]) {
        let acts = |listing: &Listing, address: &str| {
            listing.identities.iter().any(|identity| identity.acts && identity.address == address)
        };
        for identity in now.identities.iter().filter(|identity| identity.acts) {
            let address = &identity.address;
            let is_other = |one: &BlockDifference| one.kind == BlockKind::Identity && one.address == *address;
            let is_known =
                then.identities.iter().any(|was| was.address == *address && was.source == identity.source);
            if !acts(then, address) || !is_known || differences.iter().any(is_other) {
                let words = format!("{address}: {}", identity.source);
                self.add(GrowthKind::Identity, words, &BTreeSet::from([address.clone()]));
            }
        }
    }

    fn hosts(&mut self, old: &Access, new: &Access) {
        self.each(GrowthKind::Token, &old.hosts, &new.hosts, Host::words, |host| host.token.is_some());
        let plain = |host: &Host| host.plain_http && host.token.is_none();
        self.each(GrowthKind::PlainHttp, &old.hosts, &new.hosts, Host::words, plain);
        // A host that received a token before may as well be contacted without.
        let known: HashSet<&str> = old.hosts.keys().map(|host| host.host.as_str()).collect();
        // The same words for two hosts that are not known yet say nothing.
        let is_new = |host: &Host| !known.contains(host.host.as_str()) || host.host.contains('(');
        let contacted = |host: &Host| !host.plain_http && host.token.is_none() && is_new(host);
        self.each(GrowthKind::Host, &old.hosts, &new.hosts, Host::words, contacted);
    }
}

/// Returns the words for an identity.
pub(super) fn actor(acts_as: &str) -> &str {
    if acts_as == Acting::MACHINE { "the machine" } else { acts_as }
}

impl HeldPermission {
    /// Returns the permission in words.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} at {} for {}", self.action, self.scope, actor(&self.acts_as))
    }
}

impl Host {
    /// Returns the host in words.
    #[must_use]
    pub fn words(&self) -> String {
        let tls = if self.plain_http { " without TLS" } else { "" };
        match (&self.token, &self.acts_as) {
            (Some(token), Some(acts_as)) => {
                format!("{}{tls} receives a token of {} for {token}", self.host, actor(acts_as))
            }
            _ => format!("{}{tls}", self.host),
        }
    }
}

impl SecretEnd {
    /// Returns the way of the secret in words.
    #[must_use]
    pub fn words(&self) -> String {
        let place = if self.place.is_empty() { String::new() } else { format!(": {}", self.place) };
        format!("{} → {}{place}", self.from, self.to)
    }
}

impl FileUse {
    /// Returns the use in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mode = self.mode.as_ref().map(|mode| format!(", mode {mode}")).unwrap_or_default();
        format!("{} {}{mode}", self.access, self.path)
    }
}

impl Program {
    /// Returns the program in words.
    #[must_use]
    pub fn words(&self) -> String {
        let environment = self.environment.join(", ");
        let environment = if environment.is_empty() { environment } else { format!(", with {environment}") };
        let directory = self.directory.as_ref().map(|path| format!(", in {path}")).unwrap_or_default();
        format!("{}{environment}{directory}", self.command)
    }
}
