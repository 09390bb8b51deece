//! A picture: for each workload, how many times Parse Server's throughput, and which share of the floor's.

use std::fmt::Write as _;

use super::{Ratio, Report, throughput_ratio};
use crate::options::{Engine, Kind};
use crate::throughput::Measured;

const WIDTH: f64 = 760.0;
const ROW: f64 = 22.0;
const LABEL: f64 = 120.0;
const BAR: f64 = 520.0;

/// The connections at which the picture looks, if they were measured.
const CONNECTIONS: usize = 16;

pub(super) fn picture(report: &Report) -> String {
    let mut body = String::new();
    let mut y = 24.0;
    for (engine, kind, title, goal) in [
        (Engine::Postgres, Kind::Parse, "Requests per second, as a multiple of Parse Server's (PostgreSQL)", 15.0),
        (Engine::Postgres, Kind::Floor, "Requests per second, as a share of hand-written SQL's (PostgreSQL)", 0.5),
        (Engine::Sqlite, Kind::Floor, "Requests per second, as a share of hand-written SQL's (SQLite)", 0.5),
    ] {
        let rows = rows(report, engine, kind);
        if !rows.is_empty() {
            chart(&mut body, &mut y, (title, goal), &rows);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn rows(report: &Report, engine: Engine, kind: Kind) -> Vec<(&'static str, Ratio)> {
    let counts = report.throughput.iter().map(|one| one.connections);
    let connections =
        if counts.clone().any(|count| count == CONNECTIONS) { CONNECTIONS } else { counts.max().unwrap_or(0) };
    let shown = |one: &&Measured| one.engine == engine && one.connections == connections;
    report
        .throughput
        .iter()
        .filter(shown)
        .filter_map(|one| Some((one.workload, throughput_ratio(one, kind)?)))
        .collect()
}

/// Bars on a logarithmic scale, with the spread of the rounds, and a line at the goal.
fn chart(body: &mut String, y: &mut f64, (title, goal): (&str, f64), rows: &[(&str, Ratio)]) {
    let least = rows.iter().map(|(_, ratio)| ratio.least).fold(goal, f64::min).min(1.0) / 1.5;
    let most = rows.iter().map(|(_, ratio)| ratio.most).fold(goal, f64::max).max(1.0) * 1.5;
    let x = |value: f64| LABEL + BAR * (value.max(least) / least).ln() / (most / least).ln();
    writeln!(body, "<text x=\"10\" y=\"{y:.0}\" font-weight=\"600\">{title}</text>").ok();
    let top = *y + 8.0;
    for (name, ratio) in rows {
        *y += ROW;
        let (bar, baseline) = (*y - 12.0, *y);
        let color = if ratio.middle >= goal { "#2f7d5b" } else { "#b9772c" };
        writeln!(body, "<text x=\"{:.0}\" y=\"{baseline:.0}\" text-anchor=\"end\">{name}</text>", LABEL - 8.0).ok();
        let width = x(ratio.middle) - LABEL;
        writeln!(body, "<rect x=\"{LABEL}\" y=\"{bar:.0}\" width=\"{width:.1}\" height=\"14\" fill=\"{color}\"/>").ok();
        let (from, to, middle) = (x(ratio.least), x(ratio.most), bar + 7.0);
        writeln!(body, "<path d=\"M{from:.1} {middle:.0}H{to:.1}\" stroke=\"#1d2b26\"/>").ok();
        writeln!(body, "<text x=\"{:.1}\" y=\"{baseline:.0}\">{:.2}</text>", to + 6.0, ratio.middle).ok();
    }
    let bottom = *y + 6.0;
    writeln!(body, "<path d=\"M{0:.1} {top:.0}V{bottom:.0}\" stroke=\"#8a1f2d\" stroke-dasharray=\"4 3\"/>", x(goal))
        .ok();
    writeln!(
        body,
        "<text x=\"{:.1}\" y=\"{:.0}\" fill=\"#8a1f2d\" text-anchor=\"middle\">goal {goal}</text>",
        x(goal),
        bottom + 13.0
    )
    .ok();
    *y += 52.0;
}
