//! Describes a role.

use arcbook_engine::step::{Permission, Plane, fits};

/// A role, which allows what one of its blocks allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// The id, the same in every cloud; names change.
    pub id: String,
    /// The name.
    pub name: String,
    /// The provider, or the beginning of the actions, for which the role is suggested: `*` for any provider, `-` for
    /// none.
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

/// A block of a role, which allows the actions of its patterns except those that it excludes.
///
/// In a pattern `*` stands for any characters. Excluding is not denying: another block may allow the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The actions of the control plane.
    pub actions: Vec<String>,
    /// The excluded actions of the control plane.
    pub not_actions: Vec<String>,
    /// The actions of the data plane.
    pub data_actions: Vec<String>,
    /// The excluded actions of the data plane.
    pub not_data_actions: Vec<String>,
    /// True if the block holds only under a condition.
    pub is_conditional: bool,
}

/// The reading of a pattern such as `vaults/*/read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It allows `vaults/keys/read`, but not `vaults/read`.
    Strict,
    /// It allows `vaults/read` too, as Azure probably reads it.
    Lenient,
}

impl Block {
    /// Returns the patterns of a plane, and those that it excludes.
    #[must_use]
    pub fn patterns(&self, plane: Plane) -> (&[String], &[String]) {
        match plane {
            Plane::Control => (&self.actions, &self.not_actions),
            Plane::Data => (&self.data_actions, &self.not_data_actions),
            Plane::Directory => (&[], &[]),
        }
    }

    fn allows(&self, action: &str, plane: Plane, reading: Reading) -> bool {
        let (allowed, excluded) = self.patterns(plane);
        let is_allowed = |pattern: &String| matches(pattern, action, reading);
        !self.is_conditional
            && allowed.iter().any(is_allowed)
            && !excluded.iter().any(|pattern| matches(pattern, action, Reading::Strict))
    }
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
            action.get(..home.len()).is_some_and(|start| start.eq_ignore_ascii_case(home))
                && action[home.len()..].starts_with('/')
        };
        self.home == "*" || begins(&self.home)
    }
}

/// Returns true if `pattern` allows `action`, in any case.
fn matches(pattern: &str, action: &str, reading: Reading) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return pattern.eq_ignore_ascii_case(action) };
    if end.contains('*') {
        let lenient = || reading == Reading::Lenient && fits(&pattern.replacen("/*/", "/", 1), action);
        return fits(pattern, action) || lenient();
    }
    let ends = |end: &str| {
        let rest = action.len().checked_sub(end.len()).filter(|at| *at >= start.len());
        let tail = rest.and_then(|at| action.get(at..));
        action.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            && tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let nothing = end.strip_prefix('/').filter(|_| reading == Reading::Lenient && start.ends_with('/'));
    ends(end) || nothing.is_some_and(|end| start.len() + end.len() == action.len() && ends(end))
}
