//! Answers are compared before anything is measured: a fast wrong answer is a failure.

use serde_json::Value as Json;

use crate::Result;
use crate::http::Connection;
use crate::options::{Kind, Options};
use crate::subject::{Stage, Subject};
use crate::workload::{Does, Workload};

/// Which requests of each workload are compared.
const COMPARED: [u64; 4] = [0, 1, 7, 500];

/// How many rows the first answer has. Two servers can be wrong in the same way.
const ROWS: [(&str, &str, usize); 6] = [
    ("find", "/posts/edges", 100),
    ("find-nested", "/posts/edges", 100),
    ("own", "/diaries/edges", 43),
    ("page-1", "/posts/edges", 50),
    ("page-1000", "/posts/edges", 50),
    ("denied", "/papers/edges", 100),
];

/// Compares what all servers of a stage answer in the workloads that do one of these.
pub(crate) async fn answers(stage: &Stage, options: &Options, does: &[Does]) -> Result<()> {
    for workload in options.workloads_that(does) {
        let name = workload.name;
        for number in COMPARED {
            let expected = answer(stage.subject(Kind::Portcullis)?, workload, number).await?;
            if let Some((_, path, rows)) = ROWS.iter().find(|(of, ..)| *of == name).filter(|_| options.scale >= 0.1) {
                let found = expected.pointer(path).and_then(Json::as_array).map_or(0, Vec::len);
                if found != *rows {
                    return Err(format!("{name}: {found} rows instead of {rows}").into());
                }
            }
            for subject in stage.subjects.iter().filter(|one| one.kind != Kind::Portcullis) {
                let found = answer(subject, workload, number).await?;
                if found != expected {
                    let (kind, engine) = (subject.kind, stage.engine);
                    return Err(format!(
                        "{name} in {engine}, request {number}: {kind} and Portcullis do not answer the same\n\
                         {kind}: {found}\nPortcullis: {expected}"
                    )
                    .into());
                }
            }
        }
    }
    let kinds: Vec<String> = stage.subjects.iter().map(|one| one.kind.to_string()).collect();
    let compared: Vec<&str> = options.workloads_that(does).map(|workload| workload.name).collect();
    println!("{}: {} answer alike: {}", stage.engine, kinds.join(", "), compared.join(", "));
    Ok(())
}

async fn answer(subject: &Subject, workload: &Workload, number: u64) -> Result<Json> {
    let request = workload.request(number, &subject.scene);
    let answered = Connection::open(subject.process.address).await?.data(&request).await;
    match answered {
        Ok(data) => Ok(workload.comparable(data)),
        Err(error) => Err(format!("{}, {}: {error}", workload.name, subject.kind).into()),
    }
}
