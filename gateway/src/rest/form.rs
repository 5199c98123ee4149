//! A form as OAuth 2.0 has it (RFC 6749, appendix B).

use super::{body, problem::Problem};
use axum::body::Body;
use http::HeaderMap;
use std::collections::BTreeMap;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// The fields of a form in their order, as a browser sends it.
///
/// # Errors
/// The first problem, in the order of the contract: the type 415, the size 413, the body 400.
pub(crate) async fn fields(
    headers: &HeaderMap,
    body: Body,
) -> Result<Vec<(String, String)>, Problem> {
    let read = body::read(body).await;
    body::check_type(headers, MEDIA_TYPE)?;
    Ok(form_urlencoded::parse(&read?).into_owned().collect())
}

/// The parameters of a form. One that is empty counts as left out, and none may come twice (RFC 6749, section 3.2).
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the whole body.
    ///
    /// # Errors
    /// The first problem, in the order of the contract: the type 415, the size 413, the body 400.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let read = body::read(body).await;
        body::check_type(headers, MEDIA_TYPE)?;
        Self::parse(&read?)
    }

    fn parse(body: &[u8]) -> Result<Self, Problem> {
        let invalid = |detail: String| Problem::bad_request(detail).with_error("invalid_request");
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if value.is_empty() {
                continue;
            }
            // What the parser makes of bytes that are no UTF-8: another text than was meant.
            if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
                return Err(invalid("The form is not in UTF-8.".to_owned()));
            }
            let (name, value) = (name.into_owned(), value.into_owned());
            if parameters.contains_key(&name) {
                let shown: String = name.chars().take(100).collect();
                return Err(invalid(format!(
                    "Parameter '{shown}' is there more than once."
                )));
            }
            parameters.insert(name, value);
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter, if it is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out_and_nothing_comes_twice() {
        let form = Form::parse(b"a=1&b=&c&d=x%20y+z&a=").ok().unwrap();
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), None);
        assert_eq!(form.get("c"), None);
        assert_eq!(form.get("d"), Some("x y z"));
        assert!(Form::parse(b"a=1&a=1").is_err());
        assert!(Form::parse(b"a=%ff").is_err());
    }
}
