//! Tests of the remedies by code.

use arcbook_engine::step::{Audience, Method, Permission, Safety};

use super::*;
use crate::os::Os;

const GET_SECRET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

pub(in crate::http::advice) fn asked(peer: Peer) -> Asked {
    Asked {
        os: Os::Linux,
        holds_secret: false,
        peer,
        method: Method::Get,
        url: "https://x.example/subscriptions/s/providers/Microsoft.Fallback/x/y?api-version=1".to_owned(),
        host: "kv1.vault.azure.net".to_owned(),
        audience: Some(Audience::new("https://vault.azure.net")),
        needs: vec![Permission::data(GET_SECRET, "".into())],
        safety: Safety::Reads,
        proxy: None,
    }
}

const VAULT: Peer = Peer::Azure(Service::KeyVault);
const BLOB: Peer = Peer::Azure(Service::Blob);
const ARM: Peer = Peer::Azure(Service::Arm);

/// Returns the remedies of an error with these codes, outermost first.
fn help(peer: Peer, status: u16, codes: &str, message: &str) -> String {
    let codes: Vec<String> = codes.split_whitespace().map(str::to_owned).collect();
    let refused =
        Refused { status, codes: &codes, message, targets: &[], policies: &[], is_page: false, clock: 0 };
    of_refusal(&asked(peer), &refused).join("\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_code_decides_and_not_the_status() {
    for (peer, status, codes, message, expected) in [
        (ARM, 403, "AuthorizationFailed", "", "ten minutes"),
        (ARM, 400, "AuthorizationFailed", "", "the role \"Key Vault Secrets User\""),
        (ARM, 400, "NoRegisteredProviderFound", "", "api_version"),
        (ARM, 404, "InvalidResourceType", "", "api_version"),
        (ARM, 409, "InvalidResourceType", "", "api_version"),
        (
            ARM,
            403,
            "InvalidTemplateDeployment RequestDisallowedByPolicy",
            "",
            "the policy that the message names",
        ),
        (
            ARM,
            403,
            "DenyAssignmentAuthorizationFailed",
            "access is denied because of the deny assignment with name 'Stack $(x)' and Id 'd1' at scope '/s'.",
            "deny assignment \"Stack $(x)\" (d1)",
        ),
        (
            ARM,
            409,
            "ScopeLocked",
            "following scope(s) are locked: '/subscriptions/s'. Please",
            "lock on /subscriptions/s first",
        ),
        (
            ARM,
            409,
            "MissingSubscriptionRegistration",
            "The subscription is not registered to use namespace 'Microsoft.HybridCompute'. See",
            "--namespace Microsoft.HybridCompute\n",
        ),
        (
            ARM,
            403,
            "MissingSubscriptionRegistration",
            "namespace 'x; rm -rf /'",
            "--namespace Microsoft.Fallback\n",
        ),
        (ARM, 403, "LinkedAuthorizationFailed", "", "other resource"),
        (ARM, 403, "ReadOnlyDisabledSubscription", "", "disabled"),
        (ARM, 404, "ResourceGroupNotFound", "", "resource group"),
        (ARM, 401, "InvalidAuthenticationTokenTenant", "", "another tenant"),
        (ARM, 409, "Conflict HCRP409", "", "another operation"),
        (VAULT, 403, "Forbidden AccessDenied", "", "az keyvault set-policy --name kv1 "),
        (
            VAULT,
            403,
            "Forbidden ForbiddenByRbac",
            "",
            "which has the data action Microsoft.KeyVault/vaults/secrets/getSecret",
        ),
        (VAULT, 403, "Forbidden ForbiddenByRbac", "DenyAssignmentId: 'd2'\nx", "deny assignment \"d2\""),
        (VAULT, 403, "Forbidden ForbiddenByFirewall", "", "network rules"),
        (VAULT, 403, "Forbidden ForbiddenByNsp", "", "perimeter"),
        (VAULT, 403, "Forbidden ForbiddenByConnection", "", "private endpoint"),
        (VAULT, 403, "Forbidden", "Client address is not authorized and caller is", "network rules"),
        (VAULT, 403, "Forbidden", "The user does not have secrets get permission on", "set-policy"),
        (VAULT, 403, "Forbidden SecretDisabled", "", "--enabled true"),
        (VAULT, 404, "SecretNotFound", "", "secret recover"),
        (VAULT, 409, "Conflict ObjectIsDeletedButRecoverable", "", "secret recover"),
        (
            VAULT,
            401,
            "Unauthorized",
            "AKV10022: Invalid audience.",
            "does not accept tokens for https://vault",
        ),
        (VAULT, 401, "Unauthorized", "AKV10032: Invalid issuer. Expected", "another tenant"),
        (VAULT, 401, "Unauthorized", "Invalid issuer", "another tenant"),
        (BLOB, 403, "AuthorizationPermissionMismatch", "", "ten minutes"),
        (BLOB, 403, "AuthorizationFailure", "", "network rules"),
        (BLOB, 404, "ContainerNotFound", "", "blob_container"),
        (BLOB, 409, "ContainerBeingDeleted", "", "run again in a few minutes"),
        (BLOB, 412, "LeaseIdMissing", "", "lease break"),
        (BLOB, 409, "LeaseAlreadyPresent", "", "lease break"),
        (BLOB, 409, "BlobImmutableDueToPolicy", "", "immutability-policy"),
        (BLOB, 409, "BlobImmutableDueToLegalHold", "", "legal-hold"),
        (BLOB, 409, "blobimmutableduetolegalhold", "", "legal-hold"),
        (Peer::Agent, 400, "invalid_request", "AADSTS500011: the resource", "one spelling"),
        (Peer::Agent, 404, "identity_not_found", "", "azcmagent show"),
        (Peer::Agent, 403, "", "", "azcmagent show"),
        (VAULT, 403, "Forbidden PublicNetworkAccessDisabled", "", "private endpoint"),
        (BLOB, 403, "RequestDeniedByNsp", "", "perimeter"),
        (BLOB, 409, "ContainerImmutabilityPolicyViolation", "", "immutability-policy"),
        (ARM, 403, "Forbidden ForbiddenByFirewall", "", "network rules"),
        (ARM, 403, "Forbidden ForbiddenByNsp", "", "perimeter"),
        (ARM, 403, "AuthorizationFailureByNsp", "", "perimeter"),
        (ARM, 403, "ForbiddenByConnection", "", "private endpoint"),
        (ARM, 403, "PublicNetworkAccessDisabled", "", "private endpoint"),
        (ARM, 412, "LeaseIdMissing", "", "lease break"),
        (ARM, 409, "ContainerImmutabilityPolicyViolation", "", "immutability-policy"),
        (ARM, 409, "BlobImmutableDueToLegalHold", "", "legal-hold"),
        (ARM, 413, "", "", "too large"),
        (ARM, 429, "", "", "later"),
        (ARM, 302, "", "", "redirects"),
        (ARM, 407, "", "", "HTTPS_PROXY"),
    ] {
        let help = help(peer, status, codes, message);
        assert!(help.contains(expected), "{status} {codes} {message}: {help:?}");
    }
}

#[test]
fn a_machine_is_reconnected_in_the_commands_of_its_system() {
    let codes = ["AADSTS700016".to_owned()];
    for (os, expected) in [
        (Os::Linux, "sudo azcmagent disconnect, sudo azcmagent connect"),
        (Os::Windows, "azcmagent connect, in PowerShell as administrator"),
    ] {
        let refused = Refused {
            status: 400,
            codes: &codes,
            message: "",
            targets: &[],
            policies: &[],
            is_page: false,
            clock: 0,
        };
        let help = of_refusal(&Asked { os, ..asked(Peer::Agent) }, &refused).join("\n");
        assert!(help.contains(expected), "{os:?}: {help}");
        assert_eq!(help.contains("sudo"), os == Os::Linux, "{os:?}: {help}");
    }
}

#[test]
fn a_role_is_suggested_for_codes_that_mean_a_missing_role_alone() {
    let missing = [
        "AuthorizationFailed",
        "ForbiddenByRbac",
        "AuthorizationPermissionMismatch",
        "InsufficientAccountPermissions",
    ];
    let others = ["", "Forbidden", "Unknown", "AccessDenied", "AADSTS53003"];
    let tables = [(ARM, arm::ROWS), (VAULT, key_vault::ROWS), (BLOB, blob::ROWS), (Peer::Agent, agent::ROWS)];
    for (peer, table) in tables {
        let codes = table.iter().chain(anyone::ROWS).chain(guarded::ROWS).flat_map(|row| row.codes).copied();
        for code in codes.chain(others) {
            for status in [400, 401, 403, 404, 409, 412] {
                let suggested = help(peer, status, code, "").contains("machine's identity the role");
                assert_eq!(suggested, missing.contains(&code), "{status} {code}");
            }
        }
    }
}

#[test]
fn the_tables_are_whole() {
    for (name, own) in
        [("arm", arm::ROWS), ("key_vault", key_vault::ROWS), ("blob", blob::ROWS), ("agent", agent::ROWS)]
    {
        let mut seen = std::collections::BTreeSet::new();
        for code in own.iter().chain(anyone::ROWS).chain(guarded::ROWS).flat_map(|row| row.codes) {
            assert!(seen.insert(code.to_ascii_lowercase()), "{name} has {code} twice");
            let filled = help(ARM, 403, code, "");
            assert!(!filled.contains('{'), "{code}: {filled}");
        }
    }
}

#[test]
fn a_page_is_of_a_program_in_between() {
    for (peer, status, expected) in [
        (ARM, 403, "a proxy or firewall in between"),
        (BLOB, 404, "a proxy or firewall in between"),
        (VAULT, 401, "HTTPS_PROXY"),
        (BLOB, 413, "too large for the service, or for a proxy"),
        (ARM, 503, "a gateway or proxy in between"),
        (ARM, 302, "sign-in page"),
    ] {
        let refused = Refused {
            status,
            codes: &[],
            message: "Denied",
            targets: &[],
            policies: &[],
            is_page: true,
            clock: 0,
        };
        let help = of_refusal(&asked(peer), &refused).join("\n");
        assert!(help.contains(expected) && !help.contains("the role"), "{status}: {help}");
    }
}

#[test]
fn the_target_names_the_provider() {
    for (message, target, expected) in [
        ("", "Microsoft.KeyVault", "--namespace Microsoft.KeyVault\n"),
        ("use namespace 'Microsoft.Compute'.", "Microsoft.KeyVault", "--namespace Microsoft.Compute\n"),
        ("", "x; rm -rf /", "--namespace NAMESPACE\n"),
        ("", "/subscriptions/s", "--namespace NAMESPACE\n"),
    ] {
        let (codes, targets) = (["MissingSubscriptionRegistration".to_owned()], [target.to_owned()]);
        let refused = Refused {
            status: 409,
            codes: &codes,
            message,
            targets: &targets,
            policies: &[],
            is_page: false,
            clock: 0,
        };
        let asked = Asked { url: "https://x.example/subscriptions/s/resources".to_owned(), ..asked(ARM) };
        let help = of_refusal(&asked, &refused).join("\n");
        assert!(help.contains(expected), "{target}: {help}");
        let help = of_refusal(&Asked { holds_secret: true, ..asked }, &refused).join("\n");
        assert!(help.contains("--namespace NAMESPACE\n"), "{target}: {help}");
    }
}

#[test]
fn a_policy_is_named() {
    let (codes, policies) = (["RequestDisallowedByPolicy".to_owned()], ["Allowed places".to_owned()]);
    let refused = Refused {
        status: 403,
        codes: &codes,
        message: "",
        targets: &[],
        policies: &policies,
        is_page: false,
        clock: 0,
    };
    let help = of_refusal(&asked(ARM), &refused).join("\n");
    assert!(help.contains("the policy \"Allowed places\""), "{help}");
}

#[test]
fn a_clock_that_is_off_comes_before_all_else() {
    for (clock, expected) in [
        (-4000, "4000 seconds behind"),
        (301, "301 seconds ahead of"),
        (300, "whether the identity still exists"),
    ] {
        let codes = ["InvalidAuthenticationInfo".to_owned()];
        let refused = Refused {
            status: 401,
            codes: &codes,
            message: "expired",
            targets: &[],
            policies: &[],
            is_page: false,
            clock,
        };
        let help = of_refusal(&asked(BLOB), &refused).join("\n");
        assert!(help.contains(expected), "{clock}: {help}");
    }
}
