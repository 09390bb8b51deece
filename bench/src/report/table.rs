//! Tables in Markdown.

use std::fmt::Write as _;

use super::{Ratio, Report, middle, ratio, throughput_ratio};
use crate::guard::Price;
use crate::load::Sample;
use crate::options::{Engine, Kind};
use crate::sizes::Sizes;
use crate::throughput::Measured;
use crate::workload;

/// One line about a workload, while it is measured.
pub(crate) fn line(measured: &Measured) -> String {
    let mut text = format!("{:<10} {:<14} {:>3}", measured.engine, measured.workload, measured.connections);
    for (kind, samples) in &measured.samples {
        let (rate, cpu) = (middle(samples, |one| one.rate), middle(samples, |one| one.cpu));
        write!(text, "   {kind} {rate:.0}/s {cpu:.0} µs").ok();
    }
    for kind in [Kind::Parse, Kind::Baseline, Kind::Floor] {
        if let Some(ratio) = throughput_ratio(measured, kind) {
            write!(text, "   {}", times(ratio)).ok();
        }
    }
    text
}

/// One line about the price of the guard.
pub(crate) fn price_line(price: &Price) -> String {
    let (plain, guard) = prices(price);
    format!(
        "{:<10} guard {:<14} user/master p95 {}, with session {}",
        price.engine,
        price.read,
        times(plain),
        times(guard)
    )
}

/// One line about a server with many classes.
pub(crate) fn sizes_line(sizes: &Sizes) -> String {
    format!("{:<10} {}", sizes.engine, sizes_row(sizes).replace('|', " "))
}

/// Everything.
pub(super) fn table(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "Revision {}, {}, {} cores ({}), {} rounds of {} s, scale {}.\n",
        machine.revision,
        machine.date,
        machine.cores,
        machine.processor,
        machine.rounds,
        machine.seconds,
        machine.scale
    );
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let of_engine: Vec<&Measured> = report.throughput.iter().filter(|one| one.engine == engine).collect();
        if !of_engine.is_empty() {
            write!(text, "\n### {engine}\n\n").ok();
            throughput(&mut text, &of_engine);
        }
    }
    if !report.guard.is_empty() {
        text.push_str("\n### The price of the guard: p95 as a user, of p95 with the master key\n\n");
        text.push_str("| database | read | user p95 (ms) | master p95 (ms) | user / master | with a session beside the key |\n| --- | --- | --: | --: | --: | --: |\n");
        for price in &report.guard {
            let (plain, guard) = prices(price);
            let millis = |samples: &[Sample]| middle(samples, |one| one.p95) / 1000.0;
            let (user, master) = (millis(&price.user), millis(&price.master));
            writeln!(
                text,
                "| {} | {} | {user:.2} | {master:.2} | {} | {} |",
                price.engine,
                price.read,
                times(plain),
                times(guard)
            )
            .ok();
        }
    }
    if !report.memory.is_empty() {
        text.push_str(
            "\n### The most memory under load\n\n| database | server | load | MB |\n| --- | --- | --- | --: |\n",
        );
        for peak in &report.memory {
            writeln!(text, "| {} | {} | {} | {:.0} |", peak.engine, peak.kind, peak.load, peak.bytes as f64 / 1e6).ok();
        }
    }
    if !report.sizes.is_empty() {
        text.push_str("\n### Classes\n\n| database | server | classes | ready (ms) | memory then (MB) | a connection (kB) | a new class (ms) | most memory (MB) |\n| --- | --- | --: | --: | --: | --: | --: | --: |\n");
        for sizes in &report.sizes {
            writeln!(text, "| {} | {} |", sizes.engine, sizes_row(sizes)).ok();
        }
    }
    text
}

fn throughput(text: &mut String, all: &[&Measured]) {
    let kinds: Vec<Kind> =
        all.first().map(|one| one.samples.iter().map(|(kind, _)| *kind).collect()).unwrap_or_default();
    let compared: Vec<Kind> = kinds.iter().copied().filter(|kind| *kind != Kind::Portcullis).collect();
    text.push_str("| workload | connections |");
    for kind in &kinds {
        write!(text, " {kind} req/s | p50 ms | p95 | p99 | CPU µs |").ok();
    }
    for kind in &compared {
        write!(text, " of {kind} |").ok();
    }
    text.push_str("\n| --- | --: |");
    text.push_str(&" --: |".repeat(kinds.len() * 5 + compared.len()));
    text.push('\n');
    for measured in all {
        write!(text, "| {} | {} |", measured.workload, measured.connections).ok();
        for (_, samples) in &measured.samples {
            let millis = |value: fn(&Sample) -> f64| middle(samples, value) / 1000.0;
            let (p50, p95, p99) = (millis(|one| one.p50), millis(|one| one.p95), millis(|one| one.p99));
            let (rate, cpu) = (middle(samples, |one| one.rate), middle(samples, |one| one.cpu));
            write!(text, " {rate:.0} | {p50:.2} | {p95:.2} | {p99:.2} | {cpu:.0} |").ok();
        }
        for kind in &compared {
            match throughput_ratio(measured, *kind) {
                Some(ratio) => write!(text, " {} |", times(ratio)).ok(),
                None => write!(text, " |").ok(),
            };
        }
        text.push('\n');
    }
    text.push('\n');
    for workload in workload::ALL.iter().filter(|one| all.iter().any(|measured| measured.workload == one.name)) {
        writeln!(text, "- {}: {}", workload.name, workload.about).ok();
    }
}

/// What p95 as a user is of p95 with the master key, and of p95 with the master key and a session.
pub(super) fn prices(price: &Price) -> (Ratio, Ratio) {
    let p95: fn(&Sample) -> f64 = |one| one.p95;
    (ratio(&price.user, &price.master, p95), ratio(&price.user, &price.master_with_session, p95))
}

fn times(ratio: Ratio) -> String {
    format!("×{:.2} ({:.2}–{:.2})", ratio.middle, ratio.least, ratio.most)
}

fn sizes_row(sizes: &Sizes) -> String {
    let millis = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let connection = sizes.connection.map_or_else(String::new, |bytes| format!("{:.1}", bytes / 1000.0));
    let new_class = sizes.new_class.map_or_else(String::new, |time| format!("{:.0}", millis(time)));
    format!(
        "{} | {} | {:.0} | {:.0} | {connection} | {new_class} | {:.0}",
        sizes.kind,
        sizes.classes,
        millis(sizes.ready),
        sizes.memory as f64 / 1e6,
        sizes.peak as f64 / 1e6
    )
}
