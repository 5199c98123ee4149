//! What a person does with the page, and sees.

use super::driver::Browser;
use std::{ops::Deref, time::Duration};
use thirtyfour::{By, Key, WebElement};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of somebody who is signed in.
pub struct Page {
    pub browser: Browser,
    /// Where Tenure is.
    pub origin: String,
}

impl Deref for Page {
    type Target = Browser;
    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl Page {
    pub async fn goto(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.driver.goto(url).await.unwrap();
        // A browser takes no keys for a page that nobody can see yet.
        let script = "return performance.getEntriesByName('first-contentful-paint').length > 0";
        self.until("first paint", async || {
            let painted = self.driver.execute(script, Vec::new()).await.ok()?;
            painted.convert::<bool>().ok()?.then_some(())
        })
        .await;
    }

    pub async fn list(&self) {
        self.goto("/account/attributes/").await;
    }

    /// The first that matches, as soon as there is one.
    pub async fn find(&self, css: &str) -> WebElement {
        let found = self.until(css, async || self.driver.find(By::Css(css)).await.ok());
        found.await
    }

    pub async fn count(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.unwrap().len()
    }

    /// Waits until there is something.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if tokio::time::Instant::now() > until {
                let source = self.driver.source().await.unwrap();
                let focus = self.driver.active_element().await.unwrap();
                let focus = focus.outer_html().await.unwrap();
                panic!("no {what} in {source}, with the focus at {focus}");
            }
            // Each look is a call of the driver, which is a wait.
            tokio::task::yield_now().await;
        }
    }

    /// Waits until this is in the text of what matches.
    pub async fn says(&self, css: &str, text: &str) {
        let what = format!("{text:?} at {css}");
        self.until(&what, async || {
            let found = self.driver.find(By::Css(css)).await.ok()?;
            // What is for screen readers alone has no visible text.
            let all = found.prop("textContent").await.ok()??;
            all.contains(text).then_some(())
        })
        .await;
    }

    /// Waits until what matches has this in an attribute.
    pub async fn is(&self, css: &str, attribute: &str, value: &str) {
        let what = format!("{attribute}={value} at {css}");
        self.until(&what, async || {
            let found = self.driver.find(By::Css(css)).await.ok()?;
            let has = found.attr(attribute).await.ok()??;
            (has == value).then_some(())
        })
        .await;
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Chooses an owner in a row and sends it.
    pub async fn give(&self, attribute: &str, service: &str) {
        self.choose(attribute, service).await;
        self.click(&format!("#a-{attribute} .set")).await;
    }

    /// Chooses an owner in a row, and nothing else.
    pub async fn choose(&self, attribute: &str, service: &str) {
        let option = format!("#a-{attribute} option[value='{service}']");
        self.click(&option).await;
    }

    /// The labels of the owner chooser of a row.
    pub async fn choices(&self, attribute: &str) -> Vec<String> {
        let css = format!("#a-{attribute} option");
        let mut labels = Vec::new();
        for option in self.driver.find_all(By::Css(&*css)).await.unwrap() {
            labels.push(option.text().await.unwrap());
        }
        labels
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: Key) {
        let chain = self.driver.action_chain().send_keys(key);
        chain.perform().await.unwrap();
    }

    /// Presses Tab until something that matches has the focus.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..80 {
            if self.has_focus(css).await {
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("Tab does not come to {css}");
    }

    /// Waits until it has the focus.
    pub async fn gets_focus(&self, css: &str) {
        let what = format!("focus at {css}");
        self.until(&what, async || self.has_focus(css).await.then_some(()))
            .await;
    }

    pub async fn has_focus(&self, css: &str) -> bool {
        let script = "return document.activeElement?.matches(arguments[0]) ?? false";
        let has = self.driver.execute(script, vec![css.into()]).await;
        has.unwrap().convert().unwrap()
    }

    /// Ends the browser, after a look at all that it did.
    pub async fn quit(self) {
        self.browser.quit(&self.origin).await;
    }
}
