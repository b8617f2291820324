//! Finds the addresses in the arguments of programs such as `curl`.

use crate::plan::host;

use super::words::Word;

/// The letters of options without a value, of `curl` and of `wget`.
const FLAGS: &str = "sSfLkivIgGjJnN#46aq";

/// The options whose value is a URL or has one, and is not the address.
const OTHERS: [&str; 12] = [
    "-x",
    "--proxy",
    "--preproxy",
    "-e",
    "--referer",
    "-H",
    "--header",
    "-d",
    "--data",
    "--data-raw",
    "-A",
    "--user-agent",
];

/// The long options without a value that stand in front of addresses.
const LONG_FLAGS: [&str; 16] = [
    "--silent",
    "--show-error",
    "--fail",
    "--location",
    "--remote-name",
    "--remote-header-name",
    "--compressed",
    "--insecure",
    "--head",
    "--include",
    "--verbose",
    "--quiet",
    "--spider",
    "--no-verbose",
    "--fail-with-body",
    "--",
];

/// Returns the addresses among the words behind a program: URLs, hosts without a scheme, and words that nobody knows yet.
pub(super) fn addresses<'a>(program: &str, words: &[Word<'a>]) -> Vec<&'a str> {
    let is_address = |at: &usize| {
        let Word { shown, is_known } = words[*at];
        let before = at.checked_sub(1).map(|before| words[before].shown);
        let is_value = before.is_some_and(|before| before.starts_with('-') && !is_flag(program, before));
        let is_named =
            before.is_some_and(|before| ["--url", "-uri"].contains(&before.to_ascii_lowercase().as_str()));
        if shown.starts_with('-') {
            return shown.starts_with("--url=");
        }
        let is_other = before.is_some_and(|before| OTHERS.contains(&before));
        let is_open = !is_known && shown.starts_with('(');
        is_named || is_url(shown) && !is_other || !is_value && (is_open || is_host(shown))
    };
    (0..words.len()).filter(is_address).map(|at| words[at].shown.trim_start_matches("--url=")).collect()
}

/// Returns the hosts of addresses.
pub(super) fn hosts(addresses: &[&str]) -> Vec<String> {
    let host = |address: &&str| {
        let of = if is_url(address) { host(address) } else { host(&format!("http://{address}")) };
        of.rsplit_once('@').map_or(of.clone(), |(_, host)| host.to_owned())
    };
    addresses.iter().map(host).collect()
}

fn is_url(word: &str) -> bool {
    word.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains(['=', ' ', '/']))
}

/// Returns true if an option takes no value.
fn is_flag(program: &str, option: &str) -> bool {
    if option.starts_with("--") {
        return option.contains('=') || LONG_FLAGS.contains(&option);
    }
    option[1..].chars().all(|letter| is_flag_letter(program, letter))
}

/// Returns true if an option of one letter takes no value.
pub(super) fn is_flag_letter(program: &str, letter: char) -> bool {
    FLAGS.contains(letter) || (program == "curl" && letter == 'O')
}

/// Returns true if a word without a scheme begins with the name of a host.
fn is_host(word: &str) -> bool {
    let authority = word.split(['/', '?']).next().unwrap_or_default();
    let is_part =
        |part: &str| !part.is_empty() && part.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let name = authority.split(':').next().unwrap_or_default();
    name == "localhost" || name.contains('.') && name.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_or_a_host() {
        for (words, expected) in [
            ("--version", ""),
            ("-fsSL https://web.test/x", "web.test"),
            ("-LO web.test/x.sh", "web.test"),
            ("-fsSLo x.deb https://web.test/x", "web.test"),
            ("-o x.deb web.test/x", "web.test"),
            ("-H a.b web.test:8080/x", "web.test:8080"),
            ("--silent localhost/x", "localhost"),
            ("--url=https://web.test/", "web.test"),
            ("-x http://proxy.test:3128 https://web.test/", "web.test"),
            ("-d @/etc/shadow https://me:pw@web.test/", "web.test"),
            ("-o ./x.deb (known)", "(known)"),
            ("-o (known)", ""),
        ] {
            let words: Vec<Word<'_>> =
                words.split(' ').map(|shown| Word { shown, is_known: !shown.starts_with('(') }).collect();
            assert_eq!(hosts(&addresses("curl", &words)).join(" "), expected);
        }
    }
}
