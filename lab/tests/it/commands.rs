//! The commands of the Jumpstart lab, verbatim. A configuration file for `curl` maps the host names to the
//! lab and sets the trusted certificate.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use arcbook_lab::{Lab, Options, World};
use tokio::process::Command;

use crate::JUMPSTART;
use crate::needs::skip;

/// The commands that an operator types on the machine; `sudo` is a function because a test may run without
/// it.
const COMMANDS: &str = r#"
set -eu
sudo() { "$@"; }

imds=$(curl -s -H Metadata:true "http://localhost:40342/metadata/instance?api-version=2020-06-01")
subscriptionId=$(jq -r .compute.subscriptionId <<< "$imds")
resourceGroupName=$(jq -r .compute.resourceGroupName <<< "$imds")
jq -r '.compute.tagsList[] | select(.name == "scenario") | "scenario: \(.value)"' <<< "$imds"
echo "group: $resourceGroupName"

get_token() {
  challengeTokenPath=$(curl -s -D - -H Metadata:true "http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2019-11-01&resource=$1" | grep Www-Authenticate | cut -d "=" -f 2 | tr -d "[:cntrl:]")
  challengeToken=$(sudo cat $challengeTokenPath)
  curl -s -H Metadata:true -H "Authorization: Basic $challengeToken" "http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2019-11-01&resource=$1" | jq -r .access_token
}

token=$(get_token https%3A%2F%2Fmanagement.azure.com)
echo tags: $(curl -s -X GET -H "Authorization: Bearer $token" -H "Content-Type: application/json" "https://management.azure.com/subscriptions/$subscriptionId/tagNames?api-version=2021-04-01" | jq -r .value[].tagName)
vaultName=$(curl -s -X GET -H "Authorization: Bearer $token" -H "Content-Type: application/json" "https://management.azure.com/subscriptions/$subscriptionId/resourceGroups/$resourceGroupName/providers/Microsoft.KeyVault/vaults?api-version=2019-09-01" | jq -r .value[0].name)
echo "vault: $vaultName"

token=$(get_token https%3A%2F%2Fvault.azure.net)
curl -s -X GET -H "Authorization: Bearer $token" -H "Content-Type: application/json" https://$vaultName.vault.azure.net/secrets/scenario/?api-version=7.2 | jq -r '"type: \(.contentType)"'
echo "secret:" $(curl -s -X GET -H "Authorization: Bearer $token" -H "Content-Type: application/json" https://$vaultName.vault.azure.net/secrets/scenario/?api-version=7.2 | jq -r .value)

token=$(get_token https%3A%2F%2Fstorage.azure.com)
account=arcmi00000000
curl -s -o /dev/null -w "container: %{http_code}\n" -X PUT -H "Authorization: Bearer $token" -H "x-ms-version: 2020-10-02" -d "" "https://$account.blob.core.windows.net/uploads?restype=container"
curl -s -o /dev/null -w "container again: %{http_code}\n" -X PUT -H "Authorization: Bearer $token" -H "x-ms-version: 2020-10-02" -d "" "https://$account.blob.core.windows.net/uploads?restype=container"
curl -s -i -X PUT -H "Authorization: Bearer $token" -H "x-ms-version: 2020-10-02" -H "x-ms-blob-type: BlockBlob" --data-binary @/etc/hosts "https://$account.blob.core.windows.net/uploads/hosts.txt" | tr -d '\r' | grep -i -E '^(HTTP|Content-MD5)'
curl -s -H "Authorization: Bearer $token" -H "x-ms-version: 2020-10-02" "https://$account.blob.core.windows.net/uploads/hosts.txt" | cmp - /etc/hosts && echo "hosts.txt: the same"
"#;

#[tokio::test]
async fn the_documented_commands() {
    let tools = Command::new("bash").args(["-c", "command -v curl jq cmp"]).output().await;
    if !tools.is_ok_and(|found| found.status.success()) {
        return skip("the documented commands", "it takes bash, curl, jq and cmp");
    }
    let options = Options { https: true, ..Options::default() };
    let lab = Lab::start(World::load(JUMPSTART).unwrap(), options).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    configure_curl(&lab, home.path());
    let output = Command::new("bash")
        .args(["-c", COMMANDS])
        .env("CURL_HOME", home.path())
        .env("NO_PROXY", "*")
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let md5 = lines(&text).find_map(|line| line.strip_prefix("content-md5: ").map(str::to_owned)).unwrap();
    assert_eq!(
        lines(&text).filter(|line| !line.starts_with("content-md5")).collect::<Vec<_>>(),
        [
            "scenario: Managed Identity",
            "group: arc_pilot",
            "tags: city datacentre owner scenario",
            "vault: arcmi00000000",
            "type: text/plain",
            "secret: Managed Identity",
            "container: 201",
            "container again: 409",
            "HTTP/1.1 201 Created",
            "hosts.txt: the same",
        ]
    );
    assert_eq!(md5.len(), 24);
    assert_eq!(lab.requests().iter().filter(|request| request.changed).count(), 2);
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_end)
}

fn configure_curl(lab: &Lab, home: &Path) {
    let ca = home.join("ca.pem");
    fs::write(&ca, lab.ca_pem().unwrap()).unwrap();
    let (himds, azure) = (lab.himds().port, lab.azure().port);
    let mut config = format!("cacert = \"{}\"\n", ca.display());
    for host in ["localhost", "127.0.0.1"] {
        let _ = writeln!(config, "connect-to = \"{host}:40342:127.0.0.1:{himds}\"");
    }
    // An empty host matches any host.
    let _ = writeln!(config, "connect-to = \":443:127.0.0.1:{azure}\"");
    fs::write(home.join(".curlrc"), config).unwrap();
}
