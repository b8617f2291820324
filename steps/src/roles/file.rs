//! Reads roles from the output of `az role definition list -o json`.

use arcbook_engine::step::{Plane, RoleSource};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::block::Block;
use super::price::{is_common, is_read};
use super::role::{Origin, Role};
use super::table::{RoleTable, built_in};

/// The providers of which roles for any other provider have actions too.
const ANYWHERE: [&str; 5] = [
    "microsoft.authorization",
    "microsoft.insights",
    "microsoft.resourcehealth",
    "microsoft.resources",
    "microsoft.support",
];

/// A list of roles that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleFileError {
    /// The position of the error in the text, in bytes.
    pub offset: usize,
    /// The reason, as a clause.
    pub reason: String,
}

/// The list, as the service returns it.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

/// A role: the command line of Azure has its members at the top, the service in `properties`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    name: String,
    role_name: Option<String>,
    role_type: Option<String>,
    permissions: Option<Vec<Block>>,
    assignable_scopes: Option<Vec<String>>,
    properties: Option<Properties>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    role_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    permissions: Option<Vec<Block>>,
    assignable_scopes: Option<Vec<String>>,
}

/// Reads the roles in `text`, which comes from the file called `name`.
///
/// # Errors
///
/// If the text is not a list of roles; the error has the place.
pub fn read(text: &str, name: &str) -> Result<RoleTable, RoleFileError> {
    let list = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Page<'_>>(text).map(|page| page.value)
    } else {
        serde_json::from_str(text)
    };
    let list: Vec<&RawValue> = list.map_err(|error| at(text, 0, &error))?;
    let mut roles: Vec<Role> = Vec::new();
    for raw in list {
        let offset = raw.get().as_ptr().addr() - text.as_ptr().addr();
        let definition: Definition =
            serde_json::from_str(raw.get()).map_err(|error| at(raw.get(), offset, &error))?;
        let role = definition.role().map_err(|reason| RoleFileError { offset, reason })?;
        // A role that is assignable in several places may be listed for each of them.
        if !roles.iter().any(|known| known.id == role.id) {
            roles.push(role);
        }
    }
    if roles.is_empty() {
        return Err(RoleFileError { offset: 0, reason: "the list has no role".to_owned() });
    }
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    let source = RoleSource { source: name.to_owned(), date: None, roles: roles.len() };
    Ok(RoleTable::new(roles, source))
}

/// Returns the error in a part of the text that begins at `offset`, without the words of the parser about its place.
fn at(part: &str, offset: usize, error: &serde_json::Error) -> RoleFileError {
    let lines = part.split_inclusive('\n').take(error.line().saturating_sub(1));
    let within = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
    let reason = error.to_string();
    let end = reason.rfind(" at line ").unwrap_or(reason.len());
    let mut within = within.min(part.len().saturating_sub(1));
    while !part.is_char_boundary(within) {
        within -= 1;
    }
    RoleFileError { offset: offset + within, reason: reason[..end].to_owned() }
}

impl Definition {
    fn role(self) -> Result<Role, String> {
        let Self { name: id, role_name, role_type, permissions, assignable_scopes, properties } = self;
        let inner = properties.unwrap_or_default();
        let name = role_name.or(inner.role_name).ok_or("a role has no `roleName`")?;
        let blocks = permissions.or(inner.permissions).ok_or("a role has no `permissions`")?;
        let id = id.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        if id.len() != 36 {
            return Err("the `name` of a role is no GUID".to_owned());
        }
        let kind = role_type.or(inner.kind).unwrap_or_default();
        let scopes = assignable_scopes.or(inner.assignable_scopes).unwrap_or_default();
        let is_anywhere = scopes.iter().any(|scope| scope == "/");
        let known = built_in().roles().iter().find(|role| role.id == id);
        let (origin, home) = match known {
            Some(known) => (Origin::Table, known.home.clone()),
            None if kind.eq_ignore_ascii_case("CustomRole") => (Origin::Own, "*".to_owned()),
            None => (Origin::List, home(&blocks)),
        };
        let assignable = if is_anywhere { Vec::new() } else { scopes };
        Ok(Role { id, name, home, origin, blocks, assignable })
    }
}

/// Returns the provider for which a role is made: the only one of its changes, or of all its reads if it has no changes; `-`
/// if there are several. Roles for a service that works on objects of others have several.
fn home(blocks: &[Block]) -> String {
    use Plane::{Control, Data};
    let patterns = blocks.iter().flat_map(|block| {
        let of = |plane| block.patterns(plane).0.iter().map(move |pattern| (plane, pattern.as_str()));
        of(Control).chain(of(Data))
    });
    let provider = |pattern: &str| pattern.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let decisive = |(plane, pattern): &(Plane, &str)| {
        !is_common(*plane, pattern) && !ANYWHERE.contains(&provider(pattern).as_str())
    };
    let patterns: Vec<&str> = patterns.filter(decisive).map(|(_, pattern)| pattern).collect();
    let changes: Vec<&str> = patterns.iter().copied().filter(|pattern| !is_read(pattern)).collect();
    let patterns = if changes.is_empty() { patterns } else { changes };
    let mut providers: Vec<String> = patterns.into_iter().map(provider).collect();
    providers.sort_unstable();
    providers.dedup();
    match providers.as_slice() {
        [only] if !only.contains('*') => only.clone(),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::{Permission, Roles as _};

    use super::super::block::Reading::{Lenient, Strict};
    use super::*;

    const LIST: &str = r#"[
  {
    "assignableScopes": ["/"], "description": "…", "id": "/subscriptions/s/providers/x",
    "name": "ACDD72A7-3385-48ef-bd42-f606fba81ae7", "roleName": "Reader", "roleType": "BuiltInRole",
    "permissions": [{ "actions": ["*/read"], "condition": null, "dataActions": [], "notActions": [], "notDataActions": [] }],
    "type": "Microsoft.Authorization/roleDefinitions"
  },
  {
    "assignableScopes": ["/"], "name": "00000000-0000-4000-8000-000000000001", "roleName": "Shelf Keeper", "roleType": "BuiltInRole",
    "permissions": [
      { "actions": ["Example.Shop/*"], "notActions": ["Example.Shop/shelves/delete"], "dataActions": null },
      { "actions": ["Example.Shop/shelves/delete"], "condition": "@Resource[a] StringEquals 'b'" },
      { "actions": [], "dataActions": ["Example.Shop/shelves/*/items/*/read"] }
    ]
  },
  {
    "assignableScopes": ["/subscriptions/s/resourceGroups/own"], "name": "00000000-0000-4000-8000-000000000002",
    "roleName": "Onlooker", "roleType": "CustomRole",
    "permissions": [{ "actions": ["Example.Shop/shelves/read"] }]
  }
]"#;

    fn role<'a>(table: &'a RoleTable, name: &str) -> &'a Role {
        table.roles().iter().find(|role| role.name == name).unwrap()
    }

    #[test]
    fn each_block_excludes_from_its_own_actions() {
        let table = read(LIST, "roles.json").unwrap();
        let keeper = role(&table, "Shelf Keeper");
        for (action, plane, strict, lenient) in [
            ("example.shop/shelves/WRITE", Plane::Control, true, true),
            // The block that allows it does so only under a condition.
            ("Example.Shop/shelves/delete", Plane::Control, false, false),
            ("Example.Shop/shelves/a/items/b/read", Plane::Data, true, true),
            ("Example.Shop/shelves/items/b/read", Plane::Data, false, true),
            ("Example.Shop/shelves/read", Plane::Data, false, false),
        ] {
            assert_eq!(keeper.allows(action, plane, Strict), strict, "{action}");
            assert_eq!(keeper.allows(action, plane, Lenient), lenient, "{action}");
        }
        assert_eq!((keeper.home.as_str(), role(&table, "Reader").home.as_str()), ("example.shop", "*"));
    }

    #[test]
    fn a_custom_role_is_suggested_where_it_can_be_assigned() {
        let table = read(LIST, "roles.json").unwrap();
        let roles = |scope: &str| {
            let need = Permission::control("Example.Shop/shelves/read", scope.into());
            let scopes = table.at_scopes(std::slice::from_ref(&need));
            scopes[0].roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(roles("/subscriptions/S/resourcegroups/OWN/providers/a/b/c"), ["Onlooker"]);
        assert_eq!(roles("/subscriptions/s/resourceGroups/own2"), ["Reader"]);
    }

    #[test]
    fn the_answer_of_the_service_is_read_too() {
        let text = r#"{"value":[{"id":"/x","name":"00000000-0000-4000-8000-000000000003","properties":{
            "roleName":"Own","type":"CustomRole","assignableScopes":["/"],"permissions":[{"actions":["A.B/c/read"]}]}}]}"#;
        let table = read(text, "x").unwrap();
        assert_eq!((table.roles()[0].name.as_str(), table.roles()[0].home.as_str()), ("Own", "*"));
    }

    #[test]
    fn an_error_has_its_place() {
        for (text, at, part) in [
            ("", "", "EOF"),
            ("[]", "[]", "no role"),
            ("{}", "}", "missing field `value`"),
            (r#"["Reader"]"#, r#""]"#, "invalid type: string"),
            (r#"[{"name": "x"}]"#, r#"{"name""#, "no `roleName`"),
            (r#"[{"name": "x", "roleName": "x"}]"#, r#"{"name""#, "no `permissions`"),
            (r#"[{"name": "x", "roleName": "x", "permissions": []}]"#, r#"{"name""#, "no GUID"),
            ("[{\"name\": \"é\",\n \"permissions\": 7}]", "7}", "invalid type"),
            (r#"[{"name": "x" "roleName": "x"}]"#, r#""roleName""#, "expected `,` or `}`"),
        ] {
            let error = read(text, "roles.json").unwrap_err();
            assert!(error.reason.contains(part), "{text}: {error:?}");
            assert!(
                text[error.offset..].starts_with(at) || text[error.offset..].contains(at),
                "{text}: {error:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(
            text in "(\\[|\\]|\\{|\\}|,|:|null|7|\"[a*/é]{0,3}\"|\"name\":|\"roleName\":|\"permissions\":|\"actions\":|\"value\":|\n|é){0,24}"
        ) {
            if let Err(error) = read(&text, "roles.json") {
                proptest::prop_assert!(text.is_char_boundary(error.offset), "{error:?}");
            }
        }
    }
}
