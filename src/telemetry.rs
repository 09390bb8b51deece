//! Logs and traces: set up at the start, flushed at the end.
//!
//! Logs go to standard error, as text or as JSON. Traces go to an OpenTelemetry collector when the
//! standard variable `OTEL_EXPORTER_OTLP_ENDPOINT` names one. No other module knows OpenTelemetry.
//! Nothing that is logged carries a key, a token, a password, a variable of a request or a body.

use std::error::Error;
use std::io::{IsTerminal as _, stderr};

use opentelemetry::Key;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogFormat, Logging};

/// Under which name the driver logs what PostgreSQL remarks.
const NOTICES: &str = "sqlx::postgres::notice";

/// Keeps logs and traces going; [`Telemetry::finish`] sends what is still here.
#[must_use = "traces that are not flushed are lost"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Why there is no telemetry.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The collector's address or another of its settings cannot be used.
    #[error("the export of traces cannot start: {0}")]
    Export(#[from] ExporterBuildError),
    /// Something else logs already.
    #[error("logging cannot start: {0}")]
    Log(#[from] TryInitError),
    /// The filter was checked when it was read.
    #[error("the log filter is not valid: {0}")]
    Filter(#[from] ParseError),
}

/// Starts logging, and the export of traces if it is configured.
///
/// It must be called outside of the asynchronous runtime: the exporter has a thread of its own.
pub fn start(logging: &Logging) -> Result<Telemetry, TelemetryError> {
    let traces = if logging.export { Some(exporter()?) } else { None };
    let spans = traces
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("portcullis")).with_location(false));
    tracing_subscriber::registry().with(lines(logging.format)).with(spans).with(filter(&logging.filter)?).try_init()?;
    Ok(Telemetry { traces })
}

impl Telemetry {
    /// Sends the traces that are still here.
    pub fn finish(self) {
        if let Some(Err(error)) = self.traces.map(|traces| traces.shutdown()) {
            tracing::warn!(error = %error, "the last traces were not exported");
        }
    }
}

/// An error and everything that caused it, in one line for the log.
pub(crate) fn chain(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What is logged. PostgreSQL's notices, such as that a table exists already, are for those who look at details.
fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    let filter = EnvFilter::try_new(text)?;
    let details = filter.max_level_hint().is_none_or(|most| most > LevelFilter::INFO);
    if details || text.contains("sqlx") {
        return Ok(filter);
    }
    Ok(filter.add_directive(format!("{NOTICES}=warn").parse()?))
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Text => {
            fmt::layer().with_ansi(stderr().is_terminal()).with_target(false).with_writer(stderr).boxed()
        }
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(stderr).boxed(),
    }
}

fn exporter() -> Result<SdkTracerProvider, ExporterBuildError> {
    let spans = SpanExporter::builder().with_http().build()?;
    Ok(SdkTracerProvider::builder().with_resource(resource()).with_batch_exporter(spans).build())
}

/// What the standard variables say about this process; its name is ours if they do not say one.
fn resource() -> Resource {
    let resource = Resource::builder().build();
    let name = resource.get(&Key::from_static_str("service.name"));
    if name.is_some_and(|name| !name.as_str().starts_with("unknown_service")) {
        return resource;
    }
    Resource::builder().with_service_name("portcullis").build()
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn notices_of_the_database_are_details() {
        for (text, logged) in [
            ("info", false),
            ("warn", false),
            ("off", false),
            ("debug", true),
            ("info,portcullis=debug", true),
            ("info,sqlx=info", true),
        ] {
            let lowered = filter(text).unwrap().to_string().contains("sqlx::postgres::notice=warn");
            assert_eq!(!lowered, logged, "{text}");
        }
    }
}
