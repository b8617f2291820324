//! Captures the output of a program in bounded memory.

use arcbook_engine::step::{Base64, Content};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The number of bytes of an output that are kept.
pub(crate) const LONGEST: usize = 1024 * 1024;

/// The number of bytes at the end of an output that are kept for messages.
const TAIL: usize = 4096;

/// The number of lines at the end of an output that a message shows.
const LINES: usize = 10;

/// An output of a program: its beginning, and its last lines.
#[derive(Default)]
pub(crate) struct Capture {
    head: Vec<u8>,
    tail: Vec<u8>,
    total: usize,
}

impl Capture {
    /// Reads `pipe`, if there is one, to its end, and drops the bytes beyond [`LONGEST`], so that the program
    /// never waits.
    pub async fn fill(&mut self, pipe: &mut Option<impl AsyncRead + Unpin>) {
        let Some(pipe) = pipe else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
            self.push(&buffer[..read]);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let space = LONGEST - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(space)]);
        self.total += bytes.len();
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
    }

    /// Returns true if the program wrote more than is kept.
    pub fn is_cut(&self) -> bool {
        self.total > self.head.len()
    }

    /// Returns the kept bytes. A cut output ends with a whole line if it has lines, since half of a secret
    /// cannot be redacted.
    pub fn bytes(&self) -> &[u8] {
        if !self.is_cut() {
            return &self.head;
        }
        let line_end = self.head.iter().rposition(|&byte| byte == b'\n').map(|at| at + 1);
        let character_end = std::str::from_utf8(&self.head).map_or_else(
            |error| if error.error_len().is_none() { error.valid_up_to() } else { self.head.len() },
            str::len,
        );
        &self.head[..line_end.unwrap_or(character_end)]
    }

    /// Returns the kept output as text; none if it is not UTF-8.
    pub fn text(&self) -> Option<String> {
        Content::new(self.bytes().to_vec()).text()
    }

    /// Returns the kept output if it is no text.
    pub fn base64(&self) -> Option<Base64> {
        self.text().is_none().then(|| Content::new(self.bytes().to_vec()).base64())
    }

    /// Returns the last lines, without a line whose beginning was dropped; none if there is no text.
    ///
    /// `redacted` removes the secrets before the text is cut into lines, since a cut secret would not be recognized.
    pub fn last_lines(&self, redacted: impl Fn(&str) -> String) -> Option<Vec<String>> {
        let text = String::from_utf8_lossy(&self.tail);
        let whole = if self.total > self.tail.len() { text.split_once('\n')?.1 } else { &text };
        let text = redacted(whole);
        let lines: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
        let last = lines[lines.len().saturating_sub(LINES)..].to_vec();
        last.iter().any(|line| !line.trim().is_empty()).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn captured(bytes: &[u8]) -> Capture {
        let mut capture = Capture::default();
        capture.fill(&mut Some(bytes)).await;
        capture
    }

    #[tokio::test]
    async fn the_beginning_and_the_last_lines_are_kept() {
        let long_line = "ü".repeat(LONGEST);
        let lines = "0123456789abcde\n".repeat(LONGEST / 16 + 1);
        for (written, kept, is_cut) in [
            ("", 0, false),
            ("a\n", 2, false),
            (long_line.as_str(), LONGEST, true),
            (&format!("a{long_line}"), LONGEST - 1, true),
            (lines.as_str(), LONGEST, true),
            (&format!("a{lines}"), LONGEST - 15, true),
        ] {
            let capture = captured(written.as_bytes()).await;
            assert_eq!(capture.text().map(|text| text.len()), Some(kept));
            assert_eq!(capture.is_cut(), is_cut);
        }
        let numbers = (0..5000).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
        let last = captured(numbers.as_bytes()).await.last_lines(str::to_owned);
        let expected: Vec<String> = (4990..5000).map(|number| number.to_string()).collect();
        assert_eq!(last, Some(expected));
        assert_eq!(captured(b"\n \n").await.last_lines(str::to_owned), None);
        assert_eq!(
            captured(&[b'x'; TAIL + 1]).await.last_lines(str::to_owned),
            None,
            "half a line is not shown"
        );
    }

    #[tokio::test]
    async fn an_output_that_is_no_text_has_its_bytes() {
        let capture = captured(b"\xff\x00").await;
        assert!(capture.text().is_none() && capture.base64().is_some());
        assert!(captured(b"text").await.base64().is_none());
    }
}
