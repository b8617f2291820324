//! The first page is true and complete, and no text of a runbook can forge a part of it.

use std::fs;

use crate::support::{Place, Ran};

/// Texts that try to look like rows of a page, however it is laid out.
fn forgeries() -> Vec<String> {
    let spaces = " ".repeat(82);
    vec![
        format!("Tags this machine.{spaces}Acts as     forged{}Changes   (none) forged", " ".repeat(57)),
        format!("{} Acts as     forged", "word ".repeat(40)),
        "x\nActs as     forged\n 2  run forged\n".to_owned(),
        "x\n\n~ step.exec.forged\n    argv = [\"forged\"]".to_owned(),
        "x\tforged\u{a0}\u{a0}\u{a0}\u{a0}forged\u{2003}\u{2003}forged".to_owned(),
        format!("{}Acts as     forged", "w".repeat(99)),
    ]
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("JSON").replace("${", "$${")
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran
}

/// Returns the lines of a page that only the forgery can have written.
fn forged(page: &str) -> Vec<&str> {
    let is_forged = |line: &&str| {
        let text = line.trim_start();
        let column = line.len() - text.len();
        let begins =
            ["Acts as  ", "Changes   (none)", "~ step.exec.forged", "2  run forged", "argv = [\"forged\"]"];
        // Columns of labels, rows, entries and arguments are even.
        let is_own_column = column.is_multiple_of(2) && begins.iter().any(|begin| text.starts_with(begin));
        let is_quoted = line.contains(" = ") || text.starts_with('"');
        line.contains("forged") && (is_own_column || text.contains("   forged") && !is_quoted)
    };
    page.lines().filter(is_forged).collect()
}

#[test]
fn no_text_of_a_runbook_forges_a_part_of_a_page() {
    for text in forgeries() {
        let quoted = quoted(&text);
        for (place_of_text, runbook) in [
            (
                "description",
                format!(
                    "runbook {{\n  description = {quoted}\n}}\nstep \"echo\" \"a\" {{\n  input = 1\n}}\n"
                ),
            ),
            (
                "description of a step",
                format!("step \"exec\" \"a\" {{\n  description = {quoted}\n  argv = [\"true\"]\n}}\n"),
            ),
            ("program", format!("step \"exec\" \"a\" {{\n  argv = [{quoted}]\n}}\n")),
            ("argument", format!("step \"exec\" \"a\" {{\n  argv = [\"true\", {quoted}]\n}}\n")),
            (
                "read",
                format!("step \"exec\" \"a\" {{\n  argv = [\"true\", {quoted}]\n  effect = \"reads\"\n}}\n"),
            ),
            (
                "unless",
                format!("step \"exec\" \"a\" {{\n  argv = [\"true\"]\n  unless = [\"true\", {quoted}]\n}}\n"),
            ),
            (
                "directory",
                format!("step \"exec\" \"a\" {{\n  argv = [\"true\"]\n  directory = {quoted}\n}}\n"),
            ),
            ("path", format!("step \"file\" \"a\" {{\n  path = {quoted}\n  content = \"x\"\n}}\n")),
            ("content", format!("step \"file\" \"a\" {{\n  path = \"a\"\n  content = {quoted}\n}}\n")),
            (
                "key",
                format!("step \"exec\" \"a\" {{\n  for_each = toset([{quoted}])\n  argv = [\"true\"]\n}}\n"),
            ),
            (
                "name",
                format!(
                    "step \"blob_upload\" \"a\" {{\n  account = \"acc01\"\n  container = \"old\"\n  name = {quoted}\n  content = \"x\"\n}}\n"
                ),
            ),
            ("output", format!("output \"a\" {{\n  value = {{ {quoted} = {quoted} }}\n}}\n")),
        ] {
            let place = Place::with(&runbook);
            for arguments in [
                &["plan"][..],
                &["plan", "-requests", "-verbose"],
                &["plan", "-out", "a.plan"],
                &["show", "-requests", "-verbose", "a.plan"],
            ] {
                for width in ["40", "100", "200"] {
                    let ran = Ran::of(place.command(arguments).env("COLUMNS", width).output().expect("ran"));
                    if ran.code == Some(3) {
                        // The text is refused.
                        continue;
                    }
                    let found = forged(&ran.out);
                    assert!(found.is_empty(), "{place_of_text}, {text:?}: {found:#?}\n{}", ran.seen());
                }
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn records_and_undos_do_not_forge_either() {
    for text in forgeries() {
        let short: String = text.chars().take(120).collect();
        let (long, place) = (quoted(&text), Place::new());
        let runbook = format!(
            "step \"file\" \"a\" {{\n  path = {}\n  content = \"x\"\n}}\nstep \"exec\" \"b\" {{\n  argv = [\"sh\", \"-c\", \"printf '%s' \\\"$0\\\" >&2; exit 1\", {long}]\n  depends_on = [step.file.a]\n}}\n",
            quoted(&short)
        );
        // The name of the directory is that of the runbook.
        place.write(&format!("{short}/main.runbook.hcl"), runbook);
        let ran = place.run(&["run", "-auto-approve", &short]);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        for arguments in
            [&["show", "-events", "-requests"][..], &["undo", "-plan", "-runbook", &short], &["runs"]]
        {
            let ran = ok(place.run(arguments));
            let found = forged(&ran.out);
            assert!(found.is_empty(), "{text:?}: {found:#?}\n{}", ran.seen());
        }
    }
}

const UNDECIDED: &str = r#"
step "exec" "p" {
  argv   = ["echo", "purge"]
  effect = "reads"
}
"#;

#[cfg(unix)]
#[test]
fn a_step_that_may_delete_has_a_symbol_of_its_own() {
    let gone = "step.exec.p.stdout == \"purge\\n\"";
    for (arguments, symbol, after) in [
        ("\"file\" \"x\" {\n  path = \"x\"\n  content = \"x\"\n", "~", true),
        (
            &format!(
                "\"file\" \"x\" {{\n  path = \"x\"\n  state = {gone} ? \"absent\" : \"present\"\n  content = {gone} ? null : \"x\"\n"
            ),
            "~/-",
            false,
        ),
        ("\"file\" \"x\" {\n  path = \"x\"\n  state = \"absent\"\n", "-", false),
        (
            &format!(
                "\"arm_resource\" \"x\" {{\n  id = \"/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/x\"\n  absent = {gone}\n  body = {{}}\n"
            ),
            "~/-",
            true,
        ),
    ] {
        let place = Place::with(&format!("{UNDECIDED}step {arguments}}}\n"));
        place.write("x", "old");
        let plan = ok(place.run(&["plan"])).out;
        assert!(plan.contains(&format!("\n{symbol} step.")), "{symbol}: {plan}");
        let change = plan.lines().find_map(|line| line.strip_prefix("Changes ")).expect("a change");
        assert_eq!(change.split_whitespace().next(), Some(symbol), "{plan}");
        if arguments.starts_with("\"file") {
            ok(place.run(&["run", "-auto-approve"]));
            assert_eq!(place.path().join("x").exists(), after, "{arguments}");
        }
    }
}

#[test]
fn a_live_plan_says_that_an_unknown_change_may_delete() {
    for (state, symbol) in [
        ("state = step.exec.later.stdout == \"x\" ? \"absent\" : \"present\"\n  content = \"x\"", "?/-"),
        ("content = step.exec.later.stdout", "?"),
    ] {
        let place = Place::with(&format!(
            "step \"exec\" \"later\" {{\n  argv = [\"true\"]\n}}\nstep \"file\" \"x\" {{\n  path = \"x\"\n  {state}\n}}\n"
        ));
        place.write("x", "old");
        let plan = ok(place.run(&["plan", "-live"])).out;
        assert!(plan.contains(&format!("\n{symbol} step.file.x")), "{symbol}: {plan}");
        assert!(plan.contains("?/- may delete"), "{plan}");
    }
}

#[cfg(unix)]
#[test]
fn the_page_says_who_acts() {
    let vault = "step \"keyvault_secret\" \"s\" {\n  vault = \"kv01\"\n  name = \"s\"\n}\n";
    let file = "step \"file\" \"f\" {\n  path = \"f\"\n  content = \"x\"\n}\n";
    let program = "step \"exec\" \"e\" {\n  argv = [\"true\"]\n}\n";
    let user = "ann@web01";
    for (runbook, identity, local) in [
        ("step \"echo\" \"e\" {\n  input = 1\n}\n".to_owned(), false, None),
        (vault.to_owned(), true, None),
        (file.to_owned(), false, Some("(for files)")),
        (format!("{file}{program}"), false, Some("(for programs and files)")),
        (format!("{vault}{program}"), true, Some("(for programs)")),
    ] {
        let place = Place::with(&runbook);
        let page = ok(place.run(&["plan"])).out;
        assert_eq!(page.contains("the machine's managed identity"), identity, "{page}");
        assert_eq!(page.contains(user), local.is_some(), "{page}");
        assert!(local.is_none_or(|words| page.contains(&format!("{user} {words}"))), "{page}");
        assert_eq!(page.contains("Acts as"), identity || local.is_some(), "{page}");
        if !identity {
            let ran = ok(place.run(&["run", "-auto-approve"]));
            assert!(ran.seen().contains(&format!("as {user}")), "{}", ran.seen());
            let record = ok(place.run(&["show", "-events"])).out;
            assert!(record.contains("As          ann@web01; no step uses another identity"), "{record}");
            assert!(!record.contains("managed identity"), "{record}");
        }
    }
}

const PROGRAMS: &str = r#"
step "exec" "facts" {
  argv   = ["sh", "-c", "echo facts"]
  effect = "reads"
}
step "exec" "cond" {
  argv   = ["sh", "-c", "echo cond"]
  unless = ["sh", "-c", "test -f /nowhere"]
}
step "exec" "many" {
  for_each = toset([for n in range(7) : tostring(n)])
  argv     = ["sh", "-c", "echo number ${each.key}"]
}
step "exec" "same" {
  count = 3
  argv  = ["sh", "-c", "echo same"]
}
step "exec" "one" {
  argv = ["true"]
  stdin = "1"
}
step "exec" "other" {
  argv = ["true"]
  stdin = "2"
}
step "exec" "long" {
  argv = ["echo", join("", [for n in range(500) : "x"])]
}
step "file" "f" {
  path   = "f"
  source = "main.runbook.hcl"
  mode   = "0640"
  group  = "0"
}
"#;

#[cfg(unix)]
#[test]
fn every_program_is_on_the_page_with_its_arguments() {
    let place = Place::with(PROGRAMS);
    let first = |page: &str| page.split("\n\n<").next().expect("a page").to_owned();
    let plan = first(&ok(place.run(&["plan"])).out);
    let expected = [
        "step.exec.facts  declared to change nothing",
        "sh -c 'echo facts'",
        "sh -c 'echo cond'",
        "unless another program succeeds",
        "step.exec.cond   looks before its change",
        "sh -c 'test -f /nowhere'",
        "sh -c 'echo number 0', sh -c 'echo number 1', sh -c 'echo number 2', … (7)",
        "3 times",
        "with stdin, step.exec.one",
        "with stdin, step.exec.other",
        "(and 385 characters)",
        "from main.runbook.hcl, mode 0640, group 0",
        "… stands for more: -verbose shows all of it.",
    ];
    for expected in expected {
        assert!(plan.contains(expected), "{expected}: {plan}");
    }
    ok(place.run(&["run", "-auto-approve"]));
    let record = ok(place.run(&["show"])).out;
    for expected in expected[..7].iter().chain(&expected[8..10]).chain(&expected[11..12]) {
        assert!(record.contains(expected), "{expected}: {record}");
    }
}

#[test]
fn the_count_is_that_of_the_list() {
    let place = Place::with(&format!(
        "{UNDECIDED}step \"file\" \"f\" {{\n  path = \"f\"\n  content = \"x\"\n}}\nstep \"keyvault_secret\" \"s\" {{\n  vault = \"kv01\"\n  name = \"s\"\n}}\n"
    ));
    let page = ok(place.run(&["plan"])).out;
    let count = "1 request, 1 program, 2 files, 1 token, ";
    assert!(
        page.lines().any(|line| line.starts_with(count) && line.ends_with(": -requests lists them.")),
        "{page}"
    );
    let list = ok(place.run(&["plan", "-requests"])).out;
    assert!(list.contains("\n  4  ") && !list.contains("\n  5  "), "{list}");
}

#[test]
fn the_record_of_an_undo_names_its_objects() {
    let place = Place::with(
        "step \"file\" \"s\" {\n  path = \"s.txt\"\n  content = \"new\"\n}\nstep \"file\" \"d\" {\n  path = \"d.txt\"\n  state = \"absent\"\n}\n",
    );
    for name in ["s.txt", "d.txt"] {
        place.write(name, "old");
    }
    ok(place.run(&["run", "-auto-approve"]));
    ok(place.run(&["undo", "-auto-approve"]));
    assert_eq!(fs::read_to_string(place.path().join("s.txt")).expect("read"), "old");
    let record = ok(place.run(&["show"])).out;
    assert!(record.contains("~ file  s.txt\n") && record.contains("+ file  d.txt\n"), "{record}");
}

#[cfg(unix)]
#[test]
fn the_messages_of_a_failed_program_are_shown() {
    for (script, last, others) in
        [("echo one >&2; echo two >&2; exit 3", "two", &["| one\n", "| two\n"][..]), ("exit 3", "", &[])]
    {
        let place = Place::with(&format!(
            "step \"exec\" \"a\" {{\n  argv = [\"sh\", \"-c\", {}]\n}}\n",
            quoted(script)
        ));
        let ran = place.run(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let last = if last.is_empty() { String::new() } else { format!(": {last}") };
        let reason = format!("the program ended with exit code 3{last}");
        let record = ok(place.run(&["show"])).out;
        let events = ok(place.run(&["show", "-events"])).out;
        for text in [&ran.seen(), &record, &events] {
            assert!(text.contains(&reason), "{reason}: {text}");
        }
        assert!(others.iter().all(|line| record.contains(line)), "{record}");
    }
}
