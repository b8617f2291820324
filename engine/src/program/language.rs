//! Reads the options of the interpreters of languages, up to their script.

use super::name::name;
use super::place::Place;

/// The options of a language.
struct Options {
    /// The letters by which it gets code.
    code: &'static str,
    /// The letters that take a value, in the same word or the next one.
    valued: &'static str,
    /// The letters whose value is the file that it runs, as far as they stand alone.
    file: &'static str,
}

/// The languages, with their options.
const LANGUAGES: [(&[&str], Options); 7] = [
    (&["python", "pythonw", "pypy", "py"], Options { code: "c", valued: "WXQm", file: "" }),
    (&["perl"], Options { code: "eE", valued: "IMm", file: "" }),
    (&["node", "nodejs", "deno", "bun"], Options { code: "ep", valued: "rC", file: "" }),
    (&["php"], Options { code: "rBRE", valued: "dczt", file: "fF" }),
    (&["julia"], Options { code: "eE", valued: "JpHCtO", file: "L" }),
    (&["ruby"], Options { code: "e", valued: "IrC", file: "" }),
    (&["lua", "osascript", "rscript"], Options { code: "e", valued: "l", file: "" }),
];

/// The words of `deno` and `bun` in front of a file.
const RUNS: [&str; 3] = ["run", "x", "serve"];

/// Reads the options of a language: the letter for code may stand among others, with the code behind it.
pub(super) fn language(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let name = name(argv[at].unwrap_or_default());
    let (_, options) = LANGUAGES.iter().find(|(names, _)| names.contains(&name.as_str()))?;
    let has_words = matches!(name.as_str(), "deno" | "bun");
    let mut is_value = false;
    for (index, text) in argv.iter().enumerate().skip(at + 1) {
        let text = (*text)?;
        if std::mem::take(&mut is_value) {
            continue;
        }
        match text {
            "-" | "/dev/stdin" => return Some(Place::Input),
            "eval" if has_words => return Some(Place::Argument(index + 1)),
            word if has_words && RUNS.contains(&word) => continue,
            _ => {}
        }
        if let Some(long) = text.strip_prefix("--") {
            if ["eval", "print"].iter().any(|word| long.starts_with(word)) {
                return Some(Place::Argument(if long.contains('=') { index } else { index + 1 }));
            }
            continue;
        }
        let Some(short) = text.strip_prefix('-') else { return Some(Place::File(index)) };
        match options.read(short) {
            Letter::Code { is_last } => {
                return Some(Place::Argument(if is_last { index + 1 } else { index }));
            }
            Letter::File => return Some(Place::File(index + 1)),
            // A module, which is no file of the runbook.
            Letter::Value if text == "-m" && options.code == "c" => return None,
            Letter::Value => is_value = short.len() == 1,
            Letter::Other => {}
        }
    }
    Some(Place::Input)
}

/// The meaning of a word of short options.
enum Letter {
    Code { is_last: bool },
    File,
    Value,
    Other,
}

impl Options {
    fn read(&self, short: &str) -> Letter {
        let is_of = |letters: &str| short.starts_with(|first| letters.contains(first));
        if is_of(self.valued) {
            return Letter::Value;
        }
        if let Some(found) = short.find(|letter| self.code.contains(letter)) {
            return Letter::Code { is_last: found + 1 == short.len() };
        }
        if is_of(self.file) && short.len() == 1 { Letter::File } else { Letter::Other }
    }
}
