use ::regex::Regex;

use super::translate;

/// Returns the first match, if any, or the error of an invalid pattern.
fn first<'t>(pattern: &str, text: &'t str) -> Result<Option<&'t str>, String> {
    let regex = Regex::new(&translate(pattern)?.text).map_err(|error| error.to_string())?;
    Ok(regex.find(text).map(|found| found.as_str()))
}

#[track_caller]
fn matches(cases: &[(&str, &str, Option<&str>)]) {
    for (pattern, text, found) in cases {
        assert_eq!(first(pattern, text).as_ref(), Ok(found), "{pattern} in {text:?}");
    }
}

#[track_caller]
fn refuses(patterns: &[&str]) {
    for pattern in patterns {
        assert!(first(pattern, "").is_err(), "{pattern}");
    }
}

#[test]
fn a_brace_that_begins_no_repetition_is_a_plain_character() {
    matches(&[
        ("{{([a-z]+)}}", "a {{b}} c", Some("{{b}}")),
        ("{", "a{", Some("{")),
        ("a{ 1}", "a{ 1}", Some("a{ 1}")),
        ("a{,2}", "aa a{,2}", Some("a{,2}")),
        ("a{01}", "a a{01}", Some("a{01}")),
        ("a{1,02}", "a a{1,02}", Some("a{1,02}")),
        ("a{1", "a{1", Some("a{1")),
        ("a{1,2", "a{1,2", Some("a{1,2")),
        ("a{b}", "a{b}", Some("a{b}")),
        ("a{}", "a{}", Some("a{}")),
        ("}", "}", Some("}")),
        ("(?:{x})", "{x}", Some("{x}")),
        ("x|{y", "{y", Some("{y")),
        ("\\b{start}", "{start}", None),
        ("\\b{start}", "a{start}", Some("{start}")),
        ("{{2}", "{{{", Some("{{")),
        ("a{2}", "aaa", Some("aa")),
        ("a{2,}?", "aaaa", Some("aa")),
        ("a{1,3}", "aaaa", Some("aaa")),
        ("a{0}b", "ab", Some("b")),
        ("[{2}]+", "a2{}", Some("2{}")),
    ]);
}

#[test]
fn repetitions_are_those_of_go() {
    matches(&[
        ("(?:a*)*b", "aab", Some("aab")),
        ("^*a", "a", Some("a")),
        ("(?:a{2}){2}", "aaaaa", Some("aaaa")),
    ]);
    refuses(&[
        "{2}",
        "({2})",
        "a|{2}",
        "*",
        "a|*",
        "(*)",
        "+",
        "?",
        "a**",
        "a*+",
        "a{2}{3}",
        "a{2}*",
        "a*??",
        "a++",
        "a{1001}",
        "a{1,1001}",
        "a{1001,}",
        "a{99999999999}",
        "a{2,1}",
        "(?:a{501}){2}",
        "((a{32}){32}b)?",
    ]);
    assert!(first("(?:a{500}){2}", "").is_ok());
    assert!(first("(a{1000})*", "").is_ok());
}

#[test]
fn escapes_are_those_of_go() {
    matches(&[
        ("a\\z", "ba", Some("a")),
        ("\\Aa", "ba", None),
        ("\\Qa.b*\\E+", "a.b**", Some("a.b**")),
        ("\\Qa{2}", "a{2}", Some("a{2}")),
        ("x\\Q\\E*y", "xxy", Some("xxy")),
        ("\\x{1F600}|\\x41", "A", Some("A")),
        ("\\x{000041}", "A", Some("A")),
        ("\\101\\0", "A\0", Some("A\0")),
        ("\\a\\f\\v\\t\\n\\r", "\u{7}\u{c}\u{b}\t\n\r", Some("\u{7}\u{c}\u{b}\t\n\r")),
        ("\\_\\-\\/\\<\\>\\!\\%\\ \\@", "_-/<>!% @", Some("_-/<>!% @")),
        ("\\d+", "٣3", Some("3")),
        ("\\D", "٣", Some("٣")),
        ("\\w+", "éa_1", Some("a_1")),
        ("\\W+", "aé", Some("é")),
        ("\\s", "\u{a0}\u{b} ", Some(" ")),
        ("\\S", "\u{a0}", Some("\u{a0}")),
        ("\\bb", "éb", Some("b")),
        ("é\\Ba", "éa", None),
        ("\\pN+", "a٣3", Some("٣3")),
        ("\\PN+", "a٣", Some("a")),
        ("\\p{Greek}", "aα", Some("α")),
        ("\\p{^Greek}", "αa", Some("a")),
        ("\\P{^Lu}", "aA", Some("A")),
        ("\\p{Any}", "\n", Some("\n")),
    ]);
    refuses(&[
        "\\C",
        "\\Z",
        "\\E",
        "\\1",
        "\\8",
        "\\e",
        "\\h",
        "\\u0041",
        "\\U00000041",
        "\\x",
        "\\x4",
        "\\x{}",
        "\\x{110000}",
        "\\x{zz}",
        "\\x{41",
        "\\é",
        "\\G",
        "\\k",
        "\\",
        "\\p",
        "\\p{",
        "\\p{Foo}",
        "\\p{greek}",
        "\\p{L&}",
        "\\p{Letter}",
        "\\p{Alphabetic}",
        "\\p{Script=Greek}",
        "\\pé",
    ]);
}

#[test]
fn classes_are_those_of_go() {
    matches(&[
        ("[[:word:]]+", "é a_1", Some("a_1")),
        ("[[:^alpha:]]", "a1", Some("1")),
        ("[[:alpha:]_]+", "1a_", Some("a_")),
        ("[[a]+", "b[a", Some("[a")),
        ("[^]a]", "]ab", Some("b")),
        ("[]a]+", "b]a", Some("]a")),
        ("[a&&b]+", "&b", Some("&b")),
        ("[a~~b-]+", "c~-", Some("~-")),
        ("[*--]+", "a+-", Some("+-")),
        ("[a-]+", "-a", Some("-a")),
        ("[-a]+", "-a", Some("-a")),
        ("[+--]", "a,", Some(",")),
        ("[\\w\\-.]+", "a-b.c é", Some("a-b.c")),
        ("[\\D]", "1a", Some("a")),
        ("[^\\d]", "1a", Some("a")),
        ("[\\pL\\p{^L}]", "1", Some("1")),
        ("[\\x{61}-\\x63]+", "dabc", Some("abc")),
        ("[\\101\\]]+", "B]A", Some("]A")),
        ("[:alpha:]+", "b:a", Some(":a")),
        ("[[:x]+", "b:[x", Some(":[x")),
        ("(?i)[k]", "\u{212a}", Some("\u{212a}")),
        ("[.*+?{}()|^$]+", "a(|)", Some("(|)")),
    ]);
    refuses(&[
        "[",
        "[^",
        "[]",
        "[^]",
        "[a",
        "[b-a]",
        "[a--b]",
        "[a-\\d]",
        "[!-\\d]",
        "[\\b]",
        "[\\Qa\\E]",
        "[\\A]",
        "[[:foo:]]",
        "[[:word:]",
        "[\\",
    ]);
}

#[test]
fn groups_and_flags_are_those_of_go() {
    matches(&[
        ("(?P<n>a)(?<m>b)", "ab", Some("ab")),
        ("(?P<1a>a)(?P<1a>b)", "ab", Some("ab")),
        ("(?U)a+", "aaa", Some("a")),
        ("(?U)a+?", "aaa", Some("aaa")),
        ("(?U:a+)", "aaa", Some("a")),
        ("a.b", "a\nb", None),
        ("(?s)a.b", "a\nb", Some("a\nb")),
        ("(?m)^b$", "a\nb\nc", Some("b")),
        ("b$", "b\n", None),
        ("(?i)a(?-i)b", "Ab", Some("Ab")),
        ("(?i)a(?-i)b", "AB", None),
        ("(?i:a)b", "Ab", Some("Ab")),
        ("(?ii)a", "A", Some("A")),
        ("(?i-i)a", "A", None),
        ("(?i-s:a.)", "A\n", None),
        ("(?)a(?:b)", "ab", Some("ab")),
        ("(|a)b", "ab", Some("ab")),
        ("", "a", Some("")),
    ]);
    refuses(&[
        "(?x)a b",
        "(?u)a",
        "(?-u)a",
        "(?R)a",
        "(?i-)a",
        "(?-)a",
        "(?i--s)a",
        "(?i",
        "(?P>n)",
        "(?P=n)",
        "(?P<>a)",
        "(?P<n a>a)",
        "(?P<é>a)",
        "(?P<n",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?>a)",
        "(?#a)",
        "(a",
        "a)",
        ")",
    ]);
    let names = translate("(a)(?P<x>b)(?:c)(?<y>d)").unwrap().names;
    assert_eq!(names, [None, Some("x".to_owned()), Some("y".to_owned())]);
}
