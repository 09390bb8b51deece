//! Requests per second: round by round, one server after the other, so that what else happens on the machine meets all.

use std::sync::Arc;

use crate::Result;
use crate::load::{self, Sample};
use crate::options::{Engine, Kind, Options};
use crate::subject::Stage;
use crate::workload::Does;

/// A server that answers more slowly on one connection, a second, is asked on no more: it would be busy with them for
/// minutes, and answer no faster.
const SLOWEST: f64 = 2.0;

/// What was measured of one workload.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) engine: Engine,
    pub(crate) workload: &'static str,
    pub(crate) connections: usize,
    /// By server, a sample for each round.
    pub(crate) samples: Vec<(Kind, Vec<Sample>)>,
}

impl Measured {
    /// The samples of a server.
    pub(crate) fn of(&self, kind: Kind) -> Option<&[Sample]> {
        self.samples.iter().find(|(of, _)| *of == kind).map(|(_, samples)| samples.as_slice())
    }
}

/// Measures the workloads that do one of these.
pub(crate) async fn measure(stage: &Stage, options: &Options, does: &[Does]) -> Result<Vec<Measured>> {
    let mut all = Vec::new();
    for workload in options.workloads_that(does) {
        let requests: Vec<Arc<[Vec<u8>]>> =
            stage.subjects.iter().map(|subject| workload.requests(&subject.scene)).collect();
        let mut is_slow = vec![false; stage.subjects.len()];
        for &connections in &options.connections {
            let mut samples: Vec<(Kind, Vec<Sample>)> =
                stage.subjects.iter().map(|subject| (subject.kind, Vec::new())).collect();
            for _ in 0..options.rounds {
                for (number, subject) in stage.subjects.iter().enumerate() {
                    let (address, process) = (subject.process.address, &subject.process);
                    let (requests, samples) = (&requests[number], &mut samples[number].1);
                    let connections = if is_slow[number] { 1 } else { connections };
                    let sample = load::run(address, process, requests, connections, options.seconds).await;
                    samples.push(sample.map_err(|error| format!("{}, {}: {error}", workload.name, subject.kind))?);
                }
            }
            for (is_slow, (_, samples)) in is_slow.iter_mut().zip(&samples) {
                *is_slow = samples.iter().all(|sample| sample.rate < SLOWEST);
            }
            let measured = Measured { engine: stage.engine, workload: workload.name, connections, samples };
            println!("{}", crate::report::line(&measured));
            all.push(measured);
        }
    }
    Ok(all)
}
