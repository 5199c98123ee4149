//! What the values of an attribute are.

use serde::{Deserialize, Serialize};

/// The type of an attribute's values, by the numbers that the REST contract gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
#[repr(i32)]
pub enum ValueType {
    /// An integer.
    Integer = 0,
    /// A number.
    Float = 1,
    /// Text.
    String = 2,
    /// A period in whole minutes.
    Period = 3,
    /// A time of day in minutes from midnight.
    TimeFromMidnight = 4,
    /// A share of 0 to 1.
    Percentage = 5,
    /// A time of day in minutes from midday; for templates only.
    TimeFromMidday = 6,
    /// 0 or 1.
    Boolean = 7,
    /// An integer from 1 to 9.
    Scale = 8,
}

/// A number that stands for no value type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value type is a number from 0 to 8, not {0}")]
pub struct InvalidValueType(i32);

impl ValueType {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::Integer,
        Self::Float,
        Self::String,
        Self::Period,
        Self::TimeFromMidnight,
        Self::Percentage,
        Self::TimeFromMidday,
        Self::Boolean,
        Self::Scale,
    ];
}

impl TryFrom<i32> for ValueType {
    type Error = InvalidValueType;
    fn try_from(number: i32) -> Result<Self, InvalidValueType> {
        usize::try_from(number)
            .ok()
            .and_then(|index| Self::ALL.get(index).copied())
            .ok_or(InvalidValueType(number))
    }
}

impl From<ValueType> for i32 {
    fn from(value_type: ValueType) -> Self {
        value_type as Self
    }
}
