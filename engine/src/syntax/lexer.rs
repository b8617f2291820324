//! Cuts text into tokens, keeps the brackets, and refuses what never ends.

use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// How deep brackets, interpolations and blocks may nest.
pub(super) const MAX_DEPTH: usize = 60;
/// How many keys an object literal may have: `hcl-edit` takes time in the square of it.
const MAX_KEYS: usize = 4_000;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Identifier,
    Number,
    Operator,
    Open,
    Close,
    Newline,
    QuoteOpen,
    QuoteClose,
    HeredocOpen,
    HeredocClose,
    Text,
    Interpolation,
    Directive,
    TemplateEnd,
    Unknown,
    End,
}

/// A token and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub token: Token,
    pub range: Range<usize>,
}

#[derive(Clone, Debug)]
enum Opener {
    Bracket(char),
    Template,
    Quote,
    Document,
    Heredoc { tag: String },
}

/// Something that was opened and must be closed.
#[derive(Clone, Debug)]
struct Frame {
    opener: Opener,
    at: Range<usize>,
    keys: usize,
    in_value: bool,
    is_object: bool,
}

/// A position in a text, and the brackets that are open there.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    end: usize,
    open: Vec<Frame>,
}

pub(super) type Lexed = Result<Lexeme, Box<Diagnostic>>;

impl<'a> Lexer<'a> {
    /// Starts at the start of `range`; ranges of tokens count from the start of `text`.
    pub fn new(text: &'a str, file: FileId, range: Range<usize>) -> Self {
        Self { text, file, at: range.start, end: range.end, open: Vec::new() }
    }

    /// As `new`, for a file that is a template: text up to the first `${` or `%{`.
    pub fn template(text: &'a str, file: FileId) -> Self {
        let mut lexer = Self::new(text, file, 0..text.len());
        let at = 0..0;
        lexer.open.push(Frame { opener: Opener::Document, at, keys: 0, in_value: false, is_object: false });
        lexer
    }

    /// How many brackets, quotes and interpolations are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Goes on at `at` with nothing open.
    pub fn resume(&mut self, at: usize) {
        self.at = at;
        self.open.clear();
    }

    /// Goes back to `at`, within the same brackets.
    pub fn resume_line(&mut self, at: usize) {
        self.at = at;
    }

    /// The end of the last token.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Takes the brace that was just opened for the body of a block.
    pub fn enter_block(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.is_object = false;
        }
    }

    /// The text of a token.
    pub fn slice(&self, lexeme: &Lexeme) -> &'a str {
        &self.text[lexeme.range.clone()]
    }

    /// The span of a range.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// The token that `next` will give.
    pub fn peek(&self) -> Lexed {
        self.clone_cheaply().next()
    }

    fn clone_cheaply(&self) -> Self {
        // Only the innermost bracket decides how the next token reads.
        let open = self.open.last().cloned().into_iter().collect();
        Self { text: self.text, file: self.file, at: self.at, end: self.end, open }
    }

    /// The next token, without the space and the comments before it.
    pub fn next(&mut self) -> Lexed {
        match self.open.last().map(|frame| &frame.opener) {
            Some(Opener::Quote) => self.quoted(),
            Some(Opener::Heredoc { tag }) => {
                let tag = tag.clone();
                self.heredoc(&tag)
            }
            Some(Opener::Document) => self.document(),
            _ => self.code(),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    fn take(&mut self, token: Token, length: usize) -> Lexeme {
        let start = self.at;
        self.at += length;
        Lexeme { token, range: start..self.at }
    }

    fn code(&mut self) -> Lexed {
        self.skip_trivia()?;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return self.finish() };
        let lexeme = match first {
            '\n' => {
                self.end_item();
                self.take(Token::Newline, 1)
            }
            '"' => self.push(Token::QuoteOpen, 1, Opener::Quote)?,
            '(' | '[' | '{' => self.push(Token::Open, 1, Opener::Bracket(first))?,
            ')' | ']' | '}' => return self.close(first, 1),
            '~' if rest.starts_with("~}") => return self.close('}', 2),
            '<' if rest.starts_with("<<") => return self.heredoc_start(),
            '0'..='9' => self.take(Token::Number, number_length(rest)),
            _ if is_identifier_start(first) => {
                let length = rest.find(|c| !is_identifier_part(c)).unwrap_or(rest.len());
                self.take(Token::Identifier, length)
            }
            _ => match operator(rest) {
                Some(operator) => {
                    self.count_key(operator)?;
                    self.take(Token::Operator, operator.len())
                }
                None => self.take(Token::Unknown, first.len_utf8()),
            },
        };
        Ok(lexeme)
    }

    fn finish(&mut self) -> Lexed {
        match self.open.last() {
            None => Ok(self.take(Token::End, 0)),
            Some(frame) => Err(Box::new(self.unclosed(frame))),
        }
    }

    fn skip_trivia(&mut self) -> Result<(), Box<Diagnostic>> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let Some(length) = rest.find("*/") else {
                    return Err(Box::new(
                        Diagnostic::error("unclosed-comment", "a comment is never closed")
                            .at(self.span(self.at..self.at + 2), "the comment starts here")
                            .help("end it with `*/`, or begin each of its lines with `#`"),
                    ));
                };
                self.at += length + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn push(&mut self, token: Token, length: usize, opener: Opener) -> Lexed {
        let lexeme = self.take(token, length);
        let nesting = |frame: &&Frame| matches!(frame.opener, Opener::Bracket(_) | Opener::Template);
        if self.open.len() >= MAX_DEPTH && self.open.iter().filter(nesting).count() >= MAX_DEPTH {
            return Err(Box::new(
                Diagnostic::error("nesting-too-deep", format!("nested more than {MAX_DEPTH} levels deep"))
                    .at(self.span(lexeme.range), "one level too many")
                    .help("give the inner part a name in `locals` and refer to it"),
            ));
        }
        let is_object = matches!(opener, Opener::Bracket('{'));
        self.open.push(Frame { opener, at: lexeme.range.clone(), keys: 0, in_value: false, is_object });
        Ok(lexeme)
    }

    fn close(&mut self, bracket: char, length: usize) -> Lexed {
        let token = match self.open.last() {
            Some(Frame { opener: Opener::Bracket(open), .. }) if closing(*open) == bracket && length == 1 => {
                Token::Close
            }
            Some(Frame { opener: Opener::Template, .. }) if bracket == '}' => Token::TemplateEnd,
            _ => return Err(Box::new(self.mismatched(bracket))),
        };
        self.open.pop();
        Ok(self.take(token, length))
    }

    fn mismatched(&self, bracket: char) -> Diagnostic {
        let here = self.span(self.at..self.at + bracket.len_utf8());
        match self.open.last() {
            None => Diagnostic::error("unmatched-bracket", format!("`{bracket}` closes nothing"))
                .at(here, "nothing is open here")
                .help("remove it, or add the opening bracket that belongs to it"),
            Some(frame) => {
                let expected = frame.closing();
                Diagnostic::error("unmatched-bracket", format!("`{bracket}` where `{expected}` was expected"))
                    .at(here, format!("expected `{expected}`"))
                    .also(self.span(frame.at.clone()), "to close this")
            }
        }
    }

    fn unclosed(&self, frame: &Frame) -> Diagnostic {
        let at = self.span(frame.at.clone());
        let opening = self.text.get(frame.at.clone()).unwrap_or_default();
        match &frame.opener {
            Opener::Quote | Opener::Document => {
                Diagnostic::error("unclosed-string", "a quoted string is never closed")
                    .at(at, "the string starts here")
                    .help("close it with `\"`")
            }
            Opener::Heredoc { tag } => self.unclosed_heredoc(frame, tag),
            Opener::Template => Diagnostic::error("unclosed-bracket", format!("`{opening}` is never closed"))
                .at(at, "opened here")
                .help("close it with `}`")
                .help(format!(
                    "to write `{opening}` itself, double its first sign: `{}{opening}`",
                    &opening[..1]
                )),
            Opener::Bracket(_) => {
                Diagnostic::error("unclosed-bracket", format!("`{opening}` is never closed"))
                    .at(at, "opened here")
                    .help(format!("close it with `{}`", frame.closing()))
            }
        }
    }

    fn unclosed_heredoc(&self, frame: &Frame, tag: &str) -> Diagnostic {
        let error =
            Diagnostic::error("unclosed-heredoc", format!("the text that `<<{tag}` begins is never closed"))
                .at(self.span(frame.at.clone()), "starts here")
                .help(format!("write `{tag}` alone on a line after it"));
        let body = &self.text[frame.at.end..self.end];
        let almost = body
            .match_indices(tag)
            .find(|(at, _)| body[..*at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty()));
        match almost {
            None => error,
            Some((at, _)) => {
                let start = frame.at.end + at;
                error.also(
                    self.span(start..start + tag.len()),
                    "this does not close it: something follows on its line",
                )
            }
        }
    }

    fn heredoc_start(&mut self) -> Lexed {
        let rest = self.rest();
        let marker = if rest.starts_with("<<-") { 3 } else { 2 };
        let tag = &rest[marker..];
        let length = tag.find(|c| !is_identifier_part(c)).unwrap_or(tag.len());
        let line = tag[length..].split('\n').next().unwrap_or_default();
        let starts_well = tag.starts_with(is_identifier_start);
        if starts_well && line.trim_end_matches('\r').is_empty() && tag[length..].contains('\n') {
            let opener = Opener::Heredoc { tag: tag[..length].to_owned() };
            return self.push(Token::HeredocOpen, marker + length + line.len() + 1, opener);
        }
        let reason =
            if starts_well { "a line break must follow the name" } else { "a name must follow at once" };
        Err(Box::new(
            Diagnostic::error("invalid-heredoc", "`<<` does not begin a text here")
                .at(self.span(self.at..self.at + marker), reason)
                .help("write `<<EOT`, the lines of the text, and `EOT` alone on the last line"),
        ))
    }

    fn quoted(&mut self) -> Lexed {
        let rest = self.rest();
        if rest.starts_with('"') {
            self.open.pop();
            return Ok(self.take(Token::QuoteClose, 1));
        }
        if let Some(template) = self.template_start() {
            return template;
        }
        let length = text_length(rest, true);
        if rest[length..].is_empty() || rest[length..].starts_with('\n') {
            return Err(Box::new(self.broken_string()));
        }
        Ok(self.take(Token::Text, length))
    }

    fn broken_string(&self) -> Diagnostic {
        let start = self.open.last().map_or(self.at, |frame| frame.at.start);
        Diagnostic::error("unclosed-string", "a quoted string is not closed on its line")
            .at(self.span(start..start + 1), "the string starts here")
            .help("close it with `\"`")
            .help("for text of several lines write `<<EOT`, the lines, and `EOT` on a line of its own; or `\\n` for a line break")
    }

    fn heredoc(&mut self, tag: &str) -> Lexed {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or_default();
        if self.text[..self.at].ends_with('\n') && line.trim() == tag {
            self.at += line.find(tag).unwrap_or_default();
            self.open.pop();
            return Ok(self.take(Token::HeredocClose, tag.len()));
        }
        if let Some(template) = self.template_start() {
            return template;
        }
        if rest.is_empty() {
            return self.finish();
        }
        Ok(self.line())
    }

    fn document(&mut self) -> Lexed {
        if self.rest().is_empty() {
            return Ok(self.take(Token::End, 0));
        }
        self.template_start().unwrap_or_else(|| Ok(self.line()))
    }

    /// Text up to an interpolation or the end of the line, with the line break.
    fn line(&mut self) -> Lexeme {
        let rest = self.rest();
        let length = text_length(rest, false);
        let newline = usize::from(rest[length..].starts_with('\n'));
        self.take(Token::Text, length + newline)
    }

    /// The `${` or `%{` that starts here.
    fn template_start(&mut self) -> Option<Lexed> {
        let token = match self.rest().get(..2)? {
            "${" => Token::Interpolation,
            "%{" => Token::Directive,
            _ => return None,
        };
        let trim = usize::from(self.rest()[2..].starts_with('~'));
        Some(self.push(token, 2 + trim, Opener::Template))
    }

    fn end_item(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.in_value = false;
        }
    }

    fn count_key(&mut self, operator: &str) -> Result<(), Box<Diagnostic>> {
        let Some(frame) = self.open.last_mut() else { return Ok(()) };
        match operator {
            "," => frame.in_value = false,
            "=" | ":" if frame.is_object && !frame.in_value => {
                frame.in_value = true;
                frame.keys += 1;
            }
            _ => {}
        }
        if frame.keys <= MAX_KEYS {
            return Ok(());
        }
        let at = frame.at.clone();
        Err(Box::new(
            Diagnostic::error("object-too-large", format!("an object has more than {MAX_KEYS} keys"))
                .at(self.span(at), "it starts here")
                .help("keep large data in a file and read it with `jsondecode(file(\"data.json\"))`"),
        ))
    }
}

impl Frame {
    fn closing(&self) -> char {
        match self.opener {
            Opener::Bracket(open) => closing(open),
            Opener::Template | Opener::Heredoc { .. } => '}',
            Opener::Quote | Opener::Document => '"',
        }
    }
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// The length of the text up to an interpolation, a directive, a line break or, in a quoted string, its end.
fn text_length(rest: &str, quoted: bool) -> usize {
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        let tail = &rest[at..];
        if c == '\n' || (quoted && c == '"') {
            break;
        }
        if tail.starts_with("$${") || tail.starts_with("%%{") {
            at += 3;
        } else if quoted && c == '\\' && !tail[1..].starts_with('\n') {
            at += 1 + tail[1..].chars().next().map_or(0, char::len_utf8);
        } else if tail.starts_with("${") || tail.starts_with("%{") {
            break;
        } else {
            at += c.len_utf8();
        }
    }
    at
}

fn number_length(rest: &str) -> usize {
    let digits = |at: usize| rest[at..].bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    if rest[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if rest[length..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn operator(rest: &str) -> Option<&'static str> {
    const OPERATORS: [&str; 22] = [
        "...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::", "=", "!", "<", ">", "+", "-", "*", "/", "%",
        "?", ":", ",", ".",
    ];
    OPERATORS.into_iter().find(|operator| rest.starts_with(operator))
}

/// Whether a name may begin with `c`.
pub(super) fn is_identifier_start(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic() || c == '_'
    } else {
        hcl_edit::Ident::try_new(c.to_string()).is_ok()
    }
}

/// Whether a name may go on with `c`.
pub(super) fn is_identifier_part(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || c == '_' || c == '-'
    } else {
        hcl_edit::Ident::try_new(format!("a{c}")).is_ok()
    }
}
