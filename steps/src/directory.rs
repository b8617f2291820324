//! The names of the tenant's directory: objects, their types, and roles.

use arcbook_engine::diagnostic::did_you_mean;
use arcbook_engine::step::{ArgumentError, ArgumentType, Choice};
use arcbook_engine::value::{Type, Value};
use uuid::Uuid;

use crate::names::argument;
use crate::roles::built_in;

/// The object id of a principal or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectId(pub(crate) Uuid);

/// The type of an object that can hold a role.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalType {
    /// A managed identity, such as that of a machine, or the service principal of an application.
    ServicePrincipal,
    /// A group.
    Group,
    /// A user.
    User,
}

/// The id of a role definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleId(pub(crate) Uuid);

impl ObjectId {
    fn parse(text: &str) -> Result<Self, String> {
        let id = (text.len() == 36).then(|| text.parse().ok()).flatten();
        id.map(Self).ok_or_else(|| {
            "must be an object id, such as `principal_id` of a machine: 8-4-4-4-12 hexadecimal digits"
                .to_owned()
        })
    }
}

impl PrincipalType {
    /// Returns the word of Azure Resource Manager.
    pub(crate) fn of_arm(self) -> &'static str {
        match self {
            Self::ServicePrincipal => "ServicePrincipal",
            Self::Group => "Group",
            Self::User => "User",
        }
    }

    /// Returns the noun for people.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::ServicePrincipal => "service principal",
            Self::Group => "group",
            Self::User => "user",
        }
    }
}

impl RoleId {
    /// Parses the name of a built-in role, or the id of any role, which may be its full resource id.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let named = |role: &&crate::roles::Role| role.name.eq_ignore_ascii_case(text);
        let id = built_in().roles().iter().find(named).map_or(text, |role| role.id.as_str());
        let id = id.rsplit('/').next().unwrap_or(id);
        if let Some(id) = (id.len() == 36).then(|| id.parse().ok()).flatten() {
            return Ok(Self(id));
        }
        Err("must be the name of a built-in role, or the id of any role".to_owned())
    }

    /// Returns the name of a built-in role; of any other role its id.
    pub(crate) fn name(self) -> String {
        let id = self.0.to_string();
        let known = built_in().roles().iter().find(|role| role.id == id);
        known.map_or(id, |role| role.name.clone())
    }

    /// Returns the resource id of the role definition at `scope`, a path with or without a leading slash.
    pub(crate) fn definition(self, scope: &str) -> String {
        let mut segments = scope.trim_start_matches('/').split('/');
        let subscription = match (segments.next(), segments.next()) {
            (Some(kind), Some(id)) if kind.eq_ignore_ascii_case("subscriptions") => {
                format!("/subscriptions/{id}")
            }
            _ => String::new(),
        };
        format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{}", self.0)
    }
}

argument!(ObjectId);

impl ArgumentType for RoleId {
    fn ty() -> Type {
        Type::String
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        let text = String::from_value(value)?;
        let hint = || did_you_mean(&text, built_in().roles().iter().map(|role| role.name.as_str()));
        Self::parse(&text).map_err(|message| ArgumentError::value(message).hint(hint()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_or_given_by_its_id() {
        const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
        for text in [
            "Reader",
            "reader",
            READER,
            "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/ACDD72A7-3385-48ef-bd42-f606fba81ae7",
        ] {
            assert_eq!(RoleId::parse(text).unwrap().0.to_string(), READER, "{text}");
        }
        for text in ["", "Raeder", "acdd72a7338548efbd42f606fba81ae7"] {
            assert!(RoleId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_definition_lies_in_the_subscription_of_the_scope() {
        let role = RoleId::parse("Reader").unwrap();
        let id = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
        assert_eq!(role.definition("/subscriptions/s/resourceGroups/g"), format!("/subscriptions/s{id}"));
        assert_eq!(role.definition("providers/Microsoft.Management/managementGroups/m"), id);
    }

    #[test]
    fn an_object_id_is_one() {
        assert!(ObjectId::parse("30000000-0000-4000-8000-000000000001").is_ok());
        for text in ["", "web01", "30000000000040008000000000000001", "{30000000-0000-4000-8000-0000000001}"]
        {
            assert!(ObjectId::parse(text).is_err(), "{text}");
        }
    }
}
