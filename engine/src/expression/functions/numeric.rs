//! Implements numeric functions.

use super::arguments::{Arguments, number};
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Number, Value};

const NUMBER: Returns = Returns::Always(Accepts::Number);
const NUM: Parameter = Parameter::new("num", Accepts::Number);
const NUMBERS: Parameter = Parameter::new("numbers", Accepts::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", "The number without its sign.", ["abs(-1.5)", "1.5"], &[NUM], NUMBER, |given| {
        Ok(given.number(0).abs().into())
    }),
    Function::new(
        "ceil",
        "The smallest whole number that is not below the number.",
        ["ceil(1.2)", "2"],
        &[NUM],
        NUMBER,
        |given| Ok(given.number(0).ceil().into()),
    ),
    Function::new(
        "floor",
        "The largest whole number that is not above the number.",
        ["floor(1.8)", "1"],
        &[NUM],
        NUMBER,
        |given| Ok(given.number(0).floor().into()),
    ),
    Function::new("max", "The largest of the numbers.", ["max(1, 3, 2)", "3"], &[], NUMBER, |given| {
        best(given, |candidate, so_far| candidate > so_far)
    })
    .variadic(NUMBERS),
    Function::new("min", "The smallest of the numbers.", ["min(1, 3, 2)", "1"], &[], NUMBER, |given| {
        best(given, |candidate, so_far| candidate < so_far)
    })
    .variadic(NUMBERS),
    Function::new(
        "log",
        "The logarithm of a number to a base.",
        ["log(1024, 2)", "10"],
        &[NUM, Parameter::new("base", Accepts::Number)],
        NUMBER,
        |given| from_f64(libm::log(given.f64(0)) / libm::log(given.f64(1))),
    ),
    Function::new(
        "pow",
        "A number raised to a power.",
        ["pow(2, 10)", "1024"],
        &[NUM, Parameter::new("power", Accepts::Number)],
        NUMBER,
        power,
    ),
    Function::new(
        "signum",
        "-1, 0 or 1: the sign of a whole number.",
        ["signum(-7)", "-1"],
        &[NUM],
        NUMBER,
        |given| Ok(given.integer(0)?.signum().into()),
    ),
    Function::new(
        "parseint",
        "The whole number that text spells in a base from 2 to 62.",
        [r#"parseint("ff", 16)"#, "255"],
        &[Parameter::new("number", Accepts::Any), Parameter::new("base", Accepts::Number)],
        NUMBER,
        parse_integer,
    ),
];

fn best(given: &Arguments<'_>, better: fn(&Number, &Number) -> bool) -> Result<Value, Failure> {
    let mut numbers = given.all().iter().map(number);
    let first = numbers.next().ok_or_else(|| Failure::new("must pass at least one number"))?;
    let best =
        numbers.fold(first, |so_far, candidate| if better(candidate, so_far) { candidate } else { so_far });
    Ok(best.clone().into())
}

fn from_f64(value: f64) -> Result<Value, Failure> {
    // Terraform returns the shortest decimal of the f64, not its exact binary value.
    let text = value.to_string();
    text.parse::<Number>().map(Value::from).map_err(|_| Failure::new("the result is not a finite number"))
}

/// Returns the power: exact for an integer base and a natural exponent, otherwise with the precision of an `f64`, as in
/// Terraform, and with the same digits on every system.
fn power(given: &Arguments<'_>) -> Result<Value, Failure> {
    match given.number(1).to_usize() {
        Some(times) if given.number(0).is_integer() => Ok(given.number(0).pow(times)?.into()),
        _ => from_f64(libm::pow(given.f64(0), given.f64(1))),
    }
}

fn parse_integer(given: &Arguments<'_>) -> Result<Value, Failure> {
    let base = given.integer(1)?;
    let radix = u8::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let radix = radix
        .ok_or_else(|| Failure::argument(1, "base must be a whole number between 2 and 62 inclusive"))?;
    let text = given.value(0).as_str().ok_or_else(|| {
        let found = given.value(0).ty().friendly_name();
        Failure::argument(0, format!("the first argument must be a text, not {found}"))
    })?;
    let reason = || Failure::argument(0, format!("cannot parse {text:?} as a base {base} integer"));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() {
        return Err(reason());
    }
    let digits = digits.chars().map(|character| digit(character, radix)).collect::<Option<Vec<u8>>>();
    let value = Number::from_digits(digits.ok_or_else(reason)?, radix)?;
    let negative = text.starts_with('-') && value != Number::ZERO;
    Ok(if negative { value.neg() } else { value }.into())
}

/// Returns the value of a digit. Up to base 36, letters of either case are digits from 10; above, capitals
/// follow small letters.
fn digit(character: char, base: u8) -> Option<u8> {
    let character = u8::try_from(character).ok()?;
    let digit = match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'z' => character - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => character - b'A' + 10,
        b'A'..=b'Z' => character - b'A' + 36,
        _ => return None,
    };
    (digit < base).then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("abs", r#"["-2.5"]"#, "2.5"),
            ("ceil", "[99999999999999999999.5]", "100000000000000000000"),
            ("ceil", "[-0.5]", "0"),
            ("floor", "[-1.1]", "-2"),
            ("max", r#"["10", "9"]"#, "10"),
            ("min", "[9007199254740993, 9007199254740992]", "9007199254740992"),
            ("log", "[1000, 10]", "2.9999999999999996"),
            ("log", r#"["16", "2"]"#, "4"),
            ("pow", "[2, 0.5]", "1.4142135623730951"),
            ("pow", "[4, 0]", "1"),
            ("pow", "[0, 0]", "1"),
            ("pow", "[0, 3]", "0"),
            ("pow", "[-1, 1000000000000000001]", "-1"),
            ("pow", "[2, 63]", "9223372036854775808"),
            ("pow", "[2, 64]", "18446744073709551616"),
            ("pow", r#"["3", "40"]"#, "12157665459056928801"),
            ("pow", "[-7, 25]", "-1341068619663964900807"),
            ("pow", "[2, 100]", "1267650600228229401496703205376"),
            ("pow", "[10, 30]", "1000000000000000000000000000000"),
            ("pow", "[10, -3]", "0.001"),
            ("pow", "[2.5, 2]", "6.25"),
            ("signum", "[-13]", "-1"),
            ("signum", "[344]", "1"),
            ("parseint", r#"["z", 36]"#, "35"),
            ("parseint", r#"["-10", 2]"#, "-2"),
            ("parseint", r#"["Zz", 62]"#, "3817"),
            (
                "parseint",
                r#"["ffffffffffffffffffffffffffffffff", "16"]"#,
                "340282366920938463463374607431768211455",
            ),
            ("max", "[18446744073709551617, 18446744073709551616]", "18446744073709551617"),
            ("floor", "[18446744073709551616.5]", "18446744073709551616"),
            ("abs", "[-18446744073709551617]", "18446744073709551617"),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            ("abs", r#"["x"]"#, r#"invalid value for "num" parameter: a number is required"#),
            ("abs", "[]", r#"function "abs" expects 1 argument(s); missing value for "num""#),
            ("floor", "[1, 2]", r#"function "floor" expects only 1 argument(s)"#),
            ("ceil", "[null]", r#"invalid value for "num" parameter: argument must not be null"#),
            ("max", "[]", r#"call to function "max" failed: must pass at least one number"#),
            ("max", "[true, 1]", r#"invalid value for "numbers" parameter: number required"#),
            ("log", "[-1, 10]", r#"call to function "log" failed: the result is not a finite number"#),
            ("pow", "[0, -1]", r#"call to function "pow" failed: the result is not a finite number"#),
            (
                "pow",
                "[10, 20000]",
                r#"call to function "pow" failed: the number is out of range: its magnitude has more than about 19,000 digits"#,
            ),
            (
                "pow",
                "[3, 4000000000000000000]",
                r#"call to function "pow" failed: the number is out of range: its magnitude has more than about 19,000 digits"#,
            ),
            (
                "parseint",
                "[10, 10]",
                r#"invalid value for "number" parameter: the first argument must be a text, not number"#,
            ),
            (
                "parseint",
                r#"["12", 2]"#,
                r#"invalid value for "number" parameter: cannot parse "12" as a base 2 integer"#,
            ),
            (
                "parseint",
                r#"["10", 63]"#,
                r#"invalid value for "base" parameter: base must be a whole number between 2 and 62 inclusive"#,
            ),
        ]);
    }
}
