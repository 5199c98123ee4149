//! Checks, for people.

use super::{Checks, Side};
use crate::report::{figures, spent};
use comfy_table::{CellAlignment, Table, presets};

/// In the order of the columns.
const SIDES: [(Side, &str); 7] = [
    (Side::EmptyRpc, "empty RPC"),
    (Side::GetCaller, "GetCaller"),
    (Side::Cached, "CACHED"),
    (Side::LatestBatch, "LATEST of 100"),
    (Side::Latest, "LATEST"),
    (Side::Statement, "pgbench, its statement"),
    (Side::Row, "pgbench, a row by its key"),
];

impl Checks {
    pub(crate) fn print(&self) {
        println!("\nchecks over gRPC: calls a second (p50 / p99 in ms)");
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        let sides = SIDES.map(|(_, label)| label);
        let more = ["floor", "CPU us, GetCaller", "CPU us, CACHED"];
        let header = ["engine", "callers"].into_iter().chain(sides).chain(more);
        table.set_header(header);
        for cell in &self.0 {
            let of = |side| cell.sides.get(&side);
            let mut row = vec![cell.engine.label().to_owned(), cell.callers.to_string()];
            row.extend(SIDES.map(|(side, _)| of(side).map_or_else(String::new, figures)));
            row.push(cell.floor.map_or_else(String::new, |f| format!("{f:.0}")));
            let sides = [Side::GetCaller, Side::Cached];
            row.extend(sides.map(|side| of(side).map_or_else(String::new, spent)));
            table.add_row(row);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("\n{table}\n");
        for cell in &self.0 {
            for goal in &cell.goals {
                println!(
                    "{:10} {:>2} callers: {goal}",
                    cell.engine.label(),
                    cell.callers
                );
            }
            for figures in cell.sides.values() {
                if let Some(failure) = &figures.first_failure {
                    println!("{} callers: {failure}", cell.callers);
                }
            }
        }
    }
}
