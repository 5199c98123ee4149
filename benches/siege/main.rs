//! Honest clients beside those who hold connections and do little with them. `cargo bench --bench siege`
//!
//! Starts `tenure serve` with the limits that are usual, once plain and once with TLS, and once with room for all whom an
//! attack sends, of whom else most lose their places. For each kind of attack it prints
//! the 99th percentile of honest clients without it (before and after, together) and during it, and the resident memory
//! of the service; it fails where the one is twice the other or more, a request of theirs fails, or the memory is over
//! its bound. The honest send 200 requests a second, so that the figure is about the service and not about the machine,
//! which both sides share. `-- --quick` tries whether it works, in a few seconds, with fewer and without a goal.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

mod attack;
mod honest;
mod service;

use attack::{Attack, Siege};
use honest::{Honest, Seen};
use service::Service;
use std::{process::ExitCode, time::Duration};

/// The most that the service may need, in MiB.
const MEMORY: u32 = 512;

/// The most connections that are usual, and more than any attack has.
const USUAL: usize = 4_096;
const ROOMY: usize = 12_000;

/// How many file descriptors this process needs.
const DESCRIPTORS: u64 = 16_384;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let (seconds, share) = if is_quick { (1, 20) } else { (10, 1) };
    rlimit::increase_nofile_limit(DESCRIPTORS).unwrap();
    println!(
        "attack              held   p99 without   p99 during   ratio  failed      memory, MiB"
    );
    let mut is_good = true;
    for (has_tls, connections, attacks) in [
        (false, USUAL, Attack::ALL),
        (true, USUAL, Attack::OVER_TLS),
        (false, ROOMY, &[Attack::Idle]),
    ] {
        let service = Service::start(has_tls, connections);
        for attack in attacks {
            let round = Round {
                service: &service,
                time: Duration::from_secs(seconds),
                count: attack.count() / share,
            };
            is_good &= round.play(*attack).await;
        }
    }
    if is_good || is_quick {
        ExitCode::SUCCESS
    } else {
        println!("a goal is missed: a ratio under 2, nothing failed, at most {MEMORY} MiB");
        ExitCode::FAILURE
    }
}

/// One attack.
struct Round<'a> {
    service: &'a Service,
    time: Duration,
    count: usize,
}

impl Round<'_> {
    /// Whether the goals are reached.
    async fn play(&self, attack: Attack) -> bool {
        let honest = Honest::new(self.service).await;
        honest.send(self.time / 5).await;
        let mut without = honest.send(self.time).await;
        let memory = self.service.memory();
        let siege = Siege::begin(attack, self.service, self.count).await;
        let during = honest.send(self.time).await;
        let memory_during = self.service.memory();
        let held = siege.held();
        siege.end().await;
        without.add(honest.send(self.time).await);
        let ratio = during.p99().as_secs_f64() / without.p99().as_secs_f64();
        println!(
            "{:<18} {held:>5} {:>13} {:>12} {ratio:>7.2} {:>7} {memory:>8} -> {memory_during}",
            if self.service.has_tls() {
                format!("{attack}, TLS")
            } else {
                attack.to_string()
            },
            shown(&without),
            shown(&during),
            during.failed + without.failed,
        );
        ratio < 2.0 && during.failed + without.failed == 0 && memory_during <= MEMORY
    }
}

fn shown(seen: &Seen) -> String {
    format!("{:.2} ms", seen.p99().as_secs_f64() * 1e3)
}
