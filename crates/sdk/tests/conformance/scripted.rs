//! A server that plays what a vector says, one entry per request, and keeps what came. Owns its faults: reset, hang, cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// What came.
#[derive(Debug, Clone, Default)]
pub struct Came {
    pub method: String,
    pub path: String,
    pub query: Map<String, Value>,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Came {
    /// As the vectors have it.
    pub fn shown(&self) -> Value {
        json!({ "method": self.method, "path": self.path })
    }
}

#[derive(Default)]
struct Shared {
    script: Vec<Value>,
    came: Mutex<Vec<Came>>,
}

/// Plays a script; requests beyond its end are kept and answered 599.
#[derive(Clone, Default)]
pub struct ScriptedServer {
    shared: Arc<Shared>,
    running: Arc<Mutex<Option<AbortHandle>>>,
}

impl ScriptedServer {
    pub fn new(script: &Value) -> Self {
        let script = script.as_array().cloned().unwrap_or_default();
        let shared = Arc::new(Shared { script, came: Mutex::default() });
        Self { shared, running: Arc::default() }
    }

    /// Listens, on any free port when it is 0; gives the port.
    pub async fn listen(&self, port: u16) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(Arc::clone(&shared), stream));
            }
        });
        *self.running.lock().unwrap() = Some(task.abort_handle());
        port
    }

    /// What came.
    pub fn came(&self) -> Vec<Came> {
        self.shared.came.lock().unwrap().clone()
    }
}

impl ScriptedServer {
    /// Ends it, and every connection.
    pub fn close(&self) {
        if let Some(task) = self.running.lock().unwrap().take() {
            task.abort();
        }
    }
}

/// A port that nobody listens on.
pub async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn serve(shared: Arc<Shared>, mut stream: TcpStream) {
    let mut bytes = Vec::new();
    while let Some(came) = request(&mut stream, &mut bytes).await {
        let at = {
            let mut all = shared.came.lock().unwrap();
            all.push(came);
            all.len() - 1
        };
        let respond = shared.script.get(at).map(|entry| entry["respond"].clone());
        let respond = respond.unwrap_or_else(|| json!({ "status": 599, "text": "not in the script" }));
        if !answer(&mut stream, &respond).await {
            return;
        }
    }
}

/// The next request of a connection; nothing when it ended.
async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Came> {
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, bytes).await?;
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head_end + length {
        more(stream, bytes).await?;
    }
    let text = String::from_utf8(bytes[head_end..head_end + length].to_vec()).unwrap();
    bytes.drain(..head_end + length);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let query = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), Value::from(decoded(value))))
        .collect();
    Some(Came { method, path: path.to_owned(), query, headers, text })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(bytes).await.ok()?;
    (read > 0).then_some(())
}

/// Answers; false when the connection is over.
async fn answer(stream: &mut TcpStream, respond: &Value) -> bool {
    match respond["fault"].as_str() {
        Some("hang") => std::future::pending::<()>().await,
        Some("reset") => {
            stream.set_zero_linger().unwrap();
            return false;
        }
        _ => {}
    }
    let text = respond["text"].as_str().map(str::to_owned);
    let kind = if text.is_none() { "content-type: application/json\r\n" } else { "" };
    let payload = text.unwrap_or_else(|| respond["body"].to_string());
    let status = respond["status"].as_u64().unwrap_or(200);
    let mut head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n{kind}", payload.len());
    for (name, value) in respond["headers"].as_object().into_iter().flatten() {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
    }
    head.push_str("\r\n");
    if respond["fault"] == "cut" {
        let half = &payload.as_bytes()[..payload.len().div_ceil(2)];
        let _ = stream.write_all(&[head.as_bytes(), half].concat()).await;
        let _ = stream.flush().await;
        // Closed without the rest: what came so far has arrived, and it is not all of it.
        let _ = stream.shutdown().await;
        return false;
    }
    let written = stream.write_all(&[head.as_bytes(), payload.as_bytes()].concat()).await;
    written.is_ok()
}
