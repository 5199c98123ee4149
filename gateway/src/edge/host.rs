//! The host that the client used, for the links in answers.

use crate::{
    config::{Config, Origin},
    problem::Problem,
};
use axum::{
    extract::{ConnectInfo, Request},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, header::HOST, request::Parts};
use std::net::SocketAddr;

/// Answers 400 where a request does not name a host, and only one (RFC 9112, section 3.2).
pub(super) async fn required(mut request: Request, next: Next) -> Response {
    let named = match request.uri().host() {
        Some(_) => request
            .uri()
            .authority()
            .map(|host| host.as_str().to_owned()),
        None => only(request.headers(), HOST.as_str()),
    };
    let Some(origin) = named.and_then(|host| Origin::new("http", &host)) else {
        return Problem::bad_request("The request has no valid Host.").into_response();
    };
    request.extensions_mut().insert(origin);
    next.run(request).await
}

/// The scheme and host that the client used: as configured, as a trusted proxy says, or as the request does.
pub(crate) fn origin(parts: &Parts, config: &Config) -> Option<Origin> {
    if config.public_origin.is_some() {
        return config.public_origin.clone();
    }
    let own = parts.extensions.get::<Origin>().cloned()?;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let is_trusted = peer.is_some_and(|ConnectInfo(peer)| {
        let networks = &config.trusted_proxies;
        networks.iter().any(|network| network.contains(peer.ip()))
    });
    Some(if is_trusted {
        forwarded(&parts.headers, own)
    } else {
        own
    })
}

/// What the proxy next to us says that it was asked for. Proxies append: the last element is that one's.
fn forwarded(headers: &HeaderMap, own: Origin) -> Origin {
    let standard = last(headers, "forwarded");
    let parameter = |name: &str| {
        let pairs = standard.as_deref()?.split(';');
        let mut values = pairs.filter_map(|pair| pair.trim().split_once('='));
        let found = values.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches('"').to_owned())
    };
    let host = parameter("host").or_else(|| last(headers, "x-forwarded-host"));
    let scheme = parameter("proto").or_else(|| last(headers, "x-forwarded-proto"));
    let host = host.and_then(|host| Origin::new("http", &host));
    let origin = host.unwrap_or(own);
    match scheme {
        Some(scheme) => origin.with_scheme(&scheme),
        None => origin,
    }
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
