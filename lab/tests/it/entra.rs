//! Entra's token endpoint.

use arcbook_lab::{Lab, World};
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::credentials::{Credential, claims};
use crate::needs::skip;
use crate::{SUBSCRIPTION, started, world};

const TENANT: &str = "10000000-0000-4000-8000-000000000001";
const OPERATOR: &str = "20000000-0000-4000-8000-000000000001";
const DEPLOYER: &str = "20000000-0000-4000-8000-000000000003";
const CLUSTER: &str = "20000000-0000-4000-8000-000000000009";
const ISSUER: &str = "https://ci.example.com";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ARM: &str = "https://management.azure.com/.default";

/// Applications with each kind of credential; `more` goes into the block of the first.
fn applications(more: &str) -> World {
    world(&format!(
        r#"
        service_principal "operator" {{
            client_id = "{OPERATOR}"
            secret "current" {{ value = "open-sesame" }}
            secret "former" {{
                value   = "open-wheat"
                expires = "2020-01-01T00:00:00Z"
            }}
            role_assignment {{ role = "Reader" }}
            {more}
        }}
        service_principal "deployer" {{
            client_id = "{DEPLOYER}"
            federated_credential "pipeline" {{
                issuer  = "{ISSUER}"
                subject = "repo:contoso/infra:ref:refs/heads/main"
            }}
        }}
        user_assigned_identity "cluster" {{
            resource_group = "rg"
            client_id      = "{CLUSTER}"
            federated_credential "pods" {{
                issuer  = "{ISSUER}"
                subject = "system:serviceaccount:shop:cart"
            }}
        }}
        service_principal "blocked" {{
            client_id          = "20000000-0000-4000-8000-000000000005"
            conditional_access = "blocked"
            secret "one" {{ value = "open-sesame" }}
        }}
        service_principal "disabled" {{
            client_id = "20000000-0000-4000-8000-000000000007"
            enabled   = false
            secret "one" {{ value = "open-sesame" }}
        }}
        "#
    ))
}

fn url(lab: &Lab, tenant: &str) -> String {
    format!("{}/{tenant}/oauth2/v2.0/token", lab.azure().login)
}

/// Sends a request of `client` for a token for ARM, with these further fields.
async fn ask(lab: &Lab, client: &str, fields: &[(&str, &str)]) -> Answer {
    let common = [("grant_type", "client_credentials"), ("client_id", client), ("scope", ARM)];
    let common = common.into_iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    let fields: Vec<_> =
        common.chain(fields.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
    Request::to_azure(lab, "POST", &url(lab, TENANT)).form(&fields).send().await
}

async fn assert(lab: &Lab, client: &str, assertion: &str) -> Answer {
    ask(lab, client, &[("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)]).await
}

/// Checks that an answer is this error, in Entra's form.
fn is_error(answer: &Answer, status: u16, word: &str, number: u32, what: &str) {
    let body = answer.json();
    assert_eq!((answer.status, &body["error"]), (status, &word.into()), "{what}: {}", answer.text());
    assert_eq!(body["error_codes"], json!([number]), "{what}");
    let text = body["error_description"].as_str().unwrap();
    assert!(text.starts_with(&format!("AADSTS{number}: ")), "{what}: {text}");
    for id in ["trace_id", "correlation_id", "timestamp"] {
        assert!(text.contains(body[id].as_str().unwrap()), "{what}: {text}");
    }
}

/// Checks that an answer has a token, or an error with this number.
fn ends(answer: &Answer, number: Option<u32>, what: &str) {
    let numbers = number.map_or(Value::Null, |number| json!([number]));
    assert_eq!(answer.json()["error_codes"], numbers, "{what}: {}", answer.text());
    assert_eq!(answer.status == 200, number.is_none(), "{what}: {}", answer.text());
}

#[tokio::test]
async fn a_secret_brings_a_token_with_the_grants_of_its_principal() {
    let lab = started(applications("")).await;
    let answer = ask(&lab, OPERATOR, &[("client_secret", "open-sesame")]).await;
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&"Bearer".into(), &3599.into()),
        "{}",
        answer.text()
    );
    assert_eq!(body["ext_expires_in"], 3599);
    let token = body["access_token"].as_str().unwrap();
    let groups = format!("{}{SUBSCRIPTION}/resourceGroups?api-version=2021-04-01", lab.azure().arm);
    let listed = Request::to_azure(&lab, "GET", &groups).bearer(token).send().await;
    assert_eq!(listed.json()["value"][0]["name"], "rg");
    let group = format!("{}{SUBSCRIPTION}/resourceGroups/new?api-version=2021-04-01", lab.azure().arm);
    let put = Request::to_azure(&lab, "PUT", &group).bearer(token).header("Content-Type", "application/json");
    let refused = put.body(r#"{"location":"westeurope"}"#).send().await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains(OPERATOR), "the error names the application: {}", refused.text());
    let log = lab.requests();
    assert!(log.iter().all(|request| request.principal.as_deref() == Some("operator")), "{log:?}");
    let form: Vec<_> = log[0].form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        form,
        [
            ("grant_type", "client_credentials"),
            ("client_id", OPERATOR),
            ("scope", ARM),
            ("client_secret", "REDACTED"),
        ]
    );
}

#[tokio::test]
async fn each_wrong_request_has_the_number_of_its_error() {
    let lab = started(applications("")).await;
    let secret = ("client_secret", "open-sesame");
    let unknown = "20000000-0000-4000-8000-00000000000b";
    for (client, fields, status, word, number) in [
        (OPERATOR, vec![("client_secret", "guess")], 401, "invalid_client", 7_000_215),
        (OPERATOR, vec![("client_secret", "open-wheat")], 401, "invalid_client", 7_000_222),
        (OPERATOR, vec![], 401, "invalid_client", 7_000_218),
        (unknown, vec![secret], 400, "unauthorized_client", 700_016),
        ("20000000-0000-4000-8000-000000000007", vec![secret], 400, "unauthorized_client", 7_000_112),
        ("20000000-0000-4000-8000-000000000005", vec![secret], 400, "access_denied", 53_003),
        (OPERATOR, vec![secret, ("scope", "https://example.com/.default")], 400, "invalid_resource", 500_011),
        (OPERATOR, vec![secret, ("scope", "https://vault.azure.net")], 400, "invalid_scope", 70_011),
        (
            OPERATOR,
            vec![secret, ("scope", "https://a/.default https://b/.default")],
            400,
            "invalid_scope",
            700_022,
        ),
        (OPERATOR, vec![secret, ("scope", "")], 400, "invalid_request", 900_144),
        (OPERATOR, vec![secret, ("grant_type", "password")], 400, "unsupported_grant_type", 70_003),
        (OPERATOR, vec![secret, secret], 400, "invalid_request", 9_000_411),
    ] {
        let answer = ask(&lab, client, &fields).await;
        is_error(&answer, status, word, number, &format!("{client} {fields:?}"));
        assert!(!answer.text().contains("open-"), "a secret is in the error");
    }
    let fields = [("grant_type", "client_credentials"), ("client_id", OPERATOR), ("scope", ARM), secret];
    for (tenant, number) in [("20000000-0000-4000-8000-00000000000a", 90_002), ("common", 50_059)] {
        let answer = Request::to_azure(&lab, "POST", &url(&lab, tenant)).form(&fields).send().await;
        is_error(&answer, 400, "invalid_request", number, tenant);
    }
    let plain = Request::to_azure(&lab, "POST", &url(&lab, TENANT))
        .body("grant_type=client_credentials")
        .send()
        .await;
    is_error(&plain, 400, "invalid_request", 900_144, "a body that is no form");
}

#[tokio::test]
async fn a_certificate_proves_an_application() {
    let (Some(known), Some(expired), Some(other)) =
        (Credential::new(-1, 30), Credential::new(-30, -1), Credential::new(-1, 30))
    else {
        return skip("assertions with a certificate", "it takes openssl");
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("expired.pem");
    std::fs::write(&file, &expired.certificate_pem).unwrap();
    let lab = started(applications(&format!(
        "certificate \"known\" {{\n pem = <<EOT\n{}EOT\n}}\ncertificate \"expired\" {{ pem_file = \"{}\" }}",
        known.certificate_pem.replace("\r\n", "\n"),
        file.display()
    )))
    .await;
    let url = url(&lab, TENANT);
    let good = claims(OPERATOR, &url);
    let with = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        claims
    };
    let now = good["nbf"].as_i64().unwrap();
    let swapped =
        other.signed(&json!({ "alg": "PS256", "x5t#S256": known.print(&ring::digest::SHA256) }), &good);
    let print = known.print(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    let padded = known.signed(&json!({ "alg": "RS256", "x5t": format!("{print}=") }), &good);
    for (what, assertion, number) in [
        ("PS256", known.assertion(&good), None),
        ("RS256", known.legacy_assertion(&good), None),
        ("a padded digest", padded, None),
        ("the same assertion again", known.assertion(&good), None),
        ("four minutes early", known.assertion(&with("nbf", (now + 240).into())), None),
        ("four minutes late", known.assertion(&with("exp", (now - 240).into())), None),
        ("six minutes early", known.assertion(&with("nbf", (now + 360).into())), Some(700_024)),
        ("six minutes late", known.assertion(&with("exp", (now - 360).into())), Some(700_024)),
        ("no end", known.assertion(&with("exp", Value::Null)), Some(700_024)),
        ("another audience", known.assertion(&with("aud", "https://example.com".into())), Some(700_023)),
        ("another subject", known.assertion(&with("sub", DEPLOYER.into())), Some(700_021)),
        ("another issuer", known.assertion(&with("iss", DEPLOYER.into())), Some(70_021)),
        ("no jti", known.assertion(&with("jti", Value::Null)), Some(50_027)),
        ("an expired certificate", expired.assertion(&good), Some(700_027)),
        ("an unknown certificate", other.assertion(&good), Some(700_027)),
        ("a signature of another key", swapped, Some(700_027)),
        ("no thumbprint", known.signed(&json!({ "alg": "PS256" }), &good), Some(700_027)),
        ("no signature", known.assertion(&good).rsplit_once('.').unwrap().0.to_owned() + ".", Some(700_027)),
        ("no token", "open-sesame".to_owned(), Some(50_027)),
    ] {
        let answer = assert(&lab, OPERATOR, &assertion).await;
        ends(&answer, number, what);
    }
    let text = assert(&lab, OPERATOR, &expired.assertion(&good)).await.text();
    assert!(text.contains("The key used is expired.") && text.contains("Found key 'Start="), "{text}");
    let logged = lab.requests();
    let assertion = logged[0].form.iter().find(|(name, _)| name == "client_assertion").unwrap();
    assert_eq!(assertion.1, format!("{}.REDACTED", known_signed(&known.assertion(&good))));
}

/// Returns an assertion without its signature.
fn known_signed(assertion: &str) -> &str {
    assertion.rsplit_once('.').unwrap().0
}

#[tokio::test]
async fn a_token_of_a_trusted_issuer_proves_an_application() {
    let lab = started(applications("")).await;
    let other = started(applications("")).await;
    let subject = "repo:contoso/infra:ref:refs/heads/main";
    let audience = "api://AzureADTokenExchange";
    let token = |issuer, subject, audience| lab.federated_token(issuer, subject, audience, 600).unwrap();
    for (what, client, token, number) in [
        ("the right token", DEPLOYER, token(ISSUER, subject, audience), None),
        ("another issuer", DEPLOYER, token("https://ci.example.com/", subject, audience), Some(700_211)),
        (
            "another subject",
            DEPLOYER,
            token(ISSUER, "repo:Contoso/infra:ref:refs/heads/main", audience),
            Some(700_213),
        ),
        ("another audience", DEPLOYER, token(ISSUER, subject, "https://vault.azure.net"), Some(700_212)),
        ("an application without federation", OPERATOR, token(ISSUER, subject, audience), Some(70_021)),
        ("a managed identity", CLUSTER, token(ISSUER, "system:serviceaccount:shop:cart", audience), None),
        ("another pod", CLUSTER, token(ISSUER, "system:serviceaccount:shop:x", audience), Some(700_213)),
        (
            "an old token",
            DEPLOYER,
            lab.federated_token(ISSUER, subject, audience, -600).unwrap(),
            Some(700_024),
        ),
        (
            "another key",
            DEPLOYER,
            other.federated_token(ISSUER, subject, audience, 600).unwrap(),
            Some(50_013),
        ),
    ] {
        let answer = assert(&lab, client, &token).await;
        ends(&answer, number, what);
    }
    let [_, file] = lab.federated_tokens() else { panic!("{:?}", lab.federated_tokens()) };
    assert_eq!((file.principal.as_str(), file.credential.as_str()), ("deployer", "pipeline"));
    let token = std::fs::read_to_string(&file.path).unwrap();
    assert_eq!(assert(&lab, DEPLOYER, &token).await.status, 200);
    let path = file.path.clone();
    lab.shutdown().await;
    assert!(!path.exists(), "the lab removes its files");
}

#[tokio::test]
async fn the_documents_lead_to_the_token_endpoint() {
    let lab = started(applications("")).await;
    let login = &lab.azure().login;
    let get = async |path: &str| Request::to_azure(&lab, "GET", &format!("{login}{path}")).send().await;
    let document = get(&format!("/{TENANT}/v2.0/.well-known/openid-configuration")).await.json();
    assert_eq!(document["token_endpoint"], url(&lab, TENANT));
    assert_eq!(document["issuer"], format!("{login}/{TENANT}/v2.0"));
    let older = get("/common/.well-known/openid-configuration").await.json();
    assert_eq!(older["issuer"], format!("https://sts.windows.net/{TENANT}/"));
    let instance = get("/common/discovery/instance?api-version=1.1").await.json();
    let host = login.split_once("://").unwrap().1;
    assert_eq!(instance["metadata"][0]["aliases"], json!([host]));
    let keys = get("/common/discovery/keys").await.json();
    assert_eq!(keys["keys"][0]["kty"], "EC");
    let nobody = get("/contoso.com/v2.0/.well-known/openid-configuration").await;
    is_error(&nobody, 400, "invalid_request", 90_002, "another tenant");
    let arm = format!("{}/metadata/endpoints?api-version=2020-09-01", lab.azure().arm);
    let cloud = Request::to_azure(&lab, "GET", &arm).send().await.json();
    assert_eq!(cloud[0]["authentication"]["loginEndpoint"], format!("{login}/"));
    let graph = format!("{}/", login.replace("login", "graph"));
    assert_eq!(cloud[0]["microsoftGraphResourceId"], graph);
    let scope = format!("{graph}/.default");
    assert_eq!(ask(&lab, OPERATOR, &[("client_secret", "open-sesame"), ("scope", &scope)]).await.status, 200);
}

#[tokio::test]
async fn faults_of_entra_apply() {
    let lab = started(applications("")).await;
    let secret = [("client_secret", "open-sesame")];
    for (fault, status, word, number) in [
        ("login:429:retry-after=3", 429, "temporarily_unavailable", 90_055),
        ("login:503", 503, "temporarily_unavailable", 90_033),
        ("login:aadsts90055", 429, "temporarily_unavailable", 90_055),
        ("login:aadsts7000222", 401, "invalid_client", 7_000_222),
        ("login:aadsts50076", 400, "interaction_required", 50_076),
    ] {
        lab.inject(fault.parse().unwrap());
        let answer = ask(&lab, OPERATOR, &secret).await;
        is_error(&answer, status, word, number, fault);
        assert_eq!(answer.header("retry-after").is_some(), fault.contains("retry-after"), "{fault}");
        assert_eq!(ask(&lab, OPERATOR, &secret).await.status, 200, "{fault} applies once");
    }
    let log = lab.requests();
    assert!(log.iter().all(|request| request.principal.as_deref() == Some("operator")), "{log:?}");
    assert!(log.iter().all(|request| request.form == log[1].form), "{log:?}");
    lab.inject("login:expired-token".parse().unwrap());
    let token = ask(&lab, OPERATOR, &secret).await.json()["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}{SUBSCRIPTION}/tagNames?api-version=2021-04-01", lab.azure().arm);
    let refused = Request::to_azure(&lab, "GET", &url).bearer(&token).send().await;
    assert_eq!(refused.code(), "ExpiredAuthenticationToken");
}

#[tokio::test]
async fn entras_clock_can_be_off() {
    let lab = started(applications("")).await;
    let token = || {
        let subject = "repo:contoso/infra:ref:refs/heads/main";
        lab.federated_token(ISSUER, subject, "api://AzureADTokenExchange", 60).unwrap()
    };
    for fault in ["login:clock-ahead:seconds=600", "login:clock-behind"] {
        lab.inject(fault.parse().unwrap());
        let answer = assert(&lab, DEPLOYER, &token()).await;
        is_error(&answer, 401, "invalid_client", 700_024, fault);
        let minute = |text: &str| text.split(':').nth(1).unwrap().to_owned();
        let date = minute(answer.header("date").unwrap());
        assert_eq!(date, minute(answer.json()["timestamp"].as_str().unwrap()), "{fault}: one clock");
        assert_eq!(assert(&lab, DEPLOYER, &token()).await.status, 200, "{fault} applies once");
    }
}
