//! The step type `random`.

use arcbook_engine::step::{
    Arg, ArgumentError, Arguments, Choice, Effect, Outputs, Response, StepError, Title, Whole,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Builder;

use super::random_text::{CLASSES, Class, Recipe, bytes};
use crate::azure::Azure;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Makes a random value: a password, an id, or bytes.
///
/// The value comes from the random number generator of the operating system. It is sensitive and ephemeral: no plan, record
/// or message holds it, and each run makes another one. It survives only where another step stores it, such as in a key
/// vault. Whatever needs the value later reads it from there: a step that took it from here would get another value in a
/// resumed run than the one that was stored. `arcbook run -resume` warns of each step that it keeps as an earlier run made it
/// from another value.
///
/// A new run stores a new value, unless `keyvault_secret_set` has `keep_value = true`, which keeps an existing one; any
/// other step stores it only `when` there is none.
#[derive(Arguments, Debug)]
pub struct Random {
    /// Kind of the value; defaults to `password`.
    kind: Option<Arg<Kind>>,
    /// Length of the value without its prefix; not of a UUID.
    ///
    /// Characters of a password or an id, which have 32 and 16 by default; bytes, of which there are 32 by default. A
    /// password has at least 8 characters.
    length: Option<Arg<Whole<4, 1024>>>,
    /// Text before the value.
    prefix: Option<Arg<String>>,
    /// Least number of lower-case letters in a password; defaults to 1.
    min_lower: Option<Arg<Whole<0, 1024>>>,
    /// Least number of upper-case letters in a password; defaults to 1.
    min_upper: Option<Arg<Whole<0, 1024>>>,
    /// Least number of digits in a password; defaults to 1.
    min_digits: Option<Arg<Whole<0, 1024>>>,
    /// Least number of special characters in a password; defaults to 1, and to 0 if there are none.
    min_special: Option<Arg<Whole<0, 1024>>>,
    /// Special characters that a password may have, in ASCII; defaults to `!#$%&*()-_=+[]{}<>:?`, and `""` means none.
    special: Option<Arg<String>>,
    /// Characters that a password does not have, such as `0O1lI`, which look alike.
    exclude: Option<Arg<String>>,
}

/// The kind of a random value.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, digits and special characters.
    Password,
    /// Lower-case letters and digits.
    Id,
    /// A UUID of version 4.
    Uuid,
    /// Bytes in base64.
    Bytes,
    /// Bytes in hexadecimal.
    Hex,
}

/// The output of `random`.
#[derive(Outputs)]
pub struct Made {
    /// The value, with its prefix.
    #[output(ephemeral)]
    value: String,
}

/// The least length of a password.
const SHORTEST_PASSWORD: usize = 8;

impl Random {
    /// Returns the kind; none if it is not known yet.
    fn kind(&self) -> Option<Kind> {
        self.kind.as_ref().map_or(Some(Kind::Password), |kind| kind.value().copied())
    }

    fn length(&self, kind: Kind) -> usize {
        let given = self.length.as_ref().and_then(Arg::value);
        let default = if kind == Kind::Id { 16 } else { 32 };
        given.and_then(|length| usize::try_from(length.get()).ok()).unwrap_or(default)
    }

    /// Returns the arguments that only a password has, with true for each that is given.
    fn of_password(&self) -> [(&'static str, bool); 6] {
        [
            ("min_lower", self.min_lower.is_some()),
            ("min_upper", self.min_upper.is_some()),
            ("min_digits", self.min_digits.is_some()),
            ("min_special", self.min_special.is_some()),
            ("special", self.special.is_some()),
            ("exclude", self.exclude.is_some()),
        ]
    }

    /// Returns the recipe of a password, as far as its arguments are known.
    fn recipe(&self) -> Recipe {
        let known = |text: &Option<Arg<String>>| text.as_ref().and_then(Arg::value).cloned();
        let excluded = known(&self.exclude).unwrap_or_default();
        let special = known(&self.special).unwrap_or_else(|| CLASSES[3].to_owned());
        let least = [&self.min_lower, &self.min_upper, &self.min_digits, &self.min_special];
        let characters = [CLASSES[0], CLASSES[1], CLASSES[2], &special];
        let classes = characters.into_iter().zip(least).map(|(characters, least)| {
            let given = least.as_ref().and_then(Arg::value);
            let default = usize::from(!characters.is_empty());
            let least = given.map_or(default, |least| usize::try_from(least.get()).unwrap_or_default());
            Class::new(characters, &excluded, least)
        });
        Recipe { classes: classes.collect(), length: self.length(Kind::Password) }
    }

    /// Returns the errors in the arguments of a password.
    fn check_password(&self) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        for (name, text) in [("special", &self.special), ("exclude", &self.exclude)] {
            let Some(text) = text.as_ref().and_then(Arg::value) else { continue };
            if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                errors.push(ArgumentError::new(name, "must consist of visible characters of ASCII"));
            } else if name == "special" && text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
                errors.push(ArgumentError::new(name, "must not contain letters or digits"));
            }
        }
        let recipe = self.recipe();
        if recipe.length < SHORTEST_PASSWORD {
            errors.push(ArgumentError::new(
                "length",
                format!("must be at least {SHORTEST_PASSWORD} for a password"),
            ));
        } else if recipe.least() > recipe.length {
            let least = recipe.least();
            errors.push(
                ArgumentError::new(
                    "length",
                    format!("must be at least {least}, the sum of the least numbers"),
                )
                .help("raise `length`, or lower `min_lower`, `min_upper`, `min_digits` or `min_special`"),
            );
        }
        let names = ["min_lower", "min_upper", "min_digits", "min_special"];
        for (class, name) in recipe.classes.iter().zip(names) {
            if class.is_impossible() {
                let error = ArgumentError::new(name, "asks for characters of which there are none");
                errors.push(error.help(format!("set `{name} = 0`, or allow some of them")));
            }
        }
        if recipe.classes.iter().all(Class::is_empty) {
            errors.push(ArgumentError::new("exclude", "leaves no characters"));
        }
        errors
    }

    fn make(&self, kind: Kind) -> Result<String, StepError> {
        let length = self.length(kind);
        Ok(match kind {
            Kind::Password => self.recipe().make()?,
            Kind::Id => Recipe::id(length).make()?,
            Kind::Uuid => {
                let mut random = [0; 16];
                random.copy_from_slice(&bytes(16)?);
                Builder::from_random_bytes(random).into_uuid().to_string()
            }
            Kind::Bytes => STANDARD.encode(bytes(length)?),
            Kind::Hex => hexadecimal(&bytes(length)?),
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

impl TypedStep for Random {
    const TYPE: &'static str = "random";
    const EXAMPLE: &'static str = r#"step "random" "password" {
  length     = 24
  min_digits = 2
}

step "file" "password" {
  path    = "password"
  content = step.random.password.value
}
"#;
    const EFFECT: Effect = Effect::Nothing;
    const RESPONSE: Response = Response::None;
    type Output = Made;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let Some(kind) = self.kind() else { return Vec::new() };
        if kind == Kind::Password {
            return self.check_password();
        }
        let of_length = ("length", kind == Kind::Uuid && self.length.is_some());
        let stray = self.of_password().into_iter().chain([of_length]).filter(|(_, given)| *given);
        stray.map(|(name, _)| ArgumentError::new(name, "must not be given with this `kind`")).collect()
    }

    fn title(&self) -> Title {
        Title::new(match self.kind() {
            None => "random value",
            Some(Kind::Password) => "random password",
            Some(Kind::Id) => "random id",
            Some(Kind::Uuid) => "random UUID",
            Some(Kind::Bytes | Kind::Hex) => "random bytes",
        })
    }

    async fn run(&self, session: &Session) -> Result<Done<Made>, StepError> {
        let kind = self.kind().ok_or_else(|| StepError::internal("the kind is not known yet"))?;
        let random = self.make(kind)?;
        session.secret(&random);
        let prefix = self.prefix.as_ref().map(Arg::get).transpose()?.map_or("", String::as_str);
        Ok(Done::unchanged(Made { value: format!("{prefix}{random}") }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(change: impl FnOnce(&mut Random)) -> Random {
        let mut random = Random {
            kind: None,
            length: None,
            prefix: None,
            min_lower: None,
            min_upper: None,
            min_digits: None,
            min_special: None,
            special: None,
            exclude: None,
        };
        change(&mut random);
        random
    }

    fn number<const LEAST: i64, const MOST: i64>(number: i64) -> Arg<Whole<LEAST, MOST>> {
        Arg::known(Whole::new(number).expect("in range"))
    }

    fn text(text: &str) -> Arg<String> {
        Arg::known(text.to_owned())
    }

    #[test]
    fn a_password_has_the_characters_that_it_must_have() {
        let random = password(|random| {
            random.length = Some(number(12));
            random.min_digits = Some(number(9));
            random.special = Some(text("~"));
            random.exclude = Some(text("0O1lI"));
        });
        for _ in 0..200 {
            let made = random.make(Kind::Password).expect("made");
            let count = |is: fn(&char) -> bool| made.chars().filter(is).count();
            assert_eq!(made.len(), 12, "{made}");
            assert_eq!(count(char::is_ascii_digit), 9, "{made}");
            assert!(count(char::is_ascii_lowercase) == 1 && count(char::is_ascii_uppercase) == 1, "{made}");
            assert!(made.contains('~') && !made.contains(['0', 'O', '1', 'l', 'I']), "{made}");
        }
        let ids = random.make(Kind::Id).expect("made");
        assert!(
            ids.len() == 12 && ids.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        );
        assert_eq!(random.make(Kind::Hex).expect("made").len(), 24);
        assert_eq!(
            uuid::Uuid::parse_str(&random.make(Kind::Uuid).expect("made")).expect("one").get_version_num(),
            4
        );
    }

    #[test]
    fn a_password_that_cannot_be_made_is_an_error() {
        for (random, expected) in [
            (password(|random| random.length = Some(number(7))), "length"),
            (
                password(|random| (random.length, random.min_upper) = (Some(number(8)), Some(number(7)))),
                "length",
            ),
            (
                password(|random| (random.special, random.min_special) = (Some(text("")), Some(number(1)))),
                "min_special",
            ),
            (password(|random| random.exclude = Some(text("0123456789"))), "min_digits"),
            (password(|random| random.special = Some(text("ä"))), "special"),
            (password(|random| random.special = Some(text("a"))), "special"),
            (password(|random| random.special = Some(text(""))), ""),
            (password(|random| random.length = Some(number(8))), ""),
        ] {
            let errors = random.check_password();
            let names: Vec<&str> = errors.iter().map(ArgumentError::argument).collect();
            assert_eq!(names.join(" "), expected, "{random:?}");
        }
    }
}
