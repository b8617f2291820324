//! Tokens that come from outside.

use arcbook_engine::step::{Audience, ErrorKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Rig, SECRET, VAULT, actions};

#[tokio::test]
async fn a_given_token_is_for_its_audience_until_it_expires() {
    let token = |claims: &str| format!("e30.{}.{SECRET}", URL_SAFE_NO_PAD.encode(claims));
    let arm = "https://management.azure.com";
    let later = i64::from(u32::MAX);
    for (token, declared, needed, expected) in [
        (token(&format!(r#"{{"aud":"{VAULT}","exp":{later}}}"#)), VAULT, VAULT, None),
        (token(&format!(r#"{{"aud":"{VAULT}/","exp":{later}}}"#)), "https://VAULT.azure.net/", VAULT, None),
        (
            token(&format!(r#"{{"aud":"https://management.core.windows.net/","exp":{later}}}"#)),
            arm,
            arm,
            None,
        ),
        (
            token(&format!(r#"{{"aud":"cfa8b339-82a2-471a-a3c9-0fc0be7a4093","exp":{later}}}"#)),
            VAULT,
            VAULT,
            None,
        ),
        (SECRET.to_owned(), VAULT, VAULT, None),
        (
            SECRET.to_owned(),
            VAULT,
            arm,
            Some("it is for https://vault.azure.net, and a token for https://management"),
        ),
        (
            token(&format!(r#"{{"aud":"{arm}","exp":{later}}}"#)),
            VAULT,
            VAULT,
            Some("and not for https://vault"),
        ),
        (
            token(&format!(r#"{{"aud":"{VAULT}","exp":1}}"#)),
            VAULT,
            VAULT,
            Some("it expired at 1970-01-01T00:00:01Z"),
        ),
        (format!("{SECRET} x"), VAULT, VAULT, Some("characters that no token has")),
    ] {
        let rig = Rig::new(1, &[]);
        let identity = rig.identity("access_token", &[("token", &token), ("audience", declared)]);
        assert!(actions(&*identity, needed).is_empty());
        let audience = Audience::new(needed);
        match (identity.token(&audience, &rig.context()).await, expected) {
            (Ok(given), None) => {
                assert_eq!(given.reveal(), token);
                let another = identity.another_token(&audience, &given, &rig.context()).await.unwrap();
                assert_eq!(another, None, "it cannot be renewed");
            }
            (Err(error), Some(expected)) => {
                assert_eq!(error.kind(), ErrorKind::Local);
                assert!(error.why().unwrap().contains(expected), "{error:?}");
                assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
            }
            (given, _) => panic!("{declared} {needed}: {given:?}"),
        }
        assert!(!identity.describe().contains(SECRET));
    }
}
