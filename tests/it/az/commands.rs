//! The command lines of other programs, as their sources have them.

use serde_json::{Value as Json, json};

use super::scene::{SUBSCRIPTION, Scene, TENANT};
use crate::support::Ran;

const ARM: &str = "https://management.azure.com";
const OTHER_TENANT: &str = "10000000-0000-4000-8000-00000000000f";

fn parsed(ran: &Ran) -> Json {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.seen()))
}

/// Returns an answer with `(token)` in place of a token and `(time)` in place of its expiry, which must agree with the
/// local time beside it.
fn without_token(mut answer: Json) -> Json {
    let token = answer["accessToken"].take();
    assert!(token.as_str().is_some_and(|token| token.starts_with("eyJ")), "no token");
    let expires_on = answer["expires_on"].take().as_i64().expect("a number");
    let local = answer["expiresOn"].take();
    // The zone of the scene is five and a half hours ahead.
    let seconds = (expires_on + 19_800) % 86_400;
    let time = format!("{:02}:{:02}:{:02}.000000", seconds / 3600, seconds / 60 % 60, seconds % 60);
    assert!(
        local.as_str().is_some_and(|local| local.len() == 26 && local.ends_with(&time)),
        "{local} {time}"
    );
    (answer["accessToken"], answer["expiresOn"], answer["expires_on"]) =
        ("(token)".into(), "(time)".into(), "(time)".into());
    answer
}

/// The commands come from `AzureCliCredential` in azure-identity for Python 1.27.0
/// (`azure/identity/_credentials/azure_cli.py`), in @azure/identity, azidentity and `azure_identity` for Rust, and from
/// go-azure-sdk, which is in Terraform's azurerm provider and backend (`sdk/auth/azure_cli_authorizer.go`,
/// `sdk/internal/azurecli/azcli.go`).
#[test]
fn a_token_is_printed_as_the_azure_cli_prints_it() {
    let scene = Scene::start();
    let of_subscription = json!({
        "accessToken": "(token)", "expiresOn": "(time)", "expires_on": "(time)", "subscription": SUBSCRIPTION,
        "tenant": TENANT, "tokenType": "Bearer",
    });
    let mut of_tenant = of_subscription.clone();
    of_tenant.as_object_mut().expect("an object").shift_remove("subscription");
    for (words, expected) in [
        (format!("account get-access-token --output json --resource {ARM}"), &of_subscription),
        (format!("account get-access-token --output json --resource {ARM} --tenant {TENANT}"), &of_tenant),
        (
            format!("account get-access-token --output json --resource {ARM} --subscription Lab"),
            &of_subscription,
        ),
        (
            format!("account get-access-token -o json --resource {ARM} --tenant {}", TENANT.to_uppercase()),
            &of_tenant,
        ),
        (
            format!("account get-access-token -o json --scope {ARM}/.default --subscription {SUBSCRIPTION}"),
            &of_subscription,
        ),
        (format!("account get-access-token --scope {ARM}/.default -o=json"), &of_subscription),
        (format!("account get-access-token --scope {ARM}/.default --tenant {TENANT} -o=json"), &of_tenant),
        (
            format!("account get-access-token --scope {ARM}/.default --subscription {SUBSCRIPTION} -o=json"),
            &of_subscription,
        ),
        ("account get-access-token".to_owned(), &of_subscription),
    ] {
        let ran = scene.az(&words);
        assert!(ran.out.contains("\n  \"accessToken\": \"eyJ"), "{words}: {}", ran.seen());
        let answer = without_token(parsed(&ran));
        assert_eq!(answer, *expected, "{words}");
        let names = |json: &Json| json.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&answer), names(expected), "{words}");
    }
    assert_eq!(without_token(parsed(&scene.arcbook(&["token", "-format", "az"]))), of_subscription);
}

#[test]
fn the_account_is_that_of_the_machine() {
    let scene = Scene::start();
    // Terraform takes these for the words of a managed identity, and then names no tenant.
    let user = json!({
        "assignedIdentityInfo": "MSI", "name": "systemAssignedIdentity", "type": "servicePrincipal",
    });
    let account = json!({
        "environmentName": "AzureLab", "id": SUBSCRIPTION, "isDefault": true, "tenantId": TENANT, "user": user,
    });
    assert_eq!(parsed(&scene.az("account show -o=json")), account);
    let mut listed = account;
    (listed["name"], listed["state"]) = ("Lab".into(), "Enabled".into());
    assert_eq!(parsed(&scene.az("account list -o=json")), json!([listed]));
    let version = parsed(&scene.az("version -o=json"));
    assert_eq!(version["azure-cli"], "2.91.0", "{version}");
    assert_eq!(version["arcbook"], env!("CARGO_PKG_VERSION"), "{version}");
}

#[test]
fn every_other_command_fails_without_output() {
    let scene = Scene::start();
    let token = format!("account get-access-token --resource {ARM}");
    let cases = [
        // The words after `az`, a word of the message, and the exit code.
        (String::new(), "`az` cannot be answered", 3),
        ("--help".to_owned(), "`az` cannot be answered", 3),
        ("--version".to_owned(), "`az` cannot be answered", 3),
        ("account".to_owned(), "`az account` cannot", 3),
        ("account show --help".to_owned(), "`az account show`", 3),
        ("login --identity".to_owned(), "`az login`", 3),
        ("login --service-principal -u me -p canary-5e1f --tenant t".to_owned(), "`az login`", 3),
        ("account set --subscription Lab".to_owned(), "`az account set`", 3),
        ("group list".to_owned(), "`az group list`", 3),
        ("account show -o tsv".to_owned(), "`az account show`", 3),
        ("account show --query id".to_owned(), "`az account show`", 3),
        (format!("{token} --query accessToken -o tsv"), "get-access-token", 3),
        (format!("{token} --scope {ARM}/.default"), "get-access-token", 3),
        (format!("{token} --tenant {TENANT} --subscription {SUBSCRIPTION}"), "get-access-token", 3),
        (format!("account get-access-token --scope {ARM}/.default {ARM}/other"), "get-access-token", 3),
        (format!("account get-access-token --scope {ARM}/user_impersonation"), "`/.default` after it", 1),
        (format!("{token} --tenant {OTHER_TENANT}"), "another tenant", 1),
        (format!("{token} --tenant contoso.onmicrosoft.com"), "another tenant", 1),
        (format!("{token} --subscription Other"), "no role in the subscription", 1),
    ];
    for (words, message, code) in cases {
        let ran = scene.az(&words);
        assert_eq!((ran.code, &*ran.out), (Some(code), ""), "{words}: {}", ran.seen());
        assert!(ran.err.contains(message), "{words}: no {message} in {}", ran.seen());
        assert!(!["eyJ", "canary"].iter().any(|word| ran.err.contains(word)), "{words}: {}", ran.seen());
        // A client takes this for somebody who is not signed in, and tries another credential without a word.
        assert!(!ran.err.contains("az login`, "), "{words}: {}", ran.seen());
    }
    let tenants = scene.az(&format!("{token} --tenant {OTHER_TENANT}"));
    assert!(tenants.err.contains(TENANT) && !tenants.err.contains(OTHER_TENANT), "{}", tenants.seen());
}

#[test]
fn a_token_has_the_form_that_a_program_takes() {
    let scene = Scene::start();
    let json = parsed(&scene.arcbook(&["token"]));
    assert_eq!(json["tenant"], TENANT, "{json}");
    let header = scene.arcbook(&["token", "-format", "header"]).out;
    let header = header.strip_prefix("Authorization: Bearer eyJ").and_then(|token| token.strip_suffix('\n'));
    assert!(header.is_some_and(|token| !token.contains(char::is_whitespace)), "{header:?}");
    let script = r#"
        set -eu
        eval "$(arcbook token -format env)"
        sh -c 'printf "%s %s\n" "$AZURE_ACCESS_TOKEN" "$AZURE_ACCESS_TOKEN_EXPIRES_ON"'
    "#;
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_arcbook"), scene.place.path().join("bin/arcbook"))
        .expect("a link");
    let output = scene.command("sh").args(["-c", script]).output().expect("sh");
    let words = String::from_utf8(output.stdout).expect("UTF-8");
    let (token, expiry) = words.trim().split_once(' ').expect("two words");
    assert!(token.starts_with("eyJ") && expiry.parse::<i64>().is_ok(), "{words}");
}
