//! Labels that somebody made up to harm.

use super::{World, in_a_browser};
use serde_json::json;

in_a_browser! {
    a_label_is_shown_as_text_and_never_executed,
}

const LABELS: [&str; 4] = [
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "' autofocus onfocus='document.title=1 {{7*7}}",
    "\u{202e}txet sdrawkcab \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}",
];

async fn a_label_is_shown_as_text_and_never_executed(w: &World) {
    let item = |label| json!({"label": label, "group": "custom", "value_type": 0, "manual": false});
    let items = json!(LABELS.map(item));
    let created = w
        .client
        .post("/api/2/attributes/create/", items.to_string())
        .await;
    let created = created.succeeded();
    let names: Vec<_> = crate::harness::names(&created)
        .into_iter()
        .map(str::to_owned)
        .collect();
    w.page.list().await;
    for (name, label) in names.iter().zip(LABELS) {
        let css = format!("#a-{name} > div > a");
        let shown = w.page.find(&css).await.prop("textContent").await.unwrap();
        assert_eq!(shown.as_deref(), Some(label));
        let chooser = format!("#a-{name} select");
        let expected = format!("Owner of {label}");
        w.page.is(&chooser, "aria-label", &expected).await;
        w.page.click(&format!("#a-{name} .switch")).await;
        w.page
            .says("#status", &format!("You switched {label} off."))
            .await;
        w.page.says(".aside .events", label).await;
        w.page.goto(&format!("/account/attributes/{name}/")).await;
        w.page.says("h1", label).await;
        w.page.says("#history + .events", label).await;
        let title = w.page.driver.title().await.unwrap();
        assert_eq!(title, format!("{} · Tenure", label.trim()));
        w.page.list().await;
    }
    w.page
        .goto("/account/attributes/?q=%3Cscript%3Ealert(1)%3C/script%3E%22")
        .await;
    w.page
        .is("#q", "value", "<script>alert(1)</script>\"")
        .await;
    assert_eq!(
        w.page
            .count("main script, main img, [onerror], [onfocus]")
            .await,
        0
    );
}
