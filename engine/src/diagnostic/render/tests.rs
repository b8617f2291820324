use super::*;
use crate::diagnostic::Shown;
use crate::source::{SourceFile, Span};

/// A source text with the labelled parts, given by their text.
struct Scene {
    sources: Sources,
    files: Vec<FileId>,
}

impl Scene {
    fn new(files: &[(&str, &str)]) -> Self {
        let mut sources = Sources::new();
        let files = files
            .iter()
            .map(|(path, text)| sources.add(SourceFile::new(*path, (*text).to_owned())))
            .collect();
        Self { sources, files }
    }

    fn span(&self, file: usize, needle: &str) -> Span {
        let file = self.files[file];
        let start = self.sources.file(file).text().find(needle).expect("the needle is in the file");
        Span::new(file, start..start + needle.len())
    }

    fn render(&self, diagnostic: &Diagnostic) -> String {
        render(diagnostic, &self.sources, &Style::default())
    }
}

#[test]
fn everything_at_once() {
    let scene = Scene::new(&[
        ("main.runbook.hcl", "step \"echo\" \"a\" {\n  input = var.region\n}\n"),
        ("variables.runbook.hcl", "variable \"region\" {\n  type = number\n}\n"),
    ]);
    let mut diagnostic = Diagnostic::error("wrong-type", "a number is needed")
        .at(scene.span(0, "var.region"), "this is a string")
        .also(scene.span(0, "\"a\""), "for this step")
        .also(scene.span(1, "number"), "declared here")
        .about("step.echo.a")
        .detail("A string that is not a number cannot become one.")
        .help("write a number")
        .help("or declare it as `string`");
    diagnostic.values.push(Shown { expression: "var.region".into(), phrase: "is \"west\"".into() });
    insta::assert_snapshot!(scene.render(&diagnostic), @r#"
error[wrong-type]: a number is needed
 --> main.runbook.hcl:2:11
  |
1 | step "echo" "a" {
  |             --- for this step
2 |   input = var.region
  |           ^^^^^^^^^^ this is a string
  |
 ::: variables.runbook.hcl:2:10
  |
2 |   type = number
  |          ------ declared here
  |
  = in: step.echo.a
  = note: A string that is not a number cannot become one.
  = value: var.region is "west"
  = help: write a number
  = help: or declare it as `string`
"#);
}

#[test]
fn one_of_each() {
    let scene = Scene::new(&[("a.hcl", "x")]);
    let warning = Diagnostic::warning("slow", "nothing to point at").detail("Why.").about("step.a.b");
    insta::assert_snapshot!(scene.render(&warning), @r#"
warning[slow]: nothing to point at
 |
 = in: step.a.b
 = note: Why.
"#);
    let mut all = Diagnostics::from(Diagnostic::error("a", "first").at(scene.span(0, "x"), ""));
    all.push(Diagnostic::error("b", "second"));
    all.push(Diagnostic::warning("c", "third"));
    insta::assert_snapshot!(render_all(&all, &scene.sources, &Style::default()), @r#"
error[a]: first
 --> a.hcl:1:1
  |
1 | x
  | ^

error[b]: second

warning[c]: third

2 errors, 1 warning
"#);
    assert_eq!(render_all(&Diagnostics::new(), &scene.sources, &Style::default()), "");
}

#[test]
fn many_of_a_kind_are_counted() {
    let scene = Scene::new(&[]);
    let many = (0..SHOWN + 3).map(|at| Diagnostic::warning("many", format!("number {at}")));
    let all: Diagnostics = many.chain([Diagnostic::error("one", "the last")]).collect();
    let text = render_all(&all, &scene.sources, &Style::default());
    assert_eq!(text.matches("warning[many]").count(), SHOWN);
    assert!(
        text.ends_with(
            "error[one]: the last\n\n3 more of `many`: `-json` has them all\n\n1 error, 23 warnings\n"
        ),
        "{text}"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn odd_places() {
    let cases = [
        ("empty file", "", 0..0),
        ("end of file", "a = [\n", 6..6),
        ("end without line feed", "a = [", 5..5),
        ("the line feed", "a = \"x\nb", 6..7),
        ("windows line ends", "a = 1\r\nbad = 2\r\n", 7..10),
        ("tabs", "\tkey\t= bad\n", 7..10),
        ("multibyte", "name = \"日本語\" + bad\n", 21..24),
        ("several lines", "step {\n  a = 1\n  b = 2\n}\n", 5..24),
        ("past the end", "ab", 50..60),
    ];
    let mut out = String::new();
    for (name, text, range) in cases {
        let scene = Scene::new(&[("a.hcl", text)]);
        let span = Span::new(scene.files[0], range);
        out += &scene.render(&Diagnostic::error("odd", name).at(span, "here"));
        out += "\n\n";
    }
    insta::assert_snapshot!(out, @r#"
error[odd]: empty file
 --> a.hcl:1:1
  |
1 |
  | ^ here

error[odd]: end of file
 --> a.hcl:2:1
  |
2 |
  | ^ here

error[odd]: end without line feed
 --> a.hcl:1:6
  |
1 | a = [
  |      ^ here

error[odd]: the line feed
 --> a.hcl:1:7
  |
1 | a = "x
  |       ^ here

error[odd]: windows line ends
 --> a.hcl:2:1
  |
2 | bad = 2
  | ^^^ here

error[odd]: tabs
 --> a.hcl:1:8
  |
1 |     key    = bad
  |              ^^^ here

error[odd]: multibyte
 --> a.hcl:1:16
  |
1 | name = "日本語" + bad
  |                   ^^^ here

error[odd]: several lines
 --> a.hcl:1:6
  |
1 |   step {
  |  ______^
2 | |   a = 1
3 | |   b = 2
4 | | }
  | |_^ here

error[odd]: past the end
 --> a.hcl:1:3
  |
1 | ab
  |   ^ here
"#);
}

#[test]
fn no_control_character_of_the_user_reaches_the_terminal() {
    let evil = "\x1b]0;owned\x07\u{9b}31m\u{202e}\r";
    let text = format!("a = \"{evil}\"\nb = bad");
    let scene = Scene::new(&[("a\x1b[2J.hcl", &text)]);
    let mut diagnostic = Diagnostic::error("evil", evil)
        .at(scene.span(0, "a = "), evil)
        .also(scene.span(0, "bad"), evil)
        .detail(evil)
        .help(evil)
        .about(evil);
    diagnostic.values.push(Shown { expression: evil.into(), phrase: evil.into() });
    for color in [false, true] {
        let out = render(&diagnostic, &scene.sources, &Style { color, width: 80 });
        assert!(!out.contains("\x1b]0;owned") && !out.contains("\x1b[2J"), "{out:?}");
        assert!(!out.contains(['\x07', '\u{9b}', '\u{202e}', '\r']), "{out:?}");
        assert_eq!(out.contains('\x1b'), color);
    }
}

#[test]
fn a_minified_file_is_cut() {
    let text = format!("{{{}\"bad\"{}}}", "\"k\":1,".repeat(50_000), ",1".repeat(50_000));
    let scene = Scene::new(&[("min.json", &text)]);
    let diagnostic = Diagnostic::error("bad", "bad").at(scene.span(0, "\"bad\""), "here");
    let out = scene.render(&diagnostic);
    let colored = render(&diagnostic, &scene.sources, &Style { color: true, width: 60 });
    assert!(colored.contains("min.json:1:300002"), "{colored}");
    insta::assert_snapshot!(out, @r#"
error[bad]: bad
 --> min.json:1:300002
  |
1 | ...":1,"k":1,"k":1,"k":1,"k":1,"k":1,"k":1,"bad",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,...
  |                                            ^^^^^ here
"#);
}
