//! The rule about secrets that become settings or names.

use super::{broken, place, report};

/// A step before the others, which reads the secret.
const SECRET: &str = "step \"keyvault_secret\" \"s\" {\n  vault = \"v01\"\n  name  = \"s\"\n}\n";
const GROUP: &str = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g";

#[test]
fn a_secret_that_others_see_is_found_wherever_it_is_written() {
    let resource = |more: &str| {
        let id = format!("{GROUP}/providers/Microsoft.Compute/virtualMachines/m");
        format!(
            "step \"arm_resource\" \"_x\" {{\n  id = \"{id}\"\n  api_version = \"2024-07-01\"\n  {more}\n}}"
        )
    };
    let deployment = |ty: &str, argument: &str| {
        let template = format!("{{ parameters = {{ Pw = {{ type = \"{ty}\" }} }}, resources = [] }}");
        format!(
            "step \"arm_deployment\" \"_x\" {{\n  name = \"n\"\n  scope = \"{GROUP}\"\n  template = {template}\n  {argument} = {{ pw = SECRET }}\n}}"
        )
    };
    let in_template = format!(
        "step \"arm_deployment\" \"_x\" {{\n  name = \"n\"\n  scope = \"{GROUP}\"\n  template = {{ resources = [], variables = {{ pw = SECRET }} }}\n}}"
    );
    let tags =
        |ty: &str, more: &str| format!("step \"{ty}\" \"_x\" {{\n  {more}\n  tags = {{ pw = SECRET }}\n}}");
    let http = |json: &str| {
        let url = format!("https://management.azure.com{GROUP}?api-version=2021-04-01");
        format!("step \"http\" \"_x\" {{\n  url = \"{url}\"\n  method = \"PUT\"\n  json = {json}\n}}")
    };
    let file = |ty: &str, more: &str| {
        format!("step \"{ty}\" \"_x\" {{\n  path = \"/tmp/${{SECRET}}\"\n  {more}\n}}")
    };
    let vault = "vault = \"v01\"\n  name = \"t\"\n  value = \"x\"\n  expires_on = \"2030-01-01T00:00:00Z\"";
    let group = "subscription_id = \"10000000-0000-4000-8000-000000000000\"\n  name = \"g\"\n  location = \"westeurope\"";
    for (step, expected) in [
        (tags("resource_group", group), true),
        (tags("resource_tags", &format!("id = \"{GROUP}\"")), true),
        (tags("keyvault_secret_set", vault), true),
        (resource("body = { tags = { pw = SECRET } }"), true),
        (resource("body = { tags = { password = SECRET } }\n  write_only = [\"tags.password\"]"), true),
        (resource("body = {}\n  sensitive_body = { tags = { pw = SECRET } }"), true),
        (resource("body = { properties = { description = \"pw ${SECRET}\" } }"), true),
        (resource("body = { properties = { rules = [{ key = SECRET }] } }"), true),
        (resource("body = { properties = { osProfile = { adminPassword = SECRET } } }"), false),
        (resource("body = { properties = { key = SECRET } }\n  write_only = [\"properties.key\"]"), false),
        (resource("body = {}\n  sensitive_body = { properties = { key = SECRET } }"), false),
        (resource("body = { properties = { key = SECRET } }\n  absent = true"), false),
        (deployment("string", "parameters"), true),
        (deployment("object", "sensitive_parameters"), true),
        (deployment("secureString", "parameters"), false),
        (deployment("SecureObject", "sensitive_parameters"), false),
        (in_template, true),
        (http("{ location = \"west\", tags = { pw = SECRET } }"), true),
        (http("{ location = \"west\", properties = { adminPassword = SECRET } }"), false),
        (file("directory", ""), true),
        (file("file", "content = \"x\""), true),
        (file("template", "content = \"x\"\n  engine = \"jinja\""), true),
        (file("file", "content = \"x\"").replace("${SECRET}", "y"), false),
        ("step \"file\" \"_x\" {\n  path = \"/tmp/y\"\n  content = SECRET\n}".to_owned(), false),
    ] {
        let runbook = format!("{SECRET}{}", step.replace("SECRET", "step.keyvault_secret.s.value"));
        let ran = place(&runbook).run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("secret-in-setting"), expected, "{step}\n{}", ran.seen());
    }
}
