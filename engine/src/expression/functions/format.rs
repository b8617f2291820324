//! Implements `format` and `formatlist`, which fill a pattern with verbs such as `%5.2f`.

mod pattern;
mod verb;

use super::arguments::{Arguments, elements};
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Type, Value};

const FORMAT: Parameter = Parameter::new("format", Accepts::String);
const ARGS: Parameter = Parameter::new("args", Accepts::Any).or_null();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "format",
        "Text made from a pattern, in which verbs such as %s and %d stand for the further arguments.",
        [r#"format("%s-%03d", "vm", 7)"#, r#""vm-007""#],
        &[FORMAT],
        Returns::Always(Accepts::String),
        |given| pattern::format(given.text(0), given.from(1), given.context.room),
    )
    .variadic(ARGS)
    .partly(|given| pattern::format(given.value(0).as_str()?, given.from(1), given.context.room).ok()),
    Function::new(
        "formatlist",
        "A list of texts, each made as by format from the elements at one position of the lists given.",
        [r#"formatlist("%s.example", ["vm1", "vm2"])"#, r#"["vm1.example", "vm2.example"]"#],
        &[FORMAT],
        Returns::Always(Accepts::Strings),
        format_list,
    )
    .variadic(ARGS),
];

/// Applies the pattern to each element; an argument that is no list is used for all elements.
fn format_list(given: &Arguments<'_>) -> Result<Value, Failure> {
    let arguments = given.from(1);
    let lists = || arguments.iter().enumerate().filter_map(|(at, value)| Some((at, elements(value)?.len())));
    let count = lists().next();
    if let Some((first, length)) = count
        && let Some((other, wrong)) = lists().find(|&(_, other)| other != length)
    {
        let reason = format!(
            "argument {} has length {wrong}, which is inconsistent with argument {} of length {length}",
            other + 1,
            first + 1
        );
        return Err(Failure::argument(other + 1, reason));
    }
    let mut room = given.context.room;
    let row = |iteration: usize| {
        let pick =
            |value: &Value| elements(value).map_or_else(|| value.clone(), |all| all[iteration].clone());
        let row: Vec<Value> = arguments.iter().map(pick).collect();
        let text = pattern::format(given.text(0), &row, room).map_err(|failure| match failure {
            Failure::Whole(reason) if count.is_some() => {
                Failure::new(format!("error on format iteration {iteration}: {reason}"))
            }
            other => other,
        })?;
        room = room.checked_sub(text.as_str().map_or(0, str::len)).ok_or(Failure::TooLong)?;
        Ok::<_, Failure>(text)
    };
    let texts = (0..count.map_or(1, |(_, length)| length)).map(row).collect::<Result<Vec<Value>, _>>()?;
    Ok(Value::list(Type::String, texts))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("format", r#"["%s-%d-%v", "a", "42", [1, null]]"#, r#""a-42-[1,null]""#),
            ("format", r#"["100%%"]"#, r#""100%""#),
            ("format", r#"["%[2]s %s", "a", "b", "c"]"#, r#""b c""#),
            ("format", r#"["%05d|%-5d|% d|%+d", -42, 42, 3, 3]"#, r#""-0042|42   | 3|+3""#),
            ("format", r#"["%x %X %#o %#b", 255, 255, 8, 5]"#, r#""ff FF 010 0b101""#),
            ("format", r#"["%.2f %.2f %.0f", 1.005, 2.675, 2.5]"#, r#""1.00 2.67 2""#),
            ("format", r#"["%08.3f", -3.14159]"#, r#""-003.142""#),
            ("format", r#"["%f", 0.0000001]"#, r#""0.000000""#),
            ("format", r#"["%E %e", 1234.5678, 0]"#, r#""1.234568E+03 0.000000e+00""#),
            (
                "format",
                r#"["%g %g %g %.3g", 0.0001, 1e21, 123456789, 1234.5678]"#,
                r#""0.0001 1e+21 1.23456789e+08 1.23e+03""#,
            ),
            ("format", r#"["%v %v %5v|", 1e30, 0.3, true]"#, r#""1e+30 0.3  true|""#),
            ("format", r#"["%-4s|%.1s|%5.1s|", "日本", "👩‍👩‍👧x", "abc"]"#, r#""日本  |👩‍👩‍👧|    a|""#),
            ("format", r#"["%q", "a\"b\n"]"#, r#""\"a\\\"b\\n\"""#),
            ("formatlist", r#"["%s-%s", ["a", "b"], "z"]"#, r#"["a-z","b-z"]"#),
            ("formatlist", r#"["x"]"#, r#"["x"]"#),
            ("formatlist", r#"["%s", []]"#, "[]"),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "format",
                r#"["%d", 1.5]"#,
                r#"call to function "format" failed: unsupported value for "%d" at 0: an integer is required"#,
            ),
            (
                "format",
                r#"["a %s"]"#,
                r#"call to function "format" failed: not enough arguments for "%s" at 2: need index 1 but have 0 total"#,
            ),
            (
                "format",
                r#"["none", "a"]"#,
                r#"invalid value for "args" parameter: too many arguments; no verbs in format string"#,
            ),
            (
                "format",
                r#"["%"]"#,
                r#"call to function "format" failed: invalid format string starting at offset 1"#,
            ),
            (
                "format",
                r#"["%*d", 5, 42]"#,
                r#"call to function "format" failed: unrecognized format character '*' at offset 1"#,
            ),
            (
                "format",
                r#"["%999999999d", 1]"#,
                r#"call to function "format" failed: a width, precision or index must not be above 65536"#,
            ),
            (
                "format",
                r#"["%s", null]"#,
                r#"call to function "format" failed: unsupported value for "%s" at 0: null value cannot be formatted"#,
            ),
            (
                "formatlist",
                r#"["%s%s", ["a"], ["1", "2"]]"#,
                r#"invalid value for "args" parameter: argument 2 has length 2, which is inconsistent with argument 1 of length 1"#,
            ),
            (
                "formatlist",
                r#"["%d", ["x"]]"#,
                r#"call to function "formatlist" failed: error on format iteration 0: unsupported value for "%d" at 0: a number is required"#,
            ),
        ]);
    }
}
