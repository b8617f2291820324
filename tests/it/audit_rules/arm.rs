//! Rules about resources of Azure and the directory, whatever kind of step and spelling writes them.

use super::{broken, place, report};

const SUB: &str = "/subscriptions/10000000-0000-4000-8000-000000000000";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/// The words for the secret, the subscription and the group in the steps of the tables.
const AROUND: &str = r#"
variable "v" {}
step "keyvault_secret" "s" {
  vault = "v01"
  name  = "s"
}
"#;

/// Asserts whether a rule finds something in each of these steps.
fn check(cases: &[(&str, String, bool)]) {
    for (rule, step, expected) in cases {
        let place = place(&format!("{AROUND}\n{step}\n"));
        let ran = place.run(&["audit", "-json", "place"]);
        let found = broken(&report(&ran));
        assert_eq!(found.contains(*rule), *expected, "{rule}: {step}\n{}", ran.seen());
    }
}

fn block(step_type: &str, arguments: &[(&str, &str)]) -> String {
    let lines: Vec<String> = arguments.iter().map(|(name, value)| format!("  {name} = {value}")).collect();
    format!("step \"{step_type}\" \"_x\" {{\n{}\n}}", lines.join("\n"))
}

/// Returns an `arm_resource` in the resource group.
fn resource(path: &str, body: &str) -> String {
    let id = format!("\"{SUB}/resourceGroups/g/{path}\"");
    block("arm_resource", &[("id", &id), ("api_version", "\"2024-01-01\""), ("body", body)])
}

/// Returns a request to a path of Azure Resource Manager.
fn http(method: &str, path: &str, json: &str) -> String {
    let url = format!("\"https://management.azure.com{path}?api-version=2022-04-01\"");
    let (method, audience) = (format!("\"{method}\""), "\"https://management.azure.com\"");
    block("http", &[("url", &url), ("method", &method), ("audience", audience), ("json", json)])
}

fn assignment() -> String {
    format!(
        "{{ properties = {{ roleDefinitionId = \"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}\" }} }}"
    )
}

/// Returns a template with one resource.
fn template(ty: &str, body: &str) -> String {
    let members = body.strip_prefix('{').expect("an object");
    format!("{{ resources = [{{ type = \"{ty}\", name = \"n\",{members}] }}")
}

#[test]
fn a_role_is_seen_in_every_spelling() {
    let (url, owner) = (format!("{SUB}/providers/Microsoft.Authorization/roleAssignments/r"), assignment());
    let put = |old: &str, new: &str| http("PUT", &url.replace(old, new), &owner);
    let batch = |requests: &str| http("POST", "/batch", &format!("{{ requests = {requests} }}"));
    let inner =
        |method: &str| format!("[{{ httpMethod = \"{method}\", url = \"{url}?a=b\", content = {owner} }}]");
    let whole = |method: &str| {
        let audience = ("audience", "\"https://management.azure.com\"");
        block("http", &[("url", "var.v"), ("method", method), audience, ("json", "{}")])
    };
    let definition = format!("{SUB}/PROVIDERS/microsoft.authorization/ROLEDEFINITIONS/r");
    let custom = "{ properties = { permissions = [{ actions = [\"*\"] }] } }";
    check(&[
        ("rights-owner", put("", ""), true),
        ("rights-owner", put("/providers", "/Providers"), true),
        ("rights-owner", put("/providers", "/%70roviders"), true),
        ("rights-owner", put("/roleAss", "/%72oleAss"), true),
        ("rights-owner", batch(&inner("PUT")), true),
        ("rights-owner", batch(&inner("GET")), false),
        ("rights-unknown-role", batch(&inner("PUT")), false),
        ("rights-unknown-role", batch("var.v"), true),
        ("rights-unknown-role", whole("\"PUT\""), true),
        ("rights-unknown-role", whole("\"GET\""), false),
        ("rights-wildcard", http("PUT", &definition, custom), true),
        ("rights-owner", http("PUT", "/${var.v}", &owner), true),
        ("rights-unknown-role", http("PUT", "/${var.v}", "var.v"), true),
        ("rights-unknown-role", http("PUT", "/${var.v}", "{ tags = {} }"), false),
    ]);
}

#[test]
fn a_role_is_seen_in_every_wrapping() {
    let deploys = |template: &str| format!("{{ properties = {{ mode = \"Incremental\", {template} }} }}");
    let assigns = template("Microsoft.Authorization/roleAssignments", &assignment());
    let here = deploys(&format!("template = {assigns}"));
    let link = deploys("templateLink = { uri = \"https://evil.example.com/t.json\" }");
    let nested = template("Microsoft.Resources/deployments", &link);
    let details = format!("details = {{ deployment = {here} }}");
    let policy = format!("{{ properties = {{ policyRule = {{ then = {{ {details} }} }} }} }}");
    let of = |ty: &str, body: &str| resource(&format!("providers/{ty}/n"), body);
    let (stacks, deployments) = ("Microsoft.Resources/deploymentStacks", "Microsoft.Resources/deployments");
    let deployed = |template: &str| {
        let scope = format!("\"{SUB}/resourceGroups/g\"");
        block("arm_deployment", &[("name", "\"n\""), ("scope", &scope), ("template", template)])
    };
    let container = "type = \"blobServices/containers\", properties = { publicAccess = \"Blob\" }";
    let inner = format!("{{ resources = [{{ {container} }}] }}");
    check(&[
        ("rights-owner", of(stacks, &here), true),
        ("rights-owner", of(deployments, &here), true),
        ("rights-owner", of("Microsoft.Authorization/policyDefinitions", &policy), true),
        ("rights-unknown-role", of(deployments, &link), true),
        ("rights-unknown-role", of(stacks, &link), true),
        ("rights-unknown-role", of(deployments, "var.v"), true),
        ("rights-unknown-role", of(deployments, &here), false),
        ("rights-unknown-role", deployed(&nested), true),
        ("rights-unknown-role", deployed(&assigns), false),
        ("public-access", deployed(&template("Microsoft.Storage/storageAccounts", &inner)), true),
    ]);
}

#[test]
fn a_policy_of_a_vault_is_seen_whatever_writes_it() {
    let vault = |kind: &str, words: &str| {
        format!(
            "{{ properties = {{ accessPolicies = [{{ objectId = \"o\", permissions = {{ {kind} = [{words}] }} }}] }} }}"
        )
    };
    let path = "providers/Microsoft.KeyVault/vaults/v01";
    let template = template("Microsoft.KeyVault/vaults", &vault("keys", "\"purge\""));
    let scope = format!("\"{SUB}/resourceGroups/g\"");
    let deployed = block("arm_deployment", &[("name", "\"n\""), ("scope", &scope), ("template", &template)]);
    check(&[
        ("rights-vault-policy", resource(path, &vault("secrets", "\"all\"")), true),
        ("rights-vault-policy", resource(path, &vault("keys", "\"get\", \"Purge\"")), true),
        (
            "rights-vault-policy",
            resource(&format!("{path}/accessPolicies/add"), &vault("keys", "\"purge\"")),
            true,
        ),
        (
            "rights-vault-policy",
            http("PATCH", &format!("{SUB}/resourceGroups/g/{path}"), &vault("secrets", "\"all\"")),
            true,
        ),
        ("rights-vault-policy", deployed, true),
        ("rights-vault-policy", resource(path, &vault("secrets", "\"get\", \"delete\"")), false),
    ]);
}

#[test]
fn a_server_that_lets_the_public_in_is_seen_whatever_it_serves() {
    let rule = |start: &str, end: &str| {
        format!("{{ properties = {{ startIpAddress = \"{start}\", endIpAddress = \"{end}\" }} }}")
    };
    let enabled = "{ properties = { publicNetworkAccess = \"Enabled\" } }";
    let vault = format!("{SUB}/resourceGroups/g/Providers/Microsoft.KeyVault/vaults/v01");
    let servers = [
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "Microsoft.DBforMySQL/flexibleServers",
        "Microsoft.DBforMariaDB/servers",
        "Microsoft.Sql/servers",
        "Microsoft.Synapse/workspaces",
    ];
    for server in servers {
        let path = format!("providers/{server}/s/firewallRules/all");
        check(&[
            ("public-access", resource(&path, &rule("0.0.0.0", "255.255.255.255")), true),
            ("public-access", resource(&path, &rule("0.0.0.0", "0.0.0.0")), true),
            ("public-access", resource(&path, &rule("203.0.113.7", "203.0.113.9")), false),
        ]);
    }
    check(&[
        ("public-access", http("PUT", &vault, enabled), true),
        ("public-access", resource("providers/Microsoft.Sql/servers/s", enabled), true),
        (
            "public-access",
            resource(
                "providers/Microsoft.ContainerRegistry/registries/r",
                "{ properties = { networkRuleSet = { defaultAction = \"Allow\" } } }",
            ),
            true,
        ),
        (
            "public-access",
            resource(
                "providers/Microsoft.Cache/redis/r/firewallRules/all",
                "{ properties = { startIP = \"0.0.0.0\", endIP = \"255.255.255.255\" } }",
            ),
            true,
        ),
        ("public-access", resource("providers/Microsoft.Web/sites/w", enabled), false),
    ]);
}

/// The method, the URL (without a host: below that of the public cloud), the body, and whether it gives a right.
const GRAPH: [(&str, &str, &str, bool); 19] = [
    ("POST", "/v1.0/roleManagement/directory/roleAssignments", "{}", true),
    ("POST", "/beta/ROLEMANAGEMENT/directory/roleEligibilityScheduleRequests", "{}", true),
    ("POST", "/v1.0/role%4Danagement/directory/roleAssignments", "{}", true),
    ("POST", "https://GRAPH.microsoft.us/v1.0/directoryRoles(roleTemplateId='x')/members/$ref", "{}", true),
    (
        "POST",
        "https://microsoftgraph.chinacloudapi.cn/v1.0/servicePrincipals/i/appRoleAssignedTo",
        "{}",
        true,
    ),
    ("POST", "/v1.0/servicePrincipals/${var.v}/appRoleAssignments", "{}", true),
    ("POST", "/v1.0/oauth2PermissionGrants", "{}", true),
    ("POST", "/v1.0/applications/i/addPassword", "{}", true),
    ("POST", "/v1.0/applications(appId='i')/microsoft.graph.addKey", "{}", true),
    ("POST", "/v1.0/applications/i/owners/$ref", "{}", true),
    ("POST", "/v1.0/applications/i/federatedIdentityCredentials", "{}", true),
    ("PATCH", "/v1.0/applications/i", "{ keyCredentials = [{ key = \"x\" }] }", true),
    (
        "POST",
        "/v1.0/$batch",
        "{ requests = [{ method = \"POST\", url = \"/applications/i/addPassword\" }] }",
        true,
    ),
    (
        "POST",
        "/v1.0/$batch",
        "{ requests = [{ method = \"GET\", url = \"/applications/i/owners\" }] }",
        false,
    ),
    ("GET", "/v1.0/roleManagement/directory/roleAssignments", "{}", false),
    ("DELETE", "/v1.0/roleManagement/directory/roleAssignments/a", "{}", false),
    ("PATCH", "/v1.0/applications/i", "{ displayName = \"x\", keyCredentials = [] }", false),
    ("POST", "https://web.test/v1.0/owners", "{}", false),
    ("POST", "https://graph.microsoft.com.web.test/v1.0/owners", "{}", false),
];

#[test]
fn a_right_in_the_directory_is_seen_in_every_cloud_and_spelling() {
    for (method, url, json, expected) in GRAPH {
        let host = if url.starts_with('/') { "https://graph.microsoft.com" } else { "" };
        let (url, method) = (format!("\"{host}{url}\""), format!("\"{method}\""));
        let step = block("http", &[("url", &url), ("method", &method), ("json", json)]);
        check(&[("rights-delegation", step, expected)]);
    }
    let hidden =
        [("method", "\"POST\""), ("json", "var.v"), ("url", "\"https://graph.microsoft.com/v1.0/%24batch\"")];
    let elevation = http("POST", "/providers/Microsoft.Authorization/%65levateAccess", "{}");
    check(&[("rights-unknown-role", block("http", &hidden), true), ("rights-delegation", elevation, true)]);
}

#[test]
fn a_deployment_that_deletes_is_seen_whatever_sends_it() {
    let scope = format!("\"{SUB}/resourceGroups/g\"");
    let deployed = |mode: &str| {
        block(
            "arm_deployment",
            &[("name", "\"n\""), ("scope", &scope), ("template", "{ resources = [] }"), ("mode", mode)],
        )
    };
    let body = |member: &str| format!("{{ properties = {{ template = {{ resources = [] }}, {member} }} }}");
    let stacks = "providers/Microsoft.Resources/deploymentStacks/n";
    let deployments = "providers/Microsoft.Resources/deployments/n";
    check(&[
        ("deletes-undeclared", deployed("\"complete\""), true),
        ("deletes-undeclared", deployed("var.v"), true),
        ("deletes-undeclared", deployed("\"incremental\""), false),
        ("deletes-undeclared", resource(deployments, &body("mode = \"Complete\"")), true),
        ("deletes-undeclared", resource(deployments, &body("mode = \"Incremental\"")), false),
        (
            "deletes-undeclared",
            resource(stacks, &body("actionOnUnmanage = { resources = \"delete\" }")),
            true,
        ),
        (
            "deletes-undeclared",
            resource(stacks, &body("actionOnUnmanage = { resources = \"detach\" }")),
            false,
        ),
        (
            "deletes-undeclared",
            http("PUT", &format!("{SUB}/resourceGroups/g/{deployments}"), &body("mode = \"complete\"")),
            true,
        ),
    ]);
}
