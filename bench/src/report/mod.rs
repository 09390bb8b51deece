//! What was measured, as lines while it happens, and at the end as a table, as JSON and as a picture.

mod json;
mod picture;
mod table;

use std::fs;
use std::process::Command;

use crate::Result;
use crate::guard::Price;
use crate::load::Sample;
use crate::options::{Kind, Options};
use crate::sizes::Sizes;
use crate::subject::Peak;
use crate::throughput::Measured;

pub(crate) use self::table::{line, price_line, sizes_line};

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) throughput: Vec<Measured>,
    pub(crate) guard: Vec<Price>,
    pub(crate) sizes: Vec<Sizes>,
    pub(crate) memory: Vec<Peak>,
}

/// On what it was measured, and how.
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) revision: String,
    pub(crate) date: String,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) scale: f64,
}

/// A ratio: its middle, and the least and the greatest of all rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) middle: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Report {
    pub(crate) fn begin(options: &Options) -> Self {
        let machine = Machine {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: processor(),
            revision: said_by("git", &["describe", "--always", "--dirty"]),
            date: said_by("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            rounds: options.rounds,
            seconds: options.seconds,
            scale: options.scale,
        };
        Self { machine, throughput: Vec::new(), guard: Vec::new(), sizes: Vec::new(), memory: Vec::new() }
    }

    /// Prints the table, and writes all three.
    pub(crate) fn finish(self, options: &Options) -> Result<()> {
        let table = table::table(&self);
        println!("\n{table}");
        fs::create_dir_all(&options.directory)?;
        let write = |name: &str, text: String| fs::write(options.directory.join(name), text);
        write("results.md", table)?;
        write("results.json", format!("{:#}\n", json::json(&self)))?;
        write("results.svg", picture::picture(&self))?;
        println!("written to {}: results.md, results.json, results.svg", options.directory.display());
        Ok(())
    }
}

/// The middle of the samples' values.
pub(crate) fn middle(samples: &[Sample], value: fn(&Sample) -> f64) -> f64 {
    median(samples.iter().map(value).collect())
}

/// What a value of one server is of another's, in each round.
pub(crate) fn ratio(of: &[Sample], to: &[Sample], value: fn(&Sample) -> f64) -> Ratio {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| value(of) / value(to)).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    Ratio { middle: median(ratios), least, most }
}

/// How Portcullis's throughput compares.
pub(crate) fn throughput_ratio(measured: &Measured, to: Kind) -> Option<Ratio> {
    Some(ratio(measured.of(Kind::Portcullis)?, measured.of(to)?, |sample| sample.rate))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    line.map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned()).unwrap_or_default()
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
