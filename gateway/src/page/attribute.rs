//! The page of one attribute.

use super::{account::Account, frame::Frame, view::AttributePage};
use tonic::Status;

/// How much of an attribute's history is on a page.
const HISTORY: i32 = 30;

/// The page as things stand, if there is such an attribute; `older` continues its history from an earlier page.
pub(super) async fn page(
    account: &Account,
    frame: Frame,
    name: &str,
    older: &str,
) -> Result<Option<AttributePage>, Status> {
    let (attribute, connections, events) = tokio::try_join!(
        account.attribute(name),
        account.connections(),
        account.events(name, HISTORY, older),
    )?;
    Ok(attribute.map(|(attribute, revision)| {
        AttributePage::new(
            frame,
            &attribute,
            revision,
            &connections.connections,
            events,
        )
    }))
}
