//! Null or absent values in responses.

use arcbook_engine::value::Data;
use arcbook_lab::Options;
use arcbook_steps::Service;

use crate::server::{Server, ok};
use crate::world::{Bench, below};

#[tokio::test]
async fn a_null_in_a_secret_means_absent() {
    let vault = |port: u16, more: &str| {
        let id = format!("http://kv1.vault.localhost:{port}/secrets/a/0123");
        ok(&format!(r#"{{"value":"v","id":"{id}"{more}}}"#))
    };
    for (more, tags) in [
        ("", 0),
        (r#","attributes":null,"tags":null,"contentType":null"#, 0),
        (r#","attributes":{"enabled":null,"exp":null},"tags":{"a":null,"b":"c"}"#, 2),
    ] {
        let server = Server::answering(|port| vault(port, more)).await;
        let bench = Bench::with(Options::default(), |options| {
            options.cloud =
                below(&options.cloud, Service::KeyVault, &format!("vault.localhost:{}", server.port));
        })
        .await;
        let outcome = bench.run("keyvault_secret", &[("vault", "kv1".into()), ("name", "a".into())]).await;
        let outputs = outcome.unwrap().outputs;
        let Data::Map(_, kept) = outputs["tags"].data() else { panic!("{more}") };
        assert_eq!((kept.len(), &outputs["enabled"]), (tags, &true.into()), "{more}");
    }
}

#[tokio::test]
async fn a_null_in_the_metadata_means_absent() {
    for compute in [
        r#"{"name":"m","subscriptionId":"s","resourceGroupName":"g","resourceId":"r"}"#,
        r#"{"name":"m","subscriptionId":"s","resourceGroupName":"g","resourceId":"r","location":null,"osType":null,"tagsList":null}"#,
        r#"{"name":"m","subscriptionId":"s","resourceGroupName":"g","resourceId":"r","tagsList":[null,{"name":"a","value":null}]}"#,
    ] {
        let server =
            Server::answering(|_| ok(&format!("\u{feff}{{\"compute\":{compute},\"network\":null}}"))).await;
        let bench = Bench::start().await.again(|options| {
            options.agent.as_mut().unwrap().endpoint = format!("http://127.0.0.1:{}", server.port);
        });
        let outputs = bench.run("metadata", &[]).await.unwrap().outputs;
        assert_eq!(outputs["name"], "m".into(), "{compute}");
        let Data::Map(_, tags) = outputs["tags"].data() else { panic!("{compute}") };
        assert_eq!(
            tags.get("a").is_some_and(|tag| *tag == "".into()),
            compute.contains("\"a\""),
            "{compute}"
        );
    }
}
