//! May this service write now? (`model.md`, Reading)

use super::name::ServiceName;

/// How an attribute stands, as far as writing it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Who owns it.
    pub owner: Option<ServiceName>,
    /// The fence.
    pub generation: i64,
    /// Whether the user has it switched on.
    pub active: bool,
}

/// How an attribute stands at a revision of its user; no standing where the user has no such attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How it stands.
    pub standing: Option<Standing>,
    /// The user's revision.
    pub revision: i64,
}

/// Whether a service may write an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Owned,
    /// The user has no such attribute.
    NoSuchAttribute,
    /// Another service owns it, or nobody.
    NotOwner,
    /// It owns the attribute, but not under that generation.
    StaleGeneration,
    /// It owns the attribute, and the user has switched it off.
    Inactive,
}

/// Whether the service, which may be any text, may write an attribute that stands so under this generation; under
/// whichever it is if none is given. Of several reasons to refuse the first counts, in this order.
#[must_use]
pub fn judge(standing: Option<&Standing>, service: &str, generation: Option<i64>) -> Verdict {
    let Some(standing) = standing else {
        return Verdict::NoSuchAttribute;
    };
    let is_owner = standing
        .owner
        .as_ref()
        .is_some_and(|owner| owner.as_str() == service);
    if !is_owner {
        Verdict::NotOwner
    } else if generation.is_some_and(|generation| generation != standing.generation) {
        Verdict::StaleGeneration
    } else if !standing.active {
        Verdict::Inactive
    } else {
        Verdict::Owned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(owner: Option<&str>, generation: i64, active: bool) -> Standing {
        Standing {
            owner: owner.map(|name| ServiceName::parse(name).unwrap()),
            generation,
            active,
        }
    }

    #[test]
    fn the_first_reason_to_refuse_counts() {
        let judge = |standing: &Standing, generation| judge(Some(standing), "oura", generation);
        assert_eq!(
            judge(&standing(Some("oura"), 3, true), None),
            Verdict::Owned
        );
        assert_eq!(
            judge(&standing(Some("oura"), 3, true), Some(3)),
            Verdict::Owned
        );
        assert_eq!(
            judge(&standing(Some("oura"), 3, false), Some(3)),
            Verdict::Inactive
        );
        for other in [2, 4] {
            assert_eq!(
                judge(&standing(Some("oura"), 3, false), Some(other)),
                Verdict::StaleGeneration
            );
        }
        for owner in [None, Some("Oura"), Some("withings")] {
            assert_eq!(
                judge(&standing(owner, 3, false), Some(2)),
                Verdict::NotOwner
            );
        }
        assert_eq!(
            super::judge(None, "oura", Some(1)),
            Verdict::NoSuchAttribute
        );
    }
}
