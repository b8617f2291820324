//! The functions that filters need beyond those of jq.

use std::fmt;

/// A function that a filter calls and jq does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Definition {
    /// The results of a filter for each element, without nulls; null for anything but an array.
    Each,
    /// The same for the elements that satisfy a condition.
    Where,
    /// The elements of an array, with those of arrays in it.
    Flat,
    /// The values of an object in the order of their names.
    InOrder,
    /// True unless a value counts as false in a query.
    Truthy,
    /// The comparison of two numbers or two texts; null for anything else.
    Ordered,
    /// A value that has a length.
    Sized,
    /// A text.
    Text,
    /// An array of texts.
    Texts,
    /// An array of numbers, or of texts.
    Alike,
    /// A text of ASCII letters.
    Ascii,
    /// A text, a whole number or a bool as text.
    Shown,
    /// A value as JSON, as `jsonencode` writes it.
    Encoded,
}

impl Definition {
    /// Returns the definition as jq reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Each => {
                r#"def each(f): if type == "array" then [.[] | f | select(. != null)] else null end;"#
            }
            Self::Where => {
                r#"def where(p; f): if type == "array" then [.[] | select(p) | f | select(. != null)] else null end;"#
            }
            Self::Flat => {
                r#"def flat: if type == "array" then [.[] | if type == "array" then .[] else . end] else null end;"#
            }
            Self::InOrder => {
                r#"def in_order: if type == "object" then [keys[] as $name | .[$name]] else null end;"#
            }
            Self::Truthy => r#"def truthy: . != null and . != false and . != "" and . != [] and . != {};"#,
            Self::Ordered => {
                r#"def ordered(f): if (map(type) | . == ["number", "number"] or . == ["string", "string"]) then f else null end;"#
            }
            Self::Sized => {
                r#"def sized: if type == "string" or type == "array" or type == "object" then . else error("\(type) has no length") end;"#
            }
            Self::Text => r#"def text: if type == "string" then . else error("\(type) is no text") end;"#,
            Self::Texts => {
                r#"def texts: if type == "array" and all(.[]; type == "string") then . else error("\(type) is no list of texts") end;"#
            }
            Self::Alike => {
                r#"def alike(f): if type == "array" and ([.[] | f | type] | unique | . == [] or . == ["number"] or . == ["string"]) then . else error("\(type) cannot be sorted") end;"#
            }
            Self::Ascii => {
                r#"def ascii: if type == "string" and all(explode[]; . < 128) then . else error("\(type) is no ASCII text") end;"#
            }
            Self::Shown => {
                r#"def shown: if type == "string" then . elif type == "boolean" then tostring elif type == "number" and floor == . and . < 9007199254740992 and . > -9007199254740992 then floor + 0 | tostring else error("\(type) is no text") end;"#
            }
            // jq writes names in the order of their origin, DEL as \u007f, and numbers as it has read them or worse.
            Self::Encoded => {
                r#"def encoded: def plain: if type == "object" then . as $all | reduce keys[] as $name ({}; .[$name] = ($all[$name] | plain)) elif type == "array" then map(plain) elif type == "number" then (if floor == . and . < 9007199254740992 and . > -9007199254740992 then floor + 0 else error("a number that jq may write in another way") end) elif type == "string" and any(explode[]; . == 127) then error("a text with a control character") else . end; plain | tojson | gsub("<"; "\\u003c") | gsub(">"; "\\u003e") | gsub("&"; "\\u0026") | gsub("\u2028"; "\\u2028") | gsub("\u2029"; "\\u2029");"#
            }
        }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
