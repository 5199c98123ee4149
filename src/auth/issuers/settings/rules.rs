//! What must hold of several settings together.

use super::{InternalSettings, IntrospectionSettings, IssuerSettings, values::Secret};
use std::{collections::BTreeSet, io, ops::RangeInclusive, path::Path, time::Duration};

/// An issuer that cannot be believed as it is described.
#[derive(Debug, thiserror::Error)]
#[error("{of}, '{key}': {expected}")]
pub struct InvalidSetting {
    of: String,
    key: &'static str,
    expected: String,
}

impl InvalidSetting {
    fn of(issuer: &IssuerSettings, (key, expected): Wrong) -> Self {
        Self {
            of: format!("issuer '{}'", issuer.url),
            key,
            expected,
        }
    }

    /// What is wrong with a key of `[sign_in]`.
    #[must_use]
    pub fn of_sign_in(key: &'static str, expected: &str) -> Self {
        Self {
            of: "sign_in".to_owned(),
            key,
            expected: expected.to_owned(),
        }
    }
}

/// Why a key's value will not do.
type Wrong = (&'static str, String);

fn wrong<T>(key: &'static str, expected: impl Into<String>) -> Result<T, Wrong> {
    Err((key, expected.into()))
}

/// The issuers, once it is sure that they can be told apart and that each makes sense. `read` gives the text of a file
/// that a setting names.
///
/// # Errors
/// [`InvalidSetting`], the first.
pub fn prepare(
    mut issuers: Vec<IssuerSettings>,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<Vec<IssuerSettings>, InvalidSetting> {
    for issuer in &mut issuers {
        let fit = complete(issuer, &read).and_then(|()| check(issuer));
        fit.map_err(|wrong| InvalidSetting::of(issuer, wrong))?;
    }
    for issuer in &issuers {
        let others = issuers.iter().filter(|other| !std::ptr::eq(*other, issuer));
        tell_apart(issuer, others).map_err(|wrong| InvalidSetting::of(issuer, wrong))?;
    }
    Ok(issuers)
}

/// Reads what the settings only name.
fn complete(
    issuer: &mut IssuerSettings,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<(), Wrong> {
    let read = |key, path: &Path| {
        read(path).map_err(|error| (key, format!("cannot read '{}': {error}", path.display())))
    };
    if let Some(path) = &issuer.ca_file {
        issuer.authorities = Some(read("ca_file", path)?);
    }
    if let Some(introspection) = &mut issuer.introspection {
        const KEY: &str = "introspection.client_secret_file";
        let secret = match (
            &introspection.client_secret,
            &introspection.client_secret_file,
        ) {
            (Some(secret), None) => secret.clone(),
            (None, Some(path)) => Secret::of_file(&read(KEY, path)?),
            _ => return wrong(KEY, "expected either this or 'client_secret'"),
        };
        introspection.client_secret = Some(secret);
    }
    Ok(())
}

fn check(issuer: &IssuerSettings) -> Result<(), Wrong> {
    let (zero, second, minute, day) = (
        Duration::ZERO,
        Duration::from_secs(1),
        Duration::from_mins(1),
        Duration::from_hours(24),
    );
    within("skew", issuer.skew, zero..=minute)?;
    within("timeout", issuer.timeout, second / 10..=30 * second)?;
    within("keys_refresh", issuer.keys_refresh, 10 * second..=day)?;
    within("keys_outage", issuer.keys_outage, issuer.keys_refresh..=day)?;
    for (key, empty) in [
        ("audience", issuer.audience.is_empty()),
        ("algorithms", issuer.algorithms.is_empty()),
        ("types", issuer.types.is_empty()),
        ("service_claims", issuer.service_claims.is_empty()),
    ] {
        if empty {
            return wrong(key, "expected something");
        }
    }
    if !issuer.jwt && issuer.introspection.is_none() {
        return wrong("jwt", "expected true, or [issuer.introspection]");
    }
    if let Some(introspection) = &issuer.introspection {
        check_introspection(introspection)?;
    }
    match &issuer.internal {
        Some(internal) => check_internal(internal, issuer),
        None => Ok(()),
    }
}

fn check_introspection(introspection: &IntrospectionSettings) -> Result<(), Wrong> {
    let minute = Duration::from_mins(1);
    within(
        "introspection.cache",
        introspection.cache,
        Duration::ZERO..=minute,
    )?;
    if introspection.client_id.is_empty() {
        return wrong("introspection.client_id", "expected something");
    }
    if introspection
        .client_secret
        .as_ref()
        .is_none_or(Secret::is_empty)
    {
        return wrong("introspection.client_secret", "expected something");
    }
    if !(1..=1000).contains(&introspection.concurrency) {
        return wrong("introspection.concurrency", "expected 1 to 1000");
    }
    Ok(())
}

fn check_internal(internal: &InternalSettings, issuer: &IssuerSettings) -> Result<(), Wrong> {
    if internal.audience.is_empty() || internal.audience == issuer.audience {
        return wrong("internal.audience", "expected another one than 'audience'");
    }
    let names = internal.services.values().map(|service| &service.name);
    if names.collect::<BTreeSet<_>>().len() < internal.services.len() {
        return wrong("internal.services", "expected another name for each client");
    }
    Ok(())
}

fn within(key: &'static str, time: Duration, range: RangeInclusive<Duration>) -> Result<(), Wrong> {
    if range.contains(&time) {
        return Ok(());
    }
    let (from, to) = range.into_inner();
    let shown = |time| humantime::format_duration(time).to_string();
    wrong(
        key,
        format!("expected a time from {} to {}", shown(from), shown(to)),
    )
}

/// Where there are several issuers, each must say what its users and clients are called here, so that none of them can
/// make up a user of another's, or speak for a service without being meant to.
fn tell_apart<'a>(
    issuer: &IssuerSettings,
    others: impl Iterator<Item = &'a IssuerSettings>,
) -> Result<(), Wrong> {
    for other in others {
        if other.url == issuer.url {
            return wrong("url", "expected another one for each issuer");
        }
        let Some(prefix) = &issuer.user_prefix else {
            let expected =
                "expected a text where there are several issuers; '' if they share their users";
            return wrong("user_prefix", expected);
        };
        let begins = |text: &str, with: &str| text != with && text.starts_with(with);
        if let Some(other) = &other.user_prefix
            && (begins(prefix, other) || begins(other, prefix))
        {
            let expected = format!("expected one that does not begin as another's does, '{other}'");
            return wrong("user_prefix", expected);
        }
        if issuer.services.is_none() {
            let expected =
                "expected a table where there are several issuers: which service each client is";
            return wrong("services", expected);
        }
    }
    Ok(())
}
