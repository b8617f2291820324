//! Finds the blocks that only have another name.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::meaning::BlockForm;
use super::renames::Renames;

/// Pairs blocks that are only in one of two runbooks and have the same form. The blocks of each come after those that they
/// depend on.
pub fn renames(old: &[BlockForm], new: &[BlockForm]) -> Renames {
    fn addresses(blocks: &[BlockForm]) -> BTreeSet<&str> {
        blocks.iter().map(|block| block.address.as_str()).collect()
    }
    let (before, after) = (addresses(old), addresses(new));
    let mut renames = Renames::default();
    let mut added: HashMap<String, VecDeque<&str>> = HashMap::new();
    for block in new.iter().filter(|block| !before.contains(block.address.as_str())) {
        added.entry(block.key(&renames)).or_default().push_back(&block.address);
    }
    // The new names of those that a block depends on are found before its own.
    for block in old.iter().filter(|block| !after.contains(block.address.as_str())) {
        let same = added.get_mut(&block.key(&renames)).and_then(VecDeque::pop_front);
        if let Some(now) = same {
            renames.insert(block.address.clone(), now.to_owned());
        }
    }
    renames.ready()
}
