//! Makes random texts and bytes with the generator of the operating system.

use arcbook_engine::step::{ErrorKind, StepError};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The characters of the classes of a password: lower case, upper case, digits, special ones.
pub(super) const CLASSES: [&str; 4] =
    ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!#$%&*()-_=+[]{}<>:?"];

/// A class of characters.
pub(super) struct Class {
    characters: Vec<u8>,
    least: usize,
}

impl Class {
    /// Returns the class of the characters that are not excluded, of which at least so many are needed.
    pub fn new(characters: &str, excluded: &str, least: usize) -> Self {
        let mut all: Vec<u8> =
            characters.bytes().filter(|byte| !excluded.as_bytes().contains(byte)).collect();
        all.sort_unstable();
        all.dedup();
        Self { characters: all, least }
    }

    pub fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// Returns true if characters are needed of which there are none.
    pub fn is_impossible(&self) -> bool {
        self.is_empty() && self.least > 0
    }
}

/// The classes of the characters of a text, and its length.
pub(super) struct Recipe {
    pub classes: Vec<Class>,
    pub length: usize,
}

impl Recipe {
    /// Returns the recipe of lower-case letters and digits.
    pub fn id(length: usize) -> Self {
        let all = format!("{}{}", CLASSES[0], CLASSES[2]);
        Self { classes: vec![Class::new(&all, "", 0)], length }
    }

    /// Returns the least length of the text.
    pub fn least(&self) -> usize {
        self.classes.iter().map(|class| class.least).sum()
    }

    /// Makes a text: the characters that each class needs, others of all classes, all in random order.
    pub fn make(&self) -> Result<String, StepError> {
        let mut made = Vec::with_capacity(self.length);
        for class in &self.classes {
            for _ in 0..class.least {
                made.push(pick(&class.characters)?);
            }
        }
        let all: Vec<u8> = self.classes.iter().flat_map(|class| class.characters.iter().copied()).collect();
        while made.len() < self.length {
            made.push(pick(&all)?);
        }
        for at in (1..made.len()).rev() {
            made.swap(at, below(at + 1)?);
        }
        Ok(made.into_iter().map(char::from).collect())
    }
}

fn pick(characters: &[u8]) -> Result<u8, StepError> {
    let none = || StepError::internal("a random text has no characters");
    if characters.is_empty() {
        return Err(none());
    }
    characters.get(below(characters.len())?).copied().ok_or_else(none)
}

/// Returns a random number below `end`, each with the same chance; `end` is at most 65536.
fn below(end: usize) -> Result<usize, StepError> {
    // Numbers from the last incomplete range would make the first ones more probable.
    let range = usize::from(u16::MAX) + 1;
    let fair = range - range % end;
    loop {
        let random = bytes(2)?;
        let number = random.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        if number < fair {
            return Ok(number % end);
        }
    }
}

/// Returns so many random bytes.
pub(super) fn bytes(count: usize) -> Result<Vec<u8>, StepError> {
    let mut bytes = vec![0; count];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        StepError::new(ErrorKind::Local, "the operating system gives no random numbers")
            .help("check that its random number generator works, such as /dev/urandom")
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_the_same_chance() {
        let mut counts = [0_u32; 7];
        for _ in 0..14_000 {
            counts[below(7).expect("random")] += 1;
        }
        // Each count deviates from 2000 by more than 400 with a chance below 10 to the power of -20.
        assert!(counts.iter().all(|count| count.abs_diff(2_000) < 400), "{counts:?}");
    }
}
