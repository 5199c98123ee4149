//! Whoever has no mouse.

use super::{World, in_a_browser};
use thirtyfour::Key;

in_a_browser! {
    all_that_a_row_can_do_is_done_with_the_keyboard,
    the_content_is_one_key_away,
}

/// Whether what has the focus shows so.
async fn focus_is_visible(w: &World) {
    let script = "const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2";
    let shown = w.page.driver.execute(script, Vec::new()).await.unwrap();
    assert!(shown.convert::<bool>().unwrap());
}

async fn all_that_a_row_can_do_is_done_with_the_keyboard(w: &World) {
    w.page.tab_to("#a-steps .switch").await;
    focus_is_visible(w).await;
    w.page.press(Key::Space).await;
    w.page.is("#a-steps .switch", "aria-checked", "false").await;
    assert!(
        w.page.has_focus("#a-steps .switch").await,
        "the focus stays"
    );
    w.page.press(Key::Tab).await;
    assert!(
        w.page.has_focus("#a-steps .done button").await,
        "what undoes it comes next"
    );
    focus_is_visible(w).await;
    w.page.press(Key::Enter).await;
    w.page.is("#a-steps .switch", "aria-checked", "true").await;
    w.page.list().await;
    w.page.tab_to("#a-steps .pin").await;
    w.page.press(Key::Enter).await;
    w.page.is("#a-steps .pin", "aria-pressed", "true").await;
    assert!(w.page.has_focus("#a-steps .pin").await);
    w.page.list().await;
    w.page.tab_to("#a-steps select").await;
    focus_is_visible(w).await;
    w.page.press(Key::Down).await;
    w.page.press(Key::Tab).await;
    assert!(w.page.has_focus("#a-steps .set").await);
    w.page.press(Key::Space).await;
    w.page.says("#status", "You gave Steps to Oura.").await;
    w.owned_by("steps", Some("oura")).await;
    // The button is gone; the focus is where it came from.
    assert!(w.page.has_focus("#a-steps select").await);
}

async fn the_content_is_one_key_away(w: &World) {
    w.page.list().await;
    w.page.press(Key::Tab).await;
    w.page.gets_focus(".skip").await;
    w.page.press(Key::Enter).await;
    w.page.press(Key::Tab).await;
    w.page.gets_focus("main #q").await;
}
