//! Who may speak to the terminal in the merchant's network: durable before it is answered, published at once, and what is
//! served changes with a restart.

use std::time::Duration;

use vinr_domain::Currency;
use vinr_terminal::CrashPoint;
use vinr_wire::link::{LanAccess, LanAccessApplied, RejectCode, Shop, ToCloud, ToTerminal};

use crate::world::{Bench, pass};

/// Virtual time in which everything here has happened.
const LONG: Duration = Duration::from_secs(600);

pub fn access(version: u64) -> LanAccess {
    LanAccess {
        version,
        local_api: false,
        cashless: false,
        open_wire: false,
        client_authorities_pem: "anchors".to_owned(),
        revoked_serials: vec!["0a".to_owned()],
        cashless_key_hash: Some([7; 32]),
        shop: Shop { merchant_name: "Corner Shop".to_owned(), ..Shop::default() },
        livemode: false,
        settlement_currency: Currency::parse("EUR").unwrap(),
        offline_cap_minor: None,
        offline_total_cap_minor: None,
        suspended: false,
    }
}

async fn applied(bench: &mut Bench) -> LanAccessApplied {
    loop {
        if let ToCloud::LanAccessApplied(applied) = bench.cloud.recv().await {
            return applied;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_holds_at_once_and_after_every_start() {
    let mut bench = Bench::new().await;
    let till = bench.terminal().till();
    assert_eq!(till.access().borrow().version, 0);
    bench.cloud.send(ToTerminal::LanAccess(Box::new(access(3))));
    assert_eq!(applied(&mut bench).await, LanAccessApplied { version: 3, error: None });
    assert_eq!(**till.access().borrow(), access(3));
    bench.cloud.send(ToTerminal::LanAccess(Box::new(LanAccess { livemode: true, ..access(2) })));
    assert_eq!(applied(&mut bench).await.version, 3, "an older one changes nothing");
    bench.lose_power().await;
    bench.start().await;
    assert_eq!(**bench.terminal().till().access().borrow(), access(3));
}

#[tokio::test(start_paused = true)]
async fn what_is_served_changes_with_a_restart_when_no_payment_is_on_the_screen() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = crate::world::nobody();
    bench.prompts(&collect).await;
    bench.cloud.send(ToTerminal::LanAccess(Box::new(LanAccess { cashless: true, ..access(1) })));
    applied(&mut bench).await;
    pass(10_000).await;
    let till = bench.terminal().till();
    assert!(till.standing().borrow().serving.is_some(), "the customer is not disturbed");
    assert!(bench.terminal().press_cancel().await);
    bench.cloud.connected().await;
    assert!(till.access().borrow().cashless, "the handle lives on");
    assert!(till.list().await.len() == 1);
}

#[tokio::test(start_paused = true)]
async fn power_loss_while_it_is_written_never_answers_what_is_not_there() {
    for (point, version) in [(CrashPoint::MemoryNotWritten, 0), (CrashPoint::MemoryWritten, 1)] {
        let mut bench = Bench::new().await;
        bench.trap.set(point);
        bench.cloud.send(ToTerminal::LanAccess(Box::new(access(1))));
        bench.crashed(point).await;
        assert!(bench.cloud.gather(100).await.is_empty());
        bench.start().await;
        assert_eq!(bench.terminal().till().access().borrow().version, version);
        // The cloud, which heard nothing, says it again after the greeting: now it is answered.
        bench.cloud.send(ToTerminal::LanAccess(Box::new(access(1))));
        assert_eq!(applied(&mut bench).await, LanAccessApplied { version: 1, error: None });
    }
}

#[tokio::test(start_paused = true)]
async fn the_listener_is_certified_when_it_has_to_be_and_again_when_it_moves() {
    let mut bench = Bench::off().await;
    bench.lan_key.listen();
    *bench.network.addresses.lock().unwrap() = vec!["192.168.1.7".parse().unwrap()];
    bench.start().await;
    let ToCloud::LanCertificateRequest(asked) = bench.cloud.recv().await else { panic!("not asked") };
    assert_eq!(asked.addresses, ["192.168.1.7".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(bench.cloud.asides().hello.local_addresses, ["192.168.1.7"]);
    assert_eq!(bench.cloud.asides().hello.mac.as_deref(), Some("02:00:00:00:00:01"));
    let renew_at = bench.cloud.now().plus_ms(60 * 24 * 3_600_000);
    let mut certificate = bench.terminal().till().certificate();
    assert!(certificate.borrow().is_none());
    bench.cloud.send(ToTerminal::LanCertificateIssued { chain_pem: renew_at.0.to_string() });
    let held = certificate.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    assert_eq!(held.chain_pem(), renew_at.0.to_string());
    let held_at = bench.cloud.now();
    bench.cloud.silence(3_600_000).await;
    *bench.network.addresses.lock().unwrap() = vec!["192.168.1.8".parse().unwrap()];
    let asked = loop {
        // Looked for every few minutes.
        match bench.cloud.gather(20_000).await.pop() {
            Some(ToCloud::LanCertificateRequest(asked)) => break asked,
            Some(other) => panic!("{other:?}"),
            None => assert!(bench.cloud.now().ms_since(held_at) < 8_000_000, "never asked again"),
        }
    };
    assert_eq!(asked.addresses, ["192.168.1.8".parse::<std::net::IpAddr>().unwrap()]);
    let soon = bench.cloud.now().plus_ms(3_600_000);
    bench.cloud.send(ToTerminal::LanCertificateIssued { chain_pem: soon.0.to_string() });
    let begun = bench.cloud.now();
    bench.cloud.silence(3_500_000).await;
    pass(200_000).await;
    assert!(matches!(bench.cloud.recv().await, ToCloud::LanCertificateRequest(_)));
    assert!(bench.cloud.now().ms_since(begun) <= 3_700_000, "at its time");
}

#[tokio::test(start_paused = true)]
async fn who_is_turned_away_by_the_cloud_lets_nobody_in_until_the_cloud_says_who_may() {
    let mut bench = Bench::new().await;
    let open = || LanAccess { local_api: true, cashless: true, ..access(3) };
    bench.cloud.send(ToTerminal::LanAccess(Box::new(open())));
    // Said before it starts again for other doors.
    assert_eq!(applied(&mut bench).await.version, 3);
    bench.cloud.connected().await;
    let mut held = bench.terminal().till().access();
    assert_eq!(**held.borrow(), open());
    bench.cloud.refuse(RejectCode::UnknownTerminal);
    bench.cloud.cut();
    let closed = tokio::time::timeout(LONG, held.wait_for(|held| held.version == 0)).await;
    closed.expect("nobody is served").unwrap();
    let nobody = |held: &LanAccess| {
        !held.local_api
            && !held.cashless
            && held.cashless_key_hash.is_none()
            && held.client_authorities_pem.is_empty()
    };
    assert!(nobody(&held.borrow()));
    bench.lose_power().await;
    bench.start().await;
    assert!(nobody(&bench.terminal().till().access().borrow()), "nor after a start without the cloud");
    let mut standing = bench.terminal().till().standing();
    let online = tokio::time::timeout(LONG, standing.wait_for(|standing| standing.online)).await;
    online.expect("it comes back").unwrap();
    bench.cloud.send(ToTerminal::LanAccess(Box::new(open())));
    assert_eq!(applied(&mut bench).await, LanAccessApplied { version: 3, error: None });
    assert_eq!(**bench.terminal().till().access().borrow(), open());
}
