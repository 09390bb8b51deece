//! Everything as JSON, for programs.

use serde_json::{Value as Json, json};

use super::{Ratio, Report, table, throughput_ratio};
use crate::load::Sample;
use crate::options::Kind;

pub(super) fn json(report: &Report) -> Json {
    let machine = &report.machine;
    json!({
        "machine": {
            "cores": machine.cores,
            "processor": machine.processor,
            "revision": machine.revision,
            "date": machine.date,
            "rounds": machine.rounds,
            "seconds": machine.seconds,
            "scale": machine.scale,
        },
        "throughput": report.throughput.iter().map(|one| json!({
            "database": one.engine.to_string(),
            "workload": one.workload,
            "connections": one.connections,
            "servers": one.samples.iter().map(|(kind, rounds)| json!({
                "server": kind.to_string(),
                "rounds": rounds.iter().map(sample).collect::<Vec<_>>(),
                "ratio": throughput_ratio(one, *kind).filter(|_| *kind != Kind::Portcullis).map(ratio),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "guard": report.guard.iter().map(|one| {
            let (plain, guard) = table::prices(one);
            json!({
                "database": one.engine.to_string(),
                "read": one.read,
                "user": one.user.iter().map(sample).collect::<Vec<_>>(),
                "master": one.master.iter().map(sample).collect::<Vec<_>>(),
                "masterWithSession": one.master_with_session.iter().map(sample).collect::<Vec<_>>(),
                "userOfMasterP95": ratio(plain),
                "userOfMasterWithSessionP95": ratio(guard),
            })
        }).collect::<Vec<_>>(),
        "memory": report.memory.iter().map(|one| json!({
            "database": one.engine.to_string(),
            "server": one.kind.to_string(),
            "load": one.load,
            "bytes": one.bytes,
        })).collect::<Vec<_>>(),
        "classes": report.sizes.iter().map(|one| json!({
            "database": one.engine.to_string(),
            "server": one.kind.to_string(),
            "classes": one.classes,
            "readyMs": one.ready.as_secs_f64() * 1000.0,
            "bytesAfterStart": one.memory,
            "bytesPerConnection": one.connection,
            "newClassMs": one.new_class.map(|time| time.as_secs_f64() * 1000.0),
            "bytesMost": one.peak,
        })).collect::<Vec<_>>(),
    })
}

fn sample(sample: &Sample) -> Json {
    let Sample { rate, p50, p95, p99, cpu } = sample;
    json!({"requestsPerSecond": rate, "p50Us": p50, "p95Us": p95, "p99Us": p99, "cpuUs": cpu})
}

fn ratio(ratio: Ratio) -> Json {
    json!({"middle": ratio.middle, "least": ratio.least, "most": ratio.most})
}
