//! The accept loop over real sockets on the loopback interface.

use std::net::SocketAddr;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::*;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn run(router: Router, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    let task = tokio::spawn(serve(listener, router, None, limits, shutdown));
    Running { address, stop, task }
}

/// Sends one request and reads up to the end of the connection.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn requests_under_way_finish_and_new_connections_are_refused() {
    let (entered, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (inside, wait) = (Arc::clone(&entered), Arc::clone(&go));
    let slow = move || {
        let (inside, wait) = (Arc::clone(&inside), Arc::clone(&wait));
        async move {
            inside.add_permits(1);
            let _ = wait.acquire().await;
            "finished"
        }
    };
    let running = run(Router::new().route("/", get(slow)), Limits::default()).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    entered.acquire().await.unwrap().forget();

    running.stop.send(()).unwrap();
    // The listener is gone as soon as the loop has seen the signal; until then the system still accepts.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go.add_permits(1);
    let answer = read_all(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("finished"), "{answer}");
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_after_the_drain() {
    let never = || std::future::pending::<&'static str>();
    let limits = Limits { drain: Duration::from_millis(20), ..Limits::default() };
    let running = run(Router::new().route("/", get(never)), limits).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
    assert_eq!(read_all(&mut client).await, "");
}

#[tokio::test]
async fn no_more_connections_are_served_than_the_limit_says() {
    let limits = Limits { max_connections: 1, ..Limits::default() };
    let running = run(Router::new().route("/", get(|| async { "served" })), limits).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first.write_all(REQUEST).await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");

    let mut second = TcpStream::connect(running.address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let early = timeout(Duration::from_millis(50), second.read_u8()).await;
    assert!(early.is_err(), "the second connection waits for the first");
    drop(first);
    let answer = read_all(&mut second).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_never_finishes_its_head_is_dropped() {
    let limits = Limits { head: Duration::from_millis(20), ..Limits::default() };
    let running = run(Router::new().route("/", get(|| async { "served" })), limits).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    let answer = read_all(&mut client).await;
    assert!(!answer.contains("served"), "{answer}");
}
