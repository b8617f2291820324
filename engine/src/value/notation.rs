//! Formats numbers in fixed and exponent notation, rounded, as C's and Go's `printf` do.

use super::Number;
use super::decimal::Decimal;

impl Number {
    /// Formats as `%f`: with exactly `places` digits after the point.
    #[must_use]
    pub fn to_fixed(&self, places: usize) -> String {
        let mut decimal = self.exact();
        let keep = decimal.point + as_point(places);
        if keep >= 0 {
            decimal.cut_nearest(usize::try_from(keep).unwrap_or(0));
        } else {
            decimal = Decimal::zero();
        }
        let mut text = decimal.text(self.is_negative());
        if places > 0 {
            let have = text.split_once('.').map(|(_, fraction)| fraction.len());
            if have.is_none() {
                text.push('.');
            }
            text.extend(std::iter::repeat_n('0', places - have.unwrap_or(0)));
        }
        text
    }

    /// Formats as `%e`: one digit before the point and `places` after it, or as many as needed to read back
    /// the same number.
    #[must_use]
    pub fn to_exponent(&self, places: Option<usize>) -> String {
        let decimal = match places {
            Some(places) => {
                let mut decimal = self.exact();
                decimal.cut_nearest(places + 1);
                decimal
            }
            None => self.shortest(),
        };
        exponent_text(&decimal, self.is_negative(), places)
    }

    /// Formats as `%g`: `precision` digits, or as many as needed to read back the same number; with an
    /// exponent if that is below -4 or not below the precision (6 for the shortest form), and without
    /// trailing zeros.
    #[must_use]
    pub fn to_general(&self, precision: Option<usize>) -> String {
        let (decimal, limit) = match precision {
            None => (self.shortest(), 6),
            Some(precision) => {
                let precision = precision.max(1);
                let mut decimal = self.exact();
                decimal.cut_nearest(precision);
                let digits = decimal.digits.len();
                let limit =
                    if precision > digits && as_point(digits) >= decimal.point { digits } else { precision };
                (decimal, as_point(limit))
            }
        };
        let exponent = decimal.point - 1;
        if !decimal.digits.is_empty() && (exponent < -4 || exponent >= limit) {
            exponent_text(&decimal, self.is_negative(), None)
        } else {
            decimal.text(self.is_negative())
        }
    }
}

/// Writes a decimal in exponent notation, padded with zeros to `places`; none writes the existing digits.
fn exponent_text(decimal: &Decimal, negative: bool, places: Option<usize>) -> String {
    let digits = decimal.digits.len().max(places.map_or(1, |places| places + 1));
    let mut text = String::from(if negative { "-" } else { "" });
    text.push(char::from(decimal.digit(0)));
    if digits > 1 {
        text.push('.');
        text.extend((1..digits).map(|at| char::from(decimal.digit(at))));
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    text + &format!("e{sign}{:02}", exponent.unsigned_abs())
}

fn as_point(digits: usize) -> i64 {
    i64::try_from(digits).unwrap_or(i64::MAX)
}
