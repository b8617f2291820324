//! The built-in roles, read from a table of their definitions.

use uuid::Uuid;

use super::Role;

const TABLE: &str = include_str!("built_in_roles.txt");

/// Returns the built-in roles, by name.
pub(super) fn built_in() -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for line in TABLE.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        if mark == "role" {
            roles.extend(header(rest));
            continue;
        }
        let Some(role) = roles.last_mut() else { continue };
        match mark {
            "+" => role.actions.push(rest.to_owned()),
            "-" => role.not_actions.push(rest.to_owned()),
            "d+" => role.data_actions.push(rest.to_owned()),
            "d-" => role.not_data_actions.push(rest.to_owned()),
            _ => {}
        }
    }
    roles
}

/// Parses `ID NAME`.
fn header(text: &str) -> Option<Role> {
    let (id, name) = text.split_once(' ')?;
    let id: Uuid = id.parse().ok()?;
    Some(Role { name: name.to_owned(), id, ..Role::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let roles = built_in();
        let headers = TABLE.lines().filter(|line| line.starts_with("role ")).count();
        let lists = |role: &Role| {
            [&role.actions, &role.not_actions, &role.data_actions, &role.not_data_actions]
                .map(Vec::len)
                .iter()
                .sum::<usize>()
        };
        let patterns: usize = roles.iter().map(lists).sum();
        let other = TABLE.lines().filter(|line| line.is_empty() || line.starts_with('#')).count();
        assert_eq!((roles.len(), headers + patterns + other), (headers, TABLE.lines().count()));
        for role in &roles {
            assert!(!role.actions.is_empty() || !role.data_actions.is_empty(), "{}", role.name);
        }
    }
}
