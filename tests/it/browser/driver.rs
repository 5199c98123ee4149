//! The driver's process, one for all tests, and sessions of it, one for each. Where it is not installed the tests are
//! skipped, or fail if `REQUIRE_BROWSER` is set.

use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::Duration,
};
use thirtyfour::{
    ChromeCapabilities, ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel,
    WebDriver,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The process, and where it listens.
struct Driver {
    url: String,
    _process: Child,
}

static DRIVER: LazyLock<Option<Driver>> = LazyLock::new(start);

/// How many browsers there are at once.
static PLACES: Semaphore = Semaphore::const_new(3);

/// Where `./test` installs axe.
pub fn axe() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("target/axe/node_modules/axe-core/axe.min.js")
}

fn start() -> Option<Driver> {
    let there = super::is_there("chromium") && super::is_there("chromedriver") && axe().is_file();
    #[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
    let required = std::env::var("REQUIRE_BROWSER").is_ok();
    assert!(
        there || !required,
        "chromium, chromedriver or axe is not installed"
    );
    if !there {
        return None;
    }
    // It ends with this process, however that ends: then the shell's input does.
    let script = "chromedriver --port=0 </dev/null & driver=$!; cat >/dev/null; kill $driver";
    let mut command = Command::new("sh");
    let command = command.args(["-c", script]).stderr(Stdio::null());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = piped.spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let port = lines.find_map(|line| {
        let port = line
            .split_once("successfully on port ")?
            .1
            .trim_end_matches('.');
        port.parse::<u16>().ok()
    });
    // What it says later has somewhere to go.
    std::thread::spawn(move || lines.for_each(drop));
    let url = format!(
        "http://127.0.0.1:{}",
        port.expect("the driver does not start")
    );
    Some(Driver {
        url,
        _process: process,
    })
}

/// A browser of one test.
pub struct Browser {
    pub driver: WebDriver,
    _place: SemaphorePermit<'static>,
}

fn capabilities() -> ChromeCapabilities {
    let mut chrome = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-proxy-server",
        "--window-size=1280,960",
        "--lang=en-GB",
    ] {
        chrome.add_arg(argument).unwrap();
    }
    for log in ["browser", "performance"] {
        chrome
            .set_logging_prefs(log, LoggingPrefsLogLevel::All)
            .unwrap();
    }
    chrome
}

impl Browser {
    pub async fn start() -> Option<Self> {
        let url = &DRIVER.as_ref()?.url;
        let place = PLACES.acquire().await.unwrap();
        // A connection does not outlive a request: a test that fails ends its browser from another runtime.
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(30));
        let client = http.build().unwrap();
        let builder = WebDriver::builder(url, capabilities()).client(client);
        Some(Self {
            driver: builder.connect().await.unwrap(),
            _place: place,
        })
    }

    /// Tells the browser itself something.
    pub async fn tell(&self, method: &str, parameters: Value) {
        let told = self.driver.cdp().send_raw(method, parameters).await;
        told.unwrap_or_else(|error| panic!("{method}: {error}"));
    }

    /// Has it run no script of any page.
    pub async fn without_scripts(&self) {
        let parameters = json!({"value": true});
        self.tell("Emulation.setScriptExecutionDisabled", parameters)
            .await;
    }

    /// Has it be a phone.
    pub async fn as_phone(&self) {
        self.sized(390, 844, true).await;
    }

    /// Has it be this wide and high.
    pub async fn sized(&self, width: u32, height: u32, mobile: bool) {
        let parameters =
            json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": mobile});
        self.tell("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    /// Has it prefer dark pages or light ones.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let parameters = json!({"media": "", "features": features});
        self.tell("Emulation.setEmulatedMedia", parameters).await;
    }

    /// Runs axe on the page as it is, and gives what it finds.
    pub async fn violations(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(axe()).unwrap();
        self.driver.execute(axe.as_str(), Vec::new()).await.unwrap();
        let run = "axe.run(document).then(arguments[0], error => arguments[0](String(error)))";
        let found = self.driver.execute_async(run, Vec::new()).await.unwrap();
        let found: Value = found.json().clone();
        let violations = found["violations"].as_array();
        let violations = violations.unwrap_or_else(|| panic!("{found}"));
        let told = |violation: &Value| {
            let nodes = violation["nodes"].as_array().unwrap().iter();
            let nodes = nodes.map(|node| format!("{} {}", node["html"], node["failureSummary"]));
            format!(
                "{}: {}",
                violation["id"],
                nodes.collect::<Vec<_>>().join("\n")
            )
        };
        violations.iter().map(told).collect()
    }

    /// Asserts that no page of this origin asked anything of anybody else, or did what it may not; and ends.
    pub async fn quit(self, origin: &str) {
        for entry in self.driver.get_log("performance").await.unwrap() {
            let entry: Value = serde_json::from_str(&entry.message).unwrap();
            let (message, asked) = (&entry["message"], &entry["message"]["params"]);
            let page = asked["documentURL"].as_str().unwrap_or_default();
            if message["method"] == "Network.requestWillBeSent" && page.starts_with(origin) {
                let url = asked["request"]["url"].as_str().unwrap();
                assert!(url.starts_with(origin), "{page} asked for {url}");
            }
        }
        for entry in self.driver.browser_log().await.unwrap() {
            let fault = entry.level == "SEVERE" && entry.message.contains(origin);
            // A refusal that is an answer as it should be.
            let refusal = "Failed to load resource: the server responded with a status of 4";
            assert!(
                !fault || entry.message.contains(refusal),
                "{}",
                entry.message
            );
        }
        self.driver.quit().await.unwrap();
    }
}
