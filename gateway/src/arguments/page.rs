//! The arguments for the user's page.

use clap::Args;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tenure_gateway::{
    InvalidProvider, Page, Provider, ProviderSettings, Secret, SessionKey, SignIn,
};

/// How people sign in to their page.
#[derive(Args)]
pub(crate) struct PageArguments {
    /// The OpenID provider at which people sign in to their page, /account/; without it there is none
    #[arg(
        long,
        env = "TENURE_SIGN_IN_ISSUER",
        value_name = "URL",
        requires = "sign_in_client_id"
    )]
    sign_in_issuer: Option<String>,

    /// What the page is called there
    #[arg(
        long,
        env = "TENURE_SIGN_IN_CLIENT_ID",
        value_name = "ID",
        requires = "sign_in_issuer"
    )]
    sign_in_client_id: Option<String>,

    /// A file with its secret there; a public client has none
    #[arg(
        long,
        env = "TENURE_SIGN_IN_SECRET_FILE",
        value_name = "FILE",
        requires = "sign_in_issuer"
    )]
    sign_in_secret_file: Option<PathBuf>,

    /// The authorities, PEM, by which the provider's certificate is verified; else those that this machine knows
    #[arg(
        long,
        env = "TENURE_SIGN_IN_AUTHORITY",
        value_name = "FILE",
        requires = "sign_in_issuer"
    )]
    sign_in_authority: Option<PathBuf>,

    /// A file with what sessions are signed with, the same for all gateways; else a new key at each start
    #[arg(
        long,
        env = "TENURE_SESSION_KEY_FILE",
        value_name = "FILE",
        requires = "sign_in_issuer"
    )]
    session_key_file: Option<PathBuf>,

    /// How long a session may be without a request
    #[arg(
        long,
        env = "TENURE_SESSION_IDLE",
        default_value_t = Page::IDLE.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=86_400),
        value_name = "SECONDS"
    )]
    session_idle: u64,
}

/// The longest that a provider may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

impl PageArguments {
    /// The page, if there is to be one.
    pub(crate) fn page(&self) -> Result<Option<Page>, Box<dyn Error>> {
        let (Some(issuer), Some(client_id)) = (&self.sign_in_issuer, &self.sign_in_client_id)
        else {
            return Ok(None);
        };
        let text = |path: &Option<PathBuf>| path.as_deref().map(read).transpose();
        let provider = Provider::new(ProviderSettings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: text(&self.sign_in_secret_file)?.map(|text| Secret::new(&text)),
            authorities: text(&self.sign_in_authority)?,
            timeout: TIMEOUT,
        });
        let provider = provider.map_err(|error| format!("{}: {error}", flag_of(&error)))?;
        let key = text(&self.session_key_file)?;
        let key = key.map(|text| SessionKey::parse(&text)).transpose();
        Ok(Some(Page {
            session_key: key.map_err(|error| format!("--session-key-file: {error}"))?,
            session_idle: Duration::from_secs(self.session_idle),
            ..Page::new(SignIn::Provider(provider))
        }))
    }
}

/// The flag that is wrong.
fn flag_of(error: &InvalidProvider) -> &'static str {
    match error {
        InvalidProvider::Url => "--sign-in-issuer",
        InvalidProvider::ClientId => "--sign-in-client-id",
        InvalidProvider::Secret => "--sign-in-secret-file",
        InvalidProvider::Authorities(_) | InvalidProvider::Tls(_) => "--sign-in-authority",
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read '{}': {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::io::Write as _;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        page: PageArguments,
    }

    /// What becomes of a line of arguments.
    fn page(line: &str) -> Result<Option<Page>, String> {
        let words = format!("gateway {line}");
        let parsed = Alone::try_parse_from(words.split(' ').filter(|word| !word.is_empty()));
        let parsed = parsed.map_err(|error| error.to_string())?;
        parsed.page.page().map_err(|error| error.to_string())
    }

    const PROVIDER: &str = "--sign-in-issuer https://id.example --sign-in-client-id page";

    #[test]
    fn there_is_a_page_where_people_can_sign_in() {
        assert!(page("").unwrap().is_none());
        let mut key = tempfile::NamedTempFile::new().unwrap();
        key.write_all(&[b'k'; 44]).unwrap();
        let key = key.path().display();
        let line = format!("{PROVIDER} --session-key-file {key} --session-idle 90");
        let page = page(&line).unwrap().unwrap();
        assert_eq!(page.session_idle, Duration::from_secs(90));
        assert!(page.session_key.is_some());
        let shown = format!("{page:?}");
        assert!(!shown.contains("kkkk"), "{shown}");
    }

    #[test]
    fn what_cannot_be_is_told_with_its_flag() {
        for (line, told) in [
            ("--sign-in-issuer https://id.example", "--sign-in-client-id"),
            ("--sign-in-client-id page", "--sign-in-issuer"),
            ("--session-key-file x", "--sign-in-issuer"),
            (
                "--sign-in-issuer http://id.example --sign-in-client-id page",
                "--sign-in-issuer",
            ),
            (
                &format!("{PROVIDER} --session-key-file /dev/null"),
                "--session-key-file: expected at least 32",
            ),
            (
                &format!("{PROVIDER} --sign-in-secret-file /nowhere"),
                "cannot read '/nowhere'",
            ),
            (&format!("{PROVIDER} --session-idle 0"), "--session-idle"),
        ] {
            let error = page(line).unwrap_err();
            assert!(error.contains(told), "{line}: {error}");
        }
    }
}
