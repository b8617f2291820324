use std::sync::{Arc, Mutex};

use arcbook_lab::{Lab, LabError, Observer, Options, Service, World};
use tokio::net::TcpStream;

use crate::client::{Request, token};
use crate::{JUMPSTART, jumpstart};

#[tokio::test]
async fn shutdown_frees_ports_and_removes_the_directory() {
    let lab = jumpstart().await;
    let (port, dir) = (lab.azure().port, lab.token_dir().to_owned());
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
