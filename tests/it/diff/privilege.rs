//! The edits that make a runbook more powerful, and those that do not.

use super::support::difference;
use crate::support::Place;

/// The steps before and after an edit, and the kind of the growth; none for no growth.
const EDITS: [(&str, &str, &str, Option<&str>); 46] = [
    ("role", "role = \"Reader\"", "role = \"Owner\"", Some("rights")),
    (
        "role",
        "principal_id = \"22222222-2222-4222-8222-222222222222\"",
        "principal_id = \"33333333-2222-4222-8222-222222222222\"",
        Some("rights"),
    ),
    ("role", "description = \"a\"", "description = \"b\"", None),
    ("policy", "secrets = [\"Get\"]", "secrets = [\"Get\", \"Set\"]", Some("rights")),
    (
        "member",
        "member_id = \"22222222-2222-4222-8222-222222222222\"",
        "member_id = \"33333333-2222-4222-8222-222222222222\"",
        Some("rights"),
    ),
    ("exec", "stdin = \"echo a\"", "stdin = \"echo b\"", Some("code")),
    ("exec", "LD_PRELOAD = \"a\"", "LD_PRELOAD = \"b\"", Some("code")),
    ("exec", "timeout = \"1m\"", "timeout = \"2m\"", None),
    ("sudoers", "content = \"a\"", "content = \"b\"", Some("content")),
    ("sudoers", "owner = \"root\"", "owner = \"ann\"", Some("content")),
    ("notes", "content = \"a\"", "content = \"b\"", None),
    ("notes", "mode = \"0644\"", "mode = \"0755\"", Some("file")),
    ("script", "script = \"id\"", "script = \"id; id\"", Some("code")),
    ("get", "/me\"", "/users\"", Some("request")),
    ("get", "method = \"GET\"", "method = \"DELETE\"", Some("request")),
    ("get", "X-A = \"a\"", "X-HTTP-Method-Override = \"DELETE\"", Some("request")),
    ("post", "text = \"a\"", "text = file(\"own.txt\")", Some("file")),
    ("post", "https://a.example.com/", "https://b.example.com/", Some("host")),
    ("post", "https://a.example.com/x", "https://a.example.com/y", Some("request")),
    ("post", "text = \"a\"", "text = \"b\"\n  effect = \"reads\"", Some("request")),
    ("own", "/repos/a", "/repos/b", Some("request")),
    ("public", "/index", "/data", None),
    ("credential", "group = \"root\"", "group = \"users\"", Some("content")),
    ("statement", "set x = 0", "set x = 9", Some("statement")),
    ("shown", "value = 1", "value = file(\"/etc/shadow\")", Some("file")),
    ("shown", "value = 1", "value = filebase64(\"/etc/shadow\")", Some("file")),
    ("shown", "value = 1", "value = templatefile(\"/etc/shadow\", {})", Some("file")),
    ("shown", "value = 1", "value = file(\"own.txt\")", None),
    ("shown", "value = 1", "value = file(var.cid)", Some("file")),
    ("told", "\"no\"", "file(local.place)", Some("file")),
    ("told", "\"no\"", "\"no ${file(\"/etc/shadow\")}\"", Some("file")),
    ("echo", "input = 1", "input = file(\"/etc/shadow\")", Some("file")),
    ("resource", "allowBlobPublicAccess = false", "allowBlobPublicAccess = true", Some("rights")),
    ("action", "body = { a = 1 }", "body = { a = 2 }", Some("rights")),
    ("deployment", "mode = \"incremental\"", "mode = \"complete\"", Some("rights")),
    ("deployment", "type = \"A.B/c\"", "type = \"A.B/d\"", Some("rights")),
    ("extension", "commandToExecute = \"a\"", "commandToExecute = \"b\"", Some("code")),
    (
        "arc",
        "tenant_id = \"77777777-1111-4111-8111-111111111111\"",
        "tenant_id = \"88888888-1111-4111-8111-111111111111\"",
        Some("rights"),
    ),
    ("arc", "gateways/a\"", "gateways/b\"", Some("rights")),
    ("arc", "cloud = \"AzureCloud\"", "cloud = \"AzureChinaCloud\"", Some("rights")),
    (
        "left",
        "client_id = \"99999999-1111-4111-8111-111111111111\"",
        "client_id = \"88888888-1111-4111-8111-111111111111\"",
        Some("rights"),
    ),
    ("query", "parameters = [\"reader\"]", "parameters = [\"owner\"]", Some("code")),
    ("query", "tls = \"verify-full\"", "tls = \"require\"", Some("code")),
    ("query", "select set_role($1)", "select set_role($1) -- b", Some("statement")),
    ("echo", "input = 1", "input = 2", None),
    (
        "acting",
        "default = \"44444444-1111-4111-8111-111111111111\"",
        "default = \"55555555-1111-4111-8111-111111111111\"",
        Some("identity"),
    ),
];

/// The runbook that is edited.
const BEFORE: &str = include_str!("powers.runbook.hcl");

#[test]
fn whatever_may_give_more_power_counts() {
    let place = Place::new();
    let before = BEFORE;
    for side in ["old", "new"] {
        place.write(&format!("{side}/own.txt"), "own");
        place.write(&format!("{side}/main.runbook.hcl"), before);
    }
    let none = place.run(&["diff", "old", "new", "-fail-on", "privilege"]);
    assert_eq!(none.code, Some(0), "{}", none.seen());
    for (name, old, new, kind) in EDITS {
        // The edit is in the block of that name.
        let start = before.find(&format!("\"{name}\" {{")).unwrap_or_default();
        let start = if kind == Some("identity") { 0 } else { start };
        let after = format!("{}{}", &before[..start], before[start..].replacen(old, new, 1));
        assert_ne!(after, before, "{name}: nothing is {old}");
        place.write("new/main.runbook.hcl", &after);
        let told = difference(&place, "old", "new");
        let kinds: Vec<&str> = told["privilege"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["kind"].as_str())
            .collect();
        match kind {
            Some(kind) => assert!(kinds.contains(&kind), "{name}: {new}: {kinds:?}"),
            None => assert!(kinds.is_empty(), "{name}: {new}: {kinds:?}"),
        }
        let code = place.run(&["diff", "old", "new", "-fail-on", "privilege"]).code;
        assert_eq!(code, Some(if kind.is_some() { 2 } else { 0 }), "{name}: {new}");
    }
}

#[test]
fn the_code_beside_a_runbook_counts() {
    let place = Place::new();
    let runbook = r#"
step "exec" "a" { argv = ["./go.sh"] }
step "exec" "b" { argv = ["bash", "-e", "two.sh", "data.txt"] }
step "template" "c" {
  source = "cron.j2"
  path   = "/etc/cron.d/x"
}
step "exec" "d" { argv = ["sh", "-c", "cat notes.txt", "notes.txt"] }
step "exec" "e" { argv = ["sudo", "-u", "app", "python3", "-u", "three.py"] }
step "exec" "f" { argv = ["sh", "-c", "cd . && ./four.sh"] }
"#;
    let files = ["go.sh", "two.sh", "cron.j2", "three.py", "four.sh", "notes.txt", "data.txt"];
    for side in ["old", "new"] {
        place.write(&format!("{side}/main.runbook.hcl"), runbook);
        for file in files {
            place.write(&format!("{side}/{file}"), "a\n");
        }
    }
    for (file, is_code) in files.into_iter().zip([true, true, true, true, true, false, false]) {
        place.write(&format!("new/{file}"), "b\n");
        let told = difference(&place, "old", "new");
        let growth = told["privilege"].as_array().expect("a list");
        assert_eq!(growth.iter().any(|one| one["kind"] == "code"), is_code, "{file}: {told:#}");
        place.write(&format!("new/{file}"), "a\n");
    }
    // The file of a plan holds the digests, so that a script is the reviewed one when it runs.
    place.write("book/two.sh", "echo reviewed\n");
    place.write("book/main.runbook.hcl", "step \"exec\" \"b\" { argv = [\"bash\", \"two.sh\"] }\n");
    assert_eq!(place.run(&["plan", "-out", "b.plan", "book"]).code, Some(0));
    place.write("book/two.sh", "echo other > made.txt\n");
    let ran = place.run(&["run", "b.plan"]);
    assert!(ran.code == Some(3) && ran.err.contains("two.sh"), "{}", ran.seen());
    assert!(!place.path().join("book/made.txt").exists(), "{}", ran.seen());
}

fn kinds(difference: &serde_json::Value) -> Vec<&str> {
    let growth = difference["privilege"].as_array().expect("a list");
    growth.iter().filter_map(|one| one["kind"].as_str()).collect()
}

#[test]
fn the_content_of_a_file_counts_where_it_decides() {
    let run = |argv: &str| format!("step \"exec\" \"run\" {{ argv = {argv} }}\n");
    for (path, other, counts) in [
        ("//etc/passwd", String::new(), true),
        ("/./etc/passwd", String::new(), true),
        ("/home/x/../../etc/passwd", String::new(), true),
        ("../../../../etc/passwd", String::new(), true),
        ("/run/systemd/system/x.service", String::new(), true),
        ("/proc/sys/kernel/core_pattern", String::new(), true),
        ("/srv/go.sh", run("[\"bash\", \"/srv/go.sh\"]"), true),
        ("/srv/./go.sh", run("[\"sh\", \"-c\", \"cd /srv; . ./go.sh\"]"), true),
        ("/srv/x.service", run("[\"systemctl\", \"link\", \"/srv/x.service\"]"), true),
        ("/home/arc/.zshrc", String::new(), true),
        ("/home/arc/.config/systemd/user/x.service", String::new(), true),
        ("/var/lib/postgresql/16/main/pg_hba.conf", String::new(), true),
        ("/var/www/html/index.php", String::new(), true),
        ("/tmp/../srv/app/app.py", String::new(), true),
        (
            "C:/Users/x/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/x.bat",
            String::new(),
            true,
        ),
        ("/tmp/go.sh", run("[\"bash\", \"/tmp/go.sh\"]"), true),
        ("/tmp/data.txt", run("[\"bash\", \"/srv/go.sh\"]"), false),
        ("/var/log/arc.txt", String::new(), false),
        ("${var.dir}/x", "variable \"dir\" { type = string }\n".to_owned(), true),
        ("out/data.txt", run("[\"bash\", \"/srv/go.sh\"]"), false),
    ] {
        let place = Place::new();
        for (side, content) in [("old", "a"), ("new", "b")] {
            let file =
                format!("step \"file\" \"f\" {{\n  path    = \"{path}\"\n  content = \"{content}\"\n}}\n");
            place.write(&format!("{side}/main.runbook.hcl"), file + &other);
        }
        let told = difference(&place, "old", "new");
        assert_eq!(kinds(&told).contains(&"content"), counts, "{path} {other}: {told:#}");
    }
}

#[test]
fn a_response_that_is_kept_where_it_decides_counts() {
    let place = Place::new();
    for (side, file) in [("old", "good"), ("new", "evil")] {
        let step = format!(
            "step \"http\" \"a\" {{\n  url     = \"https://example.com/{file}\"\n  save_to = \"/etc/cron.d/x\"\n}}\n"
        );
        place.write(&format!("{side}/main.runbook.hcl"), step);
    }
    let told = difference(&place, "old", "new");
    assert!(kinds(&told).contains(&"content"), "{told:#}");
}

#[test]
fn a_secret_that_is_none_any_more_counts() {
    for mark in ["sensitive", "ephemeral"] {
        let place = Place::new();
        let variable = |line: &str| format!("variable \"a\" {{\n  type = string\n  {line}\n}}\n");
        place.write("old/main.runbook.hcl", variable(&format!("{mark} = true")));
        place.write("new/main.runbook.hcl", variable(""));
        assert_eq!(kinds(&difference(&place, "old", "new")), ["secret"], "{mark}");
        assert_eq!(kinds(&difference(&place, "new", "old")), [""; 0], "{mark}");
    }
}

#[test]
fn what_a_plan_file_hides_may_differ() {
    let place = Place::new();
    let runbook = |script: &str| {
        format!(
            "locals {{ s = sensitive(\"{script}\") }}\nstep \"exec\" \"a\" {{\n  argv  = [\"bash\"]\n  stdin = local.s\n}}\n"
        )
    };
    for (plan, script) in [("a.plan", "touch good"), ("b.plan", "touch evil")] {
        place.write("main.runbook.hcl", runbook(script));
        assert_eq!(place.run(&["plan", "-out", plan]).code, Some(0));
    }
    assert_eq!(place.run(&["diff", "a.plan", "b.plan", "-fail-on", "privilege"]).code, Some(2));
}

/// The names of local values and the words of messages decide nothing.
#[test]
fn what_decides_nothing_is_no_growth() {
    let place = Place::new();
    let runbook = |name: &str, message: &str| {
        format!(
            r#"
locals {{ {name} = "a" }}
step "metadata" "m" {{
  postcondition {{
    condition     = self.name != ""
    error_message = "{message}"
  }}
}}
step "http" "a" {{
  url = "https://example.com/${{step.metadata.m.name}}/${{local.{name}}}"
}}
step "http" "b" {{
  run_on = "always"
  url    = "https://example.com/${{local.{name}}}/b"
}}
"#
        )
    };
    place.write("old/main.runbook.hcl", runbook("one", "no name"));
    for (name, message) in [("two", "no name"), ("one", "the machine has no name")] {
        place.write("new/main.runbook.hcl", runbook(name, message));
        assert!(kinds(&difference(&place, "old", "new")).is_empty(), "{name}: {message}");
    }
}

#[test]
fn a_host_that_depends_on_the_machine_counts() {
    let place = Place::new();
    let runbook = |host: &str| {
        format!(
            "step \"http\" \"a\" {{\n  url = can(file(\"/etc/zz\")) ? \"https://a.example.com/\" : \"https://{host}/\"\n}}\n"
        )
    };
    place.write("old/main.runbook.hcl", runbook("b.example.com"));
    place.write("new/main.runbook.hcl", runbook("evil.example.net"));
    assert!(kinds(&difference(&place, "old", "new")).contains(&"unknown"));
}
