//! Pages of messages that a test makes up.

use super::*;
use crate::{
    page::{done::Done, frame::Frame, seen::Seen, wish::Wish},
    proto::{
        Attribute, AttributeGroup, DisconnectResponse, Group, ListEventsResponse,
        ListUserAttributesResponse, OwnershipEvent, Passing, Service, UnqualifiedService,
        UserAttribute, UserAttributesListConnectionsResponse, UserConnection, UserEvent,
    },
};
use askama::Template as _;
use prost_types::Timestamp;

fn service(name: &str) -> Service {
    let label = match name {
        "oura" => "Oura",
        "withings" => "Withings",
        "test500" => "My Test Client",
        other => other,
    };
    Service {
        name: name.to_owned(),
        label: label.to_owned(),
    }
}

fn group(name: &str, label: &str) -> Group {
    Group {
        name: name.to_owned(),
        label: label.to_owned(),
        priority: 1,
    }
}

/// Owned by the first of these, active, not pinned; the others could take it over.
fn attribute(label: &str, services: &[&str]) -> UserAttribute {
    let services: Vec<_> = services.iter().map(|name| service(name)).collect();
    let inner = Attribute {
        name: label
            .to_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
        label: label.to_owned(),
        group: Some(group("activity", "Activity")),
        owner: services.first().cloned(),
        active: !services.is_empty(),
        available_services: services.clone(),
        generation: 3,
        ..Attribute::default()
    };
    UserAttribute {
        attribute: Some(inner),
        successors: services.into_iter().skip(1).collect(),
        etag: format!("etag-of-{label}"),
        ..UserAttribute::default()
    }
}

fn event(revision: i64, text: &str) -> UserEvent {
    let event = OwnershipEvent {
        revision,
        time: Some(Timestamp {
            seconds: 1_795_629_720,
            nanos: 0,
        }),
        ..OwnershipEvent::default()
    };
    UserEvent {
        text: text.to_owned(),
        label: String::new(),
        event: Some(event),
    }
}

fn connection(name: &str, scopes: &[&str], owned: i32) -> UserConnection {
    UserConnection {
        service: Some(service(name)),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        connect_time: Some(Timestamp {
            seconds: 1_780_000_000,
            nanos: 0,
        }),
        owned,
    }
}

fn frame() -> Frame {
    Frame {
        user: "ada".to_owned(),
        csrf: "the-csrf-token".to_owned(),
    }
}

fn page(q: &str, attributes: Vec<UserAttribute>) -> AttributesPage {
    let groups = vec![AttributeGroup {
        group: Some(group("activity", "Activity")),
        attributes,
    }];
    let attributes = ListUserAttributesResponse {
        groups,
        revision: 7,
    };
    let connections = UserAttributesListConnectionsResponse {
        connections: vec![
            connection("oura", &["activity_read", "activity_write", "mood_read"], 1),
            connection("withings", &["activity_write"], 0),
        ],
        revision: 7,
    };
    let events = ListEventsResponse {
        events: vec![event(7, "Oura took over Steps from My Test Client")],
        ..ListEventsResponse::default()
    };
    AttributesPage::new(frame(), q, attributes, connections, events)
}

fn done(attribute: &UserAttribute) -> Done {
    Done {
        attribute: attribute.attribute.clone().unwrap().name,
        text: "You gave Steps to Withings.".to_owned(),
        undo: Some(Wish::Back {
            owner: "oura".to_owned(),
            active: true,
            pinned: false,
        }),
        etag: attribute.etag.clone(),
    }
}

#[test]
fn the_chooser_has_the_owner_first_then_who_would_come_next_and_nobody() {
    let html = page("", vec![attribute("Steps", &["oura", "withings"])])
        .render()
        .unwrap();
    let chooser = "<select name=\"service\" aria-label=\"Owner of Steps\">\
         <option value=\"oura\" selected>Oura</option><option value=\"withings\">Withings</option>\
         <option value=\"\">Nobody</option></select>";
    assert!(html.contains(chooser), "{html}");
    let html = page("", vec![attribute("Steps", &[])]).render().unwrap();
    assert!(
        html.contains("<option value=\"\" selected>Nobody</option></select>"),
        "{html}"
    );
    assert!(
        !html.contains("role=\"switch\""),
        "nobody's is neither switched nor pinned: {html}"
    );
}

#[test]
fn a_label_is_text_wherever_it_is() {
    let hostile = "\"'><script>alert(1)</script>";
    let attribute = attribute(hostile, &["oura", "withings"]);
    let list = page("<script>", vec![attribute.clone()]).render().unwrap();
    let events = ListEventsResponse {
        events: vec![event(7, hostile)],
        ..ListEventsResponse::default()
    };
    let one = AttributePage::new(frame(), &attribute, 7, &[], events);
    let preview = DisconnectResponse {
        passing: vec![Passing {
            attribute: "x".to_owned(),
            label: hostile.to_owned(),
            to: None,
        }],
        revision: 7,
    };
    let names = (hostile.to_owned(), hostile.to_owned());
    let preview = DisconnectPage::new(frame(), names, preview, false);
    for html in [list, one.render().unwrap(), preview.render().unwrap()] {
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("\"'>"), "{html}");
    }
}

#[test]
fn a_search_hides_what_it_does_not_find_and_says_how_much_it_found() {
    let attributes = vec![
        attribute("Steps", &["oura"]),
        attribute("Distance", &["withings"]),
    ];
    for (q, shown) in [
        ("", "hidden"),
        ("steps", "1 of 2 shown"),
        ("STE act", "1 of 2 shown"),
        ("withings", "1 of 2 shown"),
        ("activity", "2 of 2 shown"),
        ("mood", "0 of 2 shown"),
    ] {
        let html = page(q, attributes.clone()).render().unwrap();
        assert!(html.contains(shown), "{q}: {html}");
        let hidden = html.matches("<li id=\"a-").count() - html.matches("\" hidden><div>").count();
        let expected = shown
            .chars()
            .next()
            .and_then(|c| c.to_digit(10))
            .unwrap_or(2);
        assert_eq!(u32::try_from(hidden).unwrap(), expected, "{q}");
    }
}

#[test]
fn what_the_last_change_did_can_be_undone_until_something_else_happens() {
    let steps = attribute("Steps", &["withings", "oura"]);
    let before = done(&steps);
    let html = page("", vec![steps.clone()])
        .after(before.clone())
        .render()
        .unwrap();
    assert!(
        html.contains("role=\"status\" id=\"status\">You gave Steps to Withings.</p>"),
        "{html}"
    );
    assert!(html.contains("name=\"do\" value=\"back\""), "{html}");
    let changed = UserAttribute {
        etag: "another".to_owned(),
        ..steps
    };
    let html = page("", vec![changed]).after(before).render().unwrap();
    assert!(!html.contains("You gave Steps"), "{html}");
}

#[test]
fn a_lost_race_shows_what_was_what_happened_what_is_and_what_was_wanted() {
    let steps = attribute("Steps", &["oura", "withings"]);
    let seen = Seen {
        revision: 5,
        owner: "test500".to_owned(),
        active: true,
        pinned: false,
        etag: "old".to_owned(),
    };
    let labels = Labels::of([&steps], &[connection("test500", &[], 0)]);
    let events = vec![event(7, "Oura took over Steps"), event(5, "long ago")];
    let wish = Wish::Owner("withings".to_owned());
    let trouble = Trouble::lost((&seen, wish), &steps, 7, events, &labels);
    let html = page("", vec![steps])
        .but("steps", trouble)
        .render()
        .unwrap();
    for text in [
        "<dd><bdi>My Test Client owns it.</bdi></dd>",
        "<bdi>Oura took over Steps</bdi>",
        "<dd><bdi>Oura owns it.</bdi></dd>",
        "<dd><bdi>Withings should own it.</bdi></dd>",
        "Give it to Withings all the same",
        "value=\"7 oura 1 0 etag-of-Steps\"",
    ] {
        assert!(html.contains(text), "{text} in {html}");
    }
    assert!(!html.contains("long ago"), "{html}");
}

#[test]
fn what_a_service_may_do_is_told_in_words() {
    let labels = Labels::of([&attribute("Steps", &["oura"])], &[]);
    let may = |scopes: &[&str]| {
        let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        labels.may(&scopes)
    };
    assert_eq!(
        may(&[
            "activity_read",
            "activity_write",
            "custom_write",
            "manual_write",
            "mood_read"
        ]),
        "May read and write Activity; write Custom and what you enter by hand; read Mood."
    );
    assert_eq!(may(&[]), "May do nothing.");
}

#[test]
fn a_service_that_cannot_take_an_attribute_is_told_of_with_the_reason() {
    let mut steps = attribute("Steps", &["oura"]);
    steps.unqualified = vec![UnqualifiedService {
        service: Some(service("withings")),
        reason: "it has released it".to_owned(),
    }];
    let events = ListEventsResponse::default();
    let html = AttributePage::new(frame(), &steps, 7, &[], events)
        .render()
        .unwrap();
    let told = "<strong><bdi>Withings</bdi></strong> It has released it.";
    assert!(html.contains(told), "{html}");
}

#[test]
fn the_order_has_the_ranked_first_and_says_who_owns_it_and_who_cannot_take_it() {
    let mut steps = attribute("Steps", &["oura", "withings"]);
    steps.succession = vec!["gone".to_owned(), "withings".to_owned()];
    let events = ListEventsResponse::default();
    let html = AttributePage::new(frame(), &steps, 7, &[], events)
        .render()
        .unwrap();
    let places: Vec<_> = ["gone", "Withings", "Oura"]
        .map(|label| html.find(&format!("<span><bdi>{label}</bdi>")).unwrap())
        .into();
    assert!(places.is_sorted(), "{html}");
    assert!(
        html.contains("<bdi>gone</bdi><small>cannot take it at present"),
        "{html}"
    );
    assert!(html.contains("<bdi>Oura</bdi><small>owns it now"), "{html}");
}
