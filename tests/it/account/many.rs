//! Thousands of attributes.

use super::User;
use crate::harness::{Tenure, id, name, on_both_engines};
use tenure::domain::{
    attribute::{Attribute, Owner},
    change::Change,
    event::{Actor, Stamp},
    name::{AttributeName, GroupName, Label},
    state::Offer,
    value_type::ValueType,
};
use time::OffsetDateTime;

on_both_engines! {
    thousands_of_attributes_are_listed_in_one_answer,
}

/// In all, and in one change: what has to be read is much, what has to be written at once need not be.
const MANY: usize = 10_500;
const AT_ONCE: usize = 500;

/// An attribute that Oura owns, with a name and a label of a hundred characters.
fn attribute(number: usize) -> Attribute {
    let label = format!("{number:0>100}");
    let group = GroupName::parse("custom").unwrap();
    let name = AttributeName::parse(format!("attribute_{number:0>90}")).unwrap();
    let label = Label::parse(label).unwrap();
    let owner = Some(Owner {
        service: self::name("oura"),
        since: OffsetDateTime::UNIX_EPOCH,
        active: true,
        pinned: false,
    });
    Attribute {
        owner,
        generation: 1,
        ..Attribute::custom(name, label, group, ValueType::Integer, false)
    }
}

/// Adds the attributes, which three services can handle, two of them ranked.
fn change(attributes: Vec<Attribute>, revision: i64) -> Change {
    let offers = attributes.iter().flat_map(|attribute| {
        let services = [("oura", None), ("withings", Some(2)), ("test500", Some(1))];
        services.map(|(service, rank)| {
            let offer = Offer {
                offered: true,
                rank,
                ..Offer::default()
            };
            ((attribute.name.clone(), name(service)), offer)
        })
    });
    Change {
        revision,
        offers: offers.collect(),
        attributes,
        forgotten: vec![],
        connections: vec![],
        disconnected: vec![],
        withdrawals: vec![],
        tokens: vec![],
        record: None,
        events: vec![],
        stamp: Stamp {
            actor: Actor::Operator,
            request_id: "test".to_owned(),
            at: OffsetDateTime::UNIX_EPOCH,
        },
    }
}

async fn thousands_of_attributes_are_listed_in_one_answer(t: Tenure) {
    for service in ["oura", "withings", "test500"] {
        t.usual("ada", service).await;
    }
    let user = User::of(&t, "ada").await;
    let config = crate::harness::config(&t.database);
    let store = tenure::app::open(&config.storage).await.unwrap();
    let before = user.revision().await;
    for (start, revision) in (0..MANY).step_by(AT_ONCE).zip(before..) {
        let attributes = (start..start + AT_ONCE).map(attribute).collect();
        let change = change(attributes, revision);
        store.commit(&id("ada"), change).await.unwrap();
    }
    let listed = user.list(&[]).await;
    assert_eq!(listed.groups.len(), 1);
    assert_eq!(listed.groups[0].attributes.len(), MANY);
    let bytes = prost::Message::encoded_len(&listed);
    assert!(
        bytes > 4 * 1024 * 1024,
        "{bytes} is more than clients take by default"
    );
    for attribute in &listed.groups[0].attributes {
        assert_eq!(attribute.succession, ["test500", "withings"]);
        assert_eq!(
            super::service_names(&attribute.successors),
            ["test500", "withings"]
        );
    }
}
