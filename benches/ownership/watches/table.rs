//! Watches, for people.

use super::{Delay, Watched};
use comfy_table::{CellAlignment, Table, presets};

impl Watched {
    pub(crate) fn print(&self) {
        println!(
            "\nwatches: {} changes a second, PostgreSQL, {} connections; ms: p50 / p99 / most; CPU: service + client",
            self.changes_a_second, self.connections
        );
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header([
            "changes over",
            "watches",
            "changes",
            "after the answer",
            "after the request",
            "request to answer",
            "CPU us a telling",
            "missing",
            "twice",
            "idle MiB",
            "open",
            "at most",
        ]);
        for phase in &self.phases {
            table.add_row([
                phase.made.label().to_owned(),
                phase.watchers.to_string(),
                phase.changes.to_string(),
                milliseconds(&phase.since_answer),
                milliseconds(&phase.since_request),
                milliseconds(&phase.writing),
                format!("{:.0} + {:.0}", phase.spent_us[0], phase.spent_us[1]),
                phase.missing.to_string(),
                phase.twice.to_string(),
                format!("{:.1}", phase.idle),
                format!("+ {:.1}", phase.open),
                format!("+ {:.1}", phase.most),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("\n{table}\n");
        for phase in &self.phases {
            for goal in &phase.goals {
                let (made, watchers) = (phase.made.label(), phase.watchers);
                println!("{made:18} {watchers:>4} watches: {goal}");
            }
        }
    }
}

fn milliseconds(delay: &Delay) -> String {
    format!("{:.1} / {:.1} / {:.1}", delay.p50, delay.p99, delay.most)
}
