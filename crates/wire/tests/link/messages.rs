//! One message of every kind, with every field set to something that would be missed.

use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause, Tip, TipMode};
use vinr_domain::{
    ActionId, Attention, Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money,
    PaymentId, Timestamp, TipBasis, TipPrompt,
};
use vinr_wire::card::SealedCard;
use vinr_wire::link::{
    ActionProgress, ActionReport, Authorize, CardPresented, Collect, CollectAnswer, ConfigApplied, Configure,
    DeviceStatus, HostVerdict, Order, Perform, PresentCard, Progress, ProgressStage, SignedManifest,
    Simulation, Takes, ToCloud, ToTerminal,
};

pub const INTENT: IntentId = IntentId(0x0190_8f3e_5b6a_7c00_8123_4567_89ab_cdef);

pub fn collect() -> Collect {
    Collect {
        intent: INTENT,
        attempt_epoch: 2,
        deadline: Timestamp(1_800_000_090_000),
        amount: Money { amount_minor: 4_200, currency: Currency::parse("EUR").unwrap() },
        capture_method: CaptureMethod::Manual,
        reference: Some("order 7".into()),
        payment_id: PaymentId(0x0190_8f3e_5b6a_7c00_8123_4567_89ab_cdf0),
        simulation: Some(Simulation { card: Some("visa".into()), delay_ms: Some(0) }),
        tip: None,
    }
}

pub fn authorize() -> Authorize {
    Authorize {
        intent: INTENT,
        request: AuthorizationRequest {
            stan: 17,
            generation: 3,
            attempt_epoch: 2,
            card: CardFacts {
                brand: Brand::Mastercard,
                last4: Last4::parse("0044").unwrap(),
                entry_mode: EntryMode::Contactless,
            },
            amount_minor: 4_620,
            tip: Some(Tip { amount_minor: 420, mode: TipMode::Preset }),
        },
        sealed_card: SealedCard::from(vec![1, 0xfe, 0xdc, 0xba]),
        origin: None,
        offline: None,
    }
}

pub fn to_terminal() -> Vec<(&'static str, ToTerminal)> {
    let plain =
        Collect { capture_method: CaptureMethod::Automatic, reference: None, simulation: None, ..collect() };
    let result = |verdict| ToTerminal::AuthorizeResult { intent: INTENT, stan: 17, verdict, renamed: None };
    let present = PresentCard { request: 5, card: Some("amex".into()), entry_mode: Some(EntryMode::Chip) };
    let tip = TipPrompt { basis: TipBasis::Percentage, suggestions: vec![10, 15], allow_custom: true };
    let fixed = TipPrompt { basis: TipBasis::Fixed, suggestions: vec![], allow_custom: false };
    let tipped = |tip| ToTerminal::Collect(Collect { tip: Some(tip), ..collect() });
    let mut all = vec![
        ("collect_tip_percentage", tipped(tip)),
        ("collect_tip_none", tipped(fixed)),
        ("collect", ToTerminal::Collect(collect())),
        ("collect_plain", ToTerminal::Collect(plain)),
        ("cancel", ToTerminal::Cancel { intent: INTENT, attempt_epoch: 3 }),
        (
            "authorize_result_approved",
            result(HostVerdict::Approved { authorized_minor: 4_620, auth_code: "A1B2C3".into() }),
        ),
        ("authorize_result_declined", result(HostVerdict::Declined(DeclineCode::InsufficientFunds))),
        ("authorize_result_refused", result(HostVerdict::Refused)),
        ("authorize_result_unknown", result(HostVerdict::Unknown)),
        ("present_card", ToTerminal::PresentCard(present)),
        (
            "present_card_plain",
            ToTerminal::PresentCard(PresentCard { request: 6, card: None, entry_mode: None }),
        ),
    ];
    all.extend(fleet_to_terminal());
    all
}

pub const ACTION: ActionId = ActionId(0x0190_8f3e_5b6a_7c00_8123_4567_89ab_cdf1);

fn fleet_to_terminal() -> Vec<(&'static str, ToTerminal)> {
    let perform = |order| {
        let expires_at = Timestamp(1_800_000_300_000);
        ToTerminal::Perform(Perform { action: ACTION, expires_at, order })
    };
    let manifest = SignedManifest {
        manifest: br#"{"version":"1.5.0"}"#.to_vec(),
        signature: vec![0x30, 6, 2, 1, 1, 2, 1, 2],
        signer_chain_pem: "-----BEGIN CERTIFICATE-----".into(),
    };
    let config = br#"{"display":{"idleMessage":"Welcome"}}"#;
    vec![
        ("configure", ToTerminal::Configure(Configure { version: 7, config: config.as_slice().into() })),
        ("perform_reboot", perform(Order::Reboot)),
        ("perform_update", perform(Order::Update(manifest))),
        ("perform_lock", perform(Order::Lock)),
        ("perform_unlock", perform(Order::Unlock)),
        ("perform_flush", perform(Order::Flush)),
        ("certificate_issued", ToTerminal::CertificateIssued { chain_pem: "-----BEGIN".into() }),
        ("certificate_refused", ToTerminal::CertificateRefused { reason: "not now".into() }),
    ]
    .into_iter()
    .chain(crate::lan_messages::to_terminal())
    .collect()
}

pub fn to_cloud() -> Vec<(&'static str, ToCloud)> {
    let mut untipped = authorize();
    untipped.request.tip = None;
    let answer = |answer| ToCloud::CollectAnswer(CollectAnswer { intent: INTENT, attempt_epoch: 2, answer });
    let ended = |cause| ToCloud::Ended { intent: INTENT, attempt_epoch: 3, cause, origin: None };
    vec![
        ("collect_answer_prompting", answer(Takes::Prompting)),
        ("collect_answer_refused", answer(Takes::Refused(DeclineCode::TerminalBusy))),
        ("authorize", ToCloud::Authorize(authorize())),
        ("authorize_untipped", ToCloud::Authorize(untipped)),
        ("ended_cancelled", ended(EndCause::Cancelled)),
        ("ended_prompt_timed_out", ended(EndCause::PromptTimedOut)),
        ("ended_customer_cancelled", ended(EndCause::CustomerCancelled)),
        ("ended_lease_over", ended(EndCause::LeaseOver)),
        ("cancel_too_late", ToCloud::CancelTooLate { intent: INTENT, attempt_epoch: 3 }),
        ("status_query", ToCloud::StatusQuery { intent: INTENT, stan: 17, generation: 3 }),
        ("result_confirmed", ToCloud::ResultConfirmed { intent: INTENT, stan: 17 }),
        (
            "card_presented",
            ToCloud::CardPresented(CardPresented {
                request: 5,
                accepted: true,
                intent: Some(INTENT),
                reason: None,
            }),
        ),
        (
            "card_presented_refused",
            ToCloud::CardPresented(CardPresented {
                request: 6,
                accepted: false,
                intent: None,
                reason: Some("no prompt".into()),
            }),
        ),
    ]
    .into_iter()
    .chain(fleet_to_cloud())
    .chain(crate::lan_messages::to_cloud())
    .collect()
}

fn fleet_to_cloud() -> Vec<(&'static str, ToCloud)> {
    let applied = |error| ToCloud::ConfigApplied(ConfigApplied { version: 7, error });
    let report = |state| {
        ToCloud::ActionReport(ActionReport { action: ACTION, state, software_version: "1.5.0".into() })
    };
    let status = DeviceStatus {
        battery_percent: Some(12),
        needs_attention: [Attention::PaperOut, Attention::BatteryLow].into(),
        locked: true,
        software_version: "1.5.0".into(),
        storage_free_bytes: Some(65_536),
    };
    let progress = |stage| ToCloud::Progress(Progress { intent: INTENT, payment: None, stage });
    let named = Progress { intent: INTENT, payment: Some(PaymentId(7)), stage: ProgressStage::Authorizing };
    vec![
        ("config_applied", applied(None)),
        ("config_refused", applied(Some("tip[mode] is not known".into()))),
        ("action_processing", report(ActionProgress::Processing)),
        ("action_completed", report(ActionProgress::Completed)),
        ("action_failed", report(ActionProgress::Failed { reason: "a downgrade".into() })),
        (
            "certificate_request",
            ToCloud::CertificateRequest { csr_der: [0x30, 3, 2, 1, 1].as_slice().into() },
        ),
        ("device_status", ToCloud::DeviceStatus(status)),
        ("device_status_plain", ToCloud::DeviceStatus(DeviceStatus::default())),
        ("progress_choosing_tip", progress(ProgressStage::ChoosingTip)),
        ("progress_awaiting_card", progress(ProgressStage::AwaitingCard)),
        ("progress_card_presented", progress(ProgressStage::CardPresented)),
        ("progress_pin_entry", progress(ProgressStage::PinEntry)),
        ("progress_authorizing", progress(ProgressStage::Authorizing)),
        ("progress_named", ToCloud::Progress(named)),
    ]
}
