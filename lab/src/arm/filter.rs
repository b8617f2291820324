//! The `$filter` of resource lists.

use super::resource::Resource;

/// Conditions joined by `and`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Compare { property: Property, equal: bool, value: String },
    Contains { property: Property, part: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Name,
    Type,
    Location,
    Group,
    TagName,
    TagValue,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Comma,
    Close,
}

impl Filter {
    /// Parses `resourceType eq 'A.B/c' and name ne 'x' and substringof('y', name)`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let mut conditions = Vec::new();
        loop {
            let (condition, after) = condition(rest)?;
            conditions.push(condition);
            match after {
                [] => return Ok(Self(conditions)),
                [Token::Word(word), after @ ..] if word.eq_ignore_ascii_case("and") => rest = after,
                _ => return Err("conditions can only be joined with 'and'".to_owned()),
            }
        }
    }

    pub(super) fn matches(&self, resource: &Resource) -> bool {
        // `tagName` and `tagValue` together must match one and the same tag.
        let tag_value = self.0.iter().find_map(|condition| match condition {
            Condition::Compare { property: Property::TagValue, equal: true, value } => Some(value.as_str()),
            _ => None,
        });
        self.0.iter().all(|condition| match condition {
            Condition::Compare { property: Property::TagName, equal, value } => {
                let found = resource.tags().any(|(name, own)| {
                    name.eq_ignore_ascii_case(value) && tag_value.is_none_or(|wanted| own == wanted)
                });
                found == *equal
            }
            Condition::Compare { property: Property::TagValue, equal, value } => {
                resource.tags().any(|(_, own)| own == value) == *equal
            }
            Condition::Compare { property, equal, value } => {
                property.of(resource).eq_ignore_ascii_case(value) == *equal
            }
            Condition::Contains { property, part } => {
                property.of(resource).to_lowercase().contains(&part.to_lowercase())
            }
        })
    }

    /// Returns whether the filter names a tag, in which case ARM omits tags from the response.
    pub(super) fn is_by_tag(&self) -> bool {
        self.0.iter().any(|condition| {
            matches!(condition, Condition::Compare { property: Property::TagName | Property::TagValue, .. })
        })
    }
}

impl Property {
    fn named(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "name" => Ok(Self::Name),
            "resourcetype" => Ok(Self::Type),
            "location" => Ok(Self::Location),
            "resourcegroup" => Ok(Self::Group),
            "tagname" => Ok(Self::TagName),
            "tagvalue" => Ok(Self::TagValue),
            _ => Err(format!(
                "the property '{name}' cannot be filtered by; use name, resourceType, location, resourceGroup, tagName \
                 or tagValue"
            )),
        }
    }

    fn of(self, resource: &Resource) -> &str {
        match self {
            Self::Name => &resource.name,
            Self::Type => &resource.type_name,
            Self::Location => resource.location(),
            Self::Group => resource.group(),
            Self::TagName | Self::TagValue => "",
        }
    }
}

fn condition(tokens: &[Token]) -> Result<(Condition, &[Token]), String> {
    match tokens {
        [
            Token::Word(word),
            Token::Open,
            Token::Text(part),
            Token::Comma,
            Token::Word(name),
            Token::Close,
            rest @ ..,
        ] if word.eq_ignore_ascii_case("substringof") => {
            Ok((Condition::Contains { property: Property::named(name)?, part: part.clone() }, rest))
        }
        [Token::Word(name), Token::Word(operator), Token::Text(value), rest @ ..] => {
            let equal = match operator.to_ascii_lowercase().as_str() {
                "eq" => true,
                "ne" => false,
                _ => return Err(format!("the operator '{operator}' is not one of eq and ne")),
            };
            Ok((Condition::Compare { property: Property::named(name)?, equal, value: value.clone() }, rest))
        }
        _ => Err("expected a condition such as resourceType eq 'Microsoft.KeyVault/vaults'".to_owned()),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            '\'' => quoted(&rest[1..])?,
            _ => {
                let end = rest
                    .find(|other: char| other.is_whitespace() || "(),'".contains(other))
                    .unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), &rest[end..])
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// Reads a string up to its closing quote; a doubled quote is a literal quote.
fn quoted(text: &str) -> Result<(Token, &str), String> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('\'').ok_or("a quoted text has no end")?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Ok((Token::Text(value), after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::world::{self, Kind};

    fn resource() -> Resource {
        let body = json!({ "location": "westeurope", "tags": { "env": "lab", "owner": "o'neil" } });
        Resource::seeded(&world::Resource {
            id: "/subscriptions/S/resourceGroups/arc/providers/Microsoft.KeyVault/vaults/arcmi".to_owned(),
            name: "arcmi".to_owned(),
            type_name: "Microsoft.KeyVault/vaults".to_owned(),
            body: body.as_object().cloned().unwrap(),
            detail: Kind::Other,
        })
    }

    #[test]
    fn all_conditions_must_match() {
        for (filter, keeps) in [
            ("resourceType eq 'microsoft.keyvault/vaults'", true),
            ("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'other'", false),
            ("resourceType ne 'Microsoft.Storage/storageAccounts' and substringof('CMI', name)", true),
            ("tagName eq 'env' and tagValue eq 'lab'", true),
            ("tagName eq 'env' and tagValue eq 'o''neil'", false),
            ("tagName eq 'owner' and tagValue eq 'o''neil'", true),
            ("tagName eq 'none'", false),
            ("location eq 'northeurope'", false),
            ("resourceGroup eq 'ARC'", true),
        ] {
            assert_eq!(Filter::parse(filter).unwrap().matches(&resource()), keeps, "{filter}");
        }
    }

    #[test]
    fn an_invalid_filter_says_why() {
        for (filter, says) in [
            ("", "expected a condition"),
            ("name", "expected a condition"),
            ("name eq 'x", "no end"),
            ("name gt 'x'", "not one of eq and ne"),
            ("colour eq 'x'", "cannot be filtered by"),
            ("name eq 'x' or name eq 'y'", "joined with 'and'"),
            ("name eq 'x' and", "expected a condition"),
        ] {
            let message = Filter::parse(filter).unwrap_err();
            assert!(message.contains(says), "{filter}: {message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(text in "(name|tagName|eq|ne|and|substringof|'|\\(|,|\\)| |é|x){0,12}") {
            if let Ok(filter) = Filter::parse(&text) {
                filter.matches(&resource());
            }
        }
    }
}
