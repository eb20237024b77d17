//! Money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

/// An exact amount of US dollars.
///
/// A decimal with 28 significant digits; sums and products of prices and token counts are exact.
/// Amounts beyond ±7.9e28 saturate. Serialises as a decimal string and reads strings and numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(Decimal);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The amount a decimal holds.
    pub const fn from_decimal(value: Decimal) -> Self {
        Self(value)
    }

    /// The amount that `value` is written as: its shortest decimal text, so `0.1` is one tenth.
    ///
    /// # Errors
    /// A validation error when `value` is NaN, infinite or beyond the range.
    pub fn from_f64(value: f64) -> Result<Self> {
        if !value.is_finite() {
            return Err(invalid(&value.to_string()));
        }
        format!("{value}").parse()
    }

    /// The amount as a decimal.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// The nearest `f64`, for faces and ratios; never for further accounting.
    pub fn to_f64(self) -> f64 {
        // Parsing the text gives the correctly rounded value; the arithmetic conversion does not
        // always.
        let mut text = arrayvec::Text::default();
        let written = fmt::write(&mut text, format_args!("{}", self.0)).is_ok();
        if let (true, Ok(value)) = (written, text.as_str().parse()) {
            return value;
        }
        self.0.to_f64().unwrap_or(0.0)
    }

    /// `self` as a price per 1,000 tokens, times `tokens`.
    #[must_use]
    pub fn per_thousand(self, tokens: u64) -> Self {
        self.scaled(tokens, 3)
    }

    /// `self` as a price per 1,000,000 tokens, times `tokens`.
    #[must_use]
    pub fn per_million(self, tokens: u64) -> Self {
        self.scaled(tokens, 6)
    }

    fn scaled(self, tokens: u64, shift: u32) -> Self {
        let Some(mut product) = self.0.checked_mul(Decimal::from(tokens)) else {
            return Self(if self.0.is_sign_negative() { Decimal::MIN } else { Decimal::MAX });
        };
        product.normalize_assign();
        if product.scale() + shift <= Decimal::MAX_SCALE {
            // A shift of the point is exact.
            if product.set_scale(product.scale() + shift).is_ok() {
                return Self(product.normalize());
            }
        }
        let divisor = Decimal::from(10_u64.pow(shift));
        Self(product.checked_div(divisor).unwrap_or_default())
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.0.is_sign_positive() && !self.0.is_zero()
    }

    /// Whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// `self / total` as a plain ratio; 0 when `total` is zero.
    pub fn ratio_of(self, total: Self) -> f64 {
        if total.is_zero() { 0.0 } else { self.to_f64() / total.to_f64() }
    }
}

/// A stack buffer for the text of a decimal, so that conversion does not allocate.
mod arrayvec {
    use std::fmt;

    #[derive(Default)]
    pub(super) struct Text {
        bytes: [u8; 32],
        len: usize,
    }

    impl Text {
        pub(super) fn as_str(&self) -> &str {
            std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
        }
    }

    impl fmt::Write for Text {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            let end = self.len + s.len();
            let target = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
            target.copy_from_slice(s.as_bytes());
            self.len = end;
            Ok(())
        }
    }
}

fn invalid(text: &str) -> Error {
    Error::validation(
        "usd",
        format!("not an amount of US dollars: `{text}`"),
        "give a plain decimal such as `0.00015`",
    )
}

impl FromStr for Usd {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_str(text))
            .or_else(|_| Decimal::from_scientific(text))
            .map(Self)
            .map_err(|_| invalid(text))
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

impl fmt::Debug for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Usd({self})")
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Usd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Usd;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount of US dollars as a decimal string or a number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Usd, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Usd, E> {
                Usd::from_f64(value).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Usd, E> {
                Ok(Usd(Decimal::from(value)))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Usd, E> {
                Ok(Usd(Decimal::from(value)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Usd {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "US dollars, exact: a decimal string or a number.",
            "type": ["string", "number"],
        })
    }
}
