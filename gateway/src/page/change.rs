//! A wish that is granted or not.

use super::{
    done::Done,
    seen::Seen,
    view::{Labels, Trouble, sentence},
    wish::Wish,
};
use crate::account::Account;
use http::StatusCode;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// How much of what happened since the user looked is told.
const SINCE: i32 = 5;

/// What became of a wish.
#[derive(Debug)]
pub(super) enum Outcome {
    Done(Done),
    /// Nothing was to be done.
    Nothing,
    /// Not granted, with the reason to be told beside the attribute.
    Not(StatusCode, Trouble),
}

/// Grants the wish of somebody who saw the attribute so, if that is possible.
pub(super) async fn change(
    account: &Account,
    name: &str,
    wish: Wish,
    seen: &Seen,
) -> Result<Outcome, Status> {
    let Some(change) = wish.change(name, seen) else {
        return Ok(Outcome::Nothing);
    };
    let status = match account.change(change).await {
        Ok((now, _)) => return Ok(Outcome::Done(Done::new(&wish, seen, &now))),
        Err(status) => status,
    };
    let refused = |code, text: &str| Ok(Outcome::Not(code, Trouble::refused(text)));
    match reason(&status).as_str() {
        "CHANGED_MEANWHILE" => lost(account, name, wish, seen).await,
        "NOT_QUALIFIED" => refused(StatusCode::CONFLICT, &sentence(status.message())),
        "NOT_OWNED" => refused(
            StatusCode::CONFLICT,
            "Nobody owns it any more, and what nobody owns is neither switched nor pinned.",
        ),
        "NO_SUCH_ATTRIBUTE" => refused(StatusCode::NOT_FOUND, "You have no such attribute."),
        _ if status.code() == Code::InvalidArgument => {
            refused(StatusCode::BAD_REQUEST, &sentence(status.message()))
        }
        _ => Err(status),
    }
}

/// What is told to somebody who came too late.
async fn lost(account: &Account, name: &str, wish: Wish, seen: &Seen) -> Result<Outcome, Status> {
    let (attribute, connections, events) = tokio::try_join!(
        account.attribute(name),
        account.connections(),
        account.events(name, SINCE, ""),
    )?;
    let Some((attribute, revision)) = attribute else {
        let trouble = Trouble::refused("You have no such attribute.");
        return Ok(Outcome::Not(StatusCode::NOT_FOUND, trouble));
    };
    let labels = Labels::of([&attribute], &connections.connections);
    let trouble = Trouble::lost((seen, wish), &attribute, revision, events.events, &labels);
    Ok(Outcome::Not(StatusCode::PRECONDITION_FAILED, trouble))
}

/// The reason that the service gives with a status; empty if it gives none.
pub(super) fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    info.map(|info| info.reason).unwrap_or_default()
}
