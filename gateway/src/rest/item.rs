//! An item of a batch, which comes back as it was sent.

use super::{answer::Outcome, failure::Failure, problem::text};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    fmt,
};

/// An item: the object that was sent, member by member, or whatever else was sent.
#[derive(Debug, Clone)]
pub struct Item<'r> {
    members: Vec<Member<'r>>,
    /// Where in `members` a key is.
    places: HashMap<Key, usize>,
    pub(super) is_object: bool,
}

/// A member of an object. Texts are JSON as it was sent, so that no digit and no odd escape is lost.
#[derive(Debug, Clone)]
struct Member<'r> {
    key_text: Cow<'r, str>,
    value_text: Cow<'r, str>,
}

/// What makes two keys the same, however they are written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A string.
    Text(String),
    /// What is no string for a lone surrogate in it: its code units in UTF-16.
    Units(Vec<u16>),
}

impl Key {
    fn of(raw: &RawValue) -> Self {
        let text = serde_json::from_str(raw.get());
        text.map_or_else(|_| Self::Units(code_units(raw.get())), Self::Text)
    }
}

/// The code units of a JSON string, which is known to be one.
fn code_units(json: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let mut chars = json[1..json.len() - 1].chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.extend(u16::from_str_radix(&digits, 16));
                    continue;
                }
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    units
}

impl<'r> Item<'r> {
    /// Takes it apart. Of a repeated key the last counts.
    #[must_use]
    pub fn new(raw: &'r RawValue) -> Self {
        let mut item = Self {
            members: Vec::new(),
            places: HashMap::new(),
            is_object: false,
        };
        if let Ok(Members(members)) = serde_json::from_str(raw.get()) {
            item.is_object = true;
            for (key, value) in members {
                item.put(Key::of(key), key.get().into(), value.get().into());
            }
        }
        item
    }

    /// Adds a member, or gives the one of that key another value: of a repeated key the last counts.
    fn put(&mut self, key: Key, key_text: Cow<'r, str>, value_text: Cow<'r, str>) {
        match self.places.entry(key) {
            Entry::Occupied(place) => self.members[*place.get()].value_text = value_text,
            Entry::Vacant(place) => {
                place.insert(self.members.len());
                self.members.push(Member {
                    key_text,
                    value_text,
                });
            }
        }
    }

    /// Sets a member to a JSON text, in its place or after all others.
    pub fn set(&mut self, key: &'static str, value_text: String) {
        let key_text = format!("\"{key}\"");
        let key = Key::Text(key.to_owned());
        self.put(key, key_text.into(), value_text.into());
    }

    /// Adds why it failed: what the contract calls it, and a sentence. They replace any that were sent.
    pub fn fail(&mut self, code: &str, sentence: &str) {
        self.set("error_code", text(&code));
        self.set("error", text(&sentence));
    }

    /// What is told of it if it happened.
    #[must_use]
    pub fn succeeded(self) -> Outcome {
        Outcome::Succeeded(self.to_json())
    }

    /// What is told of it if it failed.
    #[must_use]
    pub fn failed(mut self, Failure { code, sentence }: &Failure) -> Outcome {
        self.fail(code, sentence);
        Outcome::Failed(self.to_json())
    }

    /// The JSON text of a member; null counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let place = self.places.get(&Key::Text(key.to_owned()))?;
        let text = Some(&*self.members[*place].value_text);
        text.filter(|text| *text != "null")
    }

    /// Whether a member is there, and is null.
    #[must_use]
    pub fn is_null(&self, key: &str) -> bool {
        let place = self.places.get(&Key::Text(key.to_owned()));
        place.is_some_and(|place| self.members[*place].value_text == "null")
    }

    /// Gives it `name`, the text of `template`, where that is a string that is not empty and there is no `name`.
    pub fn name_by_template(&mut self) {
        let template = self
            .get("template")
            .filter(|text| is_string(text) && *text != "\"\"");
        if let (Some(template), None) = (template, self.get("name")) {
            self.set("name", template.to_owned());
        }
    }

    /// The item as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let members = self.members.iter();
        let members = members.map(|m| format!("{}:{}", m.key_text, m.value_text));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

pub(super) fn is_string(json: &str) -> bool {
    json.starts_with('"')
}

/// The members of an object, in the order sent, repeated keys and all.
struct Members<'r>(Vec<(&'r RawValue, &'r RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(json: &str) -> String {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        Item::new(raw).to_json()
    }

    #[test]
    fn an_item_comes_back_as_it_was_sent() {
        for json in [
            r#"{"name":"mood","active":"true"}"#,
            r#"{"z":1e400,"a":0.10000000000000000000000001,"m":-0}"#,
            r#"{"\ud800":"\ud800","x":{"y":[1, 2,  3]}}"#,
            "{}",
        ] {
            assert_eq!(echo(json), json);
        }
    }

    #[test]
    fn of_a_repeated_key_the_last_counts() {
        for (json, expected) in [
            (
                r#"{"name":"a","x":1,"n\u0061me":"b"}"#,
                r#"{"name":"b","x":1}"#,
            ),
            (r#"{"a\ud800":1,"\u0061\uD800":2}"#, r#"{"a\ud800":2}"#),
            (
                r#"{"\ud800":1,"\"\\ud800\"":2}"#,
                r#"{"\ud800":1,"\"\\ud800\"":2}"#,
            ),
        ] {
            assert_eq!(echo(json), expected);
        }
    }
}
