//! A browser that runs no script.

use super::{World, in_a_browser};

in_a_browser! {
    without_scripts_all_can_be_done,
    without_scripts_a_lost_race_is_shown_too,
}

async fn without_scripts_all_can_be_done(w: &World) {
    w.page.without_scripts().await;
    w.page.list().await;
    w.page.says("time", "UTC").await;
    w.page.give("steps", "withings").await;
    w.page
        .says("#a-steps .done", "You gave Steps to Withings.")
        .await;
    w.owned_by("steps", Some("withings")).await;
    let url = w.page.driver.current_url().await.unwrap();
    assert_eq!(
        (url.path(), url.fragment()),
        ("/account/attributes/", Some("a-steps"))
    );
    w.page.click("#a-steps .done button").await;
    w.page
        .says("#a-steps .done", "Steps is as it was before.")
        .await;
    w.owned_by("steps", Some("test500")).await;
    w.page.click("#a-steps .pin").await;
    w.page.is("#a-steps .pin", "aria-pressed", "true").await;
    w.page.find("#q").await.send_keys("mood").await.unwrap();
    w.page.click(".search button").await;
    w.page.says("#found", "1 of 4 shown").await;
    w.page.click("#a-mood .switch").await;
    w.page.is("#a-mood .switch", "aria-checked", "false").await;
    w.page.says("#found", "1 of 4 shown").await;
    w.page.goto("/account/attributes/steps/").await;
    w.page.click("#up-withings").await;
    w.page.says(".done", "Your order for Steps is kept.").await;
    w.page.goto("/account/connections/oura/").await;
    w.page.click("button.danger").await;
    w.page.says(".said", "Oura is disconnected.").await;
}

async fn without_scripts_a_lost_race_is_shown_too(w: &World) {
    w.page.without_scripts().await;
    w.page.list().await;
    w.lose_a_race("withings").await;
    w.page
        .says(
            "#a-steps .trouble",
            "Oura took over Steps from My Test Client",
        )
        .await;
    w.page.click("#a-steps .trouble button[value=owner]").await;
    w.page
        .says("#a-steps .done", "You gave Steps to Withings.")
        .await;
    w.owned_by("steps", Some("withings")).await;
}
