//! Single requests to the API that is measured, from a thread that may block.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::cloud::{LOCATION, SECRET_KEY};
use super::{During, Failure};

/// How long a fleet may take to be configured before something must be wrong.
const AT_MOST: Duration = Duration::from_secs(120);

/// Sends one request and reads its JSON.
pub(super) fn call(api: SocketAddr, method: &str, path: &str, body: &str) -> Result<Value, Failure> {
    let mut stream = TcpStream::connect(api).during("connecting to the API")?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {api}\r\nAuthorization: Bearer {SECRET_KEY}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).during("asking the API")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).during("hearing the API")?;
    let (head, json) = answer.split_once("\r\n\r\n").ok_or_else(|| Failure::new("half an answer"))?;
    if !head.starts_with("HTTP/1.1 2") {
        return Err(Failure::new(format!("{method} {path}: {answer}")));
    }
    serde_json::from_str(json).during("reading an answer")
}

/// Configures the location of all terminals, differently every turn, and waits until all of them have applied it;
/// returns in how many seconds.
pub(super) fn configure(api: SocketAddr, terminals: usize, turn: usize) -> Result<f64, Failure> {
    let path = format!("/v1/locations/{LOCATION}/terminal-config");
    let config = json!({"display": {"idleMessage": format!("Turn {turn}")}, "tip": {"mode": "percentage", "suggestions": [10, 15, 20]}});
    let begun = Instant::now();
    call(api, "PUT", &path, &config.to_string())?;
    while begun.elapsed() < AT_MOST {
        let progress = call(api, "GET", &format!("{path}/status?limit=1"), "")?;
        if progress["applied"] == terminals && progress["pending"] == 0 {
            return Ok(begun.elapsed().as_secs_f64());
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Err(Failure::new("not every terminal has applied the configuration in two minutes"))
}
