//! How soon a browser paints.

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver};

/// The driver's process.
struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        let command = command.arg("--port=0").stdout(Stdio::piped());
        let mut process = command.stderr(Stdio::null()).spawn().ok()?;
        let lines = BufReader::new(process.stdout.take()?).lines();
        let mut lines = lines.map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://127.0.0.1:{}", port?);
        Some(Self { process, url })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In ms, the median of five browsers that each begin with the link: from the navigation to the page itself, with nothing
/// in any cache. None where there is no browser.
pub(crate) async fn first_paint(link: &str) -> Option<f64> {
    let driver = Driver::start()?;
    let mut paints = Vec::new();
    for _ in 0..5 {
        paints.push(paint(&driver.url, link).await?);
    }
    paints.sort_by(f64::total_cmp);
    Some(paints[2])
}

async fn paint(driver: &str, link: &str) -> Option<f64> {
    let mut chrome = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--no-proxy-server",
    ] {
        chrome.add_arg(argument).ok()?;
    }
    let browser = WebDriver::new(driver, chrome).await.ok()?;
    browser.goto(link).await.ok()?;
    let script = "const done = arguments[0];
        new PerformanceObserver((list) => done(list.getEntriesByName('first-contentful-paint')[0].startTime))
            .observe({type: 'paint', buffered: true});";
    let found = browser.execute_async(script, Vec::new()).await.ok()?;
    let paint = found.json().clone();
    browser.quit().await.ok()?;
    match paint {
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}
