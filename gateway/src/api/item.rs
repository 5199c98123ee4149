//! An item of a batch, which comes back as it was sent.

use crate::proto::Malformed;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// An item: the object that was sent, member by member, or whatever else was sent.
pub(super) struct Item<'r> {
    members: Vec<Member<'r>>,
    is_object: bool,
}

/// A member of an object. Texts are JSON as it was sent, so that no digit and no odd escape is lost.
struct Member<'r> {
    key: String,
    key_text: Cow<'r, str>,
    value_text: Cow<'r, str>,
}

impl<'r> Item<'r> {
    pub(super) fn new(raw: &'r RawValue) -> Self {
        let mut item = Self {
            members: Vec::new(),
            is_object: false,
        };
        if let Ok(Members(members)) = serde_json::from_str(raw.get()) {
            item.is_object = true;
            for (key, value) in members {
                let decoded = serde_json::from_str(key.get());
                item.put(Member {
                    // A key with a lone surrogate is no string of ours, and none that is looked for.
                    key: decoded.unwrap_or_else(|_| key.get().to_owned()),
                    key_text: key.get().into(),
                    value_text: value.get().into(),
                });
            }
        }
        item
    }

    /// Adds a member, or gives the one of that key another value: of a repeated key the last counts.
    fn put(&mut self, member: Member<'r>) {
        let same = self.members.iter_mut().find(|m| m.key == member.key);
        match same {
            Some(existing) => existing.value_text = member.value_text,
            None => self.members.push(member),
        }
    }

    /// Sets a member to a JSON text.
    pub(super) fn set(&mut self, key: &'static str, value_text: String) {
        self.put(Member {
            key: key.to_owned(),
            key_text: format!("\"{key}\"").into(),
            value_text: value_text.into(),
        });
    }

    /// The JSON text of a member; null counts as absent.
    fn get(&self, key: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.key == key);
        let text = member.map(|member| &*member.value_text);
        text.filter(|text| *text != "null")
    }

    /// Gives it `name`, the text of `template`, where that is a string that is not empty and there is no `name`.
    pub(super) fn name_by_template(&mut self) {
        let template = self
            .get("template")
            .filter(|text| is_string(text) && *text != "\"\"");
        if let (Some(template), None) = (template, self.get("name")) {
            self.set("name", template.to_owned());
        }
    }

    /// The item as JSON text.
    pub(super) fn to_json(&self) -> String {
        let members = self.members.iter();
        let members = members.map(|m| format!("{}:{}", m.key_text, m.value_text));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// Reads the fields of an item, and remembers the first that cannot be read.
pub(super) struct Reader<'i, 'r> {
    item: &'i Item<'r>,
    malformed: Option<Malformed>,
}

impl<'i, 'r> Reader<'i, 'r> {
    pub(super) fn new(item: &'i Item<'r>) -> Self {
        let mut reader = Self {
            item,
            malformed: None,
        };
        if !item.is_object {
            reader.complain("", "is not an object");
        }
        reader
    }

    pub(super) fn string(&mut self, field: &str) -> Option<String> {
        let text = self.item.get(field)?;
        if !is_string(text) {
            self.complain(field, "must be a string");
            return None;
        }
        let decoded = serde_json::from_str(text);
        decoded
            .inspect_err(|_| self.complain(field, "must not have a lone surrogate"))
            .ok()
    }

    pub(super) fn boolean(&mut self, field: &str) -> Option<bool> {
        match self.item.get(field)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.complain(field, "must be true or false");
                None
            }
        }
    }

    pub(super) fn malformed(self) -> Option<Malformed> {
        self.malformed
    }

    fn complain(&mut self, field: &str, reason: &str) {
        self.malformed.get_or_insert_with(|| Malformed {
            field: field.to_owned(),
            reason: reason.to_owned(),
        });
    }
}

fn is_string(json: &str) -> bool {
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
        let json = r#"{"name":"a","x":1,"n\u0061me":"b"}"#;
        assert_eq!(echo(json), r#"{"name":"b","x":1}"#);
    }
}
