//! Figures of a measurement, and their medians over the rounds.

use crate::{cpu::Spent, load::Measured};
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    /// Successful calls a second.
    pub(crate) throughput: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) calls: u64,
    pub(crate) failures: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_failure: Option<String>,
    #[serde(rename = "cpu_us_per_call", skip_serializing_if = "Option::is_none")]
    pub(crate) spent: Option<Spent>,
}

impl From<Measured> for Figures {
    fn from(measured: Measured) -> Self {
        let calls = measured.latencies.len();
        let micros = |quantile| exact(measured.latencies.value_at_quantile(quantile)) / 1_000.0;
        Self {
            throughput: exact(calls) / measured.seconds,
            p50_us: micros(0.5),
            p99_us: micros(0.99),
            calls,
            failures: measured.failures,
            first_failure: measured.first_failure,
            spent: measured.spent,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn exact(number: u64) -> f64 {
    number as f64
}

/// The median of each figure; calls and failures are sums.
pub(crate) fn over(rounds: &[Figures]) -> Figures {
    let median_of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure));
    let spent = rounds.iter().filter_map(|figures| figures.spent);
    let spent_of = |part: fn(Spent) -> Option<f64>| {
        let parts: Option<Vec<_>> = spent.clone().map(part).collect();
        parts.map(|parts| median(parts.into_iter()))
    };
    Figures {
        throughput: median_of(|f| f.throughput),
        p50_us: median_of(|f| f.p50_us),
        p99_us: median_of(|f| f.p99_us),
        calls: rounds.iter().map(|f| f.calls).sum(),
        failures: rounds.iter().map(|f| f.failures).sum(),
        first_failure: rounds.iter().find_map(|f| f.first_failure.clone()),
        spent: spent.clone().next().map(|_| Spent {
            service: spent_of(|s| Some(s.service)).unwrap_or_default(),
            database: spent_of(|s| s.database),
            client: spent_of(|s| Some(s.client)).unwrap_or_default(),
        }),
    }
}

/// The middle one, or the mean of the two in the middle; not a number if there is none.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}
