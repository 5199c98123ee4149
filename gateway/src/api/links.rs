//! The links from a page to its neighbours.

use crate::config::Origin;
use http::Uri;

/// The URL that the client used, with another page; page 1 is the one without a number.
pub(super) fn page(origin: &Origin, uri: &Uri, page: u64) -> String {
    let is_page = |pair: &str| {
        let mut decoded = form_urlencoded::parse(pair.as_bytes());
        decoded.next().is_some_and(|(key, _)| key == "page")
    };
    let query = uri.query().unwrap_or_default();
    let mut kept: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_page(pair))
        .map(str::to_owned)
        .collect();
    if page > 1 {
        kept.push(format!("page={page}"));
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
        assert_eq!(page(&origin, &uri, 4), format!("{base}&page=4"));
        assert_eq!(page(&origin, &uri, 1), base);
        let short: Uri = "/owned?page=2".parse().unwrap();
        assert_eq!(page(&origin, &short, 1), "http://a.example/owned");
    }
}
