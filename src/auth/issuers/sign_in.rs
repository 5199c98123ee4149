//! Where people sign in, and what sessions are like.

use super::{InvalidSetting, IssuerSettings, IssuerUrl, Secret, settings::values};
use serde::Deserialize;
use std::{fmt, io, path::Path, path::PathBuf, time::Duration};

/// How people sign in to their page. `docs/signing-in.md` says what each key is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInSettings {
    /// At which of the issuers.
    pub issuer: IssuerUrl,
    /// What the page is called there.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// Or a file with its secret.
    pub client_secret_file: Option<PathBuf>,
    /// A file with what cookies are signed with; without one, a new key at each start.
    pub session_key_file: Option<PathBuf>,
    /// What that file holds.
    #[serde(skip)]
    pub session_key: Option<Secret>,
    /// How long a session may be without a request; 1s to 1d.
    #[serde(default = "minutes::<30>", deserialize_with = "values::time")]
    pub session_idle: Duration,
    /// How long a session lasts at most; 1m to 30d.
    #[serde(default = "minutes::<720>", deserialize_with = "values::time")]
    pub session_lifetime: Duration,
}

const fn minutes<const N: u64>() -> Duration {
    Duration::from_mins(N)
}

impl SignInSettings {
    /// The settings with what their files hold, once it is sure that they fit the issuers. `read` gives the text of a file.
    ///
    /// # Errors
    /// [`InvalidSetting`], the first.
    pub fn prepare(
        mut self,
        issuers: &[IssuerSettings],
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, InvalidSetting> {
        let wrong = |key, expected: &str| Err(InvalidSetting::of_sign_in(key, expected));
        let read = |key, path: &Path| {
            let read = read(path).map(|text| Secret::of_file(&text));
            read.map_err(|error| {
                let expected = format!("cannot read '{}': {error}", path.display());
                InvalidSetting::of_sign_in(key, &expected)
            })
        };
        let Some(issuer) = issuers.iter().find(|issuer| issuer.url == self.issuer) else {
            return wrong("issuer", "expected the 'url' of one of the issuers");
        };
        let internal = issuer.internal.as_ref().map(|of| &of.audience);
        if self.client_id.is_empty() {
            return wrong("client_id", "expected something");
        }
        if issuer.audience == self.client_id || internal == Some(&self.client_id) {
            let expected = "expected another one than an 'audience' of access tokens";
            return wrong("client_id", expected);
        }
        match (&self.client_secret, &self.client_secret_file) {
            (Some(_), Some(_)) => {
                return wrong(
                    "client_secret_file",
                    "expected either this or 'client_secret'",
                );
            }
            (None, Some(path)) => self.client_secret = Some(read("client_secret_file", path)?),
            _ => {}
        }
        if self.client_secret.as_ref().is_some_and(Secret::is_empty) {
            return wrong("client_secret", "expected something");
        }
        if let Some(path) = &self.session_key_file {
            self.session_key = Some(read("session_key_file", path)?);
        }
        let day = Duration::from_hours(24);
        if !(Duration::from_secs(1)..=day).contains(&self.session_idle) {
            return wrong("session_idle", "expected a time from 1s to 1day");
        }
        if !(Duration::from_mins(1)..=30 * day).contains(&self.session_lifetime) {
            return wrong("session_lifetime", "expected a time from 1m to 30days");
        }
        Ok(self)
    }
}

impl fmt::Display for SignInSettings {
    /// In one line, for whoever checks what is in force.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (issuer, client) = (&self.issuer, &self.client_id);
        let shown = humantime::format_duration;
        let (idle, life) = (shown(self.session_idle), shown(self.session_lifetime));
        write!(f, "{issuer} as {client}, idle for {idle}, {life} at most")?;
        f.write_str(match (&self.client_secret, &self.session_key_file) {
            (Some(_), Some(_)) => ", with a secret, key from a file",
            (Some(_), None) => ", with a secret, key made at start",
            (None, Some(_)) => ", public client, key from a file",
            (None, None) => ", public client, key made at start",
        })
    }
}
