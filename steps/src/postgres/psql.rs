//! Reads a command line of `psql` as data: no shell and no `psql` ever sees it.
//!
//! It is split as a POSIX shell would split it, and only options that describe the connection are allowed. Whatever a
//! shell would expand, run or redirect is refused by its place, before the text is split.

use super::{Connection, keywords, uri};

/// The variables that may be set before the command, with their keywords.
const VARIABLES: [(&str, &str); 9] = [
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGDATABASE", "dbname"),
    ("PGHOST", "host"),
    ("PGPASSWORD", "password"),
    ("PGPORT", "port"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGUSER", "user"),
];

/// The options with a value: the short one, the long one, and the keyword.
const OPTIONS: [(char, &str, &str); 4] =
    [('h', "host", "host"), ('p', "port", "port"), ('U', "username", "user"), ('d', "dbname", "dbname")];

/// The options without a value, which do not matter here.
const SWITCHES: [&str; 8] = ["-w", "--no-password", "-W", "--password", "-X", "--no-psqlrc", "-q", "--quiet"];

/// Returns true if the text begins with `psql`, or with the assignment of a variable of libpq.
pub(super) fn is_command_line(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let assigns = first.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    });
    first == "psql" || assigns || first.rsplit('/').next() == Some("psql")
}

/// Reads a command line.
pub(super) fn parse(text: &str) -> Result<Connection, String> {
    check_characters(text)?;
    let words = shell_words::split(text).map_err(|_| "has a quote without an end".to_owned())?;
    let mut reader = Reader { words: words.into_iter(), number: 0, connection: Connection::default() };
    reader.command()?;
    reader.arguments()?;
    Ok(reader.connection)
}

/// Refuses the characters with which a shell does more than split words.
fn check_characters(text: &str) -> Result<(), String> {
    let (mut quote, mut is_start) = (None, true);
    let mut rest = text.chars().enumerate();
    while let Some((at, next)) = rest.next() {
        let refused = |what: &str| Err(format!("must not contain {what} (character {})", at + 1));
        match (quote, next) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => drop(rest.next()),
            (_, '`') => return refused("a command in backticks"),
            (_, '$') => return refused("a variable or a command after `$`"),
            (None, '\'' | '"') => quote = Some(next),
            (None, ';' | '&' | '|' | '\n' | '\r') => return refused("a second command"),
            (None, '<' | '>') => return refused("a redirection"),
            (None, '(' | ')') => return refused("a subshell"),
            (None, '#') if is_start => return refused("a comment"),
            (None, '~') if is_start => return refused("a home directory"),
            (None, '*' | '?' | '[') => return refused("a pattern for file names"),
            _ => {}
        }
        is_start = quote.is_none() && next.is_whitespace();
    }
    Ok(())
}

struct Reader {
    words: std::vec::IntoIter<String>,
    number: usize,
    connection: Connection,
}

impl Reader {
    fn next(&mut self) -> Option<String> {
        self.number += 1;
        self.words.next()
    }

    fn place(&self) -> String {
        format!("word {}", self.number)
    }

    fn set(&mut self, keyword: &str, value: String) -> Result<(), String> {
        let place = self.place();
        self.connection.set(keyword, value, &place)
    }

    /// Reads the variables and the name of the command.
    fn command(&mut self) -> Result<(), String> {
        while let Some(word) = self.next() {
            if word == "psql" {
                return Ok(());
            }
            let variable = word.split_once('=').and_then(|(name, value)| {
                let found = VARIABLES.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, keyword)| (*keyword, value.to_owned()))
            });
            let Some((keyword, value)) = variable else {
                let place = self.place();
                return Err(format!(
                    "must begin with `psql` and variables of a connection such as PGHOST; {place} is something else"
                ));
            };
            self.set(keyword, value)?;
        }
        Err("must have the command `psql`".to_owned())
    }

    fn arguments(&mut self) -> Result<(), String> {
        let (mut names, mut only_names) = (0, false);
        while let Some(word) = self.next() {
            if !only_names && word == "--" {
                only_names = true;
            } else if !only_names && word.len() > 1 && word.starts_with('-') {
                self.option(&word)?;
            } else {
                names += 1;
                self.name(names, word)?;
            }
        }
        Ok(())
    }

    /// Reads a word that is no option: the database first, then the user.
    fn name(&mut self, number: usize, word: String) -> Result<(), String> {
        match number {
            1 => self.database(word),
            2 => self.set("user", word),
            _ => Err(format!("must name at most a database and a user; {} is a third name", self.place())),
        }
    }

    fn option(&mut self, word: &str) -> Result<(), String> {
        if SWITCHES.contains(&word) {
            return Ok(());
        }
        let long = word.strip_prefix("--");
        let (name, given) = match long.and_then(|long| long.split_once('=')) {
            Some((name, value)) => (Some(name), Some(value.to_owned())),
            None => (long, None),
        };
        let keyword = match name {
            Some(name) => OPTIONS.iter().find(|(_, option, _)| *option == name),
            None => OPTIONS.iter().find(|(option, ..)| word[1..].starts_with(*option)),
        };
        let Some((_, _, keyword)) = keyword else {
            let place = self.place();
            return Err(format!(
                "must have only the options -h, -p, -U and -d of `psql`; {place} is another one"
            ));
        };
        let attached = (name.is_none() && word.len() > 2).then(|| word[2..].to_owned());
        let value = match given.or(attached) {
            Some(value) => value,
            None => self.next().ok_or("ends with an option that has no value")?,
        };
        if *keyword == "dbname" { self.database(value) } else { self.set(keyword, value) }
    }

    /// Reads the name of a database, which may be a whole description as for `psql` itself.
    fn database(&mut self, text: String) -> Result<(), String> {
        let place = self.place();
        let within = |reason: String| format!("{reason} (in {place})");
        let rest = text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"));
        let connection = match rest {
            Some(rest) => uri::parse(rest).map_err(within)?,
            None if text.contains('=') => keywords::parse(&text).map_err(within)?,
            None => return self.set("dbname", text),
        };
        let Connection { host, port, database, user, password, asks } = connection;
        let parts = [
            ("host", host),
            ("port", port.map(|port| port.to_string())),
            ("dbname", database),
            ("user", user),
            ("password", password),
            ("sslmode", asks.map(|mode| mode.as_str().to_owned())),
        ];
        parts.into_iter().try_for_each(|(keyword, part)| part.map_or(Ok(()), |part| self.set(keyword, part)))
    }
}
