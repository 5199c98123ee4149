//! A body that is one JSON object.

use super::{body, problem::Problem};
use axum::body::Body;
use http::HeaderMap;
use serde_json::{Map, Value};

/// The fields of the object. Those that nobody asks for are ignored.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the whole body.
    ///
    /// # Errors
    /// The first problem, in the order of the contract: the type 415, the size 413, the body 400.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let read = body::read(body).await;
        body::check_type(headers, body::JSON)?;
        Self::parse(&read?)
    }

    fn parse(body: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(body).map_err(body::no_json)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Problem::bad_request("Expected an object.")),
        }
    }

    /// A field that is true or false.
    ///
    /// # Errors
    /// 400 where it is not there, or is anything else. So it is with the others.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        self.required(name)?
            .as_bool()
            .ok_or_else(|| wrong(name, A_BOOLEAN))
    }

    /// A field that may be left out, or null.
    ///
    /// # Errors
    /// As for [`Self::flag`].
    pub fn optional_flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.flag(name).map(Some),
        }
    }

    /// A text that is not empty, or null.
    ///
    /// # Errors
    /// As for [`Self::flag`].
    pub fn text_or_null(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.required(name)? {
            Value::Null => Ok(None),
            Value::String(text) if !text.is_empty() => Ok(Some(text.clone())),
            _ => Err(wrong(name, "a string that is not empty, or null")),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// As for [`Self::flag`].
    pub fn texts(&self, name: &str) -> Result<Vec<String>, Problem> {
        let texts = self.required(name)?.as_array();
        let texts = texts.map(|texts| texts.iter().map(|text| text.as_str().map(str::to_owned)));
        let texts = texts.and_then(Iterator::collect);
        texts.ok_or_else(|| wrong(name, "a list of strings"))
    }

    fn required(&self, name: &str) -> Result<&Value, Problem> {
        let missing = || Problem::bad_request(format!("Field '{name}' is missing."));
        self.0.get(name).ok_or_else(missing)
    }
}

const A_BOOLEAN: &str = "true or false";

fn wrong(name: &str, expected: &str) -> Problem {
    Problem::bad_request(format!("Field '{name}' must be {expected}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes()).ok().unwrap()
    }

    #[test]
    fn a_body_is_one_object() {
        for wrong in ["", "[]", "1", "{", "{} {}", "\u{0}"] {
            assert!(Fields::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Fields::parse(b"{\"a\":\"\xff\"}").is_err());
        let deep = "[".repeat(100_000);
        assert!(Fields::parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn each_field_is_what_it_should_be() {
        let of = fields(
            r#"{"yes":true,"null":null,"text":"a","empty":"","list":["a","b"],"mixed":["a",1]}"#,
        );
        assert!(of.flag("yes").unwrap());
        for wrong in ["null", "text", "absent"] {
            assert!(of.flag(wrong).is_err(), "{wrong}");
        }
        assert_eq!(of.optional_flag("yes").unwrap(), Some(true));
        for none in ["null", "absent"] {
            assert_eq!(of.optional_flag(none).unwrap(), None, "{none}");
        }
        assert!(of.optional_flag("text").is_err());
        assert_eq!(of.text_or_null("text").unwrap(), Some("a".to_owned()));
        assert_eq!(of.text_or_null("null").unwrap(), None);
        for wrong in ["empty", "yes", "absent"] {
            assert!(of.text_or_null(wrong).is_err(), "{wrong}");
        }
        assert_eq!(of.texts("list").unwrap(), ["a", "b"]);
        for wrong in ["mixed", "text", "null", "absent"] {
            assert!(of.texts(wrong).is_err(), "{wrong}");
        }
    }
}
