//! How long the store takes to find what people look for among a year of payments: each filter and each search by itself, and
//! what people combine. One at a time, as a person asks.

use std::future::Future;

use hdrhistogram::Histogram;
use tokio::time::Instant;
use vinr_domain::payment::Status;
use vinr_domain::{Currency, Last4, Timestamp};
use vinr_server::store::{Cursor, Page, PaymentFilter, PaymentLooks as _, Store as _};

use super::cloud::{Cloud, scope, scratch};
use super::http_load::histogram;
use super::million::{self, Draw, LOCATIONS, TERMINALS};
use super::report::{Goal, Report, Row, progress};
use super::{During, Failure, Plan};

/// What a page of the list shows.
const LIMIT: u32 = 50;
const DAY_MS: i64 = 24 * 3_600_000;
/// When the last payment was made: the figures do not depend on today.
const UNTIL: Timestamp = Timestamp(1_795_000_000_000);

type Make = fn(&mut Draw, u64) -> Result<PaymentFilter, Failure>;

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let payments = if plan.quick { 50_000 } else { 1_000_000 };
    let asks = if plan.quick { 50 } else { 200 };
    let dir = scratch(&plan.dir)?;
    let cloud = Cloud::start(dir.path(), 0)?;
    progress(&format!("dashboard: writing {payments} payments"));
    let begun = Instant::now();
    cloud.block_on(million::fill(&*cloud.store, &scope(), payments, UNTIL))?;
    let filling = begun.elapsed().as_secs_f64();
    let mut rows = Vec::new();
    for (what, make) in LOOKS {
        progress(&format!("dashboard: {what}"));
        let latencies = cloud.block_on(looked(&cloud, *make, payments, asks))?;
        rows.push(row(format!("{what}, p95"), &latencies));
    }
    let count = cloud.block_on(timed(5, || async {
        let all = PaymentFilter::default();
        cloud.store.count_payments(&scope(), &all, u32::MAX).await.during("counting payments").map(|_| ())
    }))?;
    let mut counted = Row::new("counting all of them for an export, p95", "ms", Goal::None);
    counted.ours.push(milliseconds(&count));
    rows.push(counted);
    drop(cloud);
    rows.extend(super::overview::rows(dir.path(), plan)?);
    let notes = vec![
        format!(
            "{payments} payments of one account over a year, {TERMINALS} terminals, {LOCATIONS} locations; {filling:.0} s to write"
        ),
        format!(
            "{asks} pages of {LIMIT} for each line, half of them from the middle of the year on; SQLite, one reader"
        ),
        "the overview is asked for by HTTP; its floor is the page to sign in, of the same server".to_owned(),
    ];
    Ok(Report { name: "dashboard", rows, notes })
}

fn row(what: String, latencies: &Histogram<u64>) -> Row {
    let mut row = Row::new(what, "ms", Goal::AtMost(100.0));
    row.ours.push(milliseconds(latencies));
    row
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of less than a minute")]
fn milliseconds(latencies: &Histogram<u64>) -> f64 {
    latencies.value_at_quantile(0.95) as f64 / 1e6
}

async fn looked(cloud: &Cloud, make: Make, payments: u64, asks: u32) -> Result<Histogram<u64>, Failure> {
    let mut draw = Draw::new(7);
    let middle = vinr_domain::PaymentId::first_at(UNTIL.0 - 180 * DAY_MS);
    let mut turn = 0_u32;
    timed(asks, || {
        turn += 1;
        let cursor = if turn.is_multiple_of(2) { Cursor::After(middle) } else { Cursor::Start };
        let filter = make(&mut draw, payments);
        async move {
            let page = Page { limit: LIMIT, cursor };
            cloud.store.list_payments(&scope(), &filter?, &page).await.during("looking").map(|_| ())
        }
    })
    .await
}

async fn timed<F: Future<Output = Result<(), Failure>>>(
    times: u32,
    mut ask: impl FnMut() -> F,
) -> Result<Histogram<u64>, Failure> {
    let mut latencies = histogram();
    for _ in 0..times {
        let begun = Instant::now();
        ask().await?;
        latencies.saturating_record(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    Ok(latencies)
}

const LOOKS: &[(&str, Make)] = &[
    ("everything", |_, _| Ok(PaymentFilter::default())),
    ("a terminal", |draw, _| Ok(on_terminal(draw))),
    ("a location", |draw, _| at_location(draw)),
    ("a status", |draw, _| Ok(in_status(draw))),
    ("a day", |draw, _| Ok(on_a_day(draw))),
    ("a reference", |draw, payments| {
        let reference = format!("order {:07}", draw.below(payments * 2));
        Ok(PaymentFilter { reference: Some(reference.into()), ..PaymentFilter::default() })
    }),
    ("the end of a card's number", |draw, _| Ok(with_card(draw))),
    ("an exact amount", |draw, _| {
        let amount = i64::try_from(100 + draw.below(60_000)).unwrap_or(100);
        of_amount(amount, amount)
    }),
    ("an amount that nobody paid", |_, _| of_amount(1, 99)),
    ("a range of amounts", |draw, _| {
        let least = i64::try_from(draw.below(60_000)).unwrap_or(100);
        of_amount(least, least + 5_000)
    }),
    ("a terminal and a status", |draw, _| {
        Ok(PaymentFilter { terminal: on_terminal(draw).terminal, ..in_status(draw) })
    }),
    ("a location and a status", |draw, _| {
        Ok(PaymentFilter { location: at_location(draw)?.location, ..in_status(draw) })
    }),
    ("a location, a day and an amount", |draw, _| {
        let (place, day) = (at_location(draw)?, on_a_day(draw));
        Ok(PaymentFilter { location: place.location, from: day.from, to: day.to, ..of_amount(1_000, 2_000)? })
    }),
    ("a card and a status that it has not", |draw, _| {
        Ok(PaymentFilter { status: Some(Status::Expired), ..with_card(draw) })
    }),
    ("a terminal of another location", |draw, _| {
        let number = draw.below(TERMINALS);
        let elsewhere = million::location((number + 1) % LOCATIONS)?;
        Ok(PaymentFilter {
            location: Some(elsewhere),
            terminal: Some(million::terminal(number)),
            ..PaymentFilter::default()
        })
    }),
];

fn on_terminal(draw: &mut Draw) -> PaymentFilter {
    PaymentFilter { terminal: Some(million::terminal(draw.below(TERMINALS))), ..PaymentFilter::default() }
}

fn at_location(draw: &mut Draw) -> Result<PaymentFilter, Failure> {
    let location = Some(million::location(draw.below(LOCATIONS))?);
    Ok(PaymentFilter { location, ..PaymentFilter::default() })
}

fn in_status(draw: &mut Draw) -> PaymentFilter {
    let number = usize::try_from(draw.below(7)).unwrap_or(0);
    PaymentFilter { status: Some(Status::ALL[number]), ..PaymentFilter::default() }
}

fn on_a_day(draw: &mut Draw) -> PaymentFilter {
    let days = i64::try_from(draw.below(365)).unwrap_or(0);
    let from = UNTIL.plus_ms(-days * DAY_MS);
    PaymentFilter { from: Some(from), to: Some(from.plus_ms(DAY_MS)), ..PaymentFilter::default() }
}

fn with_card(draw: &mut Draw) -> PaymentFilter {
    PaymentFilter { last4: Last4::parse(&format!("{:04}", draw.below(10_000))), ..PaymentFilter::default() }
}

fn of_amount(least_minor: i64, most_minor: i64) -> Result<PaymentFilter, Failure> {
    let currency = Some(Currency::parse("EUR").during("naming a currency")?);
    let (least_minor, most_minor) = (Some(least_minor), Some(most_minor));
    Ok(PaymentFilter { currency, least_minor, most_minor, ..PaymentFilter::default() })
}
