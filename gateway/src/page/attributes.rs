//! The page of all attributes.

use super::{account::Account, frame::Frame, view::AttributesPage};
use tonic::Status;

/// How much of what happened lately is shown.
const LATELY: i32 = 8;

/// The page as things stand, with what is searched for.
pub(super) async fn page(
    account: &Account,
    frame: Frame,
    q: &str,
) -> Result<AttributesPage, Status> {
    let (attributes, connections, events) = tokio::try_join!(
        account.attributes(None),
        account.connections(),
        account.events("", LATELY, ""),
    )?;
    let page = AttributesPage::new(frame, q, attributes, connections, events);
    Ok(page)
}
