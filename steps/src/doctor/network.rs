//! The proxy and the trusted certificates.

use url::Url;

use super::Finding;
use super::examination::Examination;

/// Checks that the proxy and the certificates of the environment can be used. Nothing is sent.
pub(super) async fn settings(it: &mut Examination<'_>) {
    let id = "network.settings";
    let (azure, arm) = (it.azure, it.azure.cloud().arm());
    let urls = it.case.origins.iter().map(String::as_str).chain([arm.as_str()]);
    for url in urls.filter_map(|url| Url::parse(url).ok()) {
        if let Err(error) = azure.client(&url).trial(&url).await {
            let finding = Finding::failed(id, &error);
            return it.add(finding.remedy("correct HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"));
        }
    }
    let proxy = Url::parse(&arm).ok().and_then(|url| azure.client(&url).proxy(&url));
    let proxy = proxy.map_or_else(|| "no proxy".to_owned(), |proxy| format!("the proxy {proxy}"));
    let named =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| azure.environment().get(name).is_some());
    let certificates = match named {
        _ if azure.is_lab() => "the authority of the lab".to_owned(),
        Some(name) => format!("the certificates of {name}"),
        None => "the certificates of the system".to_owned(),
    };
    it.add(Finding::ok(id, format!("{proxy}; {certificates}")));
}
