//! Which headers are passed on, and which the gateway writes.

use crate::{
    config::{Config, Upstream},
    rest::{self, MAX_TOKEN, Problem, RequestId, peer},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TE, TRAILER, TRANSFER_ENCODING,
        UPGRADE, VIA,
    },
    request::Parts,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is between two neighbours (RFC 9110, section 7.6.1), beside what `Connection` names and what begins with
/// `proxy-`.
const HOP_BY_HOP: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    TE,
    TRAILER,
    UPGRADE,
];

/// The headers of a request as it is passed on.
///
/// # Errors
/// 401 where the token is longer than one can be.
pub(super) fn of_request(
    parts: &Parts,
    upstream: &Upstream,
    config: &Config,
) -> Result<HeaderMap, Problem> {
    check_token(&parts.headers)?;
    let mut headers = parts.headers.clone();
    remove_hop_by_hop(&mut headers);
    remove(&mut headers, is_ours);
    join_cookies(&mut headers);
    let origin = rest::origin(parts, config).ok_or_else(Problem::internal)?;
    let forwarded_for = forwarded_for(parts, config);
    let request_id = parts.extensions.get::<RequestId>();
    let ours = [
        (HOST, value(upstream.host())),
        (FORWARDED_HOST, value(origin.host())),
        (FORWARDED_PROTO, value(origin.scheme())),
        (FORWARDED_FOR, forwarded_for.as_deref().and_then(value)),
        (REQUEST_ID, request_id.map(|id| id.value().clone())),
    ];
    for (name, value) in ours {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    headers.append(VIA, HeaderValue::from_static(via(parts.version)));
    Ok(headers)
}

/// The contract, Everywhere: of all that is in front of the services, the gateway decides this.
fn check_token(headers: &HeaderMap) -> Result<(), Problem> {
    let values = headers.get_all(AUTHORIZATION).iter();
    let length: usize = values.map(HeaderValue::len).sum();
    if length > "Bearer ".len() + MAX_TOKEN {
        return Err(Problem::invalid_token());
    }
    Ok(())
}

/// Removes what is between two neighbours.
pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let lines = headers.get_all(CONNECTION).iter();
    let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase());
    let lines: Vec<_> = lines.collect();
    let named: Vec<_> = lines
        .iter()
        .flat_map(|line| line.split(',').map(str::trim))
        .collect();
    // A length beside it is not that of the body (RFC 9112, section 6.3).
    if headers.remove(TRANSFER_ENCODING).is_some() {
        headers.remove(CONTENT_LENGTH);
    }
    remove(headers, |name| {
        let text = name.as_str();
        named.contains(&text) || text.starts_with("proxy-") || HOP_BY_HOP.contains(name)
    });
}

/// Whether it is for the gateway alone to say. Some servers take `_` for `-`.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    let ours = ["host", "forwarded", "x-real-ip", "x-request-id"];
    name.starts_with("x-forwarded-") || ours.contains(&name.as_str())
}

fn remove(headers: &mut HeaderMap, which: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| which(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// HTTP/2 has a line for each cookie, HTTP/1.1 one for all of them (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let cookies: Vec<_> = cookies.collect();
    if cookies.len() > 1
        && let Ok(line) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(COOKIE, line);
    }
}

/// Who sent it: the peer, behind those whom a trusted one names.
fn forwarded_for(parts: &Parts, config: &Config) -> Option<String> {
    let peer = peer(parts)?;
    let lines = parts.headers.get_all(FORWARDED_FOR).iter();
    let lines = lines.filter(|_| config.trusts(peer));
    let named = lines.filter_map(|line| line.to_str().ok());
    let mut named: Vec<_> = named.map(str::to_owned).collect();
    named.push(peer.to_canonical().to_string());
    Some(named.join(", "))
}

/// RFC 9110, section 7.6.3.
fn via(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2.0 tenure",
        Version::HTTP_10 => "1.0 tenure",
        _ => "1.1 tenure",
    }
}

fn value(text: &str) -> Option<HeaderValue> {
    text.parse().ok()
}
