//! Renewal of the device's certificate: in time, over the live link, and again after every failure.

use crate::world::{Bench, pass};
use vinr_domain::Attention;
use vinr_wire::link::{ToCloud, ToTerminal};

const DAY_MS: i64 = 86_400_000;

fn asked(said: &[ToCloud]) -> usize {
    said.iter().filter(|said| matches!(said, ToCloud::CertificateRequest { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_renewed_when_it_is_due_and_not_before() {
    let mut bench = Bench::off().await;
    let now = bench.cloud.now();
    bench.identity.renew_at(now.plus_ms(DAY_MS), now.plus_ms(2 * DAY_MS));
    bench.start().await;
    bench.cloud.silence(DAY_MS as u64 - 60_000).await;
    assert_eq!(asked(&bench.cloud.gather(90_000).await), 1);
    bench.cloud.send(ToTerminal::CertificateIssued { chain_pem: "good chain".into() });
    bench.cloud.silence(3 * DAY_MS as u64).await;
    assert_eq!(bench.identity.taken(), ["good chain"]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_followed_by_longer_and_longer_pauses() {
    let mut bench = Bench::off().await;
    let now = bench.cloud.now();
    bench.identity.renew_at(now, now.plus_ms(DAY_MS));
    bench.start().await;
    // Nobody answers: after 0, 1, 3, 7, 15, 31, 63 minutes.
    assert_eq!(asked(&bench.cloud.gather(3_600_000).await), 6);
    bench.cloud.send(ToTerminal::CertificateRefused { reason: "not now".into() });
    bench.cloud.send(ToTerminal::CertificateIssued { chain_pem: "for another key".into() });
    assert_eq!(asked(&bench.cloud.gather(3_600_000).await), 1);
    assert!(bench.identity.taken().is_empty());
    assert!(bench.cloud.asides().status.iter().all(|status| status.needs_attention.is_empty()));
    // At most every six hours, and somebody is told.
    let said = bench.cloud.gather(2 * DAY_MS as u64).await;
    assert!((8..=11).contains(&asked(&said)), "{}", asked(&said));
    let status = bench.cloud.asides().status.last().cloned().unwrap();
    assert_eq!(status.needs_attention, [Attention::CertificateExpiring].into());
    bench.cloud.send(ToTerminal::CertificateIssued { chain_pem: "good".into() });
    pass(1_000).await;
    assert_eq!(bench.identity.taken(), ["good"]);
    assert!(bench.cloud.asides().status.last().unwrap().needs_attention.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_while_there_is_no_link() {
    let mut bench = Bench::new().await;
    bench.cloud.door(false);
    bench.cloud.cut();
    bench.identity.renew_at(bench.cloud.now(), bench.cloud.now().plus_ms(DAY_MS));
    bench.cloud.silence(600_000).await;
    bench.cloud.door(true);
    bench.cloud.connected().await;
    assert_eq!(asked(&bench.cloud.gather(1_000).await), 1);
}
