//! Load: some connections, each of which asks the next question as soon as the last one is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use memchr::memmem::Finder;
use tokio::time::{Instant, sleep, sleep_until};

use crate::Result;
use crate::http::Connection;
use crate::subject::Process;

/// The share of the time before anything counts.
const WARM_UP: f64 = 0.15;

/// How long a server is measured at most that has not answered as many requests as there are connections.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was measured of one server in one round.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Requests a second.
    pub(crate) rate: f64,
    /// How long requests took in the middle, in microseconds.
    pub(crate) p50: f64,
    /// How long all but one of 20 took.
    pub(crate) p95: f64,
    /// How long all but one of 100 took.
    pub(crate) p99: f64,
    /// What the server's process used of the processors, in microseconds a request.
    pub(crate) cpu: f64,
}

/// Asks a server these questions in turn for a while.
pub(crate) async fn run(
    address: SocketAddr,
    process: &Process,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    seconds: f64,
) -> Result<Sample> {
    let begin = Instant::now() + Duration::from_secs_f64(seconds * WARM_UP);
    let shared = Arc::new(Shared { answered: AtomicUsize::new(0), is_over: AtomicBool::new(false) });
    let mut workers = Vec::with_capacity(connections);
    for number in 0..connections {
        let first = number * requests.len() / connections;
        workers.push(tokio::spawn(work(address, Arc::clone(requests), first, begin, Arc::clone(&shared))));
    }
    sleep_until(begin).await;
    let (cpu_before, before) = (process.cpu()?, Instant::now());
    sleep_until(begin + Duration::from_secs_f64(seconds)).await;
    while shared.answered.load(Ordering::Relaxed) < connections && before.elapsed() < PATIENCE {
        sleep(Duration::from_millis(10)).await;
    }
    shared.is_over.store(true, Ordering::Relaxed);
    let (cpu, elapsed) = (process.cpu()?.saturating_sub(cpu_before), before.elapsed());
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.await??);
    }
    if latencies.is_empty() {
        // It counts as if it had answered one, so what is said of it is the best that can be.
        latencies.push(u32::try_from(elapsed.as_nanos() / 100).unwrap_or(u32::MAX));
    }
    latencies.sort_unstable();
    let at = |share: f64| {
        let position = ((latencies.len() - 1) as f64 * share).round() as usize;
        f64::from(latencies[position]) / 10.0
    };
    let count = latencies.len() as f64;
    Ok(Sample {
        rate: count / elapsed.as_secs_f64(),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        cpu: cpu.as_secs_f64() * 1e6 / count,
    })
}

/// What the connections and whoever measures tell one another.
struct Shared {
    answered: AtomicUsize,
    is_over: AtomicBool,
}

/// One connection. Times are in tenths of a microsecond.
async fn work(
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    begin: Instant,
    shared: Arc<Shared>,
) -> Result<Vec<u32>> {
    let errors = Finder::new(b"\"errors\"");
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::with_capacity(1 << 14);
    for request in requests.iter().cycle().skip(first) {
        if shared.is_over.load(Ordering::Relaxed) {
            break;
        }
        let start = Instant::now();
        let body = connection.exchange(request).await?;
        let took = start.elapsed();
        if errors.find(body).is_some() {
            return Err(format!("under load: {}", String::from_utf8_lossy(body)).into());
        }
        // What is answered after the end belongs to no measured time.
        if start >= begin && !shared.is_over.load(Ordering::Relaxed) {
            shared.answered.fetch_add(1, Ordering::Relaxed);
            latencies.push(u32::try_from(took.as_nanos() / 100).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}
