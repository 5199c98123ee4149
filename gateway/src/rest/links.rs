//! The links from a page to its neighbours.

use crate::config::Origin;
use http::Uri;

/// The URL that the client used, with another page; page 1 is the one without a number.
pub(super) fn numbered(origin: &Origin, uri: &Uri, page: u64) -> String {
    let page = (page > 1).then(|| page.to_string());
    with(origin, uri, "page", page.as_deref())
}

/// The URL that the client used, with the page of this token.
pub fn by_token(origin: &Origin, uri: &Uri, token: &str) -> String {
    with(origin, uri, "page_token", Some(token))
}

/// The URL that the client used, with another value of a parameter, or without it.
fn with(origin: &Origin, uri: &Uri, name: &str, value: Option<&str>) -> String {
    let is_it = |pair: &str| {
        let mut decoded = form_urlencoded::parse(pair.as_bytes());
        decoded.next().is_some_and(|(key, _)| key == name)
    };
    let query = uri.query().unwrap_or_default();
    let mut kept: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_it(pair))
        .map(str::to_owned)
        .collect();
    if let Some(value) = value {
        let mut pair = form_urlencoded::Serializer::new(String::new());
        kept.push(pair.append_pair(name, value).finish());
    }
    let path = uri.path();
    if kept.is_empty() {
        format!("{origin}{path}")
    } else {
        format!("{origin}{path}?{}", kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_every_other_parameter() {
        let origin: Origin = "http://a.example".parse().unwrap();
        let uri: Uri = "/owned/?limit=5&page=2&groups=a%2Cb&p%61ge=3"
            .parse()
            .unwrap();
        let base = "http://a.example/owned/?limit=5&groups=a%2Cb";
        assert_eq!(numbered(&origin, &uri, 4), format!("{base}&page=4"));
        assert_eq!(numbered(&origin, &uri, 1), base);
        let short: Uri = "/owned?page=2".parse().unwrap();
        assert_eq!(numbered(&origin, &short, 1), "http://a.example/owned");
    }

    #[test]
    fn a_token_is_escaped() {
        let origin: Origin = "http://a.example".parse().unwrap();
        let uri: Uri = "/events/?page_token=old&user=a%20b".parse().unwrap();
        assert_eq!(
            by_token(&origin, &uri, "a+b/c=&d"),
            "http://a.example/events/?user=a%20b&page_token=a%2Bb%2Fc%3D%26d"
        );
    }
}
