//! Query parameters.

use super::{BadTarget, decode};

/// A request's parameters, in order. Names compare without case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<Parameter>);

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    value: String,
    /// The value as sent, still encoded.
    raw: String,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, BadTarget> {
        let parameter = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // In a query a plus sign means a space, as in a form.
            let plain = |text: &str| decode(&text.replace('+', " "));
            Ok(Parameter { name: plain(name)?, value: plain(value)?, raw: value.to_owned() })
        };
        text.split('&').filter(|pair| !pair.is_empty()).map(parameter).collect::<Result<_, _>>().map(Self)
    }

    fn find(&self, name: &str) -> Option<&Parameter> {
        self.0.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|parameter| parameter.value.as_str())
    }

    /// Returns a parameter's value exactly as sent.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.find(name).map(|parameter| parameter.raw.as_str())
    }

    /// Returns a name that occurs more than once.
    pub(crate) fn repeated(&self) -> Option<&str> {
        let same = |one: &Parameter, other: &Parameter| one.name.eq_ignore_ascii_case(&other.name);
        let repeated =
            |(index, one): (usize, &Parameter)| self.0[..index].iter().any(|other| same(one, other));
        self.0.iter().enumerate().find(|pair| repeated(*pair)).map(|(_, one)| one.name.as_str())
    }

    /// Returns every decoded name and value, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|parameter| (parameter.name.as_str(), parameter.value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_and_decoded_values_are_both_kept() {
        let query = Query::parse("api-version=1&%24skiptoken=a%2Bb%3d&flag&x=a+b").unwrap();
        assert_eq!(query.get("$SkipToken"), Some("a+b="));
        assert_eq!(query.raw("$skiptoken"), Some("a%2Bb%3d"));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(query.get("x"), Some("a b"));
        assert_eq!(query.repeated(), None);
        assert_eq!(Query::parse("a=1&A=2").unwrap().repeated(), Some("A"));
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(text in "[a-c%=&+$0-9é]*") {
            if let Ok(query) = Query::parse(&text) {
                query.repeated();
                proptest::prop_assert!(query.pairs().all(|(name, _)| query.get(name).is_some()));
            }
        }
    }
}
