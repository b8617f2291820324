//! Reads just enough of a statement to know its first word and whether there is a second statement.

/// The reason why a text cannot be run as one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// The message, as a fragment.
    pub message: &'static str,
    /// The remedy.
    pub help: &'static str,
}

const EMPTY: Unfit = Unfit { message: "must contain a statement", help: "write one statement of SQL" };

const SEVERAL: Unfit = Unfit {
    message: "must be a single statement",
    help: "use a step for each statement, a `WITH` query, or `DO $$ … $$` for a block that the server runs as a whole",
};

const META: Unfit = Unfit {
    message: "must not be a command of psql: the server knows no backslash commands",
    help: "write the query that the command stands for; `psql -E` shows it",
};

const TRANSACTION: Unfit = Unfit {
    message: "must not control the transaction: arcbook runs each statement in one of its own",
    help: "leave `BEGIN`, `COMMIT` and the like out; `transaction = false` runs a statement outside of any transaction",
};

const COPY: Unfit = Unfit {
    message: "must not be `COPY`: nothing streams its data",
    help: "use `SELECT` or `INSERT`, or run `psql` by a step of type `exec`",
};

/// The first words of statements that begin, end or set a transaction.
const CONTROLS: [&str; 9] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE"];

/// Returns the reason why `text` cannot be run as one statement.
pub(crate) fn check(text: &str) -> Option<Unfit> {
    let mut scanner = Scanner { rest: text };
    let first = match scanner.next() {
        None | Some(Token::Semicolon) => return Some(EMPTY),
        Some(Token::Backslash) => return Some(META),
        Some(Token::Word(word)) => word.to_ascii_uppercase(),
        Some(Token::Other) => String::new(),
    };
    let mut second = None;
    while let Some(token) = scanner.next() {
        match token {
            Token::Semicolon => {
                return scanner.next().map(|_| SEVERAL).or_else(|| unfit(&first, second.as_deref()));
            }
            Token::Word(word) if second.is_none() => second = Some(word.to_ascii_uppercase()),
            _ => second = second.or_else(|| Some(String::new())),
        }
        // Only the first two words are looked at.
        if let Some(unfit) = unfit(&first, second.as_deref()) {
            return Some(unfit);
        }
    }
    unfit(&first, second.as_deref())
}

fn unfit(first: &str, second: Option<&str>) -> Option<Unfit> {
    match (first, second) {
        ("COPY", _) => Some(COPY),
        ("SET", Some("TRANSACTION")) => Some(TRANSACTION),
        ("PREPARE", second) if second != Some("TRANSACTION") => None,
        (first, _) if CONTROLS.contains(&first) => Some(TRANSACTION),
        _ => None,
    }
}

/// A part of a statement; comments and spaces are none.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Semicolon,
    Backslash,
    /// A quoted text or name, a number, an operator.
    Other,
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("--") {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.skip(comment(self.rest));
            } else {
                break;
            }
        }
        let rest = self.rest;
        let first = rest.chars().next()?;
        let is_name = |next: char| next.is_alphanumeric() || next == '_' || next == '$';
        let (token, length) = match first {
            ';' => (Token::Semicolon, 1),
            '\\' => (Token::Backslash, 1),
            '\'' => (Token::Other, quoted(rest, '\'', false)),
            '"' => (Token::Other, quoted(rest, '"', false)),
            '$' => (Token::Other, dollars(rest)),
            'e' | 'E' if rest[1..].starts_with('\'') => (Token::Other, 1 + quoted(&rest[1..], '\'', true)),
            first if first.is_alphabetic() || first == '_' => {
                let end = rest.find(|next| !is_name(next)).unwrap_or(rest.len());
                (Token::Word(&rest[..end]), end)
            }
            // A number may not swallow the quote that follows it.
            first => (Token::Other, first.len_utf8()),
        };
        self.skip(length);
        Some(token)
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }
}

/// Returns the length of a comment, which may contain others.
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Returns the length of a text in quotes; a quote is written twice, or after a backslash if `escapes`.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((at, next)) = rest.next() {
        if escapes && next == '\\' {
            rest.next();
        } else if next == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// Returns the length of a text between `$tag$`, or of a parameter such as `$1`.
fn dollars(text: &str) -> usize {
    let tag = text[1..].find('$').map(|end| &text[..end + 2]);
    let is_tag = |tag: &&str| {
        let name = &tag[1..tag.len() - 1];
        !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|next| next.is_alphanumeric() || next == '_')
    };
    match tag.filter(is_tag) {
        Some(tag) => text[tag.len()..].find(tag).map_or(text.len(), |end| end + 2 * tag.len()),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_statement_is_run() {
        for (text, expected) in [
            ("SELECT 1", None),
            ("select 1;", None),
            ("SELECT 1; -- the end\n /* of /* it */ */ ", None),
            ("SELECT ';', \";\", $$;$$, $x$;$$;$x$, E'\\';' -- ;\n, 1 /* ; */", None),
            ("SELECT 'it''s; fine'", None),
            ("SELECT $1, $2; ", None),
            ("SELECT a$b, 1 FROM x$;", None),
            ("DO $do$ BEGIN NULL; COMMIT; END $do$", None),
            ("WITH x AS (SELECT 1) SELECT * FROM x", None),
            ("PREPARE a AS SELECT 1", None),
            ("SET x = 1", None),
            ("(SELECT 1)", None),
            ("endpoints", None),
            ("", Some(EMPTY)),
            (" -- nothing", Some(EMPTY)),
            ("/* open", Some(EMPTY)),
            (";", Some(EMPTY)),
            ("\\d x", Some(META)),
            ("SELECT 1; SELECT 2", Some(SEVERAL)),
            ("SELECT 1;;", Some(SEVERAL)),
            ("SELECT 'a\\'; SELECT 2", Some(SEVERAL)),
            ("SELECT $$a$$; SELECT 2", Some(SEVERAL)),
            ("SELECT $1$2; SELECT 2", Some(SEVERAL)),
            ("SELECT 1e'x'; SELECT 2", Some(SEVERAL)),
            ("BEGIN", Some(TRANSACTION)),
            ("begin;", Some(TRANSACTION)),
            ("/* x */ Commit", Some(TRANSACTION)),
            ("ROLLBACK TO a", Some(TRANSACTION)),
            ("PREPARE TRANSACTION 'x'", Some(TRANSACTION)),
            ("SET TRANSACTION READ WRITE", Some(TRANSACTION)),
            ("copy t from stdin", Some(COPY)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
    }
}
