//! Command lines with a slip in them: what is wrong, and what was meant.

use crate::support::Place;

#[test]
fn commands_options_and_words_are_suggested_as_they_are_typed() {
    for (words, meant) in [
        (&["run", "-autoapprove"][..], "-auto-approve"),
        (&["run", "--auto-aprove"], "--auto-approve"),
        (&["run", "-autoApprove"], "-auto-approve"),
        (&["run", "-AUTO_APPROVE"], "-auto-approve"),
        (&["apply", "-paralelism", "3"], "-parallelism"),
        (&["plan", "-varfile", "x"], "-var-file"),
        (&["plan", "-detailed-exit-code"], "-detailed-exitcode"),
        (&["undo", "-auto-aprove"], "-auto-approve"),
        (&["-jsn", "runs"], "-json"),
        (&["run", "-auto‑approve"], "-auto-approve"),
        (&["run", "-auto-approve\u{a0}"], "-auto-approve"),
        (&["run", "-\u{200b}auto-approve"], "-auto-approve"),
        (&["plann"], "plan"),
        (&["Vaildate"], "validate"),
        (&["ru\u{200b}n"], "run"),
        (&["completion"], "completions"),
        (&["help"], "-help"),
        (&["destroy"], "undo"),
        (&["graph", "-format", "DOT"], "dot"),
        (&["completions", "zhs"], "zsh"),
    ] {
        let ran = Place::new().run(words);
        assert_eq!(ran.code, Some(3), "{words:?}");
        assert!(ran.err.contains(&format!("did you mean `{meant}`?")), "{words:?}: {}", ran.err);
        let has_two = ran.err.contains(" --") || ran.err.contains("'--") || ran.err.contains("`--");
        assert_eq!(has_two, words.iter().any(|word| word.starts_with("--")), "{words:?}: {}", ran.err);
    }
}

#[test]
fn runs_and_variables_are_suggested() {
    let place = Place::with(
        "variable \"the_region\" {\n  default = 1\n}\noutput \"x\" {\n  value = var.the_region\n}\n",
    );
    place.write(".arcbook/runs/20261122-101500.123-1a2b3c.jsonl", "");
    for (words, meant) in [
        (&["show", "latset"][..], "latest"),
        (&["verify", "20261122-101500.123-1a2b3d"], "20261122-101500.123-1a2b3c"),
        (&["plan", "-var", "theRegion=1"], "the_region"),
        (&["plan", "-var", "“the_region=1"], "the_region"),
        (&["plan", "-target", "output.X"], "output.x"),
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, Some(3), "{words:?} {}", ran.seen());
        assert!(ran.err.contains(&format!("did you mean `{meant}`?")), "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_dash_that_is_none_is_named() {
    let place = Place::with("output \"x\" {\n  value = 1\n}\n");
    for (words, name) in [
        (&["run", "–auto-approve"][..], "U+2013 EN DASH"),
        (&["run", "—auto-approve"], "U+2014 EM DASH"),
        (&["run", "−auto-approve"], "U+2212 MINUS SIGN"),
        (&["—json", "runs"], "U+2014 EM DASH"),
        (&["run", "-auto‑approve"], "U+2011 NON-BREAKING HYPHEN"),
        (&["run", "-auto-approve\u{200b}"], "U+200B ZERO WIDTH SPACE"),
        (&["run", "-timeout", "30\u{a0}s"], "U+00A0 NO-BREAK SPACE"),
        (&["plan", "-target", "step.a.b[“x”]"], "U+201C LEFT DOUBLE QUOTATION MARK"),
    ] {
        let ran = place.run(words);
        assert_eq!(ran.code, Some(3), "{words:?}");
        assert!(ran.err.contains(name), "{words:?}: {}", ran.err);
    }
}

/// Files of values: the character is named and nothing else of the file.
#[test]
fn a_character_in_a_file_of_values_is_named_and_nothing_of_it_is_quoted() {
    let cases = [
        ("v.vars.hcl", "pw = §h0sh-h0sh§\n"),
        ("v.vars.hcl", "pw§= \"h0sh-h0sh\"\n"),
        ("v.vars.hcl", "§pw = \"h0sh-h0sh\"\n"),
        ("v.vars.hcl", "pw =§\"h0sh-h0sh\"\n"),
        ("v.json", "{§\"pw\": \"h0sh-h0sh\"}"),
        ("v.json", "{\"pw\":§\"h0sh-h0sh\"}"),
        ("v.json", "{\"pw\": \"h0sh-h0sh\"§}"),
        ("v.json", "§{\"pw\": \"h0sh-h0sh\"}"),
        ("v.json", "{§pw§: 1}"),
    ];
    let characters = [
        ('“', "U+201C LEFT DOUBLE QUOTATION MARK"),
        ('\u{a0}', "U+00A0 NO-BREAK SPACE"),
        ('–', "U+2013 EN DASH"),
        ('：', "U+FF1A FULLWIDTH COLON"),
        ('\u{200b}', "U+200B ZERO WIDTH SPACE"),
        ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ];
    for (file, text) in cases {
        for (c, name) in characters {
            let place = Place::with("variable \"pw\" {}\noutput \"x\" {\n  value = length(var.pw)\n}\n");
            place.write(file, text.replace('§', &c.to_string()));
            let ran = place.run(&["plan", "-var-file", file]);
            assert_eq!(ran.code, Some(3), "{text:?} {name}");
            assert!(ran.err.contains(name), "{text:?} {name}: {}", ran.err);
            assert!(!ran.err.contains("h0sh"), "{}", ran.err);
        }
    }
    // Of a text nothing is named, though it ends right before the error.
    let place = Place::with("variable \"pw\" {}\noutput \"x\" {\n  value = length(var.pw)\n}\n");
    place.write("v.json", "{\"pw\": \"h0sh–\"x}");
    let ran = place.run(&["plan", "-var-file", "v.json"]);
    assert!(ran.code == Some(3) && !ran.err.contains("U+"), "{}", ran.err);
    // A byte-order mark at the beginning of a file is one, and is left out.
    let place = Place::with("variable \"pw\" {}\noutput \"x\" {\n  value = length(var.pw)\n}\n");
    place.write("v.json", "\u{feff}{\"pw\": \"“–\u{a0}”\"}");
    assert_eq!(place.run(&["plan", "-var-file", "v.json"]).code, Some(0));
    place.write("v.json", "\u{feff}\u{feff}{\"pw\": 1}");
    let ran = place.run(&["plan", "-var-file", "v.json"]);
    assert!(ran.err.contains("the byte-order mark"), "{}", ran.err);
}
