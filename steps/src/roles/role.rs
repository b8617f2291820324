//! Describes a role.

use arcbook_engine::step::{Permission, Plane};

use super::block::{Block, Reading};

/// A role, which allows what one of its blocks allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// The id, the same in every cloud; names change.
    pub id: String,
    /// The name.
    pub name: String,
    /// The provider, or the beginnings of the actions with `,` between them, for which the role is suggested: `*` for any
    /// provider, `-` for none.
    pub home: String,
    /// The source.
    pub origin: Origin,
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The scopes at which and below which the role can be assigned; none for any scope.
    pub assignable: Vec<String>,
}

/// The source of a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The built-in table: somebody has judged its purpose.
    #[default]
    Table,
    /// The users themselves, who know its purpose.
    Own,
    /// A list of built-in roles, of which many serve the services of others.
    List,
}

impl Role {
    /// Returns true if the role allows an action without a condition.
    #[must_use]
    pub fn allows(&self, action: &str, plane: Plane, reading: Reading) -> bool {
        self.blocks.iter().any(|block| block.allows(action, plane, reading))
    }

    /// Returns true if the role certainly allows a permission.
    #[must_use]
    pub fn allows_strictly(&self, need: &Permission) -> bool {
        self.allows(&need.action, need.plane, Reading::Strict)
    }

    /// Returns true if the role can be assigned at a scope, as far as its id is known.
    #[must_use]
    pub fn is_assignable(&self, scope: Option<&str>) -> bool {
        let Some(scope) = scope.filter(|scope| scope.starts_with("/subscriptions/")) else { return true };
        let is_around = |outer: &String| {
            let outer = outer.trim_end_matches('/');
            scope.get(..outer.len()).is_some_and(|start| start.eq_ignore_ascii_case(outer))
                && matches!(scope.as_bytes().get(outer.len()), None | Some(b'/'))
        };
        // The subscriptions of a management group are not known here.
        let is_group = |outer: &String| outer.starts_with("/providers/");
        self.assignable.is_empty() || self.assignable.iter().any(|outer| is_group(outer) || is_around(outer))
    }

    /// Returns true if the role is made for the provider of an action.
    #[must_use]
    pub fn is_home(&self, action: &str) -> bool {
        let begins = |home: &str| {
            let (start, is_open) = home.strip_suffix('*').map_or((home, false), |start| (start, true));
            action.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
                && (is_open || action[start.len()..].starts_with('/'))
        };
        self.home.split(',').any(begins)
    }
}
