//! A client that costs little: it shares the machine with the servers that it measures.

use std::net::SocketAddr;

use memchr::memmem;
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;
use crate::workload::Caller;

/// The application's id, as every server is told.
pub(crate) const APP_ID: &str = "bench";

/// The master key, as every server is told.
pub(crate) const MASTER_KEY: &str = "bench-master-key-0123456789";

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The text of a request: written once, and sent as often as it takes.
pub(crate) fn request(path: &str, caller: &Caller, body: &Json) -> Vec<u8> {
    let body = body.to_string();
    let credentials = match caller {
        Caller::User(token) => format!("X-Parse-Session-Token: {token}\r\n"),
        Caller::Master => format!("X-Parse-Master-Key: {MASTER_KEY}\r\n"),
        Caller::MasterWithSession(token) => {
            format!("X-Parse-Master-Key: {MASTER_KEY}\r\nX-Parse-Session-Token: {token}\r\n")
        }
        Caller::Nobody => String::new(),
    };
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Parse-Application-Id: {APP_ID}\r\n{credentials}\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads the body of its answer, which has the status 200.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (start, end) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed before the answer".into());
            }
            if let Some(head) = memmem::find(&self.buffer, b"\r\n\r\n") {
                let start = head + 4;
                break (start, start + length(&self.buffer[..start])?);
            }
        };
        while self.buffer.len() < end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed within the answer".into());
            }
        }
        let body = &self.buffer[start..end];
        if !self.buffer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("not answered with 200: {}", String::from_utf8_lossy(&self.buffer)).into());
        }
        Ok(body)
    }

    /// Sends a request and reads its answer, which has data and no errors.
    pub(crate) async fn data(&mut self, request: &[u8]) -> Result<Json> {
        let mut answer: Json = serde_json::from_slice(self.exchange(request).await?)?;
        if answer.get("errors").is_some() {
            let request = String::from_utf8_lossy(request);
            return Err(format!("answered with errors: {answer}\nthe request was: {request}").into());
        }
        Ok(answer["data"].take())
    }
}

/// The length of the body, as the head says.
fn length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.ok_or("an answer does not say its length")?.1.trim().parse()?)
}

/// Asks one question on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, caller: &Caller, query: &str, variables: Json) -> Result<Json> {
    let body = serde_json::json!({"query": query, "variables": variables});
    Connection::open(address).await?.data(&request("/graphql", caller, &body)).await
}
