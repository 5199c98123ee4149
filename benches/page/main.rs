//! The user's page with 200 attributes on SQLite. `cargo bench --bench page`
//!
//! Starts `tenure demo`, gives ada 200 attributes, signs in by the link that was printed, and asks for the page again and
//! again over one connection, and in turn for the same attributes as JSON, which is what a page costs at least. Prints
//! the median and the 99th percentile of both and their ratio, the bytes of a first visit, and, where Chromium and its
//! driver are installed, how soon it paints. It fails where the page takes 20 ms or more in the median, or has 100 KB or
//! more. `-- --quick` tries whether it works, in a few seconds and without a goal.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

mod browser;
mod demo;

use demo::{Demo, Got};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

const PAGE: &str = "/account/attributes/";
const JSON: &str = "/api/2/account/attributes/";

/// The goals.
const LONGEST: Duration = Duration::from_millis(20);
const LARGEST: usize = 100_000;

/// How often each is asked for.
const ROUNDS: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if is_quick { 20 } else { ROUNDS };
    let demo = Demo::start().await;
    let attributes = demo.fill(200).await;
    let (mut pages, mut floor) = (Vec::new(), Vec::new());
    for round in 0..rounds + rounds / 5 {
        let page = timed(&demo, PAGE).await;
        let json = timed(&demo, JSON).await;
        // What is asked first pays for what is made once.
        if round >= rounds / 5 {
            pages.push(page);
            floor.push(json);
        }
    }
    println!("{attributes} attributes on SQLite, {rounds} times     median        p99");
    let median = show("the page, compressed", &mut pages);
    let least = show("the same as JSON", &mut floor);
    println!(
        "ratio of the medians: {:.2}",
        median.as_secs_f64() / least.as_secs_f64()
    );
    let bytes = weigh(&demo).await;
    let paint = browser::first_paint(&demo.link).await;
    let paint =
        paint.map(|ms| format!("first contentful paint of a first visit, median of 5: {ms:.0} ms"));
    let unmeasured = "NOT MEASURED first paint: chromium and chromedriver are not installed";
    println!("{}", paint.as_deref().unwrap_or(unmeasured));
    if is_quick || (median < LONGEST && bytes < LARGEST) {
        return ExitCode::SUCCESS;
    }
    println!("a goal is missed: under {LONGEST:?} and under {LARGEST} bytes");
    ExitCode::FAILURE
}

async fn timed(demo: &Demo, path: &str) -> Duration {
    let start = Instant::now();
    demo.get(path, true).await;
    start.elapsed()
}

/// Prints the figures, and gives the median.
fn show(what: &str, times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    println!("{what:<36} {:>10} {:>10}", ms(median), ms(p99));
    median
}

/// Prints how many bytes a first visit takes, and gives their sum.
async fn weigh(demo: &Demo) -> usize {
    let Got { text, bytes } = demo.get(PAGE, true).await;
    let plain = demo.get(PAGE, false).await.bytes;
    let mut sum = bytes;
    print!("bytes: the page {bytes} ({plain} uncompressed)");
    for (name, before) in [("style", "href=\""), ("scripts", "src=\"")] {
        let mut of_kind = 0;
        for place in text.split(before).skip(1) {
            let place = place.split('"').next().unwrap();
            if place.starts_with("/account/assets/") {
                of_kind += demo.get(place, true).await.bytes;
            }
        }
        print!(", {name} {of_kind}");
        sum += of_kind;
    }
    println!(", in all {sum}");
    sum
}
