//! Cuts a form of a secret into the pieces to search for.

/// The minimum size of a piece, in bytes; forms longer than twice this are cut.
const PIECE: usize = 32;

/// The characters that end a line.
const BREAKS: [char; 2] = ['\r', '\n'];

/// The minimum size of the first line of a piece that is not the first one, in bytes.
const LINE_END: usize = 8;

/// Cuts a long `form` into pieces that together cover it, so that most of a token is found even if only its
/// beginning is shown, and a writer never holds back much.
///
/// A piece is not one repeated character, unless the rest of the form is: a line of dashes is no secret. None begins with a
/// line break, or just before one: else a writer would hold back the end of each line that it writes.
pub(super) fn needles(form: &str) -> impl Iterator<Item = &str> {
    let mut rest = form.trim_start_matches(BREAKS);
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(piece_end(rest));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn piece_end(rest: &str) -> usize {
    if rest.len() <= 2 * PIECE {
        return rest.len();
    }
    let first = rest.chars().next();
    let varied = rest.char_indices().find(|&(_, c)| Some(c) != first).map_or(rest.len(), |(at, _)| at + 1);
    let end = (varied.max(PIECE)..rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
    let end = beyond_line(rest, end);
    // The rest must be long and varied enough to be a piece itself.
    let is_uniform = |text: &str| text.chars().all(|c| text.starts_with(c));
    if rest.len() - end < PIECE || is_uniform(&rest[end..]) { rest.len() } else { end }
}

/// Returns the beginning of the next line if `end` is close to the end of one; else `end`.
fn beyond_line(rest: &str, end: usize) -> usize {
    let is_break = |byte: &u8| BREAKS.contains(&char::from(*byte));
    let bytes = &rest.as_bytes()[end..];
    let Some(at) = bytes.iter().take(LINE_END).position(is_break) else { return end };
    let breaks = bytes[at..].iter().take_while(|byte| is_break(byte)).count();
    end + at + breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_begins_at_the_end_of_a_line() {
        let line = "0123456789abcdef".repeat(4);
        for break_ in ["\n", "\r\n", "\n\n"] {
            for first in 0..70 {
                let form = format!("{}{}", &line[..first.min(64)], format!("{break_}{line}").repeat(9));
                let pieces: Vec<_> = needles(&form).collect();
                assert_eq!(pieces.concat(), form.trim_start_matches(BREAKS));
                assert!(pieces.len() > 8, "{pieces:?}");
                for piece in &pieces[1..] {
                    assert!(piece.lines().next().is_some_and(|line| line.len() >= LINE_END), "{piece:?}");
                }
            }
        }
        assert_eq!(needles("\n\r\n\n").next(), None);
    }

    #[test]
    fn pieces_cover_the_form_and_are_neither_short_nor_uniform() {
        let cases = [
            "short".to_owned(),
            "0123456789".repeat(50),
            format!("{}-KEY-{}", "-".repeat(200), "-".repeat(200)),
            "日本語テキスト".repeat(30),
            "é".repeat(300),
        ];
        for form in cases {
            let pieces: Vec<_> = needles(&form).collect();
            assert_eq!(pieces.concat(), form);
            for piece in pieces.iter().filter(|_| pieces.len() > 1) {
                assert!(piece.len() >= PIECE && piece.chars().any(|c| !piece.starts_with(c)), "{piece:?}");
            }
        }
    }
}
