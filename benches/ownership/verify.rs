//! That the floor and the loader write what the service writes: a floor that did less would be no floor.

use crate::{
    database::Database,
    operation::{Operation, Users},
    population::Population,
    recording::Recording,
};
use anyhow::{Context as _, ensure};
use serde_json::Value;

/// What `pgbench` has written of its first user is what the service wrote of the recorded one.
pub(crate) async fn replayed(
    database: &Database,
    (operation, recording): (Operation, &Recording),
    users: &Users,
) -> anyhow::Result<()> {
    let Users::Once { first, .. } = users else {
        return Ok(());
    };
    let (ours, floors) = (
        database.rows(recording.user).await?,
        database.rows(*first).await?,
    );
    ensure!(
        ours == floors,
        "{}: the service wrote {ours:#?}, and pgbench {floors:#?}",
        operation.label(),
    );
    Ok(())
}

/// What was loaded of a user who owns a whole batch is what the service wrote when it acquired one, but for the time
/// and the request.
pub(crate) async fn loaded(
    database: &Database,
    recordings: &[(Operation, Recording)],
    owned: &Population,
) -> anyhow::Result<()> {
    let mut recordings = recordings.iter();
    let Some((_, acquired)) = recordings.find(|(of, _)| *of == Operation::Acquire35Fresh) else {
        return Ok(());
    };
    let mut written = database.rows(acquired.user).await?;
    let mut loaded = database.rows(owned.first).await?;
    for rows in written.values_mut().chain(loaded.values_mut()) {
        let rows = rows.as_array_mut().context("rows are no list")?;
        for row in &mut *rows {
            let row = row.as_object_mut().context("a row is no object")?;
            row.retain(|column, _| {
                !["at", "since", "owned_since", "request_id"].contains(&&**column)
            });
        }
        rows.sort_by_key(Value::to_string);
    }
    ensure!(
        written == loaded,
        "the service wrote {written:#?}, and the loader {loaded:#?}"
    );
    Ok(())
}
