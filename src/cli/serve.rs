//! `portcullis serve`: keys, address, database, engine, in this order; then requests until a signal.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use super::assemble;
use crate::config::{Config, Environment, KeyRing, create_private};
use crate::files::{Files, Place};
use crate::server::{self, ENDPOINT, StopSignals, Stopped};
use crate::store::Store;

/// Runs the server until it is asked to stop.
pub(super) async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
    let mut signals = StopSignals::take()?;
    let ring = KeyRing::complete(&config.access, &config.general.data_dir)?;
    let keys = ring.file.clone();
    if config.database.url.is_none() {
        create_private(&config.general.data_dir)?;
    }
    let listen = &config.general.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let address = listener.local_addr()?;
    let public_url = config.general.public_url.clone().unwrap_or_else(|| reachable(listen, address));

    let store = Store::open(&assemble::store_options(config)).await?;
    let place = assemble::place(config);
    if let Place::Directory(directory) = &place {
        create_private(directory)?;
    }
    let files = Files::open(assemble::file_options(config, place))?;
    let engine = assemble::engine(config, store, files, ring, public_url.clone())?;
    let router = server::router(Arc::new(engine), assemble::server_settings(config));
    announce(&greeting(config, address, &public_url, keys.as_deref()));

    let stop = async || signals.next().await;
    match server::serve(listener, router, stop, config.requests.shutdown_timeout).await {
        Stopped::Clean => tracing::info!("stopped"),
        Stopped::Cut => tracing::warn!("stopped before every request was answered"),
    }
    Ok(())
}

/// An address that a client on this machine can use: `listen` with the port that was taken.
fn reachable(listen: &str, address: SocketAddr) -> String {
    let named = listen.rsplit_once(':').map(|(host, _)| host).filter(|_| listen.parse::<SocketAddr>().is_err());
    match named {
        Some(host) => format!("http://{host}:{}", address.port()),
        None if address.ip().is_unspecified() => format!("http://localhost:{}", address.port()),
        None => format!("http://{address}"),
    }
}

/// What the operator wants to know at the start. It names no key.
fn greeting(config: &Config, address: SocketAddr, public_url: &str, keys: Option<&Path>) -> String {
    let environment = match config.general.environment {
        Environment::Development => "development",
        Environment::Production => "production",
    };
    let keys = keys.map_or_else(|| "as configured".to_owned(), |file| file.display().to_string());
    let mut text = format!("Portcullis {} listens on {address} ({environment})\n\n", env!("CARGO_PKG_VERSION"));
    let mut line = |name: &str, value: &str| writeln!(text, "  {name:<10}{value}").ok();
    line("API", &format!("{public_url}{ENDPOINT}"));
    if config.api.graphiql {
        line("GraphiQL", &format!("{public_url}{ENDPOINT} (in a browser)"));
    }
    line("Keys", &keys);
    line("Database", &database(config));
    text
}

/// The database without its password.
fn database(config: &Config) -> String {
    let url = config.database_url();
    let url = url.expose_secret();
    let without_options = url.split('?').next().unwrap_or_default();
    match without_options.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host)),
        None => without_options.to_owned(),
    }
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn announce(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[test]
    fn the_greeting_names_addresses_and_no_secret() {
        let flags = [
            ("database_url", "postgres://root:hunter2@db.example.org/app?password=hunter2"),
            ("master_key", "hunter2"),
        ];
        let flags = flags.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).into();
        let config = Config::read(Sources { flags, ..Sources::default() }).unwrap();
        let address = "0.0.0.0:1337".parse().unwrap();
        let text = greeting(&config, address, &reachable("0.0.0.0:1337", address), Some(Path::new("data/keys.toml")));
        assert!(!text.contains("hunter2"), "{text}");
        for part in ["http://localhost:1337/graphql", "data/keys.toml", "postgres://db.example.org/app"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn clients_use_the_name_that_the_server_listens_on() {
        for (listen, address, expected) in [
            ("127.0.0.1:0", "127.0.0.1:4000", "http://127.0.0.1:4000"),
            ("[::1]:0", "[::1]:4000", "http://[::1]:4000"),
            ("0.0.0.0:4000", "0.0.0.0:4000", "http://localhost:4000"),
            ("localhost:0", "127.0.0.1:4000", "http://localhost:4000"),
        ] {
            assert_eq!(reachable(listen, address.parse().unwrap()), expected);
        }
    }
}
