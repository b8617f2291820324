//! The commands in the text of a script.

/// The words with which a script makes commands of values.
const MAKES_COMMANDS: [&str; 14] = [
    "eval",
    "exec(",
    "system(",
    "popen",
    "subprocess",
    "iex",
    "invoke-expression",
    "child_process",
    "/dev/stdin",
    "xargs",
    "parallel",
    "source",
    "sh -c",
    "bash -c",
];

/// Returns true if a script may make commands of the values that it gets: of its arguments, its environment or its input.
#[must_use]
pub fn makes_commands(script: &str) -> bool {
    let script = script.to_ascii_lowercase();
    MAKES_COMMANDS.iter().any(|word| {
        let starts = word.starts_with(char::is_alphanumeric);
        let ends = word.ends_with(char::is_alphanumeric);
        script.match_indices(word).any(|(at, _)| {
            let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
            let is_longer_before = starts && is_part(script[..at].chars().next_back());
            let is_longer_behind = ends && is_part(script[at + word.len()..].chars().next());
            !is_longer_before && !is_longer_behind
        })
    })
}

/// The words of a shell in front of a command.
const BEFORE_COMMANDS: [&str; 9] = ["if", "then", "else", "elif", "while", "until", "do", "!", "&"];

/// Returns the words of each command in a script, as far as they can be told without running it.
#[must_use = "an iterator"]
pub fn commands(script: &str) -> impl Iterator<Item = Vec<&str>> {
    let ends = [';', '|', '&', '\n', '\r', '(', ')', '{', '}', '`'];
    script.split(ends).map(|command| {
        let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        let is_before = |word: &&str| BEFORE_COMMANDS.contains(word) || is_setting(word);
        words.filter(|word| !word.is_empty()).skip_while(is_before).collect()
    })
}

/// Returns true if a word sets a variable, as in `LANG=C`.
fn is_setting(word: &str) -> bool {
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '_';
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_makes_commands_of_values_is_known_by_its_words() {
        for (script, expected) in [
            ("eval \"$1\"", true),
            ("sh -c \"$1\"", true),
            (". /dev/stdin", true),
            ("iex $args[0]", true),
            ("import os; os.system(x)", true),
            ("echo \"$1\"", false),
            ("evaluate \"$1\"", false),
            ("cat resources", false),
        ] {
            assert_eq!(makes_commands(script), expected, "{script}");
        }
    }
}
