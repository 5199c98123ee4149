//! What checks say must be what the model has (I3).

use super::check::Verdict as Holds;
use crate::{
    harness::{Inside, item},
    model::{SERVICES, State},
};
use tenure::proto::{CheckItem, CheckResult, Verdict, check_ownership_request::Freshness};

/// Asks whether each service may write each of the user's attributes, under the generation that it has, the one before
/// or any; and about one attribute that the user does not have.
pub async fn checks_agree(
    inside: &Inside,
    user: &str,
    state: &State,
    freshness: Option<Freshness>,
) -> Holds {
    let known = state
        .attributes
        .iter()
        .map(|(name, a)| (name.as_str(), a.generation));
    let mut items = Vec::new();
    for (name, generation) in known.chain([("nothing", 1)]) {
        for service in SERVICES {
            let under = [None, Some(generation), Some((generation - 1).max(0))];
            items.push(CheckItem {
                generation: under[items.len() % 3],
                ..item(user, name, service)
            });
        }
    }
    let answer = inside.check(items.clone(), freshness).await;
    let answer = answer.map_err(|status| format!("I3: a check failed: {status:?}"))?;
    for (item, found) in items.iter().zip(answer.results) {
        let expected = expected(state, item);
        if found != expected {
            return Err(format!(
                "I3: {item:?} must give\n{expected:?}\nand gave\n{found:?}\n({freshness:?})"
            ));
        }
    }
    Ok(())
}

fn expected(state: &State, item: &CheckItem) -> CheckResult {
    let revision = state.revision;
    let Some(attribute) = state.attributes.get(&item.attribute) else {
        return CheckResult {
            verdict: Verdict::NoSuchAttribute.into(),
            owner: None,
            generation: 0,
            revision,
        };
    };
    let verdict = if attribute.owner.as_ref() != Some(&item.service) {
        Verdict::NotOwner
    } else if item.generation.unwrap_or(attribute.generation) != attribute.generation {
        Verdict::StaleGeneration
    } else if attribute.active {
        Verdict::Owned
    } else {
        Verdict::Inactive
    };
    CheckResult {
        verdict: verdict.into(),
        owner: attribute.owner.clone(),
        generation: attribute.generation,
        revision,
    }
}
