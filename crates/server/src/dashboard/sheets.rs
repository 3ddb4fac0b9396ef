//! What the columns of exported files are. Names of columns never change their meaning; new ones come at the end.

use vinr_domain::DeclineCode;
use vinr_domain::refund::{FailureReason, Reason};
use vinr_wire::rest::batch::BatchView;
use vinr_wire::rest::view::RefundView;

use super::csv::{Cell, row};
use crate::payments::Entry;

fn head(columns: &[&str], out: &mut String) {
    out.push_str(&columns.join(","));
    out.push_str("\r\n");
}

/// The columns of payments.
pub(super) fn payments_head(out: &mut String) {
    head(
        &[
            "id",
            "status",
            "created_at",
            "ended_at",
            "currency",
            "amount",
            "amount_minor",
            "captured",
            "captured_minor",
            "refunded",
            "refunded_minor",
            "tip",
            "tip_minor",
            "card_brand",
            "card_last4",
            "entry_mode",
            "auth_code",
            "decline_code",
            "outcome_unknown",
            "offline",
            "channel",
            "terminal_id",
            "location_id",
            "reference",
            "description",
            "client_token",
            "metadata",
        ],
        out,
    );
}

/// A payment.
pub(super) fn payment(entry: &Entry, out: &mut String) {
    let view = &entry.view;
    let exponent = view.currency.exponent();
    let money = |minor: i64| [Cell::decimal(minor, exponent), Cell::Plain(minor.to_string())];
    let tip = view.tip.map_or([Cell::Empty, Cell::Empty], |tip| money(tip.amount_minor));
    let metadata =
        (!view.metadata.is_empty()).then(|| serde_json::to_string(&view.metadata).unwrap_or_default());
    let card = view.card.as_ref();
    let cells = [
        &[
            Cell::Plain(view.id.to_string()),
            Cell::Plain(view.status.as_str().to_owned()),
            Cell::time(Some(view.created_ms)),
            Cell::time(view.ended_ms),
            Cell::Plain(view.currency.code().to_owned()),
        ][..],
        &money(view.amount_minor),
        &money(view.captured_minor),
        &money(view.refunded_minor),
        &tip,
        &[
            Cell::plain(card.map(|card| card.brand.as_str())),
            Cell::plain(card.map(|card| card.last4.as_str())),
            Cell::plain(card.map(|card| card.entry_mode.as_str())),
            Cell::text(view.auth_code.as_deref()),
            Cell::plain(view.decline_code.map(DeclineCode::as_str)),
            Cell::Plain(view.outcome_unknown.to_string()),
            Cell::Plain(view.offline.to_string()),
            Cell::Plain(entry.channel.as_str().to_owned()),
            // A payment for a terminal that does not exist bears whatever name was asked for.
            Cell::text(view.terminal.as_deref()),
            Cell::plain(entry.location.as_ref()),
            Cell::text(view.reference.as_deref()),
            Cell::text(view.description.as_deref()),
            Cell::Plain(view.client_token.to_string()),
            Cell::text(metadata.as_deref()),
        ],
    ];
    row(&cells.concat(), out);
}

/// The columns of refunds.
pub(super) fn refunds_head(out: &mut String) {
    head(
        &[
            "id",
            "status",
            "created_at",
            "updated_at",
            "payment_id",
            "currency",
            "amount",
            "amount_minor",
            "reason",
            "failure_reason",
            "terminal_id",
            "metadata",
        ],
        out,
    );
}

/// A refund.
pub(super) fn refund(refund: &RefundView, out: &mut String) {
    let metadata =
        (!refund.metadata.is_empty()).then(|| serde_json::to_string(&refund.metadata).unwrap_or_default());
    let cells = [
        Cell::Plain(refund.id.to_string()),
        Cell::Plain(refund.status.as_str().to_owned()),
        Cell::time(Some(refund.created_ms)),
        Cell::time(refund.updated_ms),
        Cell::Plain(refund.payment.to_string()),
        Cell::Plain(refund.currency.code().to_owned()),
        Cell::decimal(refund.amount_minor, refund.currency.exponent()),
        Cell::Plain(refund.amount_minor.to_string()),
        Cell::plain(refund.reason.map(Reason::as_str)),
        Cell::plain(refund.failure_reason.map(FailureReason::as_str)),
        Cell::text(Some(&refund.terminal)),
        Cell::text(metadata.as_deref()),
    ];
    row(&cells, out);
}

/// The columns of batches.
pub(super) fn batches_head(out: &mut String) {
    head(
        &[
            "id",
            "status",
            "opened_at",
            "closed_at",
            "settled_at",
            "terminal_id",
            "location_id",
            "currency",
            "sales_count",
            "sales",
            "sales_minor",
            "refunds_count",
            "refunds",
            "refunds_minor",
            "net",
            "net_minor",
            "pending_count",
            "reference",
        ],
        out,
    );
}

/// A batch.
pub(super) fn batch(batch: &BatchView, out: &mut String) {
    let exponent = batch.currency.exponent();
    let seconds = |s: Option<i64>| Cell::time(s.map(|s| s.saturating_mul(1_000)));
    let figure = |number: i64| Cell::Plain(number.to_string());
    let cells = [
        Cell::Plain(batch.id.to_string()),
        Cell::Plain(batch.status.as_str().to_owned()),
        seconds(Some(batch.opened_at)),
        seconds(batch.closed_at),
        seconds(batch.settled_at),
        Cell::text(Some(&batch.terminal_id)),
        Cell::plain(batch.location_id.as_ref()),
        Cell::Plain(batch.currency.code().to_owned()),
        figure(batch.sales_count.into()),
        Cell::decimal(batch.sales_total, exponent),
        figure(batch.sales_total),
        figure(batch.refunds_count.into()),
        Cell::decimal(batch.refunds_total, exponent),
        figure(batch.refunds_total),
        Cell::decimal(batch.net_total, exponent),
        figure(batch.net_total),
        figure(batch.pending_count.into()),
        Cell::text(batch.reference.as_deref()),
    ];
    row(&cells, out);
}
