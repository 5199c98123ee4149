//! The host that the client used, for the links in answers.

use crate::{
    config::{Config, Origin},
    rest::Problem,
    serve::OverTls,
};
use axum::{
    extract::{ConnectInfo, Request},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Version, header::HOST, request::Parts};
use std::net::{IpAddr, SocketAddr};

/// Answers 400 where a request does not name a host: over HTTP/1.1 in one `Host`, whatever its target says
/// (RFC 9112, section 3.2), over HTTP/2 in `:authority` or in one `Host`.
pub(super) async fn required(mut request: Request, next: Next) -> Response {
    let of_header = only(request.headers(), HOST.as_str());
    let of_target = request.uri().authority().map(ToString::to_string);
    let scheme = match request.extensions().get() {
        Some(OverTls) => "https",
        None => "http",
    };
    let origin = |host: String| Origin::new(scheme, &host);
    let needs_header = request.version() <= Version::HTTP_11 || of_target.is_none();
    let named = if needs_header {
        let of_header = of_header.and_then(origin);
        of_header.and_then(|host| of_target.map_or(Some(host), origin))
    } else {
        of_target.and_then(origin)
    };
    let Some(origin) = named else {
        return Problem::bad_request("The request has no valid Host.").into_response();
    };
    request.extensions_mut().insert(origin);
    next.run(request).await
}

/// The scheme and host that the client used: as configured, as a trusted proxy says, or as the request does. Every
/// request that came through [`around`](super::around) has one.
#[must_use]
pub fn origin(parts: &Parts, config: &Config) -> Option<Origin> {
    if config.public_origin.is_some() {
        return config.public_origin.clone();
    }
    let own = parts.extensions.get::<Origin>().cloned()?;
    let is_trusted = peer(parts).is_some_and(|peer| config.trusts(peer));
    Some(if is_trusted {
        forwarded(&parts.headers, own)
    } else {
        own
    })
}

/// Who is at the other end of the connection, if [`serve`](crate::serve()) accepted it.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(peer)| peer.ip())
}

/// What the proxy next to us says that it was asked for, in one header or the other: what it does not write may be a client's. Proxies append: the last element is that one's.
fn forwarded(headers: &HeaderMap, own: Origin) -> Origin {
    let told = |name: &str| match last(headers, "forwarded") {
        Some(element) => parameter(&element, name),
        None => last(headers, &format!("x-forwarded-{name}")),
    };
    let (host, scheme) = (told("host"), told("proto"));
    let host = host.and_then(|host| Origin::new("http", &host));
    let origin = host.unwrap_or(own);
    match scheme {
        Some(scheme) => origin.with_scheme(&scheme),
        None => origin,
    }
}

/// A parameter of an element of `Forwarded` (RFC 7239, section 4).
fn parameter(element: &str, name: &str) -> Option<String> {
    let pairs = element
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let mut named = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = named.next().map(|(_, value)| value.trim_matches('"'));
    value.map(str::to_owned)
}

/// The last element of a list that is separated by commas.
fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(line.rsplit(',').next().unwrap_or(line).trim().to_owned())
}

/// The value of a header that is there exactly once.
fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.to_owned())
}
