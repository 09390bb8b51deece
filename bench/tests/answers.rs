//! Portcullis and the floor answer every workload alike, on few rows: the benchmark can be run.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

/// Where PostgreSQL is, as for the tests of the server; nobody may be there unless the variable says so.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
fn postgres() -> Option<String> {
    let given = std::env::var("PORTCULLIS_TEST_POSTGRES_URL").ok();
    let local =
        || TcpStream::connect("127.0.0.1:5432").ok().map(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    given.or_else(local)
}

#[test]
fn all_servers_answer_alike() {
    let bench = Path::new(env!("CARGO_BIN_EXE_bench"));
    let portcullis = bench.with_file_name("portcullis");
    assert!(portcullis.is_file(), "build the server first: cargo build");
    let name = format!("portcullis_bench_test_{}", std::process::id());
    let directory = std::env::temp_dir().join(&name);
    let mut command = Command::new(bench);
    command.args(["check", "--subjects", "floor", "--scale", "0.01", "--remove", "--prefix", &name]);
    command.arg("--portcullis").arg(&portcullis).arg("--directory").arg(&directory);
    match postgres() {
        Some(url) => command.args(["--databases", "postgres,sqlite", "--postgres-url", &url]),
        None => command.args(["--databases", "sqlite"]),
    };
    let output = command.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
    let alike = "answer alike: get, find, find-nested, find-filtered, count, own, page-1, page-1000, create, update, \
        create-nested, login, callers, denied\n";
    assert!(said(&output.stdout).contains(alike), "{}", said(&output.stdout));
    std::fs::remove_dir_all(directory).unwrap();
}
