//! The document for auditors is complete: code that runs elsewhere, files, limits, copies and marks.

use crate::auditors::document;
use crate::support::Place;

/// Code on another machine is named where programs are, with its user and its text.
#[test]
fn code_that_runs_elsewhere_is_shown_as_a_whole() {
    let machine = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/web01";
    let step = |ty: &str, more: &str| {
        format!("step \"{ty}\" \"x\" {{\n  machine  = \"{machine}\"\n  location = \"westeurope\"\n{more}}}\n")
    };
    let secret = "variable \"word\" {\n  type      = string\n  sensitive = true\n  default   = \"hunter2hunter2\"\n}\n";
    let script = "set -eu\nrm -rf /srv/old\n".repeat(10);
    let long = "echo a-rather-long-line\n".repeat(300);
    let user = "as root (on Windows: the system) on machines web01 of resource group g:";
    for (runbook, program, shown, hidden) in [
        (
            step("arc_run_command", "  script     = file(\"go.sh\")\n  parameters = { release = \"7\" }\n"),
            format!("may change something | {user} script, 20 lines, sha256 "),
            &[
                "    rm -rf /srv/old\n",
                "{ release = \"7\" }",
                "→ script of step.arc_run_command.x, the whole file",
            ][..],
            "may be part of",
        ),
        (
            step("arc_run_command", "  script = \"uptime\"\n  effect = \"reads\"\n"),
            format!("declared to change nothing | {user} script, \"uptime\" |"),
            &["with that machine's own identity (runs the script)"],
            "sha256",
        ),
        (
            step("arc_run_command", "  script = file(\"long.sh\")\n"),
            format!("may change something | {user} script, 300 lines, sha256 "),
            &["… (and 280 lines)", "a script contacts"],
            "may be part of",
        ),
        (
            format!("{secret}{}", step("arc_run_command", "  script = \"login ${var.word}\\n\"\n")),
            format!("may change something | {user} script, (sensitive value) |"),
            &[],
            "sha256",
        ),
        (
            step(
                "arc_extension",
                "  publisher = \"P\"\n  type = \"CustomScript\"\n  settings = { commandToExecute = \"id\" }\n",
            ),
            format!(
                "may change something | {user} extension CustomScript of P, {{ commandToExecute = \"id\" }} |"
            ),
            &["own identity (runs the extension CustomScript of P)"],
            "sha256",
        ),
    ] {
        let document = document(&[("a.runbook.hcl", &runbook), ("go.sh", &script), ("long.sh", &long)]);
        assert!(document.contains(&program), "{program}: {document}");
        for shown in shown {
            assert!(document.contains(shown), "{shown}: {document}");
        }
        assert!(!document.contains(hidden) && !document.contains("hunter2"), "{hidden}: {document}");
        let page =
            Place::with(&runbook.replace("file(\"go.sh\")", "\"id\"").replace("file(\"long.sh\")", "\"id\""));
        let page = page.run(&["plan"]).out;
        assert!(page.contains("as root (on Windows: the system)"), "{page}");
    }
}

/// A file that a condition or a limit reads is no part of what a step sends, and one that an answer may have is told apart.
#[test]
fn a_file_goes_where_an_argument_takes_it() {
    let post = |name: &str, text: &str, more: &str| {
        format!(
            "step \"http\" \"{name}\" {{\n  url = \"https://a.example/\"\n  method = \"POST\"\n  text = {text}\n{more}}}\n"
        )
    };
    let (whole, part) = ("text of step.http.x, the whole file", "may be part of what step.http.x sends");
    for (steps, words) in [
        (post("x", "file(\"f\")", ""), Some(whole)),
        (post("x", "file(\"${path.module}/f\")", ""), Some(whole)),
        (post("x", "trimspace(file(\"f\"))", ""), Some(part)),
        (format!("locals {{ f = file(\"f\") }}\n{}", post("x", "local.f", "")), Some(part)),
        (
            format!(
                "locals {{ f = file(\"f\") }}\n{}",
                post("x", "file(\"f\")", "  headers = { X-A = local.f }\n")
            ),
            Some(part),
        ),
        (
            format!(
                "locals {{ f = file(\"f\") }}\n{}",
                post("x", "\"a\"", "  when = local.f == \"b\"\n  timeout = \"1s\"\n")
            ),
            None,
        ),
        (
            post("y", "file(\"f\")", "") + &post("x", "step.http.y.content_base64", ""),
            Some("part of what step.http.x sends, only if the answer to an earlier step has it"),
        ),
    ] {
        let document = document(&[("a.runbook.hcl", &steps), ("f", "b")]);
        let rows: Vec<&str> = document
            .lines()
            .filter(|line| line.contains("(read by the runbook)") && line.contains("step.http.x"))
            .collect();
        match words {
            Some(words) => assert!(
                matches!(rows[..], [row] if row.contains(&format!("→ {words} |"))),
                "{words}: {document}"
            ),
            None => assert!(rows.is_empty(), "{document}"),
        }
    }
}

#[test]
fn limits_and_what_a_run_leaves_are_in_the_document() {
    let step = |name: &str, more: &str| {
        format!("step \"file\" \"{name}\" {{\n  path = \"{name}\"\n  content = \"x\"\n{more}}}\n")
    };
    let many = "  count = 3\n  max_failures = 1\n  concurrency = 2\n";
    let request =
        "step \"http\" \"x\" {\n  url = \"https://a.example/\"\n  method = \"POST\"\n  save_to = \"d\"\n}\n";
    let undo = "runbook {\n  on_failure = \"undo\"\n}\n";
    let stays = "| If it fails | Its changes stay until somebody undoes them. |";
    for (runbook, shown, hidden) in [
        (
            step("a.key", many)
                .replace("\"a.key\"\n", "\"a.key${count.index}\"\n")
                .replace("\"a.key\" {", "\"a\" {"),
            vec![
                "1 of its instances may fail",
                "at most 2 of its instances run at once",
                "| a.key0 | .a.key0.arcbook-RUN-… |",
                stays,
            ],
            "undoes the run by itself",
        ),
        (
            format!("{undo}{}", step("a", "")),
            vec!["| If it fails | arcbook undoes the run by itself:", "mode 0600"],
            stays,
        ),
        (
            step("a", "  on_error = \"continue\"\n"),
            vec!["if it fails, the run continues"],
            "undoes the run by itself",
        ),
        (request.to_owned(), vec![stays], "arcbook-RUN"),
        ("step \"host\" \"x\" {}\n".to_owned(), vec!["| Changes | nothing |"], "If it fails"),
    ] {
        let document = document(&[("a.runbook.hcl", &runbook)]);
        for shown in shown {
            assert!(document.contains(shown), "{shown}: {document}");
        }
        assert!(!document.contains(hidden), "{hidden}: {document}");
        let page = Place::with(&runbook);
        let page = String::from_utf8(
            page.command(&["plan"]).env("COLUMNS", "80").output().expect("the program").stdout,
        );
        let page = page.expect("text");
        assert_eq!(
            page.contains("\nIf it fails an undo of the run starts by itself\n"),
            runbook.contains("on_failure"),
            "{page}"
        );
        let keeps = "\nKeeps       a copy of each replaced file beside it, until undone or pruned\n";
        assert_eq!(page.contains(keeps), runbook.contains("\"file\""), "{page}");
    }
}

#[test]
fn documents_explain_the_marks_that_they_use() {
    let file = |more: &str| format!("step \"file\" \"a\" {{\n  path = \"a\"\n{more}}}\n");
    let (write, remove) = (file("  content = \"x\"\n"), file("  state = \"absent\"\n"));
    let leave = |local: &str| format!("step \"arc_disconnect\" \"a\" {{\n{local}}}\n");
    let later =
        format!("variable \"local\" {{ type = bool }}\n{}", leave("  force_local_only = var.local\n"));
    let resource =
        "| resource of this machine |  | in Azure Arc, with the machine's identity and its role assignments";
    for (runbook, marks, row) in [
        (
            write.as_str(),
            "\nMarks: \\~ creates or updates the object, or runs the program.\n",
            "| `~` | file | a |",
        ),
        (&remove, "\nMarks: - deletes.\n", "| `-` | file | a |"),
        (&leave(""), "\nMarks: - deletes.\n", &format!("| `-` {resource}")),
        (
            &leave("  force_local_only = true\n"),
            "\nMarks: \\~ creates",
            "| `~` | this machine |  | in Azure Arc, on this side only: its resource stays",
        ),
        (
            &later,
            "\nMarks: \\~/- creates or updates the object, or deletes it:",
            &format!("| `~/-` {resource}"),
        ),
    ] {
        let document = document(&[("a.runbook.hcl", runbook)]);
        assert!(document.contains(marks) && document.contains(row), "{marks} {row}: {document}");
    }
    let place = Place::new();
    place.write("old/main.runbook.hcl", &write);
    place.write("new/main.runbook.hcl", &remove);
    let diff = place.run(&["diff", "-markdown", "old", "new"]).out;
    assert!(diff.contains("\nMarks: ") && diff.contains("changed"), "{diff}");
    let vault = Place::with("step \"keyvault_secret\" \"s\" {\n  vault = \"kv01\"\n  name = \"s\"\n}\n");
    let permissions = vault.run(&["permissions", "-markdown"]).out;
    assert!(permissions.contains("\nMarks: \\< reads.\n"), "{permissions}");
    #[cfg(unix)]
    {
        let place = Place::with(&write);
        assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(0));
        let report = place.run(&["report", "latest", "-markdown"]).out;
        assert!(
            report.contains("\nMarks: + created.\n") || report.contains("Marks: \\+ created."),
            "{report}"
        );
    }
}
