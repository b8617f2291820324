use std::sync::{Arc, Mutex};

use arcbook_lab::{Lab, LabError, Observer, Options, Service, World};
use tokio::net::TcpStream;

use crate::client::{Answer, Request, token};
use crate::free_port::free_port;
use crate::{JUMPSTART, SUBSCRIPTION, jumpstart, started};

#[tokio::test]
async fn shutdown_frees_ports_and_removes_the_directory() {
    // Nobody else gets this port when it is free.
    let port = free_port();
    let options = Options { azure_port: port, ..Options::default() };
    let lab = Lab::start(World::load(JUMPSTART).unwrap(), options).await.unwrap();
    let dir = lab.token_dir().to_owned();
    assert_eq!(lab.azure().port, port);
    assert!(dir.exists());
    let idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    lab.shutdown().await;
    assert!(!dir.exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let mut buffer = [0; 1];
    idle.readable().await.unwrap();
    assert!(idle.try_read(&mut buffer).unwrap_or(0) == 0, "open connections end too");
}

#[tokio::test]
async fn both_address_families_are_served() {
    let has_v6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    let lab = jumpstart().await;
    for port in [lab.himds().port, lab.azure().port] {
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_ok());
        assert_eq!(TcpStream::connect(("::1", port)).await.is_ok(), has_v6);
    }
}

#[tokio::test]
async fn labs_are_independent() {
    let (one, two) = tokio::join!(jumpstart(), jumpstart());
    let token = token(&one, "https://management.azure.com").await;
    let url = format!("{}/subscriptions?api-version=2021-04-01", two.azure().arm);
    let answer = Request::to_azure(&two, "GET", &url).bearer(&token).send().await;
    assert_eq!(answer.code(), "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_taken_port_and_a_bad_directory_are_reported() {
    let lab = jumpstart().await;
    let world = World::load(JUMPSTART).unwrap();
    let options = Options { himds_port: lab.himds().port, ..Options::default() };
    let error = Lab::start(world.clone(), options).await.err().unwrap();
    assert!(
        matches!(error, LabError::Listen(_)) && error.to_string().contains("choose another port"),
        "{error}"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let options = Options { token_dir: Some(file.path().to_owned()), ..Options::default() };
    let error = Lab::start(world, options).await.err().unwrap();
    assert!(matches!(error, LabError::TokenDir(_)), "{error}");
}

#[tokio::test]
async fn requests_are_logged_without_secrets() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let observer = Observer::new(move |request| sink.lock().unwrap().push(request.clone()));
    let options = Options { observer: Some(observer), ..Options::default() };
    let lab = Lab::start(World::load(JUMPSTART).unwrap(), options).await.unwrap();
    let token = token(&lab, "https://vault.azure.net").await;
    let url = format!("{}/secrets/scenario?api-version=7.2", lab.azure().vault("arcmi00000000"));
    Request::to_azure(&lab, "GET", &url).bearer(&token).send().await;
    let requests = lab.requests();
    assert_eq!(*seen.lock().unwrap(), requests);
    let services: Vec<_> = requests.iter().map(|request| (request.service, request.status)).collect();
    assert_eq!(
        services,
        [(Service::Himds, Some(401)), (Service::Himds, Some(200)), (Service::KeyVault, Some(200))]
    );
    assert!(requests.is_sorted_by_key(|request| request.at));
    let text = format!("{requests:?}");
    assert!(!text.contains(&token) && !text.contains("Managed Identity"));
}

const KEPT: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
resource_group "rg" { location = "westeurope" }
machine "vm-1" { resource_group = "rg" }
role_assignment { role = "Owner" }
group "servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["vm-1"]
}
key_vault "kv-1" {
  resource_group = "rg"
  access_policy { secrets = ["all"] }
  secret "old" { value = "first" }
  certificate "web" { subject = "www.example.net" }
}
storage_account "sa1" {
  resource_group = "rg"
  role_assignment { role = "Storage Blob Data Contributor" }
}
resource_type "Lab.New/things" { registered = false }
"#;

/// The changes of every service are there in the next run, deleted secrets and certificates included.
#[tokio::test]
async fn the_state_is_kept_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lab.json");
    let start = async || {
        let options = Options { state: Some(path.clone()), ..Options::default() };
        Lab::start(World::parse(KEPT, "kept.lab.hcl").unwrap(), options).await.unwrap()
    };
    let lab = start().await;
    let certificate = seen(&lab).await["certificate"].clone();
    change(&lab).await;
    let before = seen(&lab).await;
    lab.save().unwrap();
    lab.shutdown().await;
    let again = start().await;
    assert_eq!(seen(&again).await, before);
    assert_eq!(before["certificate"], certificate);
    assert_ne!(before, seen(&started(World::parse(KEPT, "kept.lab.hcl").unwrap()).await).await);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// Makes a change in every service.
async fn change(lab: &Lab) {
    let machine = lab.principals().next().unwrap().object_id;
    let group = format!("{SUBSCRIPTION}/resourceGroups");
    let role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let assignment =
        serde_json::json!({ "properties": { "roleDefinitionId": role, "principalId": machine } });
    let reference = serde_json::json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{machine}") });
    for (service, method, target, body) in [
        (
            "management",
            "PUT",
            format!("{group}/made?api-version=2021-04-01"),
            r#"{"location":"westeurope"}"#.to_owned(),
        ),
        (
            "management",
            "PUT",
            format!(
                "{group}/rg/providers/Microsoft.Authorization/roleAssignments/40000000-0000-4000-8000-000000000001?api-version=2022-04-01"
            ),
            assignment.to_string(),
        ),
        (
            "management",
            "POST",
            format!("{SUBSCRIPTION}/providers/Lab.New/register?api-version=2021-04-01"),
            String::new(),
        ),
        (
            "graph",
            "POST",
            "/v1.0/groups/30000000-0000-4000-8000-000000000001/members/$ref".to_owned(),
            reference.to_string(),
        ),
        ("kv-1.vault", "PUT", "/secrets/new?api-version=7.4".to_owned(), r#"{"value":"second"}"#.to_owned()),
        ("kv-1.vault", "DELETE", "/secrets/old?api-version=7.4".to_owned(), String::new()),
        ("sa1.blob", "PUT", "/box?restype=container".to_owned(), String::new()),
        ("sa1.blob", "PUT", "/box/a.txt".to_owned(), "hello".to_owned()),
    ] {
        let answer = send(lab, service, method, &target, body).await;
        assert!((200..300).contains(&answer.status), "{method} {target}: {}", answer.text());
    }
}

/// Returns what clients see of the changes, without the ports of the lab.
async fn seen(lab: &Lab) -> serde_json::Value {
    let group = format!("{SUBSCRIPTION}/resourceGroups");
    let mut all = serde_json::Map::new();
    for (name, service, target) in [
        ("group", "management", format!("{group}/made?api-version=2021-04-01")),
        (
            "assignments",
            "management",
            format!("{group}/rg/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"),
        ),
        ("provider", "management", format!("{SUBSCRIPTION}/providers/Lab.New?api-version=2021-04-01")),
        ("members", "graph", "/v1.0/groups/30000000-0000-4000-8000-000000000001/members".to_owned()),
        ("secret", "kv-1.vault", "/secrets/new?api-version=7.4".to_owned()),
        ("deleted", "kv-1.vault", "/deletedsecrets/old?api-version=7.4".to_owned()),
        ("certificate", "kv-1.vault", "/secrets/web?api-version=7.4".to_owned()),
        ("blob", "sa1.blob", "/box/a.txt".to_owned()),
    ] {
        let text = send(lab, service, "GET", &target, String::new()).await.text();
        let text = text.replace(&format!(":{}", lab.azure().port), ":PORT");
        let plain = text
            .split("<RequestId>")
            .next()
            .unwrap_or_default()
            .split("RequestId:")
            .next()
            .unwrap_or_default();
        all.insert(name.to_owned(), plain.into());
    }
    all.into()
}

async fn send(lab: &Lab, service: &str, method: &str, target: &str, body: String) -> Answer {
    let audience = match service {
        "management" => "https://management.azure.com",
        "graph" => "https://graph.microsoft.com",
        "kv-1.vault" => "https://vault.azure.net",
        _ => "https://storage.azure.com",
    };
    let token = token(lab, audience).await;
    let url = format!("http://{service}.localhost:{}{target}", lab.azure().port);
    let request = Request::to_azure(lab, method, &url).bearer(&token);
    let request = match service {
        "sa1.blob" => request.header("x-ms-version", "2023-11-03").header("x-ms-blob-type", "BlockBlob"),
        _ => request.header("content-type", "application/json"),
    };
    request.body(body).send().await
}

#[tokio::test]
async fn a_state_that_does_not_fit_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lab.json");
    let start = async |world: &str| {
        let options = Options { state: Some(path.clone()), ..Options::default() };
        Lab::start(World::parse(world, "kept.lab.hcl").unwrap(), options).await.map(drop)
    };
    start(KEPT).await.unwrap();
    let other = KEPT.replace("kv-1", "kv-2");
    assert!(start(&other).await.unwrap_err().to_string().contains("another world"));
    std::fs::write(&path, "{}").unwrap();
    assert!(start(KEPT).await.unwrap_err().to_string().contains("not the state of a lab"));
    std::fs::create_dir(directory.path().join("none")).unwrap();
    let nowhere = Options { state: Some(directory.path().join("no/where.json")), ..Options::default() };
    let error = Lab::start(World::parse(KEPT, "kept.lab.hcl").unwrap(), nowhere).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
}
