//! How many payments can be looked up per second, beside an echo of JSON over the same kind of connections.

use std::sync::Arc;

use vinr_domain::PaymentId;
use vinr_server::store::{Cursor, Page, PaymentFilter, Store as _};

use super::cloud::{Cloud, scope, scratch};
use super::http_floor::HttpFloor;
use super::http_load::{Compose, Load, Template, run as load};
use super::report::{Goal, Report, Row, progress};
use super::{During, Failure, Plan, creates};

const CONNECTIONS: usize = 64;
/// How many payments are looked up in turn.
const HOT: usize = 1_000;

/// 300 bytes of JSON, with the fields that a payment has.
const DOCUMENT: &str = r#"{"id":"tpay_01KAJ8M5T40000000000000000","object":"terminal_payment","livemode":false,"terminal":"term_bench_00000000","amount":4200,"currency":"EUR","status":"completed","reference":"order_00000000","description":"Two flat whites, one croissant","capture":"automatic","created":1763690400,"sequence":3}"#;

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let dir = scratch(&plan.dir)?;
    let cloud = Cloud::start(dir.path(), 0)?;
    let floor = HttpFloor::start(dir.path())?;
    let requests = Arc::new(hot_set(&cloud)?);
    let mut rate = Row::new(format!("retrieves, {CONNECTIONS} connections"), "1/s", Goal::RatioAtLeast(0.5));
    let mut p50 = Row::new("latency p50", "ms", Goal::None);
    let mut p99 = Row::new("latency p99", "ms", Goal::None);
    for round in 1..=plan.rounds {
        progress(&format!("retrieves: round {round} of {}", plan.rounds));
        let echo = Template::new("POST", "/echo", "", DOCUMENT);
        let push =
            |address, expected| Load { address, connections: CONNECTIONS, duration: plan.measure, expected };
        let expected = ("HTTP/1.1 200", r#""object":"terminal_payment""#);
        let bare = load(push(floor.address, expected), |_| composed(&echo))?;
        let ours = load(push(cloud.api, expected), |connection| in_turn(&requests, connection))?;
        rate.floor.push(bare.per_second());
        rate.ours.push(ours.per_second());
        for (row, quantile) in [(&mut p50, 0.5), (&mut p99, 0.99)] {
            row.floor.push(bare.latency_ms(quantile));
            row.ours.push(ours.latency_ms(quantile));
        }
    }
    let notes = vec![
        format!(
            "{HOT} payments in turn; the floor is an axum server that reads {} bytes of JSON and writes them",
            DOCUMENT.len()
        ),
        "the client is a thread of the same process with raw sockets and requests made beforehand".to_owned(),
    ];
    Ok(Report { name: "retrieves", rows: vec![rate, p50, p99], notes })
}

fn composed(template: &Template) -> Compose {
    let template = template.clone();
    Box::new(move |out| {
        template.fill(0, 0, out);
        true
    })
}

fn in_turn(requests: &Arc<Vec<Vec<u8>>>, connection: usize) -> Compose {
    let (requests, mut next) = (Arc::clone(requests), connection * HOT / CONNECTIONS);
    Box::new(move |out| {
        next = (next + 1) % requests.len();
        out.clear();
        out.extend_from_slice(&requests[next]);
        true
    })
}

/// Payments on a terminal that does not exist, so that each is final at once; and the request for each.
fn hot_set(cloud: &Cloud) -> Result<Vec<Vec<u8>>, Failure> {
    let create = creates::request();
    let mut left = HOT as u64;
    let compose = |_| -> Compose {
        let create = create.clone();
        Box::new(move |out| {
            let more = left > 0;
            left = left.saturating_sub(1);
            create.fill(99_999_999, left, out);
            more
        })
    };
    let push = Load {
        address: cloud.api,
        connections: 1,
        duration: std::time::Duration::from_secs(60),
        expected: ("HTTP/1.1 202", "terminal_payment"),
    };
    load(push, compose)?;
    let payments = cloud.block_on(listed(cloud))?;
    let request = |id: &PaymentId| {
        let template = Template::new("GET", &format!("/v1/terminal/payments/{id}"), "", "");
        let mut bytes = Vec::new();
        template.fill(0, 0, &mut bytes);
        bytes
    };
    Ok(payments.iter().map(request).collect())
}

async fn listed(cloud: &Cloud) -> Result<Vec<PaymentId>, Failure> {
    let (mut ids, mut cursor) = (Vec::new(), Cursor::Start);
    loop {
        let page = Page { limit: 100, cursor };
        let listed = cloud.store.list_payments(&scope(), &PaymentFilter::default(), &page).await;
        let listed = listed.during("listing payments")?;
        ids.extend(listed.payments.iter().map(|payment| payment.id));
        match listed.payments.last() {
            Some(last) if listed.has_more => cursor = Cursor::After(last.id),
            _ => return Ok(ids),
        }
    }
}
