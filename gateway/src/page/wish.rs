//! What a user wants of an attribute, as a form says it.

use super::{
    fields::all,
    form::Fields,
    seen::{Seen, Unreadable, flag},
};
use crate::{
    account::Change,
    proto::{SetActiveRequest, SetOwnerRequest, SetPinnedRequest, SetSuccessionRequest},
};
use serde::{Deserialize, Serialize};

/// One press of a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Wish {
    /// This service is to own it; empty: nobody.
    Owner(String),
    /// It is to be in use, or not.
    Active(bool),
    /// Only the user may change its owner, or services too.
    Pinned(bool),
    /// These come first when its owner lets it go; the ranking before.
    Order {
        services: Vec<String>,
        before: Vec<String>,
    },
    /// All is to be as it was.
    Back {
        owner: String,
        active: bool,
        pinned: bool,
    },
    /// Nothing, after all.
    Keep,
}

impl Wish {
    /// Takes the wish out of a form.
    pub(super) fn parse(fields: &Fields) -> Result<Self, Unreadable> {
        let first = |name| all(fields, name).next().ok_or(Unreadable);
        let list = |name| all(fields, name).map(str::to_owned).collect::<Vec<_>>();
        let doing = first("do")?;
        let (doing, which) = doing.split_once(' ').unwrap_or((doing, ""));
        Ok(match doing {
            "owner" => Self::Owner(first("service")?.to_owned()),
            "on" | "off" => Self::Active(doing == "on"),
            "pin" | "unpin" => Self::Pinned(doing == "pin"),
            "up" | "down" | "order" | "forget" => {
                let (services, before) = (list("services"), list("before"));
                match moved(services.clone(), doing, which)? {
                    // The first is as far up as can be.
                    same if same == services && doing != "order" => Self::Keep,
                    services => Self::Order { services, before },
                }
            }
            "back" => Self::Back {
                owner: first("service")?.to_owned(),
                active: flag(first("active")?)?,
                pinned: flag(first("pinned")?)?,
            },
            "keep" => Self::Keep,
            _ => return Err(Unreadable),
        })
    }

    /// The value of the button that says it.
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Owner(_) => "owner",
            Self::Active(true) => "on",
            Self::Active(false) => "off",
            Self::Pinned(true) => "pin",
            Self::Pinned(false) => "unpin",
            Self::Order { .. } => "order",
            Self::Back { .. } => "back",
            Self::Keep => "keep",
        }
    }

    /// The fields that a form with that button needs besides.
    pub(super) fn fields(&self) -> Fields {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let digit = |on| if on { "1" } else { "0" };
        match self {
            Self::Owner(service) => vec![field("service", service)],
            Self::Order { services, before } => {
                let services = services.iter().map(|name| field("services", name));
                let before = before.iter().map(|name| field("before", name));
                services.chain(before).collect()
            }
            Self::Back {
                owner,
                active,
                pinned,
            } => vec![
                field("service", owner),
                field("active", digit(*active)),
                field("pinned", digit(*pinned)),
            ],
            Self::Active(_) | Self::Pinned(_) | Self::Keep => Vec::new(),
        }
    }

    /// What the service is to change for somebody who saw the attribute so; none is nothing.
    pub(super) fn change(&self, attribute: &str, seen: &Seen) -> Option<Change> {
        let (attribute, etag) = (attribute.to_owned(), seen.etag.clone());
        Some(match self {
            Self::Owner(service) => Change::Owner(SetOwnerRequest {
                attribute,
                service: service.clone(),
                etag,
                ..SetOwnerRequest::default()
            }),
            Self::Active(active) => Change::Active(SetActiveRequest {
                attribute,
                active: *active,
                etag,
            }),
            Self::Pinned(pinned) => Change::Pinned(SetPinnedRequest {
                attribute,
                pinned: *pinned,
                etag,
            }),
            Self::Order { services, .. } => Change::Succession(SetSuccessionRequest {
                attribute,
                services: services.clone(),
                etag,
            }),
            Self::Back {
                owner,
                active,
                pinned,
            } => {
                let is_owned = !owner.is_empty();
                Change::Owner(SetOwnerRequest {
                    attribute,
                    service: owner.clone(),
                    pinned: is_owned.then_some(*pinned),
                    active: is_owned.then_some(*active),
                    etag,
                })
            }
            Self::Keep => return None,
        })
    }

    /// What undoes it for somebody who saw this before.
    pub(super) fn inverse(&self, seen: &Seen) -> Self {
        match self {
            Self::Order { services, before } => Self::Order {
                services: before.clone(),
                before: services.clone(),
            },
            _ => Self::Back {
                owner: seen.owner.clone(),
                active: seen.active,
                pinned: seen.pinned,
            },
        }
    }
}

/// The order after one of them moved a place.
fn moved(mut order: Vec<String>, doing: &str, which: &str) -> Result<Vec<String>, Unreadable> {
    match doing {
        "order" => return Ok(order),
        "forget" => return Ok(Vec::new()),
        _ => {}
    }
    let at = order.iter().position(|name| name == which);
    let at = at.ok_or(Unreadable)?;
    let to = if doing == "up" {
        at.saturating_sub(1)
    } else {
        (at + 1).min(order.len() - 1)
    };
    order.swap(at, to);
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(list: &[(&str, &str)]) -> Fields {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        list.iter().map(own).collect()
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_wish_comes_back_from_its_own_form() {
        let back = Wish::Back {
            owner: String::new(),
            active: false,
            pinned: true,
        };
        let order = Wish::Order {
            services: names(&["a", "b"]),
            before: names(&["b"]),
        };
        let owner = Wish::Owner("oura".to_owned());
        let flags = [Wish::Active(true), Wish::Pinned(false), Wish::Keep];
        for wish in [back, order, owner].into_iter().chain(flags) {
            let mut form = wish.fields();
            form.push(("do".to_owned(), wish.doing().to_owned()));
            assert_eq!(Wish::parse(&form), Ok(wish));
        }
    }

    #[test]
    fn a_service_moves_by_one_place_and_not_over_the_end() {
        let order = [("services", "a"), ("services", "b"), ("services", "c")];
        let moved = |doing: &str| {
            let mut form = fields(&order);
            form.push(("do".to_owned(), doing.to_owned()));
            Wish::parse(&form)
        };
        for doing in ["up a", "down c"] {
            assert_eq!(moved(doing), Ok(Wish::Keep), "{doing}");
        }
        for (doing, expected) in [("up b", ["b", "a", "c"]), ("down b", ["a", "c", "b"])] {
            let Ok(Wish::Order { services, .. }) = moved(doing) else {
                panic!("{doing}");
            };
            assert_eq!(services, expected, "{doing}");
        }
    }

    #[test]
    fn what_no_page_has_sent_is_refused() {
        for form in [
            fields(&[]),
            fields(&[("do", "")]),
            fields(&[("do", "own")]),
            fields(&[("do", "owner")]),
            fields(&[("do", "up x"), ("services", "a")]),
            fields(&[("do", "back"), ("service", "a"), ("active", "1")]),
            fields(&[
                ("do", "back"),
                ("service", "a"),
                ("active", "1"),
                ("pinned", "x"),
            ]),
        ] {
            assert_eq!(Wish::parse(&form), Err(Unreadable), "{form:?}");
        }
    }
}
