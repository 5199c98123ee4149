//! Which events are passed when old ones are pruned, as both engines are told of them.

use crate::domain::ledger::{Entry, Position};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The last event of each attribute among those that are passed, a JSON array of objects whose keys are columns, and
/// the place up to which they reach; none if there are none.
pub(super) fn passed(entries: &[Entry]) -> Option<(Value, &Position)> {
    let mut last = BTreeMap::new();
    for Entry {
        position, event, ..
    } in entries
    {
        last.insert((position.user.as_str(), &event.attribute), position);
    }
    let rows = last.into_iter().map(|((user, attribute), position)| {
        json!({
            "user_id": user,
            "attribute": attribute,
            "revision": position.revision,
            "number": position.number,
        })
    });
    Some((rows.collect(), &entries.last()?.position))
}
