//! Tests texts before and after formatting.

use crate::format::format;

/// Compares each text after formatting; a line break before a text is only for readability.
fn check(cases: &[(&str, &str)]) {
    for (before, after) in cases {
        let (before, after) = (before.trim_start_matches('\n'), after.trim_start_matches('\n'));
        let formatted = format(before);
        assert_eq!(formatted, after, "of {before:?}\n{formatted}");
        assert_eq!(format(after), after, "a second time");
    }
}

#[test]
fn nothing_and_blank_lines() {
    check(&[
        ("", ""),
        ("a=1", "a = 1"),
        ("a=1\n", "a = 1\n"),
        ("a = 1\n  \t\n", "a = 1\n\n"),
        ("a = 1  \n   ", "a = 1\n"),
        ("a = 1\n\n\n\nb = 2\n\n\n", "a = 1\n\n\n\nb = 2\n\n\n"),
        ("a {\n\n  \n  b = 1\n\n\n}\n", "a {\n\n\n  b = 1\n\n\n}\n"),
    ]);
}

#[test]
fn spaces_in_expressions() {
    let cases = [
        ("b . c", "b.c"),
        ("b [ c ] [0]", "b[c][0]"),
        ("b( )[ c ]", "b()[c]"),
        ("b[ * ].c", "b[*].c"),
        ("b.*.c", "b.*.c"),
        ("[ 1,2 ,3 ]", "[1, 2, 3]"),
        ("[ [ ] ]", "[[]]"),
        ("[\"x\"] [0]", "[\"x\"][0]"),
        ("{b=1,c:2}", "{ b = 1, c : 2 }"),
        ("{ }", "{}"),
        ("( b+2*c )", "(b + 2 * c)"),
        ("b+-2", "b + -2"),
        ("- 2", "-2"),
        ("(- b  -  c)", "(-b - c)"),
        ("[1,- 2]", "[1, -2]"),
        ("b==- 1&&c||! d", "b == -1 && c || !d"),
        ("b>=1?c:- d", "b >= 1 ? c : -d"),
        ("1%2/3", "1 % 2 / 3"),
        ("f (1,b ... )", "f(1, b...)"),
        ("f(g( 1 ),[ 2 ])", "f(g(1), [2])"),
        ("core :: max(1)", "core::max(1)"),
        ("[for x in y:x]", "[for x in y : x]"),
        ("[for x in [1,2]:x if x>1]", "[for x in [1, 2] : x if x > 1]"),
        ("{for k,v in y:k=>v...}", "{ for k, v in y : k => v... }"),
        ("/* one */1+/*two*/ 2", "/* one */ 1 + /*two*/ 2"),
    ];
    for (before, after) in cases {
        check(&[(&format!("a={before}\n"), &format!("a = {after}\n"))]);
    }
}

#[test]
fn text_is_kept_and_interpolations_are_laid_out() {
    let cases = [
        (r#""  b,c  =  {d}  ""#, r#""  b,c  =  {d}  ""#),
        (r#"",""#, r#"",""#),
        (r#""$${b  }%%{ c }\" \\""#, r#""$${b  }%%{ c }\" \\""#),
        (r#""b ${ c+1 } d""#, r#""b ${c + 1} d""#),
        (r#""${~ b ~}""#, r#""${~b~}""#),
        (r#""${b}${ c }%{ if d }x%{  endif}""#, r#""${b}${c}%{if d}x%{endif}""#),
        (r#""${{b=1}}""#, r#""${ { b = 1 } }""#),
        (r#""${f("${ b }")}""#, r#""${f("${b}")}""#),
    ];
    for (before, after) in cases {
        check(&[(&format!("a={before}\n"), &format!("a = {after}\n"))]);
    }
}

#[test]
fn blocks_and_their_labels() {
    check(&[
        ("b{}\n", "b {}\n"),
        ("b{c=1}\n", "b { c = 1 }\n"),
        ("b   \"c\"  \"d\"{\n}\n", "b \"c\" \"d\" {\n}\n"),
        ("b c \"d\" e-f{\n}\n", "b \"c\" \"d\" \"e-f\" {\n}\n"),
        ("b /* x */ c {\n}\n", "b /* x */ \"c\" {\n}\n"),
        ("b {\nc d {\ne f {}\n}\n}\n", "b {\n  c \"d\" {\n    e \"f\" {}\n  }\n}\n"),
        ("a = [b, {\n c = {\n}\n}]\n", "a = [b, {\n  c = {\n  }\n}]\n"),
    ]);
}

#[test]
fn depth_by_lines_that_open() {
    check(&[
        (
            "
step \"echo\" \"a\" {
input = {
x = [
1,
      2,
]
}
}
",
            "
step \"echo\" \"a\" {
  input = {
    x = [
      1,
      2,
    ]
  }
}
",
        ),
        ("a = f(g([\n1,\n]))\n", "a = f(g([\n  1,\n]))\n"),
        ("a = [[\n[\n1\n]\n]]\n", "a = [[\n  [\n    1\n  ]\n]]\n"),
        ("a = [[\n[\n1\n]]\n]\n", "a = [[\n  [\n    1\n  ]]\n]\n"),
        ("a = [{\nb = 1\n}, {\nb = 2\n}]\n", "a = [{\n  b = 1\n  }, {\n  b = 2\n}]\n"),
        ("a = (b\n+ c\n- d)\n", "a = (b\n  + c\n-d)\n"),
        ("a = \"${\nf(b)\n}\"\n", "a = \"${\n  f(b)\n}\"\n"),
        ("\ta {\n\t\tb = 1\n\t}\n", "a {\n  b = 1\n}\n"),
    ]);
}

#[test]
fn equals_signs_in_one_column() {
    check(&[
        ("a = 1\nlonger = 2\n", "a      = 1\nlonger = 2\n"),
        ("a = 1\n\nlonger = 2\n", "a = 1\n\nlonger = 2\n"),
        ("a = 1\n# why\nlonger = 2\n", "a = 1\n# why\nlonger = 2\n"),
        ("a = [\n1,\n]\nlonger = 2\nb = 3\n", "a = [\n  1,\n]\nlonger = 2\nb      = 3\n"),
        ("a = []\nlonger = {}\n", "a      = []\nlonger = {}\n"),
        ("a = 1 == 2\nlonger = { b = 1 }\n", "a      = 1 == 2\nlonger = { b = 1 }\n"),
        ("a = {\nb = 1\n(longer) = 2\nx : 3\n}\n", "a = {\n  b        = 1\n  (longer) = 2\n  x : 3\n}\n"),
        ("é = 1\nlonger = 2\n𝒜 = 3\n", "é      = 1\nlonger = 2\n𝒜      = 3\n"),
        ("b {\na = 1\nlonger = 2\n}\n", "b {\n  a      = 1\n  longer = 2\n}\n"),
        ("a = <<EOT\nx\nEOT\nlonger = 2\n", "a      = <<EOT\nx\nEOT\nlonger = 2\n"),
        ("/* c\n */ a = 1\nlonger = 2\n", "/* c\n */ a  = 1\nlonger = 2\n"),
    ]);
}

#[test]
fn comments_in_one_column() {
    check(&[
        ("  # alone\n  // alone\n", "# alone\n// alone\n"),
        ("a = 1# x\nb = 2//y\n", "a = 1 # x\nb = 2 //y\n"),
        ("a = 1 # x\nb = \"text\" # y\n", "a = 1      # x\nb = \"text\" # y\n"),
        ("a = 1 # x\nb = 2\nlonger = 3 # y\n", "a      = 1 # x\nb      = 2\nlonger = 3 # y\n"),
        ("b {} # x\nlonger = 1 # y\n", "b {}       # x\nlonger = 1 # y\n"),
        ("a = [ # x\n1, # y\n22, # z\n] # last\n", "a = [ # x\n  1,  # y\n  22, # z\n]     # last\n"),
        ("a = \"🇬🇧\" # x\nb = \"text\" # y\n", "a = \"🇬🇧\"    # x\nb = \"text\" # y\n"),
        ("b {\n# x\n}\n", "b {\n  # x\n}\n"),
        ("a = [\n# x\n1,\n]\n", "a = [\n  # x\n  1,\n]\n"),
        ("b {\n/* x\n  y */\n}\n", "b {\n  /* x\n  y */\n}\n"),
        ("a = 1 # kept  \n", "a = 1 # kept  \n"),
        ("a = 1\n# last", "a = 1\n# last"),
    ]);
}

#[test]
fn heredocs_are_kept() {
    check(&[
        ("b {\na = <<EOT\n x  =  {1}\nEOT\nc = 1\n}\n", "b {\n  a = <<EOT\n x  =  {1}\nEOT\n  c = 1\n}\n"),
        ("b {\na = <<-EOT\n    x\n   EOT\n}\n", "b {\n  a = <<-EOT\n    x\n   EOT\n}\n"),
        ("a = f(<<EOT\nx\nEOT\n,1)\n", "a = f(<<EOT\nx\nEOT\n, 1)\n"),
        ("a = [<<A\nx\nA\n,<<B\ny\nB\n]\n", "a = [<<A\nx\nA\n  , <<B\ny\nB\n]\n"),
        (
            "a = <<EOT\n  ${ b }${c}  \n%{ if d~}\ne\n%{endif}\nEOT\n",
            "a = <<EOT\n  ${b}${c}  \n%{if d~}\ne\n%{endif}\nEOT\n",
        ),
        (
            "b {\na = <<-EOT\n  x ${f(\n1)} y\n  EOT\nc {\n}\n}\n",
            "b {\n  a = <<-EOT\n  x ${f(\n  1)} y\n  EOT\n  c {\n  }\n}\n",
        ),
    ]);
}

#[test]
fn line_breaks_stay_as_they_are() {
    check(&[
        (
            "a=1 \r\nlonger=2# x\r\nb=<<EOT\r\nx \r\nEOT\r\n",
            "a      = 1\r\nlonger = 2 # x\r\nb      = <<EOT\r\nx \r\nEOT\r\n",
        ),
        ("a=1\r\n \r\nb=2\n", "a = 1\r\n\r\nb = 2\n"),
    ]);
}

#[test]
fn what_cannot_be_cut_into_tokens_is_given_back() {
    for text in ["a=[1\n", "a={\n]\n", "a=\"b\n", "a=<<EOT\n b\n", "a= 1 /* b", "}  }", "a=${b"] {
        assert_eq!(format(text), text);
    }
}

#[test]
fn tokens_that_space_keeps_apart_stay_apart() {
    check(&[
        ("a = x.0 .1\n", "a = x.0. 1\n"),
        ("a=1 .5\n", "a = 1. 5\n"),
        ("a=! =b\n", "a=! =b\n"),
        ("a = x.0.1\n", "a = x.0.1\n"),
    ]);
}
