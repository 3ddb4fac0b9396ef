//! Retrieve and list: from the journal first, then from the cloud, which also knows what the journal has forgotten.

use serde_json::{Value, json};
use vinr_domain::PaymentId;
use vinr_wire::link::Operation;
use vinr_wire::rest::error::{ErrorBody, ErrorCode};
use vinr_wire::rest::payment::{Cursor, ListPayments, PaymentFilter};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::{PaymentView, render_list};

use super::super::counter::Counter;
use super::super::reply::Reply;
use super::super::request::Ask;
use super::super::view;
use super::{Answered, field, no_such_payment, query_of};
use crate::till::{Lookup, OfficeFault, OfficeReply};

/// For operations whose URL takes no parameters.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoQuery {}

pub(super) async fn retrieve(counter: &Counter, ask: &Ask, id: PaymentId, version: ApiVersion) -> Answered {
    let NoQuery {} = query_of(ask)?;
    if let Some(sale) =
        counter.till.find(Lookup::Payment(id)).await.filter(|sale| sale.record.command.is_some())
    {
        return Ok(Reply::written(200, view::render_sale(counter, &sale, version)));
    }
    if let Some(shown) = counter.turned_away(id) {
        return Ok(Reply::written(200, view::render(&shown, version)));
    }
    let asked = counter.till.ask_office(Operation::Find, None, json!({ "payment": id.to_string() })).await;
    match asked {
        Ok(reply) => passed_on(ask, reply, version),
        Err(OfficeFault::Offline) => Err(no_such_payment(ask)),
        Err(fault) => Err(office_error(ask, fault)),
    }
}

pub(super) async fn list(counter: &Counter, ask: &Ask, version: ApiVersion) -> Answered {
    let query: ListPayments = query_of(ask)?;
    let filter = query.validate().map_err(|wrong| field(ask, &wrong))?;
    let sales = counter.till.list().await;
    let mut known: Vec<PaymentView> = sales.iter().filter_map(|sale| view::of_sale(counter, sale)).collect();
    known.extend(counter.all_turned_away());
    known.retain(|shown| wanted(counter, &filter, shown));
    // Names are in the order of time.
    known.sort_by_key(|shown| std::cmp::Reverse(shown.id));
    if known.is_empty()
        && filter.cursor == Cursor::Newest
        && let Some(reference) = filter.reference.as_deref()
        && let Some(object) = find_reference(counter, reference).await
    {
        let data = view::in_version(&object, version);
        return Ok(Reply::json(200, &json!({ "object": "list", "data": [data], "has_more": false })));
    }
    let (page, has_more) = page(known, &filter);
    let mut body = Vec::with_capacity(64 + page.len() * 1024);
    render_list(&page, has_more, version, &mut body);
    Ok(Reply::written(200, body))
}

fn wanted(counter: &Counter, filter: &PaymentFilter, shown: &PaymentView) -> bool {
    filter.terminal.as_deref().is_none_or(|terminal| terminal == counter.who().terminal)
        // A terminal does not know where it stands.
        && filter.location.is_none()
        && filter.status.is_none_or(|status| status == shown.status)
        && filter.created_from.is_none_or(|from| shown.created_ms >= from.0)
        && filter.created_to.is_none_or(|to| shown.created_ms <= to.0)
        && filter.reference.as_deref().is_none_or(|reference| shown.reference.as_deref() == Some(reference))
}

/// One page of what is sorted newest first.
fn page(known: Vec<PaymentView>, filter: &PaymentFilter) -> (Vec<PaymentView>, bool) {
    let limit = usize::from(filter.limit);
    match filter.cursor {
        Cursor::Newest => cut(known.into_iter(), limit),
        Cursor::After(id) => cut(known.into_iter().filter(|shown| shown.id < id), limit),
        Cursor::Before(id) => {
            let newer = known.into_iter().rev().filter(|shown| shown.id > id);
            let (mut page, has_more) = cut(newer, limit);
            page.reverse();
            (page, has_more)
        }
    }
}

fn cut(entries: impl Iterator<Item = PaymentView>, limit: usize) -> (Vec<PaymentView>, bool) {
    let mut page: Vec<PaymentView> = entries.take(limit + 1).collect();
    let has_more = page.len() > limit;
    page.truncate(limit);
    (page, has_more)
}

/// The newest payment of a reference that only the cloud knows; `None` too when the cloud cannot say.
async fn find_reference(counter: &Counter, reference: &str) -> Option<Value> {
    let asked = counter.till.ask_office(Operation::Find, None, json!({ "reference": reference })).await;
    asked.ok().filter(|reply| reply.status == 200).map(|reply| reply.body)
}

/// What the cloud said, in the version that was asked for.
pub(super) fn passed_on(ask: &Ask, reply: OfficeReply, version: ApiVersion) -> Answered {
    if reply.status == 404 {
        return Err(no_such_payment(ask));
    }
    let body = if reply.status < 400 { view::in_version(&reply.body, version) } else { reply.body };
    Ok(Reply::json(reply.status, &body).replayed(reply.replayed))
}

/// The cloud has not said anything.
pub(super) fn office_error(ask: &Ask, fault: OfficeFault) -> Box<ErrorBody> {
    let body = |message| ErrorBody::new(ErrorCode::Unavailable, message, ask.id);
    Box::new(match fault {
        OfficeFault::Offline => {
            body("The terminal has no connection to the cloud, which this needs. Nothing was done.")
        }
        OfficeFault::NoAnswer | OfficeFault::Stopped => {
            body("The cloud did not answer in time. Retrieve the payment before you send anything again.")
                .money_may_have_moved()
        }
    })
}
