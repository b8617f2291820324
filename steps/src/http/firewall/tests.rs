use super::*;
use crate::cloud::{Host, Service};

const ARM: &str = "https://management.azure.com";
const VAULT: &str = "https://vault.azure.net";
const STORAGE: &str = "https://storage.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";
const GOVERNMENT_DATABASE: &str = "https://ossrdbms-aad.database.usgovcloudapi.net";
const CHINA_DATABASE: &str = "https://ossrdbms-aad.database.chinacloudapi.cn";
const DATABASE: &str = "https://ossrdbms-aad.database.windows.net";

fn judge(url: &str, audience: &str, cloud: &Cloud) -> Result<(), Refusal> {
    let audience = (!audience.is_empty()).then(|| Audience::new(audience));
    allow(url, audience.as_ref(), cloud).map(drop)
}

#[test]
fn a_token_goes_to_hosts_of_its_own_audience() {
    for (url, audience) in [
        ("https://management.azure.com/subscriptions?api-version=2021-04-01", ARM),
        ("https://MANAGEMENT.azure.com:443/", "https://management.azure.com/"),
        ("https://kv1.vault.azure.net/secrets/x?api-version=7.4", VAULT),
        ("https://kv-1.vault.azure.net:443/", VAULT),
        ("https://acc.blob.core.windows.net/c/b%5c", STORAGE),
        ("https://acc.z5.blob.storage.azure.net/c/b", STORAGE),
        ("https://acc.z00.blob.storage.azure.net/c/b", STORAGE),
        ("https://ACC.Z99.blob.storage.azure.net:443/c", STORAGE),
        ("https://graph.microsoft.com/v1.0/me", GRAPH),
        ("https://graph.microsoft.com/v1.0/me", "https://graph.microsoft.com/"),
        ("https://example.com/", ""),
        ("http://127.0.0.1:40342/metadata/instance", ""),
        ("http://[::1]:40342/", ""),
        ("http://a.localhost/", ""),
    ] {
        assert_eq!(judge(url, audience, &Cloud::public()), Ok(()), "{url} {audience}");
    }
}

#[test]
fn no_token_is_fetched_as_a_value() {
    for url in [
        "http://127.0.0.1:40342/metadata/identity/oauth2/token?resource=x",
        "http://localhost/metadata/IDENTITY/oauth2/token",
        "http://localhost//metadata//%69dentity/info",
        "http://localhost/x/../metadata/identity",
        "http://localhost/metadata%2Fidentity/oauth2/token",
        "http://localhost/msi/token?resource=x",
        "https://login.microsoftonline.com/t/oauth2/v2.0/token",
    ] {
        let refusal = judge(url, "", &Cloud::public()).unwrap_err();
        assert!(matches!(refusal, Refusal::Issuer(_)), "{url}: {refusal}");
    }
    let in_the_clear = allow_in_the_clear("http://169.254.169.254/metadata/identity/oauth2/token");
    assert!(matches!(in_the_clear, Err(Refusal::Issuer(_))));
    assert_eq!(judge("http://127.0.0.1:40342/metadata/instance", "", &Cloud::public()), Ok(()));
    assert_eq!(judge("https://example.com/metadata/identityx", "", &Cloud::public()), Ok(()));
}

#[test]
fn a_token_goes_nowhere_else() {
    for (url, audience) in [
        ("https://evil.example/", ARM),
        ("https://management.azure.com.evil.example/", ARM),
        ("https://evilmanagement.azure.com/", ARM),
        ("https://x.management.azure.com/", ARM),
        ("https://management.azure.com:8443/", ARM),
        ("https://kv1.vault.azure.net/", ARM),
        ("https://management.azure.com/", VAULT),
        ("https://vault.azure.net/", VAULT),
        ("https://evilvault.azure.net/", VAULT),
        ("https://kv1.vault.azure.net.evil.example/", VAULT),
        ("https://kv1.evil.vault.azure.net/", VAULT),
        ("https://kv1.vault.azure.net:444/", VAULT),
        ("https://kv1.vault.usgovcloudapi.net/", VAULT),
        ("https://acc.queue.core.windows.net/", STORAGE),
        ("https://acc.blob.storage.azure.net/", STORAGE),
        ("https://z5.blob.storage.azure.net/", STORAGE),
        ("https://acc.z5.blob.storage.azure.net.evil.example/", STORAGE),
        ("https://acc.z5.evil.blob.storage.azure.net/", STORAGE),
        ("https://acc.evil.z5.blob.storage.azure.net/", STORAGE),
        ("https://acc.z.blob.storage.azure.net/", STORAGE),
        ("https://acc.z123.blob.storage.azure.net/", STORAGE),
        ("https://acc.zx.blob.storage.azure.net/", STORAGE),
        ("https://acc.5.blob.storage.azure.net/", STORAGE),
        ("https://acc.z5.dfs.storage.azure.net/", STORAGE),
        ("https://acc.z5.blob.core.windows.net/", STORAGE),
        ("https://acc.z5.blob.storage.azure.net:8443/", STORAGE),
        ("https://acc.z5.blob.storage.azure.net/", VAULT),
        ("https://storage.azure.net/", STORAGE),
        ("https://acc.blob.core.windows.net/", VAULT),
        ("https://127.0.0.1/", ARM),
        ("https://graph.microsoft.com/", ARM),
        ("https://x.graph.microsoft.com/", GRAPH),
        ("https://graph.microsoft.us/", GRAPH),
        ("https://dod-graph.microsoft.us/", GRAPH),
        ("https://management.azure.com/", GRAPH),
        ("https://graph.windows.net/", "https://graph.windows.net"),
        ("https://graph.microsoft.us/", "https://graph.microsoft.us"),
        ("https://db.postgres.database.azure.com/", DATABASE),
        ("https://db.postgres.database.azure.com:5432/", DATABASE),
        ("https://db.writer.postgres.database.azure.com:6432/", DATABASE),
        ("https://ossrdbms-aad.database.windows.net/", DATABASE),
        ("https://management.azure.com/", DATABASE),
    ] {
        let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
        let foreign = matches!(refusal, Refusal::ForeignHost { .. } | Refusal::UnknownAudience { .. });
        assert!(foreign, "{url} {audience}: {refusal}");
    }
}

#[test]
fn only_the_public_cloud_has_accounts_in_zones() {
    for cloud in [Cloud::us_government(), Cloud::china()] {
        let refusal = judge("https://acc.z5.blob.storage.azure.net/", STORAGE, &cloud);
        assert!(matches!(refusal, Err(Refusal::ForeignHost { .. })), "{}", cloud.name);
    }
}

#[test]
fn no_trick_gets_through() {
    for url in [
        "https://management.azure.com@evil.example/",
        "https://user:pass@management.azure.com/",
        "https://@management.azure.com/",
        "https://management.azure.com\\@evil.example/",
        "https:\\\\management.azure.com/",
        "https:/\\evil.example/",
        "https://evil.example\\.management.azure.com/",
        "https://management.azure.com./",
        "https://.management.azure.com/",
        "https://management.azure.com%2eevil.example/",
        "https://management。azure.com/",
        "https://mаnagement.azure.com/",
        "https://manage\tment.azure.com/",
        "https://management.azure.com/\r\nHost: evil",
        "\u{1}https://management.azure.com/",
        "https:management.azure.com/",
        "//management.azure.com/",
        "management.azure.com",
        "",
    ] {
        for audience in [ARM, ""] {
            let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
            let malformed = matches!(refusal, Refusal::NotUrl(_) | Refusal::Authority | Refusal::Characters);
            assert!(malformed, "{url:?}: {refusal}");
        }
    }
}

#[test]
fn only_this_machine_is_reached_without_tls() {
    for url in [
        "http://management.azure.com/",
        "http://localhost.evil.example/",
        "http://evillocalhost/",
        "http://169.254.169.254/metadata",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "ws://localhost/",
    ] {
        for audience in [ARM, ""] {
            let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
            assert!(matches!(refusal, Refusal::InTheClear(_)), "{url}: {refusal}");
        }
    }
}

#[test]
fn a_cloud_on_another_port_is_held_to_it() {
    let cloud = Cloud::new("Lab", "http://management.localhost:8080", Audience::new(ARM));
    let vaults = [Host::Below("vault.localhost:8080".to_owned())];
    let cloud = cloud.serving(Service::KeyVault, Audience::new(VAULT), vaults);
    for (url, audience, allowed) in [
        ("http://management.localhost:8080/x", ARM, true),
        ("http://management.localhost:8081/x", ARM, false),
        ("http://kv1.vault.localhost:8080/", VAULT, true),
        ("http://kv1.vault.localhost/", VAULT, false),
        ("http://vault.localhost:8080/", VAULT, false),
        ("https://management.azure.com/", ARM, false),
    ] {
        assert_eq!(judge(url, audience, &cloud).is_ok(), allowed, "{url}");
    }
}

#[test]
fn a_token_for_a_database_goes_to_its_own_hosts_and_ports() {
    let clouds = [Cloud::public(), Cloud::us_government(), Cloud::china()];
    for (host, port, audience, allowed) in [
        ("db.postgres.database.azure.com", 5432, DATABASE, [true, false, false]),
        ("DB.Postgres.database.azure.com", 6432, DATABASE, [true, false, false]),
        ("db.writer.postgres.database.azure.com", 5432, DATABASE, [true, false, false]),
        ("db.reader.postgres.database.azure.com", 6432, DATABASE, [true, false, false]),
        ("db.postgres.database.usgovcloudapi.net", 5432, GOVERNMENT_DATABASE, [false, true, false]),
        ("db.postgres.database.chinacloudapi.cn", 5432, CHINA_DATABASE, [false, false, true]),
        ("db.postgres.database.chinacloudapi.cn", 5432, DATABASE, [false; 3]),
        ("db.postgres.database.azure.com", 443, DATABASE, [false; 3]),
        ("db.postgres.database.azure.com", 5433, DATABASE, [false; 3]),
        ("db.postgres.database.azure.com", 5432, ARM, [false; 3]),
        ("management.azure.com", 5432, ARM, [false; 3]),
        ("management.azure.com", 443, ARM, [false; 3]),
        ("postgres.database.azure.com", 5432, DATABASE, [false; 3]),
        ("x.db.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
        ("db.postgres.database.azure.com.evil.example", 5432, DATABASE, [false; 3]),
        ("evil.example/.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
        ("evil.example,db.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
        ("db.mysql.database.azure.com", 5432, DATABASE, [false; 3]),
        ("/run/postgresql", 5432, DATABASE, [false; 3]),
        ("10.0.0.1", 5432, DATABASE, [false; 3]),
        ("", 5432, DATABASE, [false; 3]),
        ("db.postgres.database.azure.com", 5432, "", [false; 3]),
    ] {
        let judged = |cloud| allow_database(host, port, &Audience::new(audience), cloud).is_ok();
        assert_eq!(clouds.each_ref().map(judged), allowed, "{host}:{port} {audience}");
    }
}

#[test]
fn a_token_for_a_service_of_ones_own_goes_to_its_hosts_over_tls() {
    let cloud = Cloud::public().with_own("api://orders", &["orders.example.com", "*.localhost:8443"]);
    let cloud = cloud.unwrap();
    for (url, audience, allowed) in [
        ("https://orders.example.com/x", "api://orders", true),
        ("https://orders.example.com:443/x", "api://ORDERS/", true),
        ("https://a.localhost:8443/", "api://orders", true),
        ("http://a.localhost:8443/", "api://orders", false),
        ("https://orders.example.com:8443/", "api://orders", false),
        ("https://x.orders.example.com/", "api://orders", false),
        ("https://management.azure.com/", "api://orders", false),
        ("https://orders.example.com/x", "api://other", false),
        ("https://orders.example.com/x", ARM, false),
    ] {
        assert_eq!(judge(url, audience, &cloud).is_ok(), allowed, "{url} {audience}");
    }
}

#[test]
fn what_proves_an_identity_goes_to_the_login_host_alone() {
    let lab = Cloud::new("Lab", "http://management.localhost:1", Audience::new(ARM));
    let [open, lab] = [lab.clone(), lab.logging_in_at("http://login.localhost:1")];
    for (url, cloud, allowed) in [
        ("https://login.microsoftonline.com/t/oauth2/v2.0/token", Cloud::public(), true),
        ("https://LOGIN.microsoftonline.com:443/t/oauth2/v2.0/token", Cloud::public(), true),
        ("https://login.microsoftonline.us/t/oauth2/v2.0/token", Cloud::us_government(), true),
        ("https://login.chinacloudapi.cn/t/oauth2/v2.0/token", Cloud::china(), true),
        ("http://login.localhost:1/t/oauth2/v2.0/token", lab.clone(), true),
        ("https://login.microsoftonline.com/t", Cloud::us_government(), false),
        ("https://login.microsoftonline.com:8443/t", Cloud::public(), false),
        ("http://login.microsoftonline.com/t", Cloud::public(), false),
        ("https://login.microsoftonline.com.evil.example/t", Cloud::public(), false),
        ("https://login.microsoftonline.com@evil.example/t", Cloud::public(), false),
        ("https://login.microsoftonline.com./t", Cloud::public(), false),
        ("https://management.azure.com/t", Cloud::public(), false),
        ("https://evil.example/t", Cloud::public(), false),
        ("http://login.localhost:2/t", lab.clone(), false),
        ("https://login.localhost:1/t", lab, false),
        ("http://login.localhost:1/t", open, false),
    ] {
        assert_eq!(allow_login(url, &cloud).is_ok(), allowed, "{url} {}", cloud.name);
    }
}
