use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

#[test]
fn prints_what_terraform_prints() {
    let third = format!("0.{}5", "3".repeat(154));
    let cases = [
        ("007", "7"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "-0"),
        ("-0.0e5", "-0"),
        ("1e30", "1000000000000000000000000000000"),
        ("1e-10", "0.0000000001"),
        ("-1e-3", "-0.001"),
        ("1p4", "16"),
        ("0.1", "0.1"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288"),
    ];
    for (text, printed) in cases {
        assert_eq!(number(text).to_string(), printed, "{text}");
    }
    assert_eq!(number("1").div(&number("3")).unwrap().to_string(), third);
    assert_eq!(number("1e-400").to_string().len(), 402);
}

#[test]
fn calculates_with_512_digits() {
    type Operation = fn(&Number, &Number) -> Result<Number, NumberError>;
    let cases: [(&str, Operation, &str, &str); 12] = [
        ("0.1", Number::add, "0.2", "0.3"),
        ("1e100", Number::add, "1", &format!("1{}1", "0".repeat(99))),
        ("9223372036854775807", Number::add, "1", "9223372036854775808"),
        ("-9223372036854775808", Number::sub, "1", "-9223372036854775809"),
        ("1", Number::sub, "0.9", &format!("0.1{}3", "0".repeat(153))),
        ("1.15", Number::mul, "100", "115"),
        (
            "99999999999999999999",
            Number::mul,
            "99999999999999999999",
            "9999999999999999999800000000000000000001",
        ),
        ("7", Number::div, "2", "3.5"),
        ("1", Number::div, "7", &format!("0.{}14285", "142857".repeat(25))),
        ("10", Number::rem, "3.3", &format!("0.1{}48", "0".repeat(152))),
        ("-5.5", Number::rem, "2", "-1.5"),
        ("1e30", Number::rem, "7", "1"),
    ];
    for (a, operation, b, result) in cases {
        assert_eq!(operation(&number(a), &number(b)).unwrap().to_string(), result, "{a} and {b}");
    }
}

#[test]
fn powers_are_rounded_once() {
    let cases = [
        ("2", 64, "18446744073709551616"),
        ("-3", 41, "-36472996377170786403"),
        ("1.5", 2, "2.25"),
        ("0", 0, "1"),
        ("0", 7, "0"),
        ("1", usize::MAX, "1"),
        ("-1", usize::MAX, "-1"),
        ("-1", usize::MAX - 1, "1"),
    ];
    for (base, times, power) in cases {
        assert_eq!(number(base).pow(times).unwrap().to_string(), power, "{base} {times}");
    }
    for (base, times) in
        [("2", 65_537), ("2", usize::MAX), ("0.5", usize::MAX), ("7", 65_536), ("1e400", 100)]
    {
        assert_eq!(number(base).pow(times), Err(NumberError::Range), "{base} {times}");
    }
}

#[test]
fn digits_make_an_integer() {
    assert_eq!(Number::from_digits([1, 0, 0, 0], 62).unwrap(), number("238328"));
    assert_eq!(Number::from_digits([], 10).unwrap(), Number::ZERO);
    assert_eq!(Number::from_digits(vec![1; 70_000], 2), Err(NumberError::Range));
}

#[test]
fn what_is_no_number_is_refused() {
    let cases = [
        ("", NumberError::Syntax),
        (".", NumberError::Syntax),
        ("-", NumberError::Syntax),
        ("1e", NumberError::Syntax),
        ("0x10", NumberError::Syntax),
        ("1_000", NumberError::Syntax),
        ("5 ", NumberError::Syntax),
        ("Inf", NumberError::Syntax),
        ("1e999999999", NumberError::Range),
        ("1e-99999999999999999999", NumberError::Range),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<Number>(), Err(error), "{text}");
    }
    assert_eq!(number("1").div(&Number::ZERO), Err(NumberError::DivisionByZero));
    assert_eq!(number("1").rem(&number("-0")), Err(NumberError::DivisionByZero));
    let large = number("1e19000");
    assert_eq!(large.mul(&large), Err(NumberError::Range));
}

#[test]
fn rounds_to_integers() {
    let cases = [("1.1", "1", "2"), ("-1.1", "-2", "-1"), ("-0.5", "-1", "0"), ("3", "3", "3")];
    for (text, floor, ceil) in cases {
        assert_eq!(number(text).floor().to_string(), floor, "floor {text}");
        assert_eq!(number(text).ceil().to_string(), ceil, "ceil {text}");
    }
}

proptest! {
    #[test]
    fn every_f64_survives(bits: u64) {
        let value = f64::from_bits(bits);
        if let Some(number) = Number::from_f64(value) {
            prop_assert_eq!(number.to_f64().to_bits(), bits);
        } else {
            prop_assert!(!value.is_finite());
        }
    }

    #[test]
    fn text_reads_back(digits in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,3})?", divisor in 1i64..1_000_000) {
        let value = number(&digits).div(&divisor.into()).unwrap();
        prop_assert_eq!(number(&value.to_string()), value);
    }

    #[test]
    fn integers_agree_with_i128(a: i64, b: i64) {
        let (x, y) = (Number::from(a), Number::from(b));
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        prop_assert_eq!(x.add(&y).unwrap().to_string(), (wide_a + wide_b).to_string());
        prop_assert_eq!(x.mul(&y).unwrap().to_string(), (wide_a * wide_b).to_string());
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
    }
}
