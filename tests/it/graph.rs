//! The graph for other programs, whatever the names are.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{Place, settings};

/// Names that a language for graphs could take for its own.
const HOSTILE: [&str; 16] = [
    "a\"b",
    "a]b",
    "a}b",
    "a#b",
    "#quot;",
    "end",
    "a\nend\nb",
    "a\\",
    "\\N\\G",
    "&lt;b&gt;",
    "<b>x</b>",
    "%%{init: {}}%%",
    "`x`",
    "a;b",
    "a|b",
    "日本 \u{202e}x",
];

/// Returns a runbook of one step with one instance, which has `key`.
fn runbook(key: &str) -> String {
    let key = serde_json::to_string(key).expect("a text").replace("%{", "%%{");
    format!("step \"echo\" \"_a\" {{\n  for_each = {{ {key} = 1 }}\n  input    = each.value\n}}\n")
}

fn graph(runbook: &str, format: &str) -> String {
    let ran = Place::with(runbook).run(&["graph", "-format", format]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out
}

/// Returns the quoted strings of a text in Graphviz's language, and the text without them.
fn strings(dot: &str) -> (Vec<String>, String) {
    let (mut strings, mut rest) = (Vec::new(), String::new());
    let mut characters = dot.chars();
    while let Some(character) = characters.next() {
        if character != '"' {
            rest.push(character);
            continue;
        }
        let mut string = String::new();
        loop {
            match characters.next().expect("a closed string") {
                '"' => break,
                '\\' => string.push(characters.next().expect("an escaped character")),
                '\n' => panic!("a line ends inside a string: {dot}"),
                other => string.push(other),
            }
        }
        strings.push(string);
    }
    (strings, rest)
}

/// Returns what Graphviz draws, if it is installed.
fn drawn(dot: &str) -> Option<String> {
    let mut program = Command::new("dot");
    let mut child = program.arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take().expect("a pipe").write_all(dot.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{dot}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn no_name_leaves_its_label() {
    let expected = strings(&graph(&runbook("plain"), "dot")).1;
    let plain = graph(&runbook("plain"), "mermaid");
    for name in HOSTILE {
        let dot = graph(&runbook(name), "dot");
        let (strings, rest) = strings(&dot);
        assert_eq!(rest, expected, "{dot}");
        let label = strings.iter().find(|string| string.starts_with("step.echo")).expect("a label");
        assert!(!label.contains(['\n', '\u{202e}']), "{label}");
        if let Some(svg) = drawn(&dot) {
            let shown = |text: &str| {
                text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("&#45;", "-")
            };
            let html = label.replace("&amp;", "&");
            let text = svg
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&#45;", "-")
                .replace("&#160;", " ");
            assert!(text.contains(&shown(&html)), "{html} in {text}");
        }
        let mermaid = graph(&runbook(name), "mermaid");
        assert_eq!(mermaid.lines().count(), plain.lines().count(), "{mermaid}");
        for (line, like) in mermaid.lines().zip(plain.lines()) {
            let Some(label) =
                line.strip_prefix("    n0[\"").and_then(|rest| rest.strip_suffix("\"]:::computes"))
            else {
                assert_eq!(line, like);
                continue;
            };
            // Only entities have a `#` or a `;`.
            let entities = label.split('#').skip(1);
            for entity in entities {
                let (number, _) = entity.split_once(';').expect("an entity");
                assert!(number.parse::<u32>().is_ok(), "{label}");
            }
            assert_eq!(label.matches(';').count(), label.matches('#').count(), "{label}");
            assert!(!label.contains(['"', '<', '>', '`', '%', '&', '\\', '|']), "{label}");
        }
    }
}

#[test]
fn a_picture_shows_the_way_of_a_secret() {
    let secret = "step \"keyvault_secret\" \"s\" {\n  vault = \"kv01\"\n  name  = \"word\"\n}\n\
        output \"version\" { value = step.keyvault_secret.s.version }\n\
        output \"value\" {\n  value     = step.keyvault_secret.s.value\n  sensitive = true\n}\n";
    let svg = graph(secret, "svg");
    assert_eq!(svg.matches("class=\"line secret\"").count(), 1, "{svg}");
    assert_eq!(svg.matches("class=\"line\"").count(), 2, "{svg}");
    assert!(svg.contains("dashed arrows carry a secret"), "{svg}");
}

/// A picture of thousands of blocks has at most 300 boxes, and says how many each stands for.
#[test]
fn a_picture_of_many_blocks_stays_small() {
    let chain = |at: usize| match at {
        0 => "step \"echo\" \"_s0\" { input = 1 }\n".to_owned(),
        at => format!("step \"echo\" \"_s{at}\" {{ input = step.echo._s{}.output }}\n", at - 1),
    };
    let chain: String = (0..1_000).map(chain).collect();
    let alone = |at: usize| format!("step \"echo\" \"_s{at}\" {{ input = 1 }}\n");
    let wide: String = (0..1_000).map(alone).collect();
    for (runbook, boxes, words) in [
        (chain, 300, "step.echo._s0 … step.echo._s3: 4 steps that compute"),
        (wide, 300, ": 701 steps that compute"),
    ] {
        let svg = graph(&runbook, "svg");
        assert_eq!(svg.matches("<g class=\"box").count(), boxes, "{words}");
        assert!(svg.contains(words) && svg.contains("1000 steps that compute; in"), "{words}");
        assert_eq!(svg, graph(&runbook, "svg"), "the same picture each time");
    }
}

#[test]
fn instances_are_folded_and_changes_differ_from_reads() {
    let place = Place::new();
    place.write(
        "part/part.runbook.hcl",
        "step \"echo\" \"x\" {\n  input = 1\n}\noutput \"x\" { value = step.echo.x.output }\n",
    );
    place.write(
        "main.runbook.hcl",
        r#"
        step "metadata" "machine" {}
        step "blob_container" "many" {
          count   = 500
          account = "acc01"
          name    = "c${count.index}-${lower(step.metadata.machine.name)}"
        }
        step "echo" "after" { input = step.blob_container.many[7].name }
        step "echo" "one" {
          for_each = toset(["a"])
          input    = each.key
        }
        module "part" {
          source   = "./part"
          for_each = toset(["a", "b"])
        }
        step "echo" "later" {
          for_each = toset(step.metadata.machine.tags == null ? [] : ["x"])
          input    = each.key
        }
        output "all" { value = [step.echo.after.output, step.echo.one, module.part, step.echo.later] }
        "#,
    );
    let [dot, mermaid, svg] =
        ["dot", "mermaid", "svg"].map(|format| place.run(&["graph", "-format", format]));
    assert_eq!((dot.code, mermaid.code, svg.code), (Some(0), Some(0), Some(0)), "{}", dot.seen());
    drawn(&dot.out);
    settings().bind(|| insta::assert_snapshot!([dot.out, mermaid.out].join("\n")));
    let (_, picture) = svg.out.split_once("</style>").expect("a style sheet");
    settings().bind(|| insta::assert_snapshot!("a_picture_without_another_program", picture));
}
