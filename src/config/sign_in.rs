//! How people sign in, as the settings file says.

use crate::auth::{InvalidSetting, IssuerSettings, SignInSettings};
use tenure_gateway::{
    InvalidProvider, Page, Provider, ProviderSettings, Secret, SessionKey, SignIn,
};

/// The user's page where people sign in like this.
pub(super) fn page(
    sign_in: &SignInSettings,
    issuers: &[IssuerSettings],
) -> Result<Page, InvalidSetting> {
    let wrong = |key, expected: String| InvalidSetting::of_sign_in(key, &expected);
    let issuer = issuers.iter().find(|issuer| issuer.url == sign_in.issuer);
    let issuer = issuer.ok_or_else(|| wrong("issuer", "expected one of the issuers".to_owned()))?;
    let secret = sign_in.client_secret.as_ref();
    let provider = Provider::new(ProviderSettings {
        issuer: sign_in.issuer.to_string(),
        client_id: sign_in.client_id.clone(),
        client_secret: secret.map(|secret| Secret::new(secret.reveal())),
        authorities: issuer.authorities().map(str::to_owned),
        timeout: issuer.timeout,
    });
    let provider = provider.map_err(|error: InvalidProvider| wrong("issuer", error.to_string()))?;
    let key = sign_in.session_key.as_ref();
    let key = key.map(|key| SessionKey::parse(key.reveal())).transpose();
    Ok(Page {
        session_key: key.map_err(|error| wrong("session_key_file", error.to_string()))?,
        session_idle: sign_in.session_idle,
        ..Page::new(SignIn::Provider(provider))
    })
}
