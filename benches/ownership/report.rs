//! The figures, for people.

use crate::{
    cell::{Cell, Side},
    figures::Figures,
};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::Value;

/// A line for a cell that has been measured.
pub(crate) fn progress(cell: &Cell) {
    println!(
        "{:10} {:18} {:>3} callers: gRPC {:.0}/s, {:.2} of the floor; REST {:.0}/s",
        cell.engine.label(),
        cell.operation.label(),
        cell.callers,
        cell.grpc.figures.throughput,
        cell.grpc.ratio,
        cell.rest.figures.throughput,
    );
}

/// Facts as lines.
pub(crate) fn facts(facts: &Value) {
    for (name, value) in facts.as_object().into_iter().flatten() {
        match value.as_object() {
            None => println!("{name}: {}", plain(value)),
            Some(values) => {
                let values = values
                    .iter()
                    .map(|(name, v)| format!("{name} {}", plain(v)));
                println!("{name}: {}", values.collect::<Vec<_>>().join(", "));
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn matrix(cells: &[Cell]) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "engine",
        "operation",
        "callers",
        "connections",
        "empty RPC",
        "pgbench",
        "floor",
        "gRPC",
        "ratio",
        "REST",
        "ratio",
        "CPU us, pgbench",
        "CPU us, gRPC",
    ]);
    for cell in cells {
        table.add_row([
            cell.engine.label().to_owned(),
            cell.operation.label().to_owned(),
            cell.callers.to_string(),
            cell.grpc_connections.to_string(),
            figures(&cell.empty_rpc),
            cell.pgbench
                .as_ref()
                .map_or_else(|| "-".to_owned(), figures),
            format!("{:.0}", cell.floor),
            figures(&cell.grpc.figures),
            ratio(&cell.grpc),
            figures(&cell.rest.figures),
            ratio(&cell.rest),
            cell.pgbench.as_ref().map_or_else(String::new, spent),
            spent(&cell.grpc.figures),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{table}\n");
    println!(
        "calls a second (p50 / p99 in ms); floor = 1 / (1 / empty RPC + 1 / pgbench), on SQLite the empty RPC alone."
    );
    println!(
        "connections: of the gRPC client; REST has one a caller. CPU of a call: service + PostgreSQL + client."
    );
    println!("! is below the figure to be reached.");
}

pub(crate) fn figures(figures: &Figures) -> String {
    let failures = match figures.failures {
        0 => String::new(),
        failures => format!(" {failures} FAILED"),
    };
    format!(
        "{:.0} ({:.2} / {:.2}){failures}",
        figures.throughput,
        figures.p50_us / 1_000.0,
        figures.p99_us / 1_000.0,
    )
}

fn ratio(side: &Side) -> String {
    let missed = side.target.is_some_and(|target| side.ratio < target);
    let mark = if missed { " !" } else { "" };
    format!("{:.2}{mark}", side.ratio)
}

pub(crate) fn spent(figures: &Figures) -> String {
    figures.spent.map_or_else(String::new, |spent| {
        let database = spent
            .database
            .map_or_else(|| "-".to_owned(), |us| format!("{us:.0}"));
        format!("{:.0} + {database} + {:.0}", spent.service, spent.client)
    })
}
