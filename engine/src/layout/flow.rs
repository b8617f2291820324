//! Breaks lines that are wider than the screen, and leaves all others as they are.

use super::wrap::{width, wrap};

/// The column behind which no continued line begins: it would have too little room.
const FARTHEST: usize = 40;

/// Returns `line` in lines of at most `columns` columns, as far as its words allow; a continued line begins below the second
/// column of the line, if it has one, and else `hang` columns after the start of its text.
#[must_use]
pub fn flowed_line(line: &str, columns: usize, hang: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let own = indent(line);
    let start = second_column(line).unwrap_or(own);
    let further = if start > own { start } else { own + hang };
    let (head, text) = line.split_at(byte_at(line, start));
    let room = |used: usize| columns.saturating_sub(used).max(1);
    let lines = wrap(text, room(start), room(further));
    let line = |(at, line): (usize, &String)| {
        if at == 0 { format!("{head}{line}") } else { format!("{:further$}{line}", "") }
    };
    lines.iter().enumerate().map(line).collect()
}

/// Returns `text` in lines of at most `columns` columns. The end of a line of prose that is too wide goes on with the next
/// line of the same paragraph.
#[must_use]
pub fn flowed(text: &str, columns: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The last line is an end that the next one may go on with.
    let mut is_open = false;
    for line in text.lines() {
        let begins_here = line.trim_start().starts_with(['-', '*', '|', '#', '"']);
        let joins = is_open
            && !begins_here
            && second_column(line).is_none()
            && lines.last().is_some_and(|last| !line.is_empty() && indent(last) == indent(line));
        let whole = match lines.pop_if(|_| joins) {
            Some(last) => format!("{last} {}", line.trim_start()),
            None => line.to_owned(),
        };
        let parts = flowed_line(&whole, columns, 0);
        is_open = parts.len() > 1 && second_column(&whole).is_none();
        lines.extend(parts);
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns where the text after the first gap of several spaces begins, if the gap is near the start.
fn second_column(line: &str) -> Option<usize> {
    let own = indent(line);
    let gap = own + line[own..].find("  ")?;
    let text = line[gap..].find(|letter| letter != ' ')? + gap;
    let column = width(&line[..text]);
    (column <= FARTHEST).then_some(column)
}

/// Returns the position of the character at a column.
fn byte_at(line: &str, column: usize) -> usize {
    let at = |(byte, _): &(usize, char)| width(&line[..*byte]) >= column;
    line.char_indices().find(at).map_or(line.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_wide_goes_on_below_its_second_column() {
        for (line, expected) in [
            ("one two", &["one two"][..]),
            ("one two three four five", &["one two three", "   four five"]),
            ("  failed   a: the end of it", &["  failed   a: the", "           end of", "           it"]),
            ("  one two three four five", &["  one two three", "     four five"]),
            ("https://example.org/long/path x", &["https://example.org/long/path", "   x"]),
            ("ä  ö ü ö ü ö ü ö ü ö ü", &["ä  ö ü ö ü ö ü ö", "   ü ö ü"]),
        ] {
            assert_eq!(flowed_line(line, 17, 3), expected, "{line}");
        }
    }

    #[test]
    fn a_paragraph_flows_and_all_else_keeps_its_lines() {
        let text = "step \"x\" \"name\"\n\nOne two three four five six\nseven eight.\n\n  name (text)\n      \
                    Short.\n      Other.\n- an item of a list\n- another one\n";
        let expected = "step \"x\" \"name\"\n\nOne two three four\nfive six seven\neight.\n\n  name (text)\n      \
                        Short.\n      Other.\n- an item of a\nlist\n- another one\n";
        assert_eq!(flowed(text, 18), expected);
        assert_eq!(flowed(text, 80), text);
    }
}
