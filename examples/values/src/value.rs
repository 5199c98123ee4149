//! What the values of an attribute can be (`contract-around.md`, Update and Increment).

use serde_json::{Number, Value};
use tenure_client::ValueType as T;

/// The most characters of a text.
const LONGEST: usize = 1_000;

/// What a type takes.
enum Takes {
    /// An integer from, and to.
    Integer(i64, i64),
    /// A number from, and to.
    Number(f64, f64),
    Text,
}

/// Any integer that can be stored.
const ANY: Takes = Takes::Integer(i64::MIN, i64::MAX);

/// What the type takes, for us and for people.
fn takes(value_type: T) -> (Takes, &'static str) {
    use Takes::{Integer, Number, Text};
    match value_type {
        T::Integer => (ANY, "Integer takes an integer of 64 bits"),
        T::Float => (Number(f64::MIN, f64::MAX), "Float takes a number"),
        // What this version does not know could be anything; text is harmed least.
        T::String | T::Unspecified => (Text, "String takes a string of up to 1000 characters"),
        T::Period => (ANY, "Period takes an integer of 64 bits"),
        T::TimeFromMidnight | T::TimeFromMidday => (
            Integer(0, 1439),
            "Time of day takes an integer from 0 to 1439",
        ),
        T::Percentage => (Number(0.0, 1.0), "Percentage takes a number from 0 to 1"),
        T::Boolean => (Integer(0, 1), "Boolean takes 0 or 1"),
        T::Scale => (Integer(1, 9), "Integer scale takes an integer from 1 to 9"),
    }
}

/// What is to be stored where this JSON text was sent, or what is wrong with it.
pub(crate) fn set(value_type: T, json: &str) -> Result<String, String> {
    let (takes, expected) = takes(value_type);
    let value = match takes {
        Takes::Integer(from, to) => integer(json)
            .filter(|value| (from..=to).contains(value))
            .map(|value| value.to_string()),
        Takes::Number(from, to) => number(json)
            .filter(|value| (from..=to).contains(value))
            .and_then(Number::from_f64)
            // With the digits that were sent, if a number has so many.
            .map(|value| {
                if json.len() <= 24 {
                    json.to_owned()
                } else {
                    value.to_string()
                }
            }),
        Takes::Text => text(json),
    };
    value.ok_or_else(|| format!("Invalid value: type {expected}"))
}

/// What is to be stored after adding the number that was sent, or what is wrong with that.
pub(crate) fn add(value_type: T, stored: Option<&str>, json: &str) -> Result<String, String> {
    let (takes, expected) = takes(value_type);
    let stored = stored.unwrap_or("0");
    let sum = match (value_type, takes) {
        (T::TimeFromMidnight | T::TimeFromMidday | T::Scale, _) | (_, Takes::Text) => {
            return Err(format!("Cannot increment: type {expected}"));
        }
        (_, Takes::Integer(..)) if number(json).is_some() && !is_integer(json) => {
            return Err("Cannot apply a float to an integer type".to_owned());
        }
        (_, Takes::Integer(from, to)) => integer(stored)
            .zip(integer(json))
            .and_then(|(stored, more)| stored.checked_add(more))
            .filter(|sum| (from..=to).contains(sum))
            .map(|sum| sum.to_string()),
        (_, Takes::Number(from, to)) => number(stored)
            .zip(number(json))
            .map(|(stored, more)| stored + more)
            .filter(|sum| (from..=to).contains(sum))
            .and_then(Number::from_f64)
            .map(|sum| sum.to_string()),
    };
    sum.ok_or_else(|| format!("Invalid value: type {expected}"))
}

fn is_integer(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn integer(json: &str) -> Option<i64> {
    json.parse().ok().filter(|_| is_integer(json))
}

/// Infinite, if it is too large for one.
fn number(json: &str) -> Option<f64> {
    let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    json.parse().ok().filter(|_| is_number)
}

fn text(json: &str) -> Option<String> {
    let text: String = serde_json::from_str(json).ok()?;
    (text.chars().count() <= LONGEST).then(|| Value::from(text).to_string())
}
