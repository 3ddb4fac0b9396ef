//! One message of every kind, with every field set to something that would be missed.

use vinr_domain::payment::{AuthorizationRequest, CaptureMethod, EndCause, Tip, TipMode};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId, Timestamp,
};
use vinr_wire::card::SealedCard;
use vinr_wire::link::{
    Authorize, CardPresented, Collect, CollectAnswer, HostVerdict, PresentCard, Simulation, Takes, ToCloud,
    ToTerminal,
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
    }
}

pub fn to_terminal() -> Vec<(&'static str, ToTerminal)> {
    let plain =
        Collect { capture_method: CaptureMethod::Automatic, reference: None, simulation: None, ..collect() };
    let result = |verdict| ToTerminal::AuthorizeResult { intent: INTENT, stan: 17, verdict };
    let present = PresentCard { request: 5, card: Some("amex".into()), entry_mode: Some(EntryMode::Chip) };
    vec![
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
    ]
}

pub fn to_cloud() -> Vec<(&'static str, ToCloud)> {
    let mut untipped = authorize();
    untipped.request.tip = None;
    let answer = |answer| ToCloud::CollectAnswer(CollectAnswer { intent: INTENT, attempt_epoch: 2, answer });
    let ended = |cause| ToCloud::Ended { intent: INTENT, attempt_epoch: 3, cause };
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
}
