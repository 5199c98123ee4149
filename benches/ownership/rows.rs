//! Rows of users as text, for either engine.

use std::fmt::Write as _;

/// A column's value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'v> {
    Null,
    Text(&'v str),
    Number(i64),
    Bool(bool),
    Bytes(&'v [u8]),
    /// For PostgreSQL, and in microseconds for SQLite.
    Moment(&'static str, i64),
}

/// Takes the rows of users, table by table.
pub(crate) trait Rows {
    fn row(&mut self, table: Table, values: &[Value<'_>]);
}

/// A table that has rows of users, with its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    UserRevision,
    Connection,
    Token,
    Attribute,
    Offer,
    Event,
}

impl Table {
    pub(crate) const ALL: [(Self, &str); 6] = [
        (Self::UserRevision, "user_revision (user_id, revision)"),
        (Self::Connection, "connection (user_id, service, scopes, since)"),
        (
            Self::Token,
            "token (hash, user_id, service, scopes, issued_at, expires_at)",
        ),
        (
            Self::Attribute,
            "attribute (user_id, name, template, label, group_name, value_type, priority, manual, owner,
                owned_since, active, pinned, generation)",
        ),
        (
            Self::Offer,
            "offer (user_id, attribute, service, offered, declined, manual, last_owned, rank)",
        ),
        (
            Self::Event,
            "event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                pinned, cause, actor, request_id, at)",
        ),
    ];
}

/// Rows as the text that `COPY` reads.
#[derive(Debug, Default)]
pub(crate) struct CopyText(pub(crate) [String; Table::ALL.len()]);

impl Rows for CopyText {
    fn row(&mut self, table: Table, values: &[Value<'_>]) {
        let text = &mut self.0[table as usize];
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            match value {
                Value::Null => text.push_str("\\N"),
                Value::Text(value) | Value::Moment(value, _) => text.push_str(value),
                Value::Number(value) => write(text, format_args!("{value}")),
                Value::Bool(value) => text.push(if *value { 't' } else { 'f' }),
                Value::Bytes(bytes) => {
                    text.push_str("\\\\x");
                    hex(text, bytes);
                }
            }
        }
        text.push('\n');
    }
}

/// Rows as the lists after `values`.
#[derive(Debug, Default)]
pub(crate) struct ValuesText(pub(crate) [String; Table::ALL.len()]);

impl Rows for ValuesText {
    fn row(&mut self, table: Table, values: &[Value<'_>]) {
        let text = &mut self.0[table as usize];
        text.push_str(if text.is_empty() { "(" } else { ",(" });
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            match value {
                Value::Null => text.push_str("null"),
                Value::Text(value) => write(text, format_args!("'{value}'")),
                Value::Number(value) | Value::Moment(_, value) => {
                    write(text, format_args!("{value}"));
                }
                Value::Bool(value) => text.push(if *value { '1' } else { '0' }),
                Value::Bytes(bytes) => {
                    text.push_str("x'");
                    hex(text, bytes);
                    text.push('\'');
                }
            }
        }
        text.push(')');
    }
}

fn write(text: &mut String, value: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(value);
}

/// Appends the bytes as digits.
pub(crate) fn hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
