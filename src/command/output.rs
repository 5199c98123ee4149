//! Standard output: a table for people, or JSON.

use crate::domain::Instant;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};
use time::format_description::well_known::Rfc3339;

/// Where a command's result goes.
pub struct Output {
    json: bool,
}

impl Output {
    /// JSON, or for people.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether the result is for a program.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// One line.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn line(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(io::stdout().lock(), "{text}")?)
    }

    /// One thing: a sentence for people, an object for programs.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn record(&mut self, sentence: &str, object: &Value) -> anyhow::Result<()> {
        if self.json {
            self.line(&object.to_string())
        } else {
            self.line(sentence)
        }
    }

    /// Many things: a table for people, an array of objects for programs. The columns are named alike.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn table<const N: usize>(
        &mut self,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> anyhow::Result<()> {
        if self.json {
            let object = |row: [Value; N]| {
                let pairs = columns.iter().map(|c| (*c).to_owned()).zip(row);
                Value::Object(pairs.collect::<Map<_, _>>())
            };
            let objects: Value = rows.into_iter().map(object).collect();
            return self.line(&serde_json::to_string_pretty(&objects)?);
        }
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY).set_header(columns);
        for row in rows {
            table.add_row(row.map(|value| cell(&value)));
        }
        self.line(&table.to_string())
    }

    /// The one sentence of a command that failed, on standard error.
    pub fn fail(&mut self, error: &anyhow::Error) {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell if this fails too.
        let _ = if self.json {
            writeln!(stderr, "{}", json!({"error": format!("{error:#}")}))
        } else {
            writeln!(stderr, "error: {error:#}")
        };
    }
}

/// A moment in RFC 3339, in UTC.
pub(super) fn moment(at: Instant) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
