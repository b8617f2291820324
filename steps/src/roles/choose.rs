//! Chooses the cheapest set of roles for the needs at one scope.

use std::cmp::Reverse;

use arcbook_engine::step::Permission;

use super::price::price;
use super::role::Role;

/// A needed permission.
#[derive(Clone)]
pub(super) struct Need<'a> {
    pub permission: &'a Permission,
    /// The roles that may be suggested for it.
    pub roles: Vec<&'a Role>,
}

/// The number of partial sets that are tried before the best one so far is taken.
const MOST: usize = 20_000;

impl Need<'_> {
    /// Returns true if the role grants it, by the reading that its suggestion uses.
    pub fn is_granted_by(&self, role: &Role) -> bool {
        role.allows_strictly(self.permission) || self.roles.iter().any(|one| one.id == role.id)
    }
}

/// A set of roles: its price, its size and its names, of which the least is the best.
type Rank<'a> = (u64, usize, Vec<&'a str>);

/// A role that may be chosen.
struct Candidate<'a> {
    role: &'a Role,
    price: u64,
    /// The needs that it grants, one bit each.
    grants: u64,
}

/// Returns the cheapest set of roles that grants the needs, as far as any role does; of sets with the same price the
/// smallest, and of those the first one by name.
pub(super) fn roles_for<'a>(needs: &[Need<'a>]) -> Vec<&'a Role> {
    let open: Vec<&Need<'a>> = needs.iter().filter(|need| !need.roles.is_empty()).collect();
    let all: Vec<&Permission> = needs.iter().map(|need| need.permission).collect();
    let first = nearly_cheapest(&open, &all);
    if open.is_empty() || open.len() > 64 {
        return first;
    }
    let mut search = Search { candidates: candidates(&open, &all), left: MOST, best: None };
    let everything = u64::MAX >> (64 - open.len());
    let ids: Vec<&str> = first.iter().map(|role| role.id.as_str()).collect();
    let is_first = |at: &usize| ids.contains(&search.candidates[*at].role.id.as_str());
    let known: Vec<usize> = (0..search.candidates.len()).filter(is_first).collect();
    search.best = Some((search.rank(&known), known));
    search.extend(everything, &mut Vec::new(), 0);
    let (_, best) = search.best.unwrap_or_default();
    best.iter().map(|at| search.candidates[*at].role).collect()
}

fn candidates<'a>(needs: &[&Need<'a>], all: &[&Permission]) -> Vec<Candidate<'a>> {
    let mut found: Vec<Candidate<'a>> = Vec::new();
    for role in needs.iter().flat_map(|need| need.roles.iter().copied()) {
        if found.iter().any(|known| known.role.id == role.id) {
            continue;
        }
        let grants = needs.iter().enumerate().filter(|(_, need)| need.is_granted_by(role));
        let grants = grants.fold(0, |grants, (at, _)| grants | 1 << at);
        found.push(Candidate { role, price: price(role, all).into(), grants });
    }
    found.sort_by(|a, b| (a.price, &a.role.name).cmp(&(b.price, &b.role.name)));
    found
}

struct Search<'a> {
    candidates: Vec<Candidate<'a>>,
    left: usize,
    best: Option<(Rank<'a>, Vec<usize>)>,
}

impl<'a> Search<'a> {
    /// Tries every way to complete a set that leaves the needs `open`.
    fn extend(&mut self, open: u64, chosen: &mut Vec<usize>, price: u64) {
        if self.left == 0 || self.best.as_ref().is_some_and(|((cheapest, ..), _)| price > *cheapest) {
            return;
        }
        self.left -= 1;
        if open == 0 {
            let rank = self.rank(chosen);
            if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
                self.best = Some((rank, chosen.clone()));
            }
            return;
        }
        let next = open & open.wrapping_neg();
        for at in 0..self.candidates.len() {
            let Candidate { price: own, grants, .. } = self.candidates[at];
            if grants & next != 0 {
                chosen.push(at);
                self.extend(open & !grants, chosen, price.saturating_add(own));
                chosen.pop();
            }
        }
    }

    fn rank(&self, chosen: &[usize]) -> Rank<'a> {
        let price = chosen.iter().map(|at| self.candidates[*at].price).fold(0, u64::saturating_add);
        let mut names: Vec<&'a str> =
            chosen.iter().map(|at| self.candidates[*at].role.name.as_str()).collect();
        names.sort_unstable();
        (price, chosen.len(), names)
    }
}

/// Returns a set that is nearly the cheapest: it takes the role with the least price for each need, again and again.
fn nearly_cheapest<'a>(needs: &[&Need<'a>], all: &[&Permission]) -> Vec<&'a Role> {
    let mut open: Vec<&Need<'a>> = needs.to_vec();
    let mut chosen: Vec<&'a Role> = Vec::new();
    while !open.is_empty() {
        let rank = |role: &&'a Role| {
            let count = open.iter().filter(|need| need.is_granted_by(role)).count();
            let count = u64::try_from(count.max(1)).unwrap_or(u64::MAX);
            (u64::from(price(role, all)) * 1000 / count, role.name.as_str())
        };
        let Some(best) = open.iter().flat_map(|need| need.roles.iter().copied()).min_by_key(rank) else {
            break;
        };
        open.retain(|need| !need.is_granted_by(best));
        chosen.push(best);
    }
    without_redundant(chosen, needs, all)
}

/// Removes each role whose needs the others grant, the dearest first.
fn without_redundant<'a>(
    mut chosen: Vec<&'a Role>,
    needs: &[&Need<'a>],
    all: &[&Permission],
) -> Vec<&'a Role> {
    let mut by_price = chosen.clone();
    by_price.sort_by_key(|role| (Reverse(price(role, all)), role.name.as_str()));
    for role in by_price {
        let others: Vec<_> = chosen.iter().filter(|other| other.id != role.id).copied().collect();
        let is_spare = |need: &&Need<'_>| {
            !need.is_granted_by(role) || others.iter().any(|other| need.is_granted_by(other))
        };
        if needs.iter().all(is_spare) {
            chosen = others;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::super::block::{Block, Reading};
    use super::super::table::built_in;
    use super::*;

    /// Actions of the control plane and of the data plane, of which some roles grant several.
    const CONTROL: [&str; 12] = [
        "Microsoft.HybridCompute/machines/read",
        "Microsoft.HybridCompute/machines/write",
        "Microsoft.HybridCompute/machines/delete",
        "Microsoft.HybridCompute/machines/extensions/write",
        "Microsoft.KeyVault/vaults/read",
        "Microsoft.KeyVault/vaults/write",
        "Microsoft.Storage/storageAccounts/read",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Storage/storageAccounts/blobServices/containers/write",
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
        "Microsoft.Resources/tags/write",
        "Microsoft.Authorization/roleAssignments/write",
    ];
    const DATA: [&str; 7] = [
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        "Microsoft.KeyVault/vaults/secrets/setSecret/action",
        "Microsoft.KeyVault/vaults/certificates/read",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write",
    ];

    fn roles(need: &Permission) -> Vec<&'static Role> {
        let is_fit = |role: &&Role| {
            role.is_home(&need.action) && role.allows(&need.action, need.plane, Reading::Strict)
        };
        built_in().roles().iter().filter(is_fit).collect()
    }

    /// Returns the least price of all sets of at most `size` roles of the whole table that grant the needs.
    fn least(needs: &[Need<'_>], size: usize) -> Option<u64> {
        fn search(table: &[(u64, u64)], open: u64, size: usize, price: u64) -> Option<u64> {
            if open == 0 {
                return Some(price);
            }
            let (_, rest) = table.split_first().filter(|_| size > 0)?;
            let (own, grants) = table[0];
            let with = search(rest, open & !grants, size - 1, price + own);
            let without = search(rest, open, size, price);
            [with, without].into_iter().flatten().min()
        }
        let all: Vec<&Permission> = needs.iter().map(|need| need.permission).collect();
        let grants = |role: &Role| {
            let granted = needs.iter().enumerate().filter(|(_, need)| need.is_granted_by(role));
            granted.fold(0_u64, |bits, (at, _)| bits | 1 << at)
        };
        let is_candidate =
            |role: &&Role| needs.iter().any(|need| need.roles.iter().any(|one| one.id == role.id));
        let table: Vec<(u64, u64)> = built_in()
            .roles()
            .iter()
            .filter(is_candidate)
            .map(|role| (u64::from(price(role, &all)), grants(role)))
            .collect();
        search(&table, u64::MAX >> (64 - needs.len()), size, 0)
    }

    #[test]
    fn no_set_of_roles_is_cheaper_than_the_chosen_one() {
        let control = CONTROL.iter().map(|&action| Permission::control(action, "/x".into()));
        let all: Vec<Permission> =
            control.chain(DATA.iter().map(|&action| Permission::data(action, "/x".into()))).collect();
        let roles: Vec<Vec<&Role>> = all.iter().map(roles).collect();
        let need = |at: usize| Need { permission: &all[at], roles: roles[at].clone() };
        let mut tried = 0;
        for first in 0..all.len() {
            for second in first..all.len() {
                for third in second..all.len() {
                    let mut at = vec![first, second, third];
                    at.dedup();
                    let needs: Vec<Need<'_>> = at.into_iter().map(need).collect();
                    let permissions: Vec<&Permission> = needs.iter().map(|need| need.permission).collect();
                    let chosen = roles_for(&needs);
                    let found: u64 = chosen.iter().map(|role| u64::from(price(role, &permissions))).sum();
                    assert_eq!(Some(found), least(&needs, 3), "{permissions:?}: {chosen:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 1000, "{tried}");
    }

    #[test]
    fn a_set_of_all_needs_is_no_dearer_than_the_nearly_cheapest() {
        let all: Vec<Permission> = DATA.iter().map(|&action| Permission::data(action, "/x".into())).collect();
        let needs: Vec<Need<'_>> =
            all.iter().map(|need| Need { permission: need, roles: roles(need) }).collect();
        let permissions: Vec<&Permission> = all.iter().collect();
        let sum =
            |roles: &[&Role]| roles.iter().map(|role| u64::from(price(role, &permissions))).sum::<u64>();
        let open: Vec<&Need<'_>> = needs.iter().collect();
        let chosen = roles_for(&needs);
        assert!(sum(&chosen) <= sum(&nearly_cheapest(&open, &permissions)));
        assert_eq!(Some(sum(&chosen)), least(&needs, 4));
    }

    /// The role with the least price for each need is not one of the cheapest set.
    #[test]
    fn the_set_counts_and_not_each_role() {
        let role = |name: &str, granted: &[&str], writes: usize, reads: usize| {
            let writes = (0..writes).map(|number| format!("A.B/{name}{number}/write"));
            let reads = (0..reads).map(|number| format!("A.B/{name}{number}/read"));
            let granted = granted.iter().map(|name| format!("A.B/{name}/delete"));
            let actions = granted.chain(writes).chain(reads).collect();
            let blocks = vec![Block { actions, ..Block::default() }];
            Role {
                id: name.to_owned(),
                name: name.to_owned(),
                home: "A.B".to_owned(),
                blocks,
                ..Role::default()
            }
        };
        let table = [
            role("three", &["a", "b", "c"], 3, 0),
            role("left", &["a", "b"], 2, 2),
            role("right", &["c", "d"], 2, 4),
            role("last", &["d"], 2, 0),
        ];
        let needs =
            ["a", "b", "c", "d"].map(|name| Permission::control(format!("A.B/{name}/delete"), "/x".into()));
        let need = |permission| {
            let is_fit = |role: &&Role| role.allows_strictly(permission);
            Need { permission, roles: table.iter().filter(is_fit).collect() }
        };
        let needs: Vec<Need<'_>> = needs.iter().map(need).collect();
        let all: Vec<&Permission> = needs.iter().map(|need| need.permission).collect();
        let names = |roles: &[&Role]| {
            let mut names: Vec<String> = roles.iter().map(|role| role.name.clone()).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&nearly_cheapest(&needs.iter().collect::<Vec<_>>(), &all)), ["last", "three"]);
        assert_eq!(names(&roles_for(&needs)), ["left", "right"]);
    }
}
