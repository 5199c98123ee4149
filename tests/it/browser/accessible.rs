//! What axe finds: nothing, on every page, in light and dark, on a desk and a phone.

use super::{World, in_a_browser};

in_a_browser! {
    no_page_has_a_violation,
}

/// Asserts so of the page as it is.
async fn is_clean(w: &World, what: &str) {
    for scheme in ["light", "dark"] {
        w.page.prefer(scheme).await;
        for (width, is_phone) in [(1280, false), (390, true)] {
            w.page.sized(width, 900, is_phone).await;
            let found = w.page.violations().await;
            assert!(
                found.is_empty(),
                "{what}, {scheme}, {width}: {}",
                found.join("\n")
            );
            let script = "return document.documentElement.scrollWidth <= innerWidth";
            let fits = w.page.driver.execute(script, Vec::new()).await.unwrap();
            assert!(
                fits.convert::<bool>().unwrap(),
                "{what} is wider than {width}"
            );
        }
    }
    w.page.sized(1280, 900, false).await;
}

async fn no_page_has_a_violation(w: &World) {
    w.page.click("#a-mood .switch").await;
    w.page.says("#status", "You switched Mood off.").await;
    is_clean(w, "the list after a change").await;
    w.lose_a_race("withings").await;
    is_clean(w, "the list after a lost race").await;
    w.page.goto("/account/attributes/steps/").await;
    w.page.click("#up-withings").await;
    w.page.says(".done", "Your order").await;
    is_clean(w, "an attribute with an order").await;
    w.page.goto("/account/attributes/mood/").await;
    is_clean(w, "an attribute").await;
    w.page.goto("/account/connections/oura/").await;
    is_clean(w, "a preview").await;
    w.page.goto("/account/attributes/none/").await;
    w.page.says("h1", "There is nothing here").await;
    is_clean(w, "a notice").await;
    for service in ["oura", "withings", "test500"] {
        w.t.disconnect("ada", service).await;
    }
    w.page.list().await;
    is_clean(w, "nothing connected").await;
}
