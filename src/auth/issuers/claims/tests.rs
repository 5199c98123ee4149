use super::*;

fn claims(json: &str) -> Claims {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_claim_that_comes_twice_is_an_error_and_so_is_what_is_no_object() {
    for json in [
        r#"{"sub":"ada","sub":"eve"}"#,
        r#"{"sub":"ada","s\u0075b":"eve"}"#,
        r#"{"sub":null,"sub":null}"#,
        "[]",
        "null",
        "\"sub\"",
    ] {
        assert!(serde_json::from_str::<Claims>(json).is_err(), "{json}");
    }
}

#[test]
fn a_moment_is_a_number_of_seconds_that_is_in_the_calendar() {
    let at = |json: &str| claims(&format!(r#"{{"exp":{json}}}"#)).moment("exp");
    assert_eq!(at("null").unwrap(), None);
    assert_eq!(at("0").unwrap(), Some(Instant::UNIX_EPOCH));
    let half = Instant::UNIX_EPOCH + time::Duration::milliseconds(1_500);
    assert_eq!(at("1.5").unwrap(), Some(half));
    assert_eq!(at("15e-1").unwrap(), Some(half));
    for wrong in [
        "\"0\"",
        "true",
        "[]",
        "{}",
        "1e300",
        "-1e300",
        "99999999999999",
        "18446744073709551615",
    ] {
        assert!(at(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn scopes_are_a_list_or_an_array() {
    let of = |json: &str| claims(&format!(r#"{{"scope":{json}}}"#)).scopes("scope");
    let both = Scopes::parse("mood_write mood_read").unwrap();
    for json in [r#""mood_read mood_write""#, r#"["mood_write","mood_read"]"#] {
        assert_eq!(of(json).unwrap(), both, "{json}");
    }
    assert!(of("null").unwrap().is_empty() && of("\"\"").unwrap().is_empty());
    for wrong in ["1", r#"["a",1]"#, r#""mood\u0000write""#, r#"[["a"]]"#] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}
