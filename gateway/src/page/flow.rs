//! The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636), and `GET /account/signed-in/`,
//! where it comes back to.
//!
//! What was sent along is in a signed cookie of the browser that began, so nobody can have another browser end it.

use super::{
    Pages,
    cookies::{Cookies, Kind},
    next::Next,
    notice::Notice,
    openid::{Attempt, Failure, OpenId},
    session::{self, redirect, tell},
};
use crate::{
    ambient::{self, NoEntropy},
    call::Call,
    proto::{StartSessionRequest, StartSessionResponse, sessions_client::SessionsClient},
    rest::{self, Problem},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::time::Duration;
use http::{StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, sync::Arc};
use tonic::Code;

/// How long somebody may take to sign in, in seconds.
const LONGEST: u64 = 600;

/// What the cookie says of somebody who has gone to sign in.
#[derive(Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    /// What shows the provider that whoever brings the code has asked for it.
    verifier: String,
    next: Next,
    /// In seconds since 1970.
    at: u64,
}

impl Begun {
    fn new(next: &Next, at: u64) -> Result<Self, NoEntropy> {
        Ok(Self {
            state: ambient::secret()?,
            nonce: ambient::secret()?,
            verifier: ambient::secret()?,
            next: next.clone(),
            at,
        })
    }
}

/// Where the provider sends people back to. It is registered there.
fn redirect_uri(pages: &Pages, parts: &Parts) -> Result<String, Problem> {
    let origin = rest::origin(parts, &pages.config).ok_or_else(Problem::internal)?;
    Ok(format!("{origin}/account/signed-in/"))
}

/// Sends somebody to the provider, which is to ask who it is if `is_anew`, even where it knows.
pub(super) async fn begin(
    pages: &Pages,
    openid: &OpenId,
    parts: &Parts,
    next: &Next,
    is_anew: bool,
) -> Result<Response, Notice> {
    let metadata = openid.metadata().await.map_err(|failure| told(&failure))?;
    let begun = Begun::new(next, pages.settings.clock.now());
    let begun = begun.map_err(|_| Problem::internal())?;
    let url = openid.authorize(
        &metadata,
        &Attempt {
            redirect_uri: &redirect_uri(pages, parts)?,
            state: &begun.state,
            nonce: &begun.nonce,
            challenge: &URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier)),
            is_anew,
        },
    );
    let mut response = redirect(url.map_err(|failure| told(&failure))?.as_str());
    let lasts = Duration::seconds(LONGEST.cast_signed());
    let cookie = pages.cookies(parts)?;
    tell(
        &mut response,
        cookie.set(Kind::SigningIn, &begun, Some(lasts)),
    );
    Ok(response)
}

/// Takes somebody back who has signed in, or has not. What they had begun is over then, whatever comes of it; what was begun in
/// another tab is not.
pub(super) async fn handle(
    State(pages): State<Arc<Pages>>,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, _) = request.into_parts();
    let openid = pages.openid.as_ref().ok_or_else(Notice::not_found)?;
    let cookies = pages.cookies(&parts)?;
    let answer = answer(parts.uri.query().unwrap_or_default()).ok_or_else(lost)?;
    let begun: Option<Begun> = cookies.read(Kind::SigningIn, &parts.headers);
    let begun = begun.filter(|begun| answer.get("state") == Some(&begun.state));
    let begun = begun.ok_or_else(lost)?;
    let ended = end(&pages, openid, cookies, &parts, &answer, begun).await;
    let mut response = ended.unwrap_or_else(Notice::into_response);
    tell(&mut response, cookies.clear(Kind::SigningIn));
    Ok(response)
}

async fn end(
    pages: &Pages,
    openid: &OpenId,
    cookies: Cookies<'_>,
    parts: &Parts,
    answer: &HashMap<String, String>,
    begun: Begun,
) -> Result<Response, Notice> {
    let said = |name: &str| answer.get(name).map(String::as_str);
    if pages.settings.clock.now().saturating_sub(begun.at) >= LONGEST {
        return Err(lost());
    }
    let metadata = openid.metadata().await.map_err(|failure| told(&failure))?;
    let is_theirs = match said("iss") {
        Some(issuer) => openid.is_issuer(issuer),
        None => !metadata.tells_issuer,
    };
    if !is_theirs {
        return Err(lost());
    }
    let code = match (said("error"), said("code")) {
        (Some(error), _) => return Err(refused(error, &begun.next)),
        (None, code) => code.ok_or_else(lost)?,
    };
    let redirect_uri = redirect_uri(pages, parts)?;
    let token = openid.exchange(&metadata, code, &begun.verifier, &redirect_uri);
    let token = token.await.map_err(|failure| told(&failure))?;
    let started = start(pages, parts, token, begun.nonce).await?;
    let StartSessionResponse { user, token, .. } = started;
    Ok(session::begin(pages, cookies, user, token, &begun.next))
}

/// What the provider says, in a query in which nothing comes twice.
fn answer(query: &str) -> Option<HashMap<String, String>> {
    let mut answer = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        if answer.insert(name, value).is_some() {
            return None;
        }
    }
    Some(answer)
}

/// Has the service judge the ID token.
async fn start(
    pages: &Pages,
    parts: &Parts,
    id_token: String,
    nonce: String,
) -> Result<StartSessionResponse, Notice> {
    let call = Call::anonymous(parts, &pages.config);
    let mut sessions = SessionsClient::new(pages.channel.clone());
    let request = call.request(StartSessionRequest { id_token, nonce });
    match sessions.start_session(request).await {
        Ok(started) => Ok(started.into_inner()),
        Err(status) if status.code() == Code::Unauthenticated => Err(disbelieved()),
        Err(status) if status.code() == Code::FailedPrecondition => {
            tracing::error!("people sign in here, and the service is not set up for that");
            Err(Problem::unavailable().into())
        }
        Err(status) => Err(status.into()),
    }
}

fn again(status: StatusCode, title: &'static str, text: &'static str, next: &Next) -> Notice {
    Notice::new(status, title, text).with_action(next.sign_in(), "Sign in")
}

/// Somebody comes back who did not go from here, or not lately.
fn lost() -> Notice {
    let text = "It took too long, or was begun in another tab or browser. Nothing has happened; please begin again.";
    again(
        StatusCode::BAD_REQUEST,
        "Signing in did not work",
        text,
        &Next::of(None),
    )
}

/// Somebody comes back who did not sign in (RFC 6749, section 4.1.2.1). The provider's own words are not shown: anybody can
/// write them into an address.
fn refused(error: &str, next: &Next) -> Notice {
    match error {
        "access_denied" => {
            let text =
                "You have not signed in, or did not agree. You can try again whenever you like.";
            again(StatusCode::FORBIDDEN, "You are not signed in", text, next)
        }
        "temporarily_unavailable" | "server_error" => Notice::from(Problem::unavailable()),
        _ => {
            let text = "The place where you sign in refused it. Please try again.";
            let title = "Signing in did not work";
            again(StatusCode::BAD_REQUEST, title, text, next)
        }
    }
}

/// What the provider says of somebody is not as it must be.
fn disbelieved() -> Notice {
    let text =
        "What the place where you signed in says of you cannot be believed. Please try again.";
    let title = "Signing in did not work";
    again(StatusCode::FORBIDDEN, title, text, &Next::of(None))
}

/// What is told of a provider that did not answer. Why is for the log.
fn told(failure: &Failure) -> Notice {
    if let Failure::Code = failure {
        tracing::info!(%failure, "somebody did not sign in");
        return lost();
    }
    tracing::warn!(%failure, "people cannot sign in: the provider gives no answer");
    Problem::unavailable().into()
}
