//! What a token or an introspection says, with nothing said twice.

use crate::{
    auth::Error,
    domain::{Instant, scope::Scopes},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;
use std::{collections::HashMap, fmt};

/// Claims by name. A name that comes twice is an error: who reads the first and who reads the last would see two tokens.
pub(super) struct Claims(HashMap<String, Value>);

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = HashMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if claims.insert(name, value).is_some() {
                return Err(A::Error::custom("a claim that comes twice"));
            }
        }
        Ok(Claims(claims))
    }
}

/// What is absent is none; what is there and of another type makes the token invalid.
impl Claims {
    pub(super) fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(Error::Invalid),
        }
    }

    /// Whether this claim is `true`; none if it is no boolean.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.given(name)?.as_bool()
    }

    /// A `NumericDate` (RFC 7519, section 2): seconds, with or without a fraction.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Instant>, Error> {
        self.given(name).map(moment).transpose()
    }

    /// Whom the token is for: one, or several (RFC 7519, section 4.1.3).
    pub(super) fn audiences(&self) -> Result<Vec<&str>, Error> {
        self.texts("aud", |text| vec![text])
    }

    /// The scopes of this claim: a list that is separated by spaces, or an array.
    pub(super) fn scopes(&self, name: &str) -> Result<Scopes, Error> {
        let scopes = self.texts(name, |text| text.split_ascii_whitespace().collect())?;
        Scopes::parse(&scopes.join(" ")).map_err(|_| Error::Invalid)
    }

    fn texts<'a>(
        &'a self,
        name: &str,
        of_text: impl Fn(&'a str) -> Vec<&'a str>,
    ) -> Result<Vec<&'a str>, Error> {
        match self.given(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(of_text(text)),
            Some(Value::Array(texts)) => texts
                .iter()
                .map(|text| text.as_str().ok_or(Error::Invalid))
                .collect(),
            Some(_) => Err(Error::Invalid),
        }
    }
}

fn moment(value: &Value) -> Result<Instant, Error> {
    let moment = match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) => Instant::from_unix_timestamp(seconds).ok(),
        (None, Some(seconds)) => {
            let since = time::Duration::checked_seconds_f64(seconds);
            since.and_then(|since| Instant::UNIX_EPOCH.checked_add(since))
        }
        (None, None) => None,
    };
    let moment = moment.ok_or(Error::Invalid)?;
    Ok(moment.truncate_to_microsecond())
}

#[cfg(test)]
mod tests;
