//! Percent-decoding that refuses invalid escapes.

use percent_encoding::percent_decode_str;

/// The reason why a path or query cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadTarget {
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Escape,
    #[error("the decoded text is not UTF-8")]
    NotUtf8,
    #[error("the decoded text has a NUL in it")]
    Nul,
}

/// Decodes percent-encoded text.
pub(crate) fn decode(encoded: &str) -> Result<String, BadTarget> {
    let is_escape =
        |tail: &str| tail.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !encoded.split('%').skip(1).all(is_escape) {
        return Err(BadTarget::Escape);
    }
    let text = percent_decode_str(encoded).decode_utf8().map_err(|_| BadTarget::NotUtf8)?;
    if text.contains('\0') { Err(BadTarget::Nul) } else { Ok(text.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_escapes_of_utf8_are_decoded() {
        assert_eq!(decode("a%2Fb+c").as_deref(), Ok("a/b+c"));
        assert_eq!(decode("%e2%82%ac").as_deref(), Ok("€"));
        for (bad, why) in [
            ("%", BadTarget::Escape),
            ("a%2", BadTarget::Escape),
            ("%zz", BadTarget::Escape),
            ("%ff", BadTarget::NotUtf8),
            ("%00", BadTarget::Nul),
        ] {
            assert_eq!(decode(bad), Err(why), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(text: String) {
            if let Ok(decoded) = decode(&text) {
                proptest::prop_assert!(!decoded.contains('\0') && decoded.len() <= text.len());
            }
        }
    }
}
